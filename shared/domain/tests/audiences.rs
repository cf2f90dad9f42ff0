//! Campaigns that leads enter by themselves: when an audience holds, by what happens or by time alone.

mod support;

use domain::activity::Entry;
use domain::campaign::ReEntry;
use domain::decide::look_again;
use domain::input::{Feedback, FeedbackKind};
use domain::lead::EnrolmentState;
use domain::{Fact, InputBody, Traits};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use support::*;

/// `guide` and its form, and `news` without one, which is entered by this audience.
fn world(audience: &str) -> World {
    let mut world = World::begin("2026-06-01T10:00:00Z");
    let news = world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign");
    news.form = None;
    news.audience = Some(condition(audience));
    world
        .bundle
        .organisation
        .segments
        .insert("gone_quiet".into(), condition("days_since_last_activity > 60"));
    world
}

fn confirmed(audience: &str) -> World {
    let mut world = world(audience);
    world.submit("guide", house());
    world.confirm();
    world
}

/// When the lead entered `news`, and by what.
fn entries(world: &World) -> Vec<(Timestamp, Option<Entry>)> {
    let of_news = |activity: &domain::Activity| match &activity.fact {
        Fact::Enrolled { campaign, through, .. } if *campaign == campaign_id("news") => {
            Some((activity.at, *through))
        }
        _ => None,
    };
    world.log.iter().filter_map(of_news).collect()
}

fn looks(world: &World) -> usize {
    world.log.iter().filter(|activity| matches!(activity.fact, Fact::LookScheduled { .. })).count()
}

#[test]
fn who_meets_an_audience_enters_once_consent_is_granted() {
    let mut world = world("lead.housing == \"house\"");
    world.submit("guide", house());
    assert_eq!(entries(&world), []);
    world.confirm();
    assert_eq!(entries(&world), [(world.now, Some(Entry::Audience))]);
    assert_eq!(world.step("news"), "one");
    assert_eq!(looks(&world), 0, "nothing of it changes with time");
    world.now_input(page()).expect("counted");
    assert_eq!(entries(&world).len(), 1, "once");
}

#[test]
fn who_left_or_is_suppressed_enters_nothing() {
    let mut world = confirmed("occurred(\"webinar\")");
    world.leave().expect("it may leave");
    world.now_input(event("webinar")).expect("counted");
    assert_eq!(entries(&world), []);
    let mut world = confirmed("days_since(\"form_submitted\") > 5.0");
    world.pass(days(1));
    let bounce = FeedbackKind::Bounce { permanent: true };
    let send_id = world.send_of("welcome");
    let feedback = Feedback { send_id, kind: bounce, of_confirmation: false, machine: false, detail: None };
    world.now_input(InputBody::Feedback(feedback)).expect("a bounce");
    assert_eq!(world.lead().due_at(), None, "nobody looks at it any more");
    world.pass(days(30));
    assert_eq!(entries(&world), []);
}

#[rstest]
#[case::directly("days_since_last_activity > 60", 61)]
#[case::by_a_segment("in_segment(\"gone_quiet\")", 61)]
#[case::by_a_fading_score("score.total < 34.0", 41)]
#[case::at_once("days_since_last_activity < 60", 0)]
fn who_goes_quiet_enters_by_itself(#[case] audience: &str, #[case] expected_day: i64) {
    let mut world = confirmed(audience);
    let begin = world.now;
    world.pass(days(120));
    let day = |at: Timestamp| at.duration_since(begin).as_hours() / 24;
    let days: Vec<_> = entries(&world).into_iter().map(|(at, through)| (day(at), through)).collect();
    assert_eq!(days, [(expected_day, Some(Entry::Audience))]);
    assert_eq!(world.lead().due_at(), None, "there is nothing more to look for");
    assert!(looks(&world) <= 5, "{} looks", looks(&world));
}

#[test]
fn an_activity_puts_it_off_and_a_machine_does_not() {
    let mut world = confirmed("in_segment(\"gone_quiet\")");
    let begin = world.now;
    world.pass(days(30));
    let machine = Feedback {
        send_id: world.send_of("welcome"),
        kind: FeedbackKind::Click,
        of_confirmation: false,
        machine: true,
        detail: None,
    };
    let looks_before = looks(&world);
    world.now_input(InputBody::Feedback(machine)).expect("recorded");
    assert_eq!(looks(&world), looks_before);
    world.now = begin + days(40);
    world.click("welcome");
    world.pass(days(120));
    assert_eq!(entries(&world), [(begin + days(101), Some(Entry::Audience))]);
}

