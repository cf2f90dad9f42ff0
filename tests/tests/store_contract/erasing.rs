//! Erasing: nothing is left but a mark, whatever breaks off, and whoever writes meanwhile.

use std::collections::BTreeMap;

use app::ports::{Commit, Due, Erasure, LeadStore, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::consent::SuppressionReason;
use domain::{Fact, LeadId};
use jiff::{SignedDuration, Timestamp};

use crate::ground::{Ground, Story, input, now, occurred};

/// Every item of the table, as text.
async fn items(ground: &Ground) -> Vec<String> {
    let mut pages =
        ground.client.scan().table_name(&ground.table).consistent_read(true).into_paginator().send();
    let mut items = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap().items.unwrap_or_default();
        items.extend(
            page.into_iter().map(|item| format!("{:?}", item.into_iter().collect::<BTreeMap<_, _>>())),
        );
    }
    items
}

async fn mark(ground: &Ground, lead: &LeadId) -> Option<std::collections::HashMap<String, AttributeValue>> {
    let request = ground.client.get_item().table_name(&ground.table).consistent_read(true);
    let request = request.key("PK", AttributeValue::S(format!("SUPPRESSED#{lead}")));
    request.key("SK", AttributeValue::S("-".into())).send().await.unwrap().item
}

fn asked() -> Erasure<'static> {
    Erasure::Asked { at: now(), by: None }
}

/// A lead with so many records.
async fn with_records(ground: &Ground, address: &str, records: u64) -> Story {
    grown(ground, Story::of(address), records).await
}

/// The story, with so many records.
async fn grown(ground: &Ground, mut story: Story, records: u64) -> Story {
    let address = story.lead.email.clone();
    ground.keep(None, &story).await;
    while story.version < records {
        let read = story.version;
        story = story.written();
        for place in 0..50.min(records - read) {
            story = story.then(&format!("{address} {read} {place}"), [occurred("visited")]);
        }
        ground.keep(Some(read), &story).await;
    }
    story.written()
}

async fn erase(ground: &Ground, story: &Story) {
    app::erase(&ground.store, &story.lead.id, (now(), Some("Grace")), now()).await.unwrap();
}

pub async fn nothing_is_left_of_an_erased_lead_but_its_mark(ground: Ground) {
    let grace = with_records(&ground, "grace@example.com", 3).await;
    let others = items(&ground).await;
    let mut ada = Story::of("ada@example.com");
    for records in [1, 99, 100, 250] {
        ada = grown(&ground, ada, records).await.due("due", now());
        ground.keep(Some(records), &ada).await;
        erase(&ground, &ada).await;
        let mut left = items(&ground).await;
        left.retain(|item| !others.contains(item));
        assert_eq!(left.len(), 1, "{records}: {left:#?}");
        assert!(!left[0].contains("ada@") && !left[0].contains("erasing"), "{}", left[0]);
        assert_eq!(ground.store.load(&ada.lead.id).await.unwrap(), None);
        assert_eq!(ground.store.records(&ada.lead.id).await.unwrap(), []);
        assert_eq!(ground.store.due(now(), 9).await.unwrap(), [], "nothing is due");
        let marks = ground.store.marks().await.unwrap();
        let by = Some("Grace".to_owned());
        let mark = app::ports::Mark { lead: ada.lead.id.clone(), erased_at: now(), by, suppressed: None };
        assert_eq!(marks, [mark]);
        ada = Story::of("ada@example.com").back_after(now());
    }
    assert_eq!(ground.store.load(&grace.lead.id).await.unwrap().map(|stored| stored.version), Some(3));
}

