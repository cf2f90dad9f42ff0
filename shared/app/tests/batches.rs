//! Batches of inputs: no message sinks another, and what time does not reach is delivered again.

mod support;

use domain::{Input, LeadId};
use jiff::{SignedDuration, Timestamp};
use support::*;

fn item(world: &World, message: &str, lead: &LeadId, id: &str) -> (String, LeadId, Input) {
    (message.to_owned(), lead.clone(), input(world, id, event("webinar")))
}

#[tokio::test]
async fn an_input_that_cannot_be_stored_does_not_sink_the_others_of_its_lead() {
    let world = world();
    let ada = submit(&world, "ada").await;
    let items: Vec<_> = ["one", "two", "three"].iter().map(|id| item(&world, id, &ada, id)).collect();
    world.store.too_large.lock().unwrap().insert(items[1].2.id.clone());
    let report = world.apply_batch(items, Timestamp::MAX).await;
    assert_eq!(report.recorded, 2);
    assert_eq!(report.failed, [("two".to_owned(), "the store refuses: the record is too large".to_owned())]);
    assert_eq!(world.store.lead(&ada).history.times("webinar"), 2);
}

#[tokio::test]
async fn what_time_does_not_reach_fails_and_the_rest_is_done() {
    let world = world();
    let (ada, bea) = (submit(&world, "ada").await, submit(&world, "bea").await);
    let items = vec![item(&world, "first", &bea, "one"), item(&world, "second", &ada, "two")];
    let begin = app::ports::Clock::now(&world.clock);
    let report = world.apply_batch(items.clone(), begin).await;
    let failed: Vec<&str> = report.failed.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!((report.recorded, failed), (0, vec!["first", "second"]));
    let report = world.apply_batch(items, begin + SignedDuration::from_secs(1)).await;
    assert_eq!((report.recorded, report.failed.len()), (2, 0));
}
