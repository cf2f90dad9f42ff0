//! Batches of inputs: no message sinks another, and what time does not reach is delivered again.

mod support;

use app::ports::{Clock, Mark};
use app::{ErasedAgain, erase_again};
use domain::consent::SuppressionReason;
use domain::deliverability::{Deliveries, Told};
use domain::input::{Feedback, FeedbackKind};
use domain::{Input, InputBody, LeadId, SendId};
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

/// An e-mail comes back, or is called spam, when its lead is erased already.
#[tokio::test]
async fn what_is_told_of_an_erased_leads_email_is_kept_by_its_mark_and_counted() {
    let world = world();
    let ada = submit(&world, "ada").await;
    let now = app::ports::Clock::now(&world.clock);
    app::erase(&world.store, &ada, (now, None), now).await.unwrap();
    let told = |id: &str, kind| {
        let send_id = SendId::parse("0123456789abcdef0123456789abcdef").unwrap();
        let feedback = Feedback { send_id, kind, of_confirmation: false, machine: false, detail: None };
        (id.to_owned(), ada.clone(), input(&world, id, InputBody::Feedback(feedback)))
    };
    let soft = told("soft", FeedbackKind::Bounce { permanent: false });
    let items = vec![soft, told("click", FeedbackKind::Click), told("spam", FeedbackKind::Complaint)];
    let report = world.apply_batch(items.clone(), Timestamp::MAX).await;
    assert_eq!(report.failed, []);
    assert_eq!(
        report.deliveries,
        Told { all: Deliveries { complained: 1, ..Deliveries::default() }, ..Told::default() }
    );
    assert_eq!(*world.store.marks.lock().unwrap(), [(ada.clone(), "Complaint".to_owned())].into());
    let again = world.apply_batch(items, Timestamp::MAX).await.deliveries;
    assert_eq!(again, Told::default(), "what is delivered again is not counted again");
}

/// A complaint since the backup outlives the restore.
#[tokio::test]
async fn who_is_erased_again_stays_suppressed() {
    let world = world();
    let ada = submit(&world, "ada").await;
    let now = world.clock.now();
    let suppressed = Some(SuppressionReason::Complaint);
    let mark = Mark { lead: ada.clone(), erased_at: now, by: None, suppressed };
    assert_eq!(erase_again(&world.store, &mark, now).await.expect("erased"), ErasedAgain::Erased);
    let kept: Vec<_> = world.store.marks.lock().unwrap().iter().cloned().collect();
    assert_eq!(kept, [(ada, "Complaint".to_owned())]);
}