pub async fn an_erasure_goes_on_where_it_broke_off(ground: Ground) {
    let ada = with_records(&ground, "ada@example.com", 150).await;
    let id = &ada.lead.id;
    assert!(ground.store.begin_erasure(id, asked(), now()).await.unwrap());
    assert_eq!(ground.store.load(id).await.unwrap(), None, "nobody knows it any more");
    let due = Due { at: Timestamp::UNIX_EPOCH, lead: id.clone(), is_waited_for: true };
    let bea = Story::of("bea@example.com").due("due", now() - SignedDuration::from_hours(9));
    ground.keep(None, &bea).await;
    assert_eq!(
        ground.store.due(now(), 1).await.unwrap(),
        [due],
        "so that the next worker goes on, before all else"
    );
    let bea_is_served =
        Fact::OptInConfirmed { request: 1, visitor: Default::default(), campaigns: Default::default() };
    ground.keep(Some(2), &bea.written().then("confirmed", [bea_is_served])).await;
    // Some records are gone; then it broke off again.
    for place in 0..40 {
        let request = ground.client.delete_item().table_name(&ground.table);
        let request = request.key("PK", AttributeValue::S(format!("LEAD#{id}")));
        let sk = format!("ACT#{}", input(&format!("ada@example.com 1 {place}")));
        request.key("SK", AttributeValue::S(sk)).send().await.unwrap();
    }
    assert!(ground.store.begin_erasure(id, asked(), now()).await.unwrap(), "begun once more");
    let finish = || ground.store.finish_erasure(id);
    let sides = tokio::join!(finish(), finish(), finish());
    let sides = [sides.0, sides.1, sides.2];
    assert!(sides.iter().all(|side| matches!(side, Ok(_) | Err(StoreError::Conflict))), "{sides:?}");
    ground.store.finish_erasure(id).await.unwrap();
    let of_bea = 4;
    assert_eq!(items(&ground).await.len(), of_bea + 1, "the mark");
    assert!(!ground.store.finish_erasure(id).await.unwrap(), "there is nothing more to do");
    assert_eq!(ground.store.due(now(), 9).await.unwrap(), []);
}

pub async fn who_read_the_lead_before_cannot_write_it_after(ground: Ground) {
    let ada = Story::of("ada@example.com");
    ground.keep(None, &ada).await;
    let late = ada.clone().written().then("late", [occurred("visited")]);
    ground.store.begin_erasure(&ada.lead.id, asked(), now()).await.unwrap();
    assert!(matches!(ground.commit(Some(1), &late).await, Err(StoreError::Conflict)), "while it goes on");
    ground.store.finish_erasure(&ada.lead.id).await.unwrap();
    assert!(matches!(ground.commit(Some(1), &late).await, Err(StoreError::Conflict)), "after it");

    // The same person comes back, and has the very version that the late writer read.
    let mut back = Story::of("ada@example.com").back_after(now());
    back.lead.created_at = now() + SignedDuration::from_hours(1);
    ground.keep(None, &back).await;
    let answer = ground.commit(Some(1), &late).await.unwrap();
    assert_eq!(answer, Commit::Changed(Box::new(back.stored())), "it is another lead");
    assert_eq!(items(&ground).await.len(), 3, "a profile, a record and a mark");
}

pub async fn nobody_comes_back_while_the_erasure_goes_on_and_anybody_after_it(ground: Ground) {
    let ada = with_records(&ground, "ada@example.com", 5).await;
    let unknowing = Story::of("ada@example.com");
    let again = unknowing.clone().back_after(now());
    ground.store.begin_erasure(&ada.lead.id, asked(), now()).await.unwrap();
    assert!(matches!(ground.commit(None, &again).await, Err(StoreError::Conflict)));
    let knowing = again.clone().then("known", [Fact::Suppressed { reason: SuppressionReason::Earlier }]);
    assert!(matches!(ground.commit(None, &knowing).await, Err(StoreError::Conflict)));
    ground.store.finish_erasure(&ada.lead.id).await.unwrap();
    let told = ground.commit(None, &unknowing).await.unwrap();
    assert_eq!(
        told,
        Commit::ErasedBefore { at: now() },
        "else what is left of the one passes for the other's"
    );
    ground.keep(None, &again).await;
    assert!(!ground.store.finish_erasure(&ada.lead.id).await.unwrap());
    assert_eq!(
        ground.store.load(&ada.lead.id).await.unwrap(),
        Some(again.stored()),
        "a late worker takes nothing"
    );

    let bounced = again.written().then("bounce", [Fact::Suppressed { reason: SuppressionReason::Bounce }]);
    ground.keep(Some(1), &bounced).await;
    let kept = mark(&ground, &ada.lead.id).await.unwrap();
    assert!(
        kept.contains_key("erased_at") && kept.contains_key("reason"),
        "one tells beside the other: {kept:?}"
    );
}

