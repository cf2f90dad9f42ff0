//! However often an address is posted, and by whomever, its mailbox gets few confirmations, and nobody is lost for ever.

mod support;

use domain::consent::ConsentState;
use domain::input::{Hold, MailboxRoom, SendResult, Submission};
use domain::{Decision, EmailAddress, Fact, InputBody, Rejection, Traits};
use jiff::SignedDuration;
use support::*;

const MONDAY_NOON: &str = "2026-11-23T11:00:00Z";

/// A post of whose mailbox the store has told how much room it has.
fn post_with(world: &mut World, room: MailboxRoom) -> Result<Decision, Rejection> {
    let InputBody::SubmitForm(submission) = submission("guide", Traits::new()) else { panic!("a form") };
    let mut submission: Submission = submission;
    submission.lead.room = room;
    world.now_input(InputBody::SubmitForm(submission))
}

fn confirmations_at_once(world: &mut World) -> usize {
    world.pass(SignedDuration::from_mins(10)).len()
}

#[test]
fn a_lead_is_asked_once_a_day_and_six_times_a_month_at_most() {
    let mut world = World::begin("2026-11-05T11:00:00Z");
    let mut sent = 0;
    for _ in 0..10 {
        world.submit("guide", Traits::new());
        sent += confirmations_at_once(&mut world);
    }
    assert_eq!(sent, 1);
    for _ in 0..12 {
        world.submit("guide", Traits::new());
        sent += world.pass(days(1)).len();
    }
    assert_eq!(sent, 6);
    world.pass(days(30));
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 1);
}

#[test]
fn whoever_has_lost_the_confirmation_asks_again_on_the_next_utc_day() {
    let mut world = World::begin("2026-11-23T23:30:00Z");
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 1);
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 0, "the same day");
    world.now += SignedDuration::from_mins(30);
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 1);
}

#[test]
fn a_confirmation_that_waits_is_not_asked_for_twice() {
    let mut world = World::begin(MONDAY_NOON);
    let first = post_with(&mut world, MailboxRoom::Now).expect("a form");
    assert_eq!(first.unasked_due, Some(world.now));
    let second = post_with(&mut world, MailboxRoom::Now).expect("a form");
    assert_eq!(second.unasked_due, None, "it takes no more of the mailbox's room");
    assert_eq!(confirmations_at_once(&mut world), 1);
}

#[test]
fn who_finds_the_mailbox_full_is_asked_when_it_has_room_again() {
    let mut world = World::begin(MONDAY_NOON);
    let decision = post_with(&mut world, MailboxRoom::Later).expect("a form");
    assert_eq!(decision.unasked_due, Some(world.now + days(1)));
    assert_eq!(world.pass(days(2)), ["11-24 11:00 confirm"]);
    world.confirm();
}

#[test]
fn who_finds_the_next_day_taken_too_is_stored_and_asked_at_the_next_post() {
    let mut world = World::begin(MONDAY_NOON);
    let decision = post_with(&mut world, MailboxRoom::None).expect("a form");
    assert_eq!(decision.unasked_due, None);
    let open = |activity: &domain::Activity| matches!(activity.fact, Fact::ConfirmationRequested { .. });
    assert!(decision.activities.iter().any(open), "the request is open");
    assert!(world.pass(days(3)).is_empty());
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 1);
}

#[test]
fn who_was_asked_is_not_asked_again_by_itself() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 1);
    for room in [MailboxRoom::Later, MailboxRoom::None] {
        assert_eq!(post_with(&mut world, room).expect("a form").unasked_due, None, "{room:?}");
    }
}

/// A post of the form that confirms no addresses, of whose mailbox the store has told how much room it has.
fn post_news_with(world: &mut World, room: MailboxRoom) -> Decision {
    let InputBody::SubmitForm(mut submission) = submission("news", Traits::new()) else { panic!("a form") };
    submission.lead.room = room;
    world.now_input(InputBody::SubmitForm(submission)).expect("a form")
}