/// A scanner's click tells of other clicks, too; all the same no person did anything.
#[test]
fn a_scanner_that_clicks_at_once_brings_nobody_into_an_audience_that_was_just_deployed() {
    let mut world = confirmed("lead.housing == \"flat\"");
    world.pass(SignedDuration::ZERO);
    let news = world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign");
    news.audience = Some(condition("lead.housing == \"house\""));
    let click = |machine| Feedback {
        send_id: world.send_of("welcome"),
        kind: FeedbackKind::Click,
        of_confirmation: false,
        machine,
        detail: None,
    };
    let (by_scanner, by_person) = (click(true), click(false));
    world.now_input(InputBody::Feedback(by_scanner)).expect("recorded");
    assert_eq!(entries(&world), []);
    world.now += days(1);
    world.now_input(InputBody::Feedback(by_person)).expect("recorded");
    assert_eq!(entries(&world), [(world.now, Some(Entry::Audience))]);
}

#[test]
fn what_brings_it_nearer_is_seen_at_once() {
    let mut world = confirmed("days_since(\"webinar\") > 3.0 && occurred(\"webinar\")");
    let begin = world.now;
    world.pass(days(1));
    let far = world.lead().look_at.expect("a look");
    world.now_input(event("webinar")).expect("counted");
    assert!(world.lead().look_at.expect("a look") < far);
    world.pass(days(20));
    assert_eq!(entries(&world), [(begin + days(5), Some(Entry::Audience))]);
}

#[test]
fn who_enters_nowhere_is_looked_at_every_35_days() {
    let mut world = confirmed("score.total >= 1000.0");
    world.pass(days(350));
    assert_eq!((entries(&world).len(), looks(&world)), (0, 11));
}

#[test]
fn it_enters_again_as_re_entry_says() {
    let mut world = confirmed("in_segment(\"gone_quiet\")");
    let news = world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign");
    news.re_entry = ReEntry::After(days(90));
    let begin = world.now;
    world.pass(days(160));
    let expected = [61, 151].map(|day| (begin + days(day), Some(Entry::Audience)));
    assert_eq!(entries(&world), expected);
}

#[test]
fn it_enters_again_where_nothing_but_re_entry_changes_with_time() {
    let mut world = world("lead.housing == \"house\"");
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign").re_entry =
        ReEntry::After(days(90));
    world.submit("guide", house());
    world.confirm();
    let begin = world.now;
    world.pass(days(200));
    assert_eq!(entries(&world), [0, 90, 180].map(|day| (begin + days(day), Some(Entry::Audience))));
}

#[test]
fn a_new_audience_finds_who_was_there_before_once_somebody_has_them_looked_at() {
    let mut world = world("in_segment(\"gone_quiet\")");
    let audience = world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign").audience.take();
    world.submit("guide", house());
    world.confirm();
    world.pass(days(80));
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign").audience = audience;
    world.pass(days(80));
    assert_eq!(entries(&world), [], "nothing happens to it");

    let at = world.now + days(1);
    let decision = look_again(world.lead(), at, world.now).expect("a look");
    assert_eq!(look_again(&decision.lead, at, world.now), None, "it is looked at anyway");
    world.lead = Some(decision.lead);
    world.log.extend(decision.activities);
    world.pass(days(2));
    assert_eq!(entries(&world), [(at, Some(Entry::Audience))]);
    assert_eq!(domain::fold(&world.log).expect("a log of ours"), world.lead.clone());
    world.leave().expect("it may leave");
    let decision = look_again(world.lead(), world.now, world.now).expect("a look, for its retention alone");
    assert_eq!(decision.lead.look_at, None, "who has left enters nothing");
}

#[test]
fn who_would_leave_at_once_does_not_enter() {
    let mut world = world("lead.housing == \"house\"");
    let mut traits: Traits = house();
    traits.insert("customer".into(), domain::TraitValue::Boolean(true));
    world.submit("guide", traits);
    world.confirm();
    assert_eq!(entries(&world), []);
}

#[test]
fn an_entry_may_bring_about_another_one() {
    let mut world = confirmed("lead.housing == \"house\"");
    assert_eq!(world.lead().enrolments[&campaign_id("news")].state, EnrolmentState::Waiting);
    let sent = world.pass(SignedDuration::from_hours(2));
    assert_eq!(sent.len(), 2, "the welcome of the guide and the first of the news: {sent:?}");
}

#[test]
fn when_the_audience_is_gone_nobody_looks_any_more() {
    let mut world = confirmed("in_segment(\"gone_quiet\")");
    assert!(world.lead().look_at.is_some());
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign").audience = None;
    world.pass(days(60));
    assert_eq!(world.lead().look_at, None);
    assert_eq!(world.lead().due_at(), None);
}
