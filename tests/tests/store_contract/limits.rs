//! Limits: counts that a write raises, all of them or none, and that refuse it when they are full.

use app::limit::{Limit, LimitKind};
use app::ports::{Commit, LeadStore, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;

use crate::ground::{Ground, Story, now};

fn limit(kind: LimitKind, whose: &str, most: u32) -> Limit {
    Limit { kind, whose: whose.into(), from: now(), until: now() + SignedDuration::from_mins(10), most }
}

async fn post(ground: &Ground, story: &Story, limits: &[Limit]) -> Commit {
    let write = Write { expected: None, lead: &story.lead, records: &story.records, limits, now: now() };
    ground.store.commit(&write).await.unwrap()
}

pub async fn a_full_count_refuses_and_says_which(ground: Ground) {
    let network = [limit(LimitKind::Network, "n", 2)];
    let until = network[0].until;
    for (name, expected) in [
        ("ada", Commit::Committed),
        ("bob", Commit::Committed),
        ("cleo", Commit::TooMany { until }),
        ("dora", Commit::TooMany { until }),
    ] {
        let story = Story::of(&format!("{name}@example.com"));
        assert_eq!(post(&ground, &story, &network).await, expected, "{name}");
        let stored = ground.store.load(&story.lead.id).await.unwrap().is_some();
        assert_eq!(stored, expected == Commit::Committed, "{name}");
    }
    let other = [limit(LimitKind::Network, "m", 2)];
    assert_eq!(post(&ground, &Story::of("cleo@example.com"), &other).await, Commit::Committed);
}

pub async fn a_write_that_is_refused_uses_up_nothing(ground: Ground) {
    let (mailbox, network) = (limit(LimitKind::Mailbox, "b", 1), limit(LimitKind::Network, "n", 3));
    let both = [network.clone(), mailbox.clone()];
    assert_eq!(post(&ground, &Story::of("ada@example.com"), &both).await, Commit::Committed);
    for name in ["bob", "cleo", "dora"] {
        let story = Story::of(&format!("{name}@example.com"));
        assert_eq!(post(&ground, &story, &both).await, Commit::MailboxTaken, "{name}");
    }
    // What is there already is neither refused nor counted, whatever is full.
    let known = post(&ground, &Story::of("ada@example.com"), &both).await;
    assert!(matches!(known, Commit::Duplicate { .. }), "{known:?}");
    for name in ["bob", "cleo"] {
        let story = Story::of(&format!("{name}@example.com"));
        assert_eq!(post(&ground, &story, std::slice::from_ref(&network)).await, Commit::Committed, "{name}");
    }
    let full = post(&ground, &Story::of("dora@example.com"), &both).await;
    assert_eq!(full, Commit::TooMany { until: network.until }, "the network is told first");
}

pub async fn counts_are_kept_apart_and_expire(ground: Ground) {
    let (day, month) = (limit(LimitKind::Mailbox, "b", 1), limit(LimitKind::Mailbox, "b", 2));
    let month = Limit { until: now() + SignedDuration::from_hours(24 * 30), ..month };
    let next = Limit { from: day.until, until: day.until + SignedDuration::from_mins(10), ..day.clone() };
    for (name, limits, expected) in [
        ("ada", [day.clone(), month.clone()], Commit::Committed),
        ("bob", [day.clone(), month.clone()], Commit::MailboxTaken),
        ("bob", [next.clone(), month.clone()], Commit::Committed),
        ("cleo", [next.clone(), month.clone()], Commit::MailboxTaken),
    ] {
        let story = Story::of(&format!("{name}@example.com"));
        assert_eq!(post(&ground, &story, &limits).await, expected, "{name}");
    }
    let items = ground.client.scan().table_name(&ground.table).send().await.unwrap();
    let of_mailbox = |item: &&std::collections::HashMap<String, AttributeValue>| {
        item["PK"].as_s().unwrap().starts_with("MAILBOX#")
    };
    let counts: Vec<_> = items.items().iter().filter(of_mailbox).collect();
    assert_eq!(counts.len(), 3);
    let template = include_str!("../../../template.yaml");
    assert!(template.contains("TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }"));
    for item in counts {
        let expires_at: i64 = item["expires_at"].as_n().unwrap().parse().unwrap();
        assert!(expires_at > day.until.as_second(), "{item:?}");
    }
}