pub async fn what_happened_before_an_erasure_does_not_bring_the_lead_back(ground: Ground) {
    let ada = with_records(&ground, "ada@example.com", 3).await;
    let erased_at = now() + SignedDuration::from_hours(1);
    app::erase(&ground.store, &ada.lead.id, (erased_at, None), erased_at).await.unwrap();
    // An event that waited in a queue, or came back from the dead letters.
    let late = Story::of("ada@example.com").then("late", [occurred("visited")]);
    let answer = ground.commit(None, &late).await.unwrap();
    assert_eq!(answer, Commit::ErasedBefore { at: erased_at }, "who does not know of it is told");
    let mut late = Story::of("ada@example.com").back_after(erased_at);
    late.lead.created_at = erased_at - SignedDuration::from_mins(1);
    let answer = ground.commit(None, &late).await.unwrap();
    assert_eq!(answer, Commit::Duplicate { inputs: vec![input("created")], current: None });
    assert_eq!(ground.store.load(&ada.lead.id).await.unwrap(), None);
    let mut back = Story::of("ada@example.com").back_after(erased_at);
    back.lead.created_at = erased_at;
    assert_eq!(ground.commit(None, &back).await.unwrap(), Commit::Committed, "of its own accord");
}

pub async fn a_suppressed_address_stays_suppressed(ground: Ground) {
    let bounced = Fact::Suppressed { reason: SuppressionReason::Bounce };
    for erasure in [asked(), Erasure::Retention { read: 2 }] {
        let ada = Story::of(&format!("ada{}@example.com", usize::from(erasure == asked())));
        let ada = ada.then("bounce", [bounced.clone()]);
        ground.keep(None, &ada).await;
        ground.store.begin_erasure(&ada.lead.id, erasure, now()).await.unwrap();
        ground.store.finish_erasure(&ada.lead.id).await.unwrap();
        assert_eq!(mark(&ground, &ada.lead.id).await.unwrap()["reason"], AttributeValue::S("bounce".into()));
        let mut again = Story::of(ada.lead.email.as_str());
        if erasure == asked() {
            again = again.back_after(now());
        }
        assert_eq!(ground.commit(None, &again).await.unwrap(), Commit::Suppressed);
    }
}

pub async fn what_comes_back_after_the_erasure_is_kept_by_the_mark(ground: Ground) {
    let (bounce, complaint) = (SuppressionReason::Bounce, SuppressionReason::Complaint);
    let ada = Story::of("ada@example.com");
    let id = &ada.lead.id;
    assert!(!ground.store.suppress_erased(id, bounce, now()).await.unwrap(), "nobody was erased");
    ground.keep(None, &ada).await;
    ground.store.begin_erasure(id, asked(), now()).await.unwrap();
    assert!(ground.store.suppress_erased(id, bounce, now()).await.unwrap(), "the erasure goes on");
    ground.store.finish_erasure(id).await.unwrap();
    assert!(!ground.store.suppress_erased(id, complaint, now()).await.unwrap(), "the first reason stays");
    let mark = mark(&ground, id).await.unwrap();
    assert_eq!(mark["reason"], AttributeValue::S("bounce".into()));
    assert!(mark.contains_key("erased_at"), "{mark:?}");
    assert_eq!(ground.store.marks().await.unwrap()[0].suppressed, Some(bounce));
    let again = Story::of(ada.lead.email.as_str()).back_after(now());
    assert_eq!(ground.commit(None, &again).await.unwrap(), Commit::Suppressed);
}

pub async fn retention_leaves_nothing_and_minds_what_happened_meanwhile(ground: Ground) {
    let ada = with_records(&ground, "ada@example.com", 5).await;
    let id = &ada.lead.id;
    let begun = ground.store.begin_erasure(id, Erasure::Retention { read: 4 }, now()).await.unwrap();
    assert!(!begun, "something happened since it was judged");
    assert_eq!(ground.store.load(id).await.unwrap(), Some(ada.stored()));
    assert!(ground.store.begin_erasure(id, Erasure::Retention { read: 5 }, now()).await.unwrap());
    assert!(ground.store.finish_erasure(id).await.unwrap());
    assert_eq!(items(&ground).await, Vec::<String>::new());
}