#[test]
fn a_form_that_confirms_no_addresses_takes_of_the_mailboxs_room_once() {
    let mut world = World::begin(MONDAY_NOON);
    assert_eq!(post_news_with(&mut world, MailboxRoom::Now).unasked_due, Some(world.now));
    assert_eq!(world.lead().consent.state, ConsentState::Granted);
    assert_eq!(post_news_with(&mut world, MailboxRoom::Now).unasked_due, None, "nothing begins");
}

#[test]
fn who_finds_the_mailbox_full_there_is_asked_to_confirm_first() {
    let mut world = World::begin(MONDAY_NOON);
    let decision = post_news_with(&mut world, MailboxRoom::Later);
    assert_eq!(decision.unasked_due, Some(world.now + days(1)));
    assert_eq!(world.lead().consent.state, ConsentState::Pending);
    assert_eq!(world.pass(days(2)), ["11-24 11:00 confirm"]);
    world.confirm();
    assert_eq!(world.lead().consent.state, ConsentState::Granted);
    assert!(world.lead().enrolments.contains_key(&campaign_id("news")));
}

#[test]
fn who_has_confirmed_is_bound_by_no_room() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 1);
    world.confirm();
    assert_eq!(post_news_with(&mut world, MailboxRoom::None).unasked_due, None);
    assert!(world.lead().enrolments.contains_key(&campaign_id("news")));
}

fn wait_an_hour(world: &mut World) -> Result<Decision, Rejection> {
    let until = world.now + SignedDuration::from_hours(1);
    world.now_input(InputBody::HoldConfirmation(Hold::Hour { until, has_place: true }))
}

#[test]
fn the_first_e_mail_to_an_address_that_nobody_confirmed_waits_as_a_confirmation_does() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("news", Traits::new());
    assert!(!world.lead().consent.has_place);
    wait_an_hour(&mut world).expect("it is held up");
    assert_eq!(world.pass(SignedDuration::from_hours(2)), ["11-23 12:00 one"]);
    assert!(world.lead().consent.has_place, "the next one takes no place again");
}

#[test]
fn no_e_mail_to_a_confirmed_address_waits_with_confirmations() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 1);
    world.confirm();
    assert_eq!(wait_an_hour(&mut world).err(), Some(Rejection::NothingToDo));
}

#[test]
fn a_confirmation_that_was_refused_counts_as_none() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    let send_id = world.tick().expect("the confirmation");
    world
        .answer(&send_id, SendResult::Rejected { code: "BadRequest".into(), retryable: false })
        .expect("claimed");
    world.submit("guide", Traits::new());
    assert_eq!(confirmations_at_once(&mut world), 1);
}

#[test]
fn addresses_of_one_mailbox_have_one_canonical_form() {
    let same = [
        "ada.lovelace@gmail.com",
        "AdaLovelace@GMAIL.com",
        "a.d.a.l.o.v.e.l.a.c.e+shop+2@googlemail.com",
        " adalovelace+@gmail.com ",
    ];
    let mailbox = |text: &str| EmailAddress::parse(text).expect(text).mailbox();
    for address in same {
        assert_eq!(mailbox(address), "adalovelace@gmail.com", "{address}");
    }
    let table = [
        ("ada.lovelace+x@example.com", "ada.lovelace@example.com"),
        ("ada@MÜNCHEN.example", "ada@xn--mnchen-3ya.example"),
        ("Ada.L-ove_lace+x@pm.me", "adalovelace@proton.me"),
        ("ada.l+x@me.com", "ada.l@icloud.com"),
        ("a-da.l+x@ya.ru", "adal@yandex.com"),
        ("x1@ada.fastmail.com", "ada@fastmail.com"),
        ("ada+x@fastmail.com", "ada@fastmail.com"),
        ("+x@example.com", "+x@example.com"),
        ("ada@gmail.com.example", "ada@gmail.com.example"),
    ];
    for (address, expected) in table {
        assert_eq!(mailbox(address), expected, "{address}");
    }
}
