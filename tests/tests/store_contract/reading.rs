//! Reads: the log, what is due, and what the index and the stream look at.

use app::ports::{Commit, Due, LeadStore, Stored, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::activity::EmailEvent;
use domain::{Activity, Fact, SendId, fold};
use dynamodb::{Log, Store};
use jiff::SignedDuration;

use crate::ground::{Ground, Story, now, occurred};

pub async fn records_are_read_in_the_order_of_versions_and_fold_to_the_lead(ground: Ground) {
    let mut ada = Story::of("ada@example.com");
    ground.keep(None, &ada).await;
    for step in 0..30 {
        let before = ada.version;
        let properties =
            serde_json::from_str(r#"{"price": 0.1234567890123456789, "note": "naïve ☂"}"#).unwrap();
        ada = ada
            .written()
            .then(&format!("step {step}"), [Fact::Occurred { kind: "visited".into(), properties }]);
        ground.keep(Some(before), &ada).await;
    }
    let records = ground.store.records(&ada.lead.id).await.unwrap();
    assert_eq!(records.iter().map(|record| record.version).collect::<Vec<_>>(), (1..=31).collect::<Vec<_>>());
    let folded = fold(records.iter().flat_map(|record| &record.activities)).unwrap();
    assert_eq!(folded.as_ref(), Some(&ada.lead));
    assert_eq!(ground.store.load(&ada.lead.id).await.unwrap().map(|stored| stored.lead), folded);
}

pub async fn many_pages_of_records_are_read_to_the_end(ground: Ground) {
    let long = "x".repeat(90_000);
    let event = |name: &str| {
        let send_id = SendId::parse("0123456789abcdef0123456789abcdef").unwrap();
        let detail = Some(format!("{name}{long}"));
        Fact::EmailDelivered(EmailEvent { send_id, campaign: None, step: None, machine: false, detail })
    };
    let ada = (0..30).fold(Story::of("ada@example.com"), |story, at| {
        let name = format!("big {at}");
        story.then(&name, [event(&name)])
    });
    ground.keep(None, &ada).await;
    ground.requests.take();
    assert_eq!(ground.store.records(&ada.lead.id).await.unwrap(), ada.records);
    assert!(ground.requests.take() > 1, "2.7 MB are more than a page of 1 MB");
}

pub async fn due_leads_come_earliest_first_and_leave_when_done(ground: Ground) {
    let at = |seconds: i64| now() + SignedDuration::from_secs(seconds);
    let mut expected = Vec::new();
    for number in 0..12_i64 {
        // in another order than that of their times
        let due_at = at((number * 7) % 12) + SignedDuration::from_millis(250);
        let story = Story::of(&format!("lead{number}@example.com")).due("due", due_at);
        ground.keep(None, &story).await;
        expected.push(Due { at: due_at, lead: story.lead.id.clone(), is_waited_for: true });
    }
    ground.keep(None, &Story::of("nothing-due@example.com")).await;
    expected.sort();

    let all = ground.store.due(at(3600), 100).await.unwrap();
    assert_eq!(all, expected);
    assert_eq!(ground.store.due(at(3600), 5).await.unwrap(), expected[..5], "the limit");
    assert_eq!(ground.store.due(at(3600), 0).await.unwrap(), [], "the limit of none");
    assert_eq!(ground.store.due(at(-1), 100).await.unwrap(), [], "too early");
    assert_eq!(ground.store.due(expected[3].at, 100).await.unwrap(), expected[..4], "the bound counts");

    let first = ground.store.load(&expected[0].lead).await.unwrap().unwrap();
    let first = Story { lead: first.lead, version: first.version, records: vec![] };
    let confirmed = first.then(
        "confirmed",
        [Fact::OptInConfirmed { request: 1, visitor: Default::default(), campaigns: Default::default() }],
    );
    ground.keep(Some(2), &confirmed).await;
    assert_eq!(ground.store.due(at(3600), 100).await.unwrap(), expected[1..], "done");
}

pub async fn who_waits_for_an_email_comes_before_those_who_are_due_for_longer(ground: Ground) {
    let hours_ago = |hours| now() - SignedDuration::from_hours(hours);
    for number in 0..9 {
        let look = Fact::LookScheduled { look_at: Some(hours_ago(9)) };
        let granted = Fact::ConsentGranted { campaign: domain::CampaignId::parse("guide").unwrap() };
        ground
            .keep(None, &Story::of(&format!("lead{number}@example.com")).then("due", [granted, look]))
            .await;
    }
    let ada = Story::of("ada@example.com").due("due", hours_ago(1));
    ground.keep(None, &ada).await;
    let due = ground.store.due(now(), 4).await.unwrap();
    assert_eq!(due[0], Due { at: hours_ago(1), lead: ada.lead.id, is_waited_for: true });
    assert_eq!(due.iter().filter(|due| !due.is_waited_for).count(), 3);
    assert_eq!(ground.store.due(now(), 100).await.unwrap().len(), 10);
    let first = ground.store.first_due(now()).await.unwrap().expect("somebody is due");
    assert_eq!((first.at, first.is_waited_for), (hours_ago(9), false), "by time alone");
}

pub async fn entries_of_another_shard_count_are_found_until_they_are_rewritten(ground: Ground) {
    let stories: Vec<Story> =
        (0..6).map(|number| Story::of(&format!("lead{number}@example.com")).due("due", now())).collect();
    for story in &stories {
        ground.keep(None, story).await;
    }
    let narrow = Store::new(ground.client.clone(), &ground.table, vec![7]);
    assert_eq!(narrow.due(now(), 100).await.unwrap(), []);
    let wide = Store::new(ground.client.clone(), &ground.table, vec![7, 4]);
    assert_eq!(wide.due(now(), 100).await.unwrap().len(), 6);

    let moved = stories[0].clone().written().then("visit", [occurred("visited")]);
    let write =
        Write { expected: Some(2), lead: &moved.lead, records: &moved.records, limits: &[], now: now() };
    assert_eq!(wide.commit(&write).await.unwrap(), Commit::Committed);
    assert_eq!(narrow.due(now(), 100).await.unwrap().len(), 1);
    assert_eq!(wide.due(now(), 100).await.unwrap().len(), 6);
}

pub async fn who_is_told_no_shard_count_writes_in_as_many_as_there_are(ground: Ground) {
    let keep = async |store: &Store, email| {
        let story = Story::of(email).due("due", now());
        let write =
            Write { expected: None, lead: &story.lead, records: &story.records, limits: &[], now: now() };
        assert_eq!(store.commit(&write).await.unwrap(), Commit::Committed);
    };
    let of_functions = Store::new(ground.client.clone(), &ground.table, vec![7]);
    keep(&of_functions, "ada@example.com").await;
    let of_a_command = ground.store.clone().with_shards_found().await.unwrap();
    keep(&of_a_command, "bea@example.com").await;
    assert_eq!(of_functions.due(now(), 100).await.unwrap().len(), 2);
}

pub async fn a_profile_asks_for_a_nudge_while_something_is_due_at_once(ground: Ground) {
    let ada = Story::of("ada@example.com").due("due", now());
    ground.keep(None, &ada).await;
    let item = ground.profile(&ada.lead).await;
    assert_eq!(item.get("nudge"), Some(&AttributeValue::Bool(true)));
    assert_eq!(item["due_sk"], AttributeValue::S(format!("2027-01-01T09:00:00.000Z#{}", ada.lead.id)));

    let later = ada.written().due("later", now() + SignedDuration::from_hours(1));
    ground.keep(Some(2), &later).await;
    let item = ground.profile(&later.lead).await;
    assert_eq!(item.get("nudge"), None, "due, but not yet");
    assert!(item.contains_key("due_pk"));

    let confirmed =
        Fact::OptInConfirmed { request: 1, visitor: Default::default(), campaigns: Default::default() };
    let done = later.written().then("confirmed", [confirmed]);
    ground.keep(Some(3), &done).await;
    let item = ground.profile(&done.lead).await;
    for attribute in ["nudge", "due_pk", "due_sk", "due_at"] {
        assert!(!item.contains_key(attribute), "{attribute}");
    }
}

pub async fn every_lead_is_listed(ground: Ground) {
    let mut leads: Vec<Stored> = Vec::new();
    for number in 0..5 {
        let story = Story::of(&format!("lead{number}@example.com"));
        ground.keep(None, &story).await;
        leads.push(story.stored());
    }
    let mut listed = ground.store.all_leads().await.unwrap().leads;
    leads.sort_by(|a, b| a.lead.id.cmp(&b.lead.id));
    listed.sort_by(|a, b| a.lead.id.cmp(&b.lead.id));
    assert_eq!(listed, leads);
    ground.store.create_table().await.unwrap();
    assert_eq!(
        ground.store.all_leads().await.unwrap().leads.len(),
        5,
        "a table that is there stays as it is"
    );
}

pub async fn who_reads_a_lead_stands_in_its_log_once_an_hour(ground: Ground) {
    let ada = Story::of("ada@example.com").due("due", now());
    ground.keep(None, &ada).await;
    let hour = SignedDuration::from_hours(1);
    for at in [now(), now() + hour / 2, now() + hour] {
        app::note_read(&ground.store, &ada.lead.id, ("Grace", "sillon why"), at).await.unwrap();
    }
    let records = ground.store.records(&ada.lead.id).await.unwrap();
    let read = Fact::LeadRead { by: "Grace".into(), how: "sillon why".into() };
    let reads = records.iter().flat_map(|record| &record.activities).filter(|activity| activity.fact == read);
    assert_eq!(reads.map(|activity| activity.at).collect::<Vec<_>>(), [now(), now() + hour]);
    let stored = ground.store.load(&ada.lead.id).await.unwrap().unwrap();
    assert_eq!((stored.lead, stored.version), (ada.lead, 4), "it changes nothing else");
}

pub async fn who_read_all_leads_is_told_since_then_and_in_order(ground: Ground) {
    let at = |hours| now() + SignedDuration::from_hours(hours);
    for (by, hours) in [("Grace", 2), ("Joan", 1), ("Grace", 3)] {
        ground.store.note_read_of_all((by, "sillon export"), at(hours)).await.unwrap();
    }
    let told =
        |reads: Vec<Activity>| -> Vec<_> { reads.into_iter().map(|read| (read.at, read.fact)).collect() };
    let read = |by: &str| Fact::LeadRead { by: by.into(), how: "sillon export".into() };
    let all = ground.store.reads_of_all(now()).await.unwrap();
    assert_eq!(told(all), [(at(1), read("Joan")), (at(2), read("Grace")), (at(3), read("Grace"))]);
    let since = ground.store.reads_of_all(at(3)).await.unwrap();
    assert_eq!(told(since), [(at(3), read("Grace"))]);
    assert_eq!(ground.store.all_leads().await.unwrap(), dynamodb::AllLeads::default(), "it is no lead");
}

pub async fn a_scan_reads_every_log_once_whatever_the_number_of_segments(ground: Ground) {
    let mut stories = Vec::new();
    for number in 0..25 {
        let story = Story::of(&format!("lead{number}@example.com"));
        // names that sort otherwise than versions do
        let story = (0..number).fold(story, |story, at| {
            story.then(&format!("visit {} of {number}", (at * 7) % 31), [occurred("visited")])
        });
        ground.keep(None, &story).await;
        stories.push(Log { lead: story.lead.id, records: story.records });
    }
    let suppressed = Fact::Suppressed { reason: domain::consent::SuppressionReason::Bounce };
    let gone = Story::of("gone@example.com").then("bounced", [suppressed]);
    ground.keep(None, &gone).await;
    stories.push(Log { lead: gone.lead.id, records: gone.records });
    stories.sort_by(|a, b| a.lead.cmp(&b.lead));
    for segments in [1, 3, 8] {
        let mut logs = Vec::new();
        for mut segment in ground.store.scan(segments) {
            while let Some(log) = segment.next().await {
                logs.push(log.unwrap());
            }
        }
        logs.sort_by(|a, b| a.lead.cmp(&b.lead));
        assert_eq!(logs, stories, "{segments} segments");
    }
}

pub async fn a_record_that_cannot_be_read_does_not_hide_the_other_leads(ground: Ground) {
    let long = "x".repeat(90_000);
    for number in 0..30 {
        let properties = serde_json::Map::from_iter([("note".to_owned(), long.clone().into())]);
        let big = Fact::Occurred { kind: "visited".into(), properties };
        ground.keep(None, &Story::of(&format!("lead{number}@example.com")).then("visit", [big])).await;
    }
    let broken = Story::of("lead7@example.com").lead.id;
    let key = |name: &str| (format!("LEAD#{broken}"), format!("ACT#{}", crate::ground::input(name)));
    let (pk, sk) = key("visit");
    let request = ground.client.update_item().table_name(&ground.table);
    let request = request.key("PK", AttributeValue::S(pk)).key("SK", AttributeValue::S(sk));
    let request = request.update_expression("SET activities = :odd");
    request.expression_attribute_values(":odd", AttributeValue::S("odd".into())).send().await.unwrap();
    ground.requests.take();

    let (mut read, mut faults) = (0, Vec::new());
    for mut segment in ground.store.scan(1) {
        while let Some(log) = segment.next().await {
            match log {
                Ok(_) => read += 1,
                Err(error) => faults.push(error.to_string()),
            }
        }
    }
    assert_eq!((read, faults.len()), (29, 1), "{faults:?}");
    assert!(faults[0].contains(broken.as_str()), "{}", faults[0]);
    assert!(ground.requests.take() > 2, "2.7 MB are more than a page of 1 MB");
}
