//! Writes: all or nothing, once, and only on what was read.

use app::ports::{Commit, LeadStore, MOST_RECORDS, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Fact;
use domain::consent::SuppressionReason;

use crate::ground::{Ground, Story, input, occurred};

pub async fn an_inserted_lead_is_loaded_as_it_was(ground: Ground) {
    let ada = Story::of("ada@example.com").then("visit", [occurred("visited")]);
    assert_eq!(ground.store.load(&ada.lead.id).await.unwrap(), None);
    ground.keep(None, &ada).await;
    assert_eq!(ground.store.load(&ada.lead.id).await.unwrap(), Some(ada.stored()));
}

pub async fn a_new_lead_costs_one_request_and_a_returning_one_two(ground: Ground) {
    let ada = Story::of("ada@example.com");
    ground.keep(None, &ada).await;
    assert_eq!(ground.requests.take(), 1, "a new lead");

    let mut returning = Story::of("ada@example.com");
    returning.records[0].input_id = input("again");
    let Commit::Changed(current) = ground.commit(None, &returning).await.unwrap() else {
        panic!("it is there")
    };
    let next = Story { lead: current.lead, version: current.version, records: vec![] };
    ground.keep(Some(1), &next.then("again", [occurred("visited")])).await;
    assert_eq!(ground.requests.take(), 2, "a returning lead");
}

pub async fn a_second_insert_answers_with_the_lead_that_is_there(ground: Ground) {
    let ada = Story::of("ada@example.com");
    ground.keep(None, &ada).await;
    let mut other = Story::of("ada@example.com");
    other.records[0].input_id = input("another form");
    assert_eq!(ground.commit(None, &other).await.unwrap(), Commit::Changed(Box::new(ada.stored())));
}

pub async fn an_input_is_recorded_once(ground: Ground) {
    let ada = Story::of("ada@example.com").then("visit", [occurred("visited")]);
    ground.keep(None, &ada).await;
    let current = Some(Box::new(ada.stored()));

    let repeated =
        Commit::Duplicate { inputs: vec![input("created"), input("visit")], current: current.clone() };
    assert_eq!(ground.commit(None, &ada).await.unwrap(), repeated, "the very same write again");

    let stale = Story::of("ada@example.com").written().then("visit", [occurred("visited")]);
    let stale_answer = Commit::Duplicate { inputs: vec![input("visit")], current };
    assert_eq!(ground.commit(Some(1), &stale).await.unwrap(), stale_answer, "from a stale version");

    let mixed = ada.written().then("new", [occurred("x")]).then("visit", [occurred("visited")]);
    let mixed_answer = Commit::Duplicate { inputs: vec![input("visit")], current: None };
    assert_eq!(ground.commit(Some(2), &mixed).await.unwrap(), mixed_answer, "beside a new one");
    assert_eq!(ground.store.records(&mixed.lead.id).await.unwrap().len(), 2, "all or nothing");
}

pub async fn a_write_from_a_stale_version_answers_with_the_current_lead(ground: Ground) {
    let ada = Story::of("ada@example.com");
    ground.keep(None, &ada).await;
    let visited = ada.clone().written().then("visit", [occurred("visited")]);
    ground.keep(Some(1), &visited).await;
    let late = ada.written().then("late", [occurred("called")]);
    assert_eq!(ground.commit(Some(1), &late).await.unwrap(), Commit::Changed(Box::new(visited.stored())));
}

pub async fn of_concurrent_writers_one_wins_each_round(ground: Ground) {
    const WRITERS: usize = 8;
    let mut ada = Story::of("ada@example.com");
    ground.keep(None, &ada).await;
    for round in 0..5 {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let ground = ground.clone();
            let read = ada.clone();
            writers.spawn(async move {
                let after = read.clone().written().then(&format!("{round}-{writer}"), [occurred("visited")]);
                match ground.commit(Some(read.version), &after).await {
                    Ok(Commit::Committed) => Some(after),
                    Ok(Commit::Changed(_)) | Err(StoreError::Conflict) => None,
                    other => panic!("{other:?}"),
                }
            });
        }
        let mut winners: Vec<Story> = writers.join_all().await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "round {round}");
        ada = winners.remove(0);
        assert_eq!(ground.store.load(&ada.lead.id).await.unwrap(), Some(ada.stored()), "round {round}");
    }
}

