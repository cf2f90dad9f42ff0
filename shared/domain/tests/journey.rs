//! Stories of one lead, told by the pure core alone.

mod support;

use domain::consent::ConsentState;
use domain::input::{CarrierLimit, Feedback, FeedbackKind, SendResult, Track, TrackKind};
use domain::lead::{EnrolmentState, SendOutcome};
use domain::organisation::FrequencyCap;
use domain::{InputBody, Rejection, Stage, TraitValue, Traits};
use jiff::SignedDuration;
use rstest::rstest;
use support::*;

const MONDAY_NOON: &str = "2026-11-23T11:00:00Z";

fn confirmed(traits: Traits) -> World {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", traits);
    assert_eq!(world.pass(SignedDuration::from_mins(1)), ["11-23 11:00 confirm"]);
    world.confirm();
    assert_eq!(world.pass(SignedDuration::from_mins(1)), ["11-23 11:01 welcome"]);
    world
}

#[test]
fn a_click_leads_to_sales_and_a_quote_ends_it() {
    let mut world = confirmed(house());
    assert_eq!(world.lead().stage, Stage::Mql, "30 for the house and 10 for the form");
    assert_eq!(world.pass(days(3)), ["11-26 11:01 case"]);
    world.click("case");
    assert_eq!(world.pass(SignedDuration::ZERO), ["11-26 11:02 sales"]);
    assert_eq!(world.lead().enrolments[&campaign_id("guide")].state, EnrolmentState::Completed);
    world.now_input(event("quote_requested")).expect("an event");
    assert_eq!(world.lead().stage, Stage::Sql);
}

#[test]
fn a_click_counts_whatever_its_clock_says_but_an_earlier_emails_does_not() {
    let mut world = confirmed(house());
    world.pass(days(3));
    let click = |world: &mut World, step: &str, at| {
        let send_id = world.send_of(step);
        let feedback = Feedback {
            send_id,
            kind: FeedbackKind::Click,
            of_confirmation: false,
            machine: false,
            detail: None,
        };
        world.input(step, at, InputBody::Feedback(feedback)).expect("a click");
    };
    let yesterday = world.now - days(1);
    click(&mut world, "welcome", yesterday);
    assert_eq!(world.step("guide"), "click", "it was before the step began");
    click(&mut world, "case", at("2017-08-09T23:51:25Z"));
    assert_eq!(world.step("guide"), "sales", "nobody clicks before an e-mail is sent");
}

#[test]
fn without_a_click_the_reminder_leaves_and_then_patience() {
    let mut world = confirmed(Traits::new());
    world.pass(days(3));
    let sent = world.pass(days(12));
    assert_eq!(sent, ["11-30 11:01 reminder", "12-07 11:01 voices"]);
    assert_eq!(world.lead().enrolments[&campaign_id("guide")].state, EnrolmentState::Completed);
}

#[test]
fn a_goal_ends_the_sequence_at_once() {
    let mut world = confirmed(house());
    world.now_input(event("quote_requested")).expect("an event");
    assert_eq!(world.lead().enrolments[&campaign_id("guide")].state, EnrolmentState::GoalReached);
    assert!(world.pass(days(60)).is_empty());
}

#[test]
fn exit_when_ends_the_sequence_at_once() {
    let mut world = confirmed(house());
    let traits = Traits::from([("customer".into(), TraitValue::Boolean(true))]);
    let kind = TrackKind::Identify { traits, time_zone: None };
    world.now_input(InputBody::Track(Track { new_lead: None, kind })).expect("an identify");
    assert_eq!(world.lead().enrolments[&campaign_id("guide")].state, EnrolmentState::Exited);
    assert!(world.pass(days(60)).is_empty());
}

#[test]
fn an_email_waits_for_its_window_in_the_leads_zone() {
    let mut world = World::begin("2026-11-26T11:00:00Z"); // Thursday, so the case study falls due on a Sunday
    world.submit("guide", house());
    world.pass(SignedDuration::from_mins(1));
    world.confirm();
    world.pass(SignedDuration::from_mins(1));
    assert_eq!(world.pass(days(5)), ["11-30 08:00 case"], "Monday 09:00 in Paris");
}

#[test]
fn the_guide_ignores_quiet_hours_and_the_cap_but_the_rest_does_not() {
    let mut world = World::begin("2026-11-23T22:30:00Z"); // 23:30 in Paris
    world.submit("news", Traits::new());
    assert!(world.pass(SignedDuration::from_mins(1)).is_empty(), "quiet");
    world.submit("guide", Traits::new());
    assert_eq!(world.pass(SignedDuration::from_mins(1)), ["11-23 22:31 confirm"]);
    world.confirm();
    assert_eq!(world.pass(SignedDuration::from_mins(1)), ["11-23 22:32 welcome"]);
    assert_eq!(world.pass(days(1)), ["11-24 07:00 one"], "08:00 in Paris");
    assert_eq!(world.pass(days(1)), ["11-25 07:00 two", "11-25 07:00 three"]);
    assert_eq!(world.pass(days(2)), ["11-27 08:00 case"]);
}

