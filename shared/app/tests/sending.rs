//! Runs of the sender: nobody holds up the others, and every failure is told.

mod support;

use app::Nurture;
use app::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use support::*;

fn nurture<'a>(world: &'a World, mailer: &'a Slow<'a>) -> Nurture<'a, Memory, Still, Slow<'a>> {
    Nurture { app: world, mailer, worker: "w" }
}

#[tokio::test]
async fn leads_that_cannot_be_served_do_not_hide_those_behind_them() {
    let world = world();
    for place in 0..450 {
        let lead = submit(&world, &format!("broken{place}")).await;
        world.store.broken.lock().unwrap().insert(lead);
    }
    world.clock.advance(SignedDuration::from_secs(1));
    let last = submit(&world, "ada").await;
    let report = nurture(&world, &Slow(&world.clock)).send_due(Timestamp::MAX).await.expect("a report");
    assert_eq!((report.sent, report.failed.len()), (1, 450));
    assert_eq!(world.store.lead(&last).due_at(), None);
}

#[tokio::test]
async fn a_failure_names_the_lead_and_the_reason() {
    let world = world();
    let lead = submit(&world, "ada").await;
    world.store.broken.lock().unwrap().insert(lead.clone());
    let report =
        nurture(&world, &Slow(&world.clock)).send_to(std::slice::from_ref(&lead), Timestamp::MAX).await;
    let reason = "the store refuses: the item cannot be read".to_owned();
    assert_eq!(report.failed, [(lead, reason)]);
}

#[tokio::test]
async fn no_email_is_begun_after_the_end() {
    let world = world();
    let leads = [submit(&world, "ada").await, submit(&world, "bea").await, submit(&world, "eve").await];
    let stop_at = world.clock.now() + SignedDuration::from_secs(15);
    let report = nurture(&world, &Slow(&world.clock)).send_to(&leads, stop_at).await;
    assert_eq!(report.sent, 2, "the second begins after ten seconds, and the third would after twenty");
    assert!(report.failed.is_empty(), "whoever is left is due still, and that is no failure");
}