pub async fn the_same_write_at_once_from_two_sides_succeeds_for_one(ground: Ground) {
    let ada = Story::of("ada@example.com");
    let (left, right) = tokio::join!(ground.commit(None, &ada), ground.commit(None, &ada));
    let committed = [left, right].iter().filter(|outcome| matches!(outcome, Ok(Commit::Committed))).count();
    assert_eq!(committed, 1);
}

pub async fn a_suppressed_address_is_not_inserted_again(ground: Ground) {
    let bounced = Fact::Suppressed { reason: SuppressionReason::Bounce };
    let ada = Story::of("ada@example.com").then("bounce", [bounced]);
    ground.keep(None, &ada).await;
    // as an erasure leaves it: the suppression alone
    for sk in ["PROFILE".to_owned(), format!("ACT#{}", input("created")), format!("ACT#{}", input("bounce"))]
    {
        let request = ground.client.delete_item().table_name(&ground.table);
        let request = request.key("PK", AttributeValue::S(format!("LEAD#{}", ada.lead.id)));
        request.key("SK", AttributeValue::S(sk)).send().await.unwrap();
    }

    let again = Story::of("ada@example.com");
    assert_eq!(ground.commit(None, &again).await.unwrap(), Commit::Suppressed);
    assert_eq!(ground.store.load(&again.lead.id).await.unwrap(), None, "nothing was written");

    let knowing = again.then("known", [Fact::Suppressed { reason: SuppressionReason::Earlier }]);
    ground.keep(None, &knowing).await;
    let other = Story::of("grace@example.com");
    ground.keep(None, &other).await;
}

pub async fn a_suppression_of_a_known_lead_outlives_its_profile(ground: Ground) {
    let ada = Story::of("ada@example.com");
    ground.keep(None, &ada).await;
    let complained = Fact::Suppressed { reason: SuppressionReason::Complaint };
    let suppressed = ada.written().then("complaint", [occurred("wrote"), complained]);
    ground.keep(Some(1), &suppressed).await;
    let request = ground.client.get_item().table_name(&ground.table).consistent_read(true);
    let request = request.key("PK", AttributeValue::S(format!("SUPPRESSED#{}", suppressed.lead.id)));
    let item =
        request.key("SK", AttributeValue::S("-".into())).send().await.unwrap().item.expect("a suppression");
    assert_eq!(item["reason"], AttributeValue::S("complaint".into()));
    assert!(!format!("{item:?}").contains("ada@"), "no address");
}

pub async fn a_whole_batch_fits_in_one_write(ground: Ground) {
    let mut ada = Story::of("ada@example.com");
    while ada.records.len() < MOST_RECORDS - 1 {
        ada = ada.clone().then(&format!("visit {}", ada.version), [occurred("visited")]);
    }
    ada = ada.then("bounce", [Fact::Suppressed { reason: SuppressionReason::Bounce }]);
    ground.keep(None, &ada).await;
    assert_eq!(ground.requests.take(), 1);
    assert_eq!(ground.store.records(&ada.lead.id).await.unwrap(), ada.records);

    let one_more = |ada: &Story| {
        (0..=MOST_RECORDS)
            .fold(ada.clone().written(), |story, at| story.then(&format!("m{at}"), [occurred("v")]))
    };
    let refused = ground.commit(Some(ada.version), &one_more(&ada)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Permanent(_)), "{refused}");
}

pub async fn an_item_that_is_too_large_is_refused_by_name_and_size(ground: Ground) {
    let with_note = |bytes: usize| {
        let note = domain::TraitValue::Text("é".repeat(bytes / 2));
        let traits = [("note".to_owned(), note)].into();
        let identified = Fact::Identified { traits, time_zone: None };
        Story::of("ada@example.com").then("identify", [identified])
    };
    ground.keep(None, &with_note(380_000)).await;
    let grown = with_note(420_000);
    let refused = ground.commit(None, &grown).await.unwrap_err();
    assert!(matches!(refused, StoreError::Permanent(_)));
    let told = refused.to_string();
    assert!(told.contains(grown.lead.id.as_str()) && told.contains("409600"), "{told}");
}

pub async fn a_gap_in_versions_is_refused(ground: Ground) {
    let mut ada = Story::of("ada@example.com");
    ada.records[0].version = 2;
    let refused = ground.commit(None, &ada).await.unwrap_err();
    assert!(matches!(refused, StoreError::Permanent(_)), "{refused}");
    let empty = Story::of("ada@example.com").written();
    assert!(ground.commit(None, &empty).await.is_err(), "a write without records");
}