#[test]
fn the_cap_holds_over_all_campaigns() {
    let mut world = World::begin(MONDAY_NOON);
    world.bundle.organisation.limits.per_lead = Some(FrequencyCap { count: 1, per: days(1) });
    world.submit("news", Traits::new());
    world.submit("guide", Traits::new());
    world.confirm();
    let sent = world.pass(days(4));
    let expected = [
        "11-23 11:00 welcome",
        "11-23 11:00 one",
        "11-24 11:00 two",
        "11-25 11:00 three",
        "11-26 11:00 case",
    ];
    assert_eq!(sent, expected, "the guide does not count, and of the others one leaves a day");
}

#[test]
fn a_form_posted_again_resets_nothing() {
    let mut world = confirmed(house());
    let before = world.lead().consent.clone();
    world.submit("guide", Traits::new());
    assert_eq!(world.lead().consent, before);
    assert_eq!(world.lead().enrolments[&campaign_id("guide")].number, 1);
    assert!(world.pass(SignedDuration::from_mins(1)).is_empty());
}

#[test]
fn a_confirmation_link_serves_one_request() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    let confirm = |world: &mut World, request| {
        world.now_input(InputBody::Confirm { request, seen: None, visitor: visitor() }).map(|_| ())
    };
    assert_eq!(confirm(&mut world, 2), Err(Rejection::LinkSpent), "not asked yet");
    assert_eq!(confirm(&mut world, 1), Ok(()));
    assert_eq!(confirm(&mut world, 1), Err(Rejection::LinkSpent), "used");
    world.leave().expect("granted");
    assert_eq!(confirm(&mut world, 1), Err(Rejection::LinkSpent), "withdrawn");
    world.submit("guide", Traits::new());
    assert_eq!(confirm(&mut world, 1), Err(Rejection::LinkSpent), "another request is open");
    assert_eq!(confirm(&mut world, 2), Ok(()));
    assert_eq!(world.lead().enrolments[&campaign_id("guide")].number, 2, "and it begins anew");
}

#[test]
fn a_link_of_a_withdrawn_request_grants_nothing() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    world.leave().expect("pending");
    let confirmed = world.now_input(InputBody::Confirm { request: 1, seen: None, visitor: visitor() });
    assert_eq!(confirmed.map(|_| ()), Err(Rejection::LinkSpent));
    assert_eq!(world.lead().consent.state, ConsentState::Withdrawn);
}

#[test]
fn a_nurture_email_is_never_repeated_while_uncertain() {
    let mut world = confirmed(Traits::new());
    world.now += days(3);
    let send_id = world.tick().expect("the case study");
    assert_eq!(world.tick(), None, "the claim is open");
    world.now += SignedDuration::from_mins(2);
    assert_eq!(world.tick(), None, "the lease has ended: on to the next step");
    assert!(world.kinds().contains(&"send_uncertain".into()));
    assert_eq!(world.step("guide"), "click");
    let feedback = Feedback {
        send_id: send_id.clone(),
        kind: FeedbackKind::Delivery,
        of_confirmation: false,
        machine: false,
        detail: None,
    };
    world.now_input(InputBody::Feedback(feedback)).expect("an event of it");
    assert_eq!(world.lead().sends[&send_id].outcome, domain::lead::SendOutcome::Sent, "its events settle it");
}

#[test]
fn an_uncertain_confirmation_is_repeated_a_bounded_number_of_times() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    let mut ids = Vec::new();
    for _ in 0..20 {
        if let Some(send_id) = world.tick() {
            world.answer(&send_id, SendResult::Uncertain { code: "timeout".into() }).expect("claimed");
            ids.push(send_id);
        }
        world.now += SignedDuration::from_mins(15);
    }
    assert_eq!(ids.len(), 3);
    ids.dedup();
    assert_eq!(ids.len(), 3, "each is an e-mail of its own");
}

