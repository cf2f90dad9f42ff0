//! A lead asks for its data, and a lead that does nothing for long.

mod support;

use domain::calendar::Period;
use domain::consent::SuppressionReason;
use domain::decide::{is_past_retention, kept_until, look_again};
use domain::input::{Feedback, FeedbackKind, SendResult};
use domain::lead::{Purpose, SendOutcome};
use domain::{Decision, InputBody, Rejection, SendId, Traits};
use jiff::SignedDuration;
use rstest::rstest;
use support::*;

fn begin() -> World {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.submit("guide", Traits::new());
    world
}

fn ask(world: &mut World) -> Result<Decision, Rejection> {
    world.now_input(InputBody::AskAccess { visitor: visitor() })
}

fn tick(world: &mut World) -> Option<SendId> {
    world.now_input(InputBody::Tick { worker: "w".into() }).ok()?.order
}

/// Claims what is due until that is a link to the lead's data.
fn claim_link(world: &mut World) -> Option<SendId> {
    while let Some(send_id) = tick(world) {
        if world.lead().sends[&send_id].purpose == Purpose::Access {
            return Some(send_id);
        }
        world.answer(&send_id, accepted()).expect("sent");
    }
    None
}

fn accepted() -> SendResult {
    SendResult::Accepted { message_id: "m".into() }
}

fn feedback(world: &mut World, send_id: SendId, kind: FeedbackKind) {
    let feedback = Feedback { send_id, kind, of_confirmation: false, machine: false, detail: None };
    world.now_input(InputBody::Feedback(feedback)).expect("feedback");
}

#[rstest]
#[case::while_the_confirmation_is_pending(|_: &mut World| {})]
#[case::after_it_left(|world: &mut World| { world.leave().expect("left"); })]
fn whoever_asks_is_mailed_a_link(#[case] before: fn(&mut World)) {
    let mut world = begin();
    before(&mut world);
    ask(&mut world).expect("asked");
    assert_eq!(world.lead().access_due.as_ref().map(|(_, at)| *at), Some(world.now));
    let send_id = claim_link(&mut world).expect("claimed");
    let send = &world.lead().sends[&send_id];
    assert_eq!((send.step.as_str(), send.enrolment), ("access", 0));
    world.answer(&send_id, accepted()).expect("sent");
    assert_eq!(world.lead().access_due, None);
}

fn claim_confirmation(world: &mut World) -> SendId {
    let send_id = tick(world).expect("the confirmation");
    world.answer(&send_id, accepted()).expect("sent");
    send_id
}

/// SES delivers nothing there, so that nothing is promised.
#[rstest]
#[case::that_does_not_exist(FeedbackKind::Bounce { permanent: true }, SuppressionReason::Bounce)]
#[case::whose_owner_complained(FeedbackKind::Complaint, SuppressionReason::Complaint)]
#[case::that_ses_suppresses(FeedbackKind::Suppressed, SuppressionReason::Bounce)]
fn no_link_goes_to_a_mailbox(#[case] kind: FeedbackKind, #[case] reason: SuppressionReason) {
    let mut world = begin();
    ask(&mut world).expect("asked before");
    let send_id = claim_confirmation(&mut world);
    feedback(&mut world, send_id, kind);
    assert_eq!(world.lead().suppression, Some(reason));
    assert_eq!(world.lead().due_at(), None, "what was due is not any more");
    assert_eq!(ask(&mut world).err(), Some(Rejection::NothingToDo));
}

#[test]
fn a_mailbox_gets_one_a_day_however_often_it_is_asked() {
    let mut world = begin();
    let mut seen = std::collections::BTreeSet::new();
    for day in 0..60 {
        for hour in 0..24 {
            let asked = ask(&mut world);
            assert_eq!(asked.is_ok(), hour == 0, "day {day}, hour {hour}");
            if let Some(send_id) = claim_link(&mut world) {
                world.answer(&send_id, accepted()).expect("sent");
                assert!(seen.insert(send_id), "every e-mail has an id of its own");
            }
            world.now += SignedDuration::from_hours(1);
        }
    }
    assert_eq!(seen.len(), 60);
}

