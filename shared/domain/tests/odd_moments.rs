//! Stories of answers and events that come too late, too early, or about something that is over.

mod support;

use domain::InputBody;
use domain::input::{Feedback, FeedbackKind, Hold, SendResult};
use domain::lead::{EnrolmentState, SendOutcome};
use domain::organisation::FrequencyCap;
use domain::{SendId, Traits};
use jiff::SignedDuration;
use rstest::rstest;
use support::*;

const MONDAY_NOON: &str = "2026-11-23T11:00:00Z";

fn refused_for_now() -> SendResult {
    SendResult::Rejected { code: "TooManyRequestsException".into(), retryable: true }
}

fn uncertain() -> SendResult {
    SendResult::Uncertain { code: "Timeout".into() }
}

/// A mailbox may be asked again on the same day.
fn with_room_in_the_mailbox() -> World {
    let mut world = World::begin(MONDAY_NOON);
    world.bundle.organisation.limits.confirmations = vec![FrequencyCap { count: 3, per: days(1) }];
    world
}

fn tell(world: &mut World, send_id: &SendId, kind: FeedbackKind) {
    let feedback =
        Feedback { send_id: send_id.clone(), kind, of_confirmation: false, machine: false, detail: None };
    world.now_input(InputBody::Feedback(feedback)).expect("an event of it");
}

#[rstest]
#[case(refused_for_now())]
#[case(uncertain())]
fn nothing_stays_due_for_an_address_that_is_suppressed_while_it_is_written_to(#[case] answer: SendResult) {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    let send_id = world.tick().expect("the confirmation");
    tell(&mut world, &send_id, FeedbackKind::Bounce { permanent: true });
    world.answer(&send_id, answer).expect("claimed");
    assert_eq!(world.lead().due_at(), None);
}

#[rstest]
#[case(refused_for_now())]
#[case(uncertain())]
fn the_answer_of_a_withdrawn_request_does_not_hold_up_the_next_one(#[case] answer: SendResult) {
    let mut world = with_room_in_the_mailbox();
    world.submit("guide", Traits::new());
    let send_id = world.tick().expect("the confirmation of request 1");
    world.leave().expect("pending");
    world.submit("guide", Traits::new());
    world.answer(&send_id, answer).expect("claimed");
    assert_eq!(world.lead().due_at(), Some(world.now), "request 2 is asked about at once");
}

#[test]
fn an_event_of_a_withdrawn_request_does_not_answer_for_the_next_one() {
    let mut world = with_room_in_the_mailbox();
    world.submit("guide", Traits::new());
    let send_id = world.tick().expect("the confirmation of request 1");
    world.answer(&send_id, uncertain()).expect("claimed");
    world.leave().expect("pending");
    world.submit("guide", Traits::new());
    tell(&mut world, &send_id, FeedbackKind::Delivery);
    assert_eq!(world.pass(SignedDuration::from_mins(1)), ["11-23 11:00 confirm"]);
}

#[test]
fn the_answer_of_an_enrolment_that_ended_does_not_hold_up_the_next_one() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("news", Traits::new());
    let send_id = world.tick().expect("the first e-mail");
    world.leave().expect("granted");
    world.submit("news", Traits::new());
    world.confirm();
    world.answer(&send_id, refused_for_now()).expect("claimed");
    let enrolment = &world.lead().enrolments[&campaign_id("news")];
    assert_eq!((enrolment.number, enrolment.refusals), (2, 0));
    assert_eq!(world.lead().due_at(), Some(world.now));
}

#[test]
fn an_email_whose_events_came_before_a_time_out_has_left() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    let send_id = world.tick().expect("the confirmation");
    tell(&mut world, &send_id, FeedbackKind::Send);
    world.answer(&send_id, uncertain()).expect("claimed");
    assert_eq!(world.lead().sends[&send_id].outcome, SendOutcome::Sent);
    assert_eq!(world.lead().due_at(), None, "it is not repeated");
}

#[test]
fn an_answer_after_the_lease_ends_the_repetition() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    let send_id = world.tick().expect("the confirmation");
    world.now += SignedDuration::from_mins(2);
    assert_eq!(world.tick(), None, "the lease has ended");
    assert!(world.lead().due_at().is_some(), "it would be repeated");
    world.answer(&send_id, SendResult::Accepted { message_id: "m".into() }).expect("uncertain");
    assert_eq!(world.lead().due_at(), None);
}

#[test]
fn an_alert_that_sales_got_after_the_lease_is_not_repeated() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", house());
    world.pass(SignedDuration::ZERO);
    world.confirm();
    world.pass(days(3));
    world.click("case");
    let send_id = world.tick().expect("the alert");
    world.now += SignedDuration::from_mins(2);
    assert_eq!(world.tick(), None, "the lease has ended");
    world.answer(&send_id, SendResult::Accepted { message_id: "m".into() }).expect("uncertain");
    assert_eq!(world.lead().enrolments[&campaign_id("guide")].state, EnrolmentState::Completed);
}

#[test]
fn what_a_pause_held_back_leaves_when_the_pause_is_ended() {
    let mut world = World::begin(MONDAY_NOON);
    let prefer = |world: &mut World, paused_until| {
        let body =
            InputBody::ChangePreferences { left_topics: Default::default(), locale: None, paused_until };
        world.now_input(body).expect("a choice");
    };
    world.submit("news", Traits::new());
    world.pass(SignedDuration::from_mins(1));
    let end = world.now + days(90);
    prefer(&mut world, Some(end));
    assert!(world.pass(days(10)).is_empty());
    prefer(&mut world, None);
    assert_eq!(world.pass(SignedDuration::from_mins(1)), ["12-03 11:01 two", "12-03 11:01 three"]);
}

#[test]
fn a_wait_is_no_shorter_for_a_pause_that_was_ended() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("news", Traits::new());
    world.pass(SignedDuration::from_mins(1));
    for paused_until in [Some(world.now + SignedDuration::from_hours(1)), None] {
        let body =
            InputBody::ChangePreferences { left_topics: Default::default(), locale: None, paused_until };
        world.now_input(body).expect("a choice");
    }
    assert!(world.pass(SignedDuration::from_hours(12)).is_empty());
}

#[test]
fn an_activity_of_ours_that_cannot_be_read_is_no_event_of_others() {
    let read = |text: &str| serde_json::from_str::<domain::Activity>(text).map(|activity| activity.kind());
    let event = r#"{"at":"2026-11-23T11:00:00Z","kind":"webinar"}"#;
    assert_eq!(read(event).expect("an event"), "webinar");
    let damaged = r#"{"at":"2026-11-23T11:00:00Z","kind":"email_sent","send_id":"gone"}"#;
    read(damaged).expect_err("a fault");
}

/// While no confirmation leaves, a worker puts the link to the lead's data off; that must find no attempt open whose worker died.
#[test]
fn an_attempt_that_ended_is_recorded_before_what_is_due_next_is_put_off() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("news", Traits::new());
    world.tick().expect("the newsletter's first");
    world.now_input(InputBody::AskAccess { visitor: visitor() }).expect("a link is asked for");
    world.now += SignedDuration::from_mins(2);
    assert_eq!(world.tick(), None, "the lease has ended, and that alone is recorded");
    assert!(world.lead().claim.is_none());
    let until = world.now + SignedDuration::from_mins(15);
    world.now_input(InputBody::HoldConfirmation(Hold::Stop { until })).expect("the link waits");
    assert_eq!(world.lead().access_due.as_ref().map(|(_, at)| *at), Some(until));
}