/// Whoever is to verify a sender with the carrier may be on leave.
#[rstest]
#[case::a_confirmation("confirm")]
#[case::an_e_mail_of_a_step("welcome")]
fn a_refused_email_is_tried_again_for_a_month_and_given_up_in_the_end(#[case] refused: &str) {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    if refused != "confirm" {
        world.pass(SignedDuration::ZERO);
        world.confirm();
    }
    let (began, mut last, mut tries) = (world.now, world.now, 0);
    while let Some(due) = world.lead().due_at().filter(|due| *due < began + days(90)) {
        world.now = world.now.max(due);
        let Some(send_id) = world.tick() else { continue };
        if world.lead().sends[&send_id].step.as_str() != refused {
            break;
        }
        let code = "identity not allowed: MessageRejected".into();
        world.answer(&send_id, SendResult::Rejected { code, retryable: true }).expect("claimed");
        (last, tries) = (world.now, tries + 1);
    }
    assert_eq!(tries, 36, "once, at each of the seven retries, and on 28 days after these");
    let took = last.duration_since(began);
    assert!(days(29) < took && took < days(31), "{took:#}");
}

#[test]
fn a_throttled_email_keeps_its_turn_and_its_attempts() {
    let mut world = confirmed(Traits::new());
    world.now += days(3);
    let throttled = SendResult::Throttled { code: "ThrottlingException".into(), limit: CarrierLimit::Rate };
    let send_id = world.tick().expect("the e-mail that is due");
    let due = world.lead().enrolments[&campaign_id("guide")].due_at;
    for _ in 0..20 {
        world.now += SignedDuration::from_mins(1);
        world.answer(&send_id, throttled.clone()).expect("claimed");
        assert_eq!(world.lead().due_at(), due, "it stands where it stood in the queue");
        assert_eq!(world.lead().enrolments[&campaign_id("guide")].refusals, 0);
        assert_eq!(world.tick(), Some(send_id.clone()), "the same e-mail is claimed again");
    }
    world.answer(&send_id, SendResult::Accepted { message_id: "m".into() }).expect("claimed");
    assert_eq!(world.step("guide"), "click");
}

#[test]
fn a_throttled_confirmation_is_due_at_once_and_counts_as_none() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    let throttled = SendResult::Throttled { code: "ThrottlingException".into(), limit: CarrierLimit::Rate };
    for _ in 0..20 {
        let send_id = world.tick().expect("the confirmation");
        world.answer(&send_id, throttled.clone()).expect("claimed");
        assert_eq!(world.lead().due_at(), Some(world.now));
        assert!(world.lead().sends.is_empty());
    }
    world.leave().expect("pending");
    assert_eq!(world.lead().due_at(), None, "who left meanwhile is not asked");
}

#[test]
fn a_machine_weighs_nothing_and_moves_no_step() {
    let mut world = confirmed(Traits::new());
    world.pass(days(3));
    let before = world.score().engagement;
    let send_id = world.send_of("case");
    for kind in [FeedbackKind::Open, FeedbackKind::Click] {
        let feedback =
            Feedback { send_id: send_id.clone(), kind, of_confirmation: false, machine: true, detail: None };
        world.now_input(InputBody::Feedback(feedback)).expect("recorded all the same");
    }
    assert_eq!(world.score().engagement, before);
    assert_eq!(world.step("guide"), "click");
}

/// What a scanner opens has arrived.
#[test]
fn a_machine_settles_what_nobody_knew() {
    let mut world = confirmed(Traits::new());
    world.now += days(3);
    let send_id = world.tick().expect("the case study");
    world.answer(&send_id, SendResult::Uncertain { code: "Timeout".into() }).expect("claimed");
    assert_eq!(world.lead().sends[&send_id].outcome, SendOutcome::Uncertain);
    let before = world.score().engagement;
    let feedback = Feedback {
        send_id: send_id.clone(),
        kind: FeedbackKind::Open,
        of_confirmation: false,
        machine: true,
        detail: None,
    };
    world.now_input(InputBody::Feedback(feedback)).expect("recorded");
    assert_eq!(world.lead().sends[&send_id].outcome, SendOutcome::Sent);
    assert_eq!(world.score().engagement, before);
}

#[test]
fn a_suppressed_address_is_never_written_to_again() {
    let mut world = confirmed(Traits::new());
    let send_id = world.send_of("welcome");
    let bounce = Feedback {
        send_id,
        kind: FeedbackKind::Bounce { permanent: true },
        of_confirmation: false,
        machine: false,
        detail: None,
    };
    world.now_input(InputBody::Feedback(bounce)).expect("a bounce");
    world.submit("guide", Traits::new());
    world.submit("news", Traits::new());
    assert!(world.pass(days(100)).is_empty());
}

#[test]
fn our_own_kinds_cannot_be_forged() {
    let mut world = confirmed(Traits::new());
    let forged = world.now_input(event("email_clicked")).map(|_| ());
    assert_eq!(forged, Err(Rejection::ReservedName));
}