#[test]
fn one_that_was_refused_is_tried_again_and_one_that_was_throttled_keeps_its_turn() {
    let mut world = begin();
    ask(&mut world).expect("asked");
    let send_id = claim_link(&mut world).expect("claimed");
    let later = SendResult::Rejected { code: "TooBusy".into(), retryable: true };
    world.answer(&send_id, later).expect("refused");
    let (_, due) = world.lead().access_due.clone().expect("due again");
    assert_eq!(due, world.now + SignedDuration::from_mins(1));
    world.now = due;
    let again = claim_link(&mut world).expect("claimed again");
    assert_ne!(again, send_id);
    let limit = domain::input::CarrierLimit::Rate;
    world.answer(&again, SendResult::Throttled { code: "slow".into(), limit }).expect("throttled");
    assert_eq!(claim_link(&mut world), Some(again.clone()), "the same one");
    world.answer(&again, SendResult::Uncertain { code: "time-out".into() }).expect("uncertain");
    assert!(world.lead().access_due.is_some(), "it may be repeated: it tells nothing twice");
    feedback(&mut world, again.clone(), FeedbackKind::Delivery);
    assert_eq!(
        (world.lead().access_due.is_some(), world.lead().sends[&again].outcome),
        (false, SendOutcome::Sent)
    );
}

/// However long its mailbox rests between two of them.
#[test]
fn one_of_which_nobody_knows_is_sent_three_times_at_most_for_one_request() {
    let mut world = begin();
    ask(&mut world).expect("asked");
    let mut tries = 0;
    while let Some(send_id) = claim_link(&mut world) {
        tries += 1;
        world.answer(&send_id, SendResult::Uncertain { code: "time-out".into() }).expect("uncertain");
        world.now += days(3);
    }
    assert_eq!((tries, world.lead().access_due.clone()), (3, None));
    ask(&mut world).expect("another request");
    assert!(claim_link(&mut world).is_some(), "has tries of its own");
}

fn kept_for(period: Period) -> World {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.bundle.organisation.retention = Some(period);
    world.submit("guide", Traits::new());
    world
}

#[test]
fn a_lead_is_kept_for_its_period_after_what_it_last_did() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.bundle.organisation.retention = Some(Period::Months(36));
    world.submit("news", Traits::new());
    assert_eq!(world.lead().kept_until, Some("2029-11-23T11:00:00Z".parse().expect("a time")));
    world.now += days(400);
    world.now_input(page()).expect("a page");
    assert_eq!(
        world.lead().kept_until,
        Some("2029-11-23T11:00:00Z".parse().expect("a time")),
        "not moved each time"
    );

    world.now = "2029-11-23T11:00:00Z".parse().expect("a time");
    assert!(!is_past_retention(&world.bundle, world.lead(), world.now));
    while world.lead().due_at().is_some_and(|due| due <= world.now) {
        if let Some(send_id) = tick(&mut world) {
            world.answer(&send_id, accepted()).expect("sent");
        }
    }
    let until = "2030-12-28T11:00:00Z".parse().expect("a time");
    assert_eq!(
        (world.lead().kept_until, kept_until(&world.bundle, world.lead())),
        (Some(until), Some(until))
    );
    world.now = until;
    assert!(is_past_retention(&world.bundle, world.lead(), until));
}

/// Anybody can post anybody's address: who never asked for anything is not kept for years.
#[test]
fn what_was_posted_of_who_never_answered_is_kept_no_longer_than_somebody_could_have_and_a_month() {
    let mut world = kept_for(Period::Months(36));
    let until = |world: &World| kept_until(&world.bundle, world.lead()).expect("a period").to_string();
    assert_eq!(until(&world), "2027-01-22T11:00:00Z", "a link works for 30 days, and then 30 days pass");
    world.now += days(20);
    world.submit("guide", Traits::new());
    assert_eq!(until(&world), "2027-01-22T11:00:00Z", "its confirmation has not left yet");
    let send_id = claim_confirmation(&mut world);
    assert_eq!(until(&world), "2027-02-11T11:00:00Z");
    feedback(&mut world, send_id, FeedbackKind::Open);
    assert_eq!(until(&world), "2027-02-11T11:00:00Z", "who looks at it does not answer");
    world.now = until(&world).parse().expect("a time");
    assert!(is_past_retention(&world.bundle, world.lead(), world.now));
}

