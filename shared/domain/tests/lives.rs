//! A lead is erased, and somebody of the same address comes back: nothing of the one passes for the other's.

mod support;

use domain::consent::ConsentState;
use domain::input::{Feedback, FeedbackKind, SendResult};
use domain::lead::SendOutcome;
use domain::{InputBody, Rejection, SendId, Traits};
use jiff::Timestamp;
use support::*;

/// Fills in a form, and gets the confirmation; answers its id.
fn asked(erased_before: Option<Timestamp>) -> (World, SendId) {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    let InputBody::SubmitForm(mut submission) = submission("guide", Traits::new()) else { panic!("a form") };
    submission.lead.erased_before = erased_before;
    world.now_input(InputBody::SubmitForm(submission)).expect("a form");
    let send_id = world.tick().expect("the confirmation");
    (world, send_id)
}

const ERASED: &str = "2026-11-20T08:00:00Z";

#[test]
fn a_confirmation_link_of_before_the_erasure_confirms_nothing_after_it() {
    let (first, _) = asked(None);
    let of_first = first.lead().consent.request.as_ref().expect("a request").number;
    let (mut second, _) = asked(Some(at(ERASED)));
    let spent = second.now_input(InputBody::Confirm { request: of_first, seen: None, visitor: visitor() });
    assert_eq!(spent.map(|_| ()), Err(Rejection::LinkSpent));
    second.confirm();
}

#[test]
fn what_is_told_late_of_an_email_of_before_settles_none_of_after() {
    let (_, of_first) = asked(None);
    let (mut second, of_second) = asked(Some(at(ERASED)));
    let (_, of_third) = asked(Some(at("2026-11-21T08:00:00Z")));
    assert!(of_first != of_second && of_second != of_third && of_first != of_third);
    second.answer(&of_second, SendResult::Uncertain { code: "time-out".into() }).expect("claimed");
    let late = Feedback {
        send_id: of_first,
        kind: FeedbackKind::Delivery,
        of_confirmation: false,
        machine: false,
        detail: None,
    };
    second.now_input(InputBody::Feedback(late)).expect("an event");
    assert_eq!(second.lead().sends[&of_second].outcome, SendOutcome::Uncertain);
}

#[test]
fn the_log_tells_that_somebody_came_back() {
    let (world, _) = asked(Some(at(ERASED)));
    assert_eq!(world.kinds()[..2], ["lead_created", "lead_came_back"]);
    assert_eq!(domain::fold(&world.log).expect("a log").as_ref(), world.lead.as_ref());
}

/// Whoever erased themselves wants no less than whoever left that nothing comes by a stranger's post.
#[test]
fn who_comes_back_confirms_the_address_whatever_the_form_says() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    let InputBody::SubmitForm(mut submission) = submission("news", Traits::new()) else { panic!("a form") };
    submission.lead.erased_before = Some(at(ERASED));
    world.now_input(InputBody::SubmitForm(submission)).expect("a form");
    assert_eq!(world.lead().consent.state, ConsentState::Pending);
}

/// The machine that erased may have a clock that is ahead of the one that takes the form.
#[test]
fn a_form_is_posted_after_the_erasure_whatever_the_clock_says() {
    let erased_at = at("2026-11-23T11:00:10Z");
    let (world, _) = asked(Some(erased_at));
    assert_eq!(world.lead().created_at, erased_at);
}
