//! What SES tells of e-mails: mailboxes that take nothing for a while, and scanners that pose as people.

mod support;

use domain::consent::SuppressionReason;
use domain::input::{Feedback, FeedbackKind};
use domain::{InputBody, InputId, SendId, Traits};
use jiff::{SignedDuration, Timestamp};
use support::*;

const MONDAY_NOON: &str = "2026-11-23T11:00:00Z";

/// A lead that got the first e-mail of `guide`, and that e-mail.
fn welcomed() -> (World, SendId) {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    world.pass(SignedDuration::ZERO);
    world.confirm();
    world.pass(SignedDuration::ZERO);
    let send_id = world.send_of("welcome");
    (world, send_id)
}

fn tell(world: &mut World, send_id: &SendId, kind: FeedbackKind, at: Timestamp, detail: &str) {
    tell_of(world, send_id, kind, false, at, detail);
}

fn tell_of(
    world: &mut World,
    send_id: &SendId,
    kind: FeedbackKind,
    machine: bool,
    at: Timestamp,
    detail: &str,
) {
    let body = Feedback {
        send_id: send_id.clone(),
        kind,
        of_confirmation: false,
        machine,
        detail: Some(detail.into()),
    };
    let id = InputId::of("told", &[detail, &at.to_string(), &format!("{kind:?}")]);
    world.input(id.as_str(), at, InputBody::Feedback(body)).expect("an event");
}

const SOFT: FeedbackKind = FeedbackKind::Bounce { permanent: false };

#[test]
fn a_mailbox_that_takes_nothing_rests_longer_each_time_and_counts_as_gone_in_the_end() {
    let (mut world, send_id) = welcomed();
    for (place, rest) in [1, 3, 7, 14].into_iter().enumerate() {
        let now = world.now;
        tell(&mut world, &send_id, SOFT, now, &format!("full {place}"));
        assert_eq!(world.lead().back_off.expect("a rest").until, world.now + days(rest));
        world.now += SignedDuration::from_mins(1);
    }
    assert_eq!(world.lead().suppression, None);
    let now = world.now;
    tell(&mut world, &send_id, SOFT, now, "full again");
    assert_eq!(world.lead().suppression, Some(SuppressionReason::SoftBounces));
    assert_eq!(world.lead().due_at(), None);
}

#[test]
fn nothing_is_sent_while_a_mailbox_rests_and_nothing_is_lost() {
    let (mut world, send_id) = welcomed();
    world.now += days(2) + SignedDuration::from_hours(12);
    let now = world.now;
    tell(&mut world, &send_id, SOFT, now, "full");
    assert!(world.pass(SignedDuration::from_hours(23)).is_empty(), "the case study fell due in that time");
    assert_eq!(world.pass(days(2)), ["11-27 08:00 case"], "in the first office hours after the rest");
}

#[test]
fn no_confirmation_and_no_link_to_its_data_leaves_while_a_mailbox_rests() {
    let mut world = World::begin(MONDAY_NOON);
    world.submit("guide", Traits::new());
    world.pass(SignedDuration::ZERO);
    let (send_id, now) = (world.send_of("confirm"), world.now);
    tell(&mut world, &send_id, SOFT, now, "full");
    let rested = |world: &World| world.lead().back_off.expect("a rest").until;
    world.now += SignedDuration::from_hours(13);
    world.submit("guide", Traits::new());
    world.now_input(InputBody::AskAccess { visitor: visitor() }).expect("a link is asked for");
    assert_eq!(world.pass(SignedDuration::from_hours(10)), [""; 0], "the next day, and the rest is not over");
    let until = rested(&world).strftime("%m-%d %H:%M").to_string();
    assert_eq!(world.pass(days(1)), [format!("{until} confirm"), format!("{until} access")]);
}

#[test]
fn a_delivery_ends_the_rest_and_the_counting() {
    let (mut world, send_id) = welcomed();
    let now = world.now;
    tell(&mut world, &send_id, SOFT, now, "full");
    tell(&mut world, &send_id, FeedbackKind::Delivery, now + SignedDuration::from_secs(1), "taken");
    assert_eq!(world.lead().back_off, None);
}

/// What says that somebody is out of office comes as a soft bounce of an e-mail that was delivered.
#[test]
fn a_soft_bounce_of_an_e_mail_that_was_delivered_brings_no_rest_in_whichever_order_that_is_told() {
    let told = [FeedbackKind::Delivery, SOFT];
    for order in [[0, 1], [1, 0]] {
        let (mut world, send_id) = welcomed();
        world.pass(SignedDuration::from_mins(1));
        for place in order {
            let at = world.now;
            tell(&mut world, &send_id, told[place], at, "out of office");
        }
        assert_eq!(world.lead().back_off, None, "{order:?}");
        assert_eq!(world.pass(days(3)), ["11-26 11:00 case"], "{order:?}");
    }
}

#[test]
fn what_waited_for_the_end_of_a_rest_waits_no_longer_once_a_delivery_ends_it() {
    let (mut world, send_id) = welcomed();
    world.pass(days(3) - SignedDuration::from_mins(1));
    let at = world.now;
    tell(&mut world, &send_id, SOFT, at, "out of office");
    assert!(world.pass(SignedDuration::from_mins(2)).is_empty(), "it rests");
    let at = world.now;
    tell(&mut world, &send_id, FeedbackKind::Delivery, at, "taken");
    assert_eq!(world.pass(SignedDuration::ZERO), ["11-26 11:01 case"]);
}