#[rstest]
#[case::who_confirmed(|world: &mut World| world.confirm())]
#[case::who_confirmed_and_left(|world: &mut World| {
    world.confirm();
    world.leave().expect("granted");
    world.submit("guide", Traits::new());
})]
#[case::who_left(|world: &mut World| { world.leave().expect("pending"); })]
#[case::who_left_and_was_posted_again(|world: &mut World| { world.leave().expect("pending"); world.submit("guide", Traits::new()) })]
#[case::who_agreed_without(|world: &mut World| world.submit("news", Traits::new()))]
#[case::of_whom_other_systems_told(|world: &mut World| { world.now_input(page()).expect("a page"); })]
fn others_are_kept_for_the_whole_period(#[case] happens: impl Fn(&mut World)) {
    let mut world = kept_for(Period::Months(36));
    happens(&mut world);
    assert_eq!(
        kept_until(&world.bundle, world.lead()),
        Some("2029-11-23T11:00:00Z".parse().expect("a time"))
    );
    world.bundle.organisation.retention = None;
    assert_eq!(kept_until(&world.bundle, world.lead()), None);
}

#[test]
fn what_others_do_about_a_lead_keeps_it_no_longer() {
    let mut world = kept_for(Period::Days(30));
    let send_id = claim_confirmation(&mut world);
    world.now += days(20);
    feedback(&mut world, send_id, FeedbackKind::Delivery);
    ask(&mut world).expect("asked");
    assert_eq!(kept_until(&world.bundle, world.lead()), world.lead().kept_until);
    assert_eq!(world.lead().kept_until, Some("2026-12-23T11:00:00Z".parse().expect("a time")));
}

#[rstest]
#[case::shorter(true, Some(Period::Days(20)), Some("2026-12-13T11:00:00Z"))]
#[case::shorter_without_consent(false, Some(Period::Days(20)), Some("2026-12-13T11:00:00Z"))]
// That moment will tell.
#[case::longer(true, Some(Period::Days(90)), Some("2026-12-23T11:00:00Z"))]
#[case::longer_without_consent(false, Some(Period::Days(45)), Some("2027-01-07T11:00:00Z"))]
#[case::for_ever(true, None, None)]
#[case::for_ever_without_consent(false, None, None)]
fn a_look_brings_the_period_that_holds_then_to_leads_to_whom_nothing_happens(
    #[case] agreed: bool,
    #[case] edited: Option<Period>,
    #[case] expected: Option<&str>,
) {
    let mut world = kept_for(Period::Days(30));
    if agreed {
        world.confirm();
    }
    while let Some(send_id) = tick(&mut world) {
        world.answer(&send_id, accepted()).expect("sent");
    }
    world.bundle.organisation.retention = edited;
    world.now += days(2);
    let at = world.now + days(1);
    assert_eq!(look_again(world.lead(), at, world.now).map(|decided| decided.lead.due_at()), Some(Some(at)));
    let looked = look_again(world.lead(), at, world.now).expect("earlier than anything");
    world.lead = Some(looked.lead);
    assert!(look_again(world.lead(), at, world.now).is_none(), "once is enough");
    world.now = at;
    while world.lead().due_at().is_some_and(|due| due <= world.now) {
        if let Some(send_id) = tick(&mut world) {
            world.answer(&send_id, accepted()).expect("sent");
        }
    }
    assert_eq!(world.lead().kept_until, expected.map(|until| until.parse().expect("a time")));
}