/// What is told of one e-mail, and of how many seconds after it left.
#[derive(Clone, Copy)]
enum Told {
    Delivery(i64),
    Click(i64, &'static str),
    ClickOfAMachine(i64, &'static str),
    /// The link to the guide is ours, and tells of itself.
    Download(i64),
}

use Told::{Click, ClickOfAMachine, Delivery, Download};

impl Told {
    fn tell(self, world: &mut World, send_id: &SendId, sent_at: Timestamp) {
        let after = |seconds| sent_at + SignedDuration::from_secs(seconds);
        match self {
            Delivery(seconds) => tell(world, send_id, FeedbackKind::Delivery, after(seconds), ""),
            Click(seconds, link) => tell(world, send_id, FeedbackKind::Click, after(seconds), link),
            ClickOfAMachine(seconds, link) => {
                tell_of(world, send_id, FeedbackKind::Click, true, after(seconds), link);
            }
            Download(seconds) => fetch_guide(world, after(seconds)),
        }
    }
}

/// Every order in which so many things can be told.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![vec![]] };
    let with_last = |order: Vec<usize>| {
        (0..count).map(move |place| {
            let mut order = order.clone();
            order.insert(place, last);
            order
        })
    };
    orders(last).into_iter().flat_map(with_last).collect()
}

/// How many clicks and downloads count as a person's once all of that is told, hours later and in whichever order; and then,
/// once `later` is told as well.
fn assert_counted<const COUNT: usize>(told: [Told; COUNT], expected: u64, later: Told) {
    for order in orders(COUNT) {
        let (mut world, send_id) = welcomed();
        let sent_at = world.now;
        let counted = |world: &World| {
            ["email_clicked", "magnet_downloaded"]
                .map(|kind| world.lead().history.times(kind))
                .iter()
                .sum::<u64>()
        };
        world.now += SignedDuration::from_hours(2);
        let before = world.score().engagement;
        order.iter().for_each(|place| told[*place].tell(&mut world, &send_id, sent_at));
        assert_eq!(counted(&world), expected, "{order:?}");
        assert_eq!(world.score().engagement > before, expected > 0, "{order:?}");
        later.tell(&mut world, &send_id, sent_at);
        assert_eq!(counted(&world), expected + 1, "{order:?}: the person comes later");
    }
}

#[test]
fn whoever_follows_several_links_within_seconds_of_the_delivery_is_a_scanner() {
    assert_counted([Delivery(1), Click(3, "one"), Click(4, "two")], 0, Click(50, "one"));
}

#[test]
fn whoever_fetches_the_guide_and_follows_a_link_within_seconds_of_the_delivery_is_a_scanner() {
    assert_counted([Delivery(1), Click(4, "one"), Download(3)], 0, Download(50));
}

/// SES judges each click by itself, and sees none on the link to the guide.
#[test]
fn a_machines_click_gives_away_what_else_is_followed_within_seconds_of_the_delivery() {
    let told = [Delivery(1), ClickOfAMachine(3, "one"), Click(4, "two"), Download(5)];
    assert_counted(told, 0, Click(50, "two"));
}

#[test]
fn a_machines_click_gives_away_a_single_one_beside_it() {
    assert_counted([Delivery(1), ClickOfAMachine(3, "one"), Download(5)], 0, Download(50));
}

#[test]
fn what_a_machine_does_an_hour_later_says_nothing_of_the_delivery() {
    let told = [Delivery(1), Click(4, "one"), ClickOfAMachine(3_600, "one")];
    assert_counted(told, 1, Click(50, "one"));
}

#[test]
fn who_does_no_more_than_fetch_the_guide_at_once_has_waited_for_it() {
    let (mut world, send_id) = welcomed();
    let sent_at = world.now;
    tell(&mut world, &send_id, FeedbackKind::Delivery, sent_at, "");
    fetch_guide(&mut world, sent_at + SignedDuration::from_secs(3));
    assert_eq!(world.lead().history.times("magnet_downloaded"), 1);
}

fn fetch_guide(world: &mut World, at: Timestamp) {
    let body = InputBody::DownloadMagnet { campaign: campaign_id("guide"), machine: false };
    world.input(&format!("fetched {at}"), at, body).expect("a download");
}

#[test]
fn people_are_quick_but_follow_one_link_at_a_time() {
    for (first, second) in [(3, 30), (12, 14), (3, 3)] {
        let (mut world, send_id) = welcomed();
        let sent_at = world.now;
        world.now += SignedDuration::from_mins(1);
        tell(&mut world, &send_id, FeedbackKind::Delivery, sent_at + SignedDuration::from_secs(1), "");
        let other = if first == second { "one" } else { "two" };
        tell(&mut world, &send_id, FeedbackKind::Click, sent_at + SignedDuration::from_secs(first), "one");
        let at = sent_at + SignedDuration::from_secs(second) + SignedDuration::from_millis(1);
        tell(&mut world, &send_id, FeedbackKind::Click, at, other);
        assert_eq!(world.lead().history.times("email_clicked"), 2, "{first} s and {second} s");
    }
}
