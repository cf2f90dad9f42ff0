//! Campaigns are edited while leads are on their way: nobody is lost, and nobody gets an e-mail twice.

mod support;

use std::collections::BTreeMap;

use domain::lead::{EnrolmentState, SendOutcome};
use domain::sequence::{Act, Sequence, Step};
use domain::{Fact, StepId, Traits};
use jiff::SignedDuration;
use proptest::prelude::*;
use support::*;

fn id(text: &str) -> StepId {
    StepId::parse(text).expect("a step id")
}

/// One step after the other: `s…` sends the e-mail of that name, `w…` waits a day.
fn line(steps: &[&str]) -> Sequence {
    let act = |step: &str| match step.split_at(1) {
        ("w", _) => Act::Wait { length: days(1) },
        ("f", _) => Act::WaitFor { kinds: vec!["email_clicked".into()], within: days(2), otherwise: None },
        ("a", _) => Act::Alert,
        ("x", _) => Act::Exit,
        _ => sends(step),
    };
    let next = |place: usize| steps.get(place + 1).map(|next| id(next));
    Sequence {
        first: steps.first().map(|first| id(first)),
        steps: steps
            .iter()
            .enumerate()
            .map(|(place, step)| (id(step), Step { act: act(step), next: next(place) }))
            .collect(),
    }
}

fn sends(email: &str) -> Act {
    let email = domain::EmailName::parse(email).expect("a name");
    Act::Send { email, between: None, topic: None, subject: None, until: None }
}

impl World {
    fn edit(&mut self, steps: &[&str]) {
        self.news().sequence = line(steps);
        self.bundle.content_hash = format!("{steps:?}");
    }

    fn news(&mut self) -> &mut domain::Campaign {
        self.bundle.campaigns.get_mut("news").expect("a campaign")
    }

    fn removed(&mut self, steps: &[(&str, Option<&str>)]) {
        let steps = steps.iter().map(|(gone, to)| (id(gone), to.map(id)));
        self.news().removed_steps = steps.collect::<BTreeMap<_, _>>();
    }

    fn state(&self) -> EnrolmentState {
        self.lead().enrolments["news"].state
    }

    /// Why the last step was skipped or deferred.
    fn because(&self) -> &str {
        let told = self.log.iter().rev().find_map(|activity| match &activity.fact {
            Fact::StepSkipped { because, .. } | Fact::StepDeferred { because, .. } => Some(because.as_str()),
            _ => None,
        });
        told.expect("a reason")
    }
}

/// Functions are deployed one after the other: a sender of before may meet whom a form of after has enrolled.
#[test]
fn a_sender_of_before_a_deployment_ends_nothing_that_began_after_it() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.bundle.organisation.limits = Default::default();
    world.edit(&["s1", "w1", "s2"]);
    world.submit("news", Traits::new());
    let known = world.news().clone();
    world.bundle.campaigns.remove("news");
    assert_eq!(world.pass(SignedDuration::from_mins(4)), [""; 0]);
    assert_eq!(
        (world.state(), world.because()),
        (EnrolmentState::Waiting, "the campaign is not known yet, or gone")
    );
    world.bundle.campaigns.insert(known.id.clone(), known);
    assert_eq!(world.pass(SignedDuration::from_mins(2)), ["11-23 11:05 s1"], "it goes on where it stood");
}

#[test]
fn a_sender_of_before_a_deployment_gives_up_no_confirmation_that_was_asked_for_after_it() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.submit("guide", Traits::new());
    let guide = world.bundle.campaigns.remove("guide").expect("a campaign");
    assert_eq!(world.pass(SignedDuration::from_mins(4)), [""; 0]);
    assert_eq!(world.because(), "the campaign is not known yet, or gone");
    world.bundle.campaigns.insert(guide.id.clone(), guide);
    assert_eq!(world.pass(SignedDuration::from_mins(2)), ["11-23 11:05 confirm"]);
}

#[test]
fn a_campaign_that_is_gone_ends_for_everybody() {
    let table = [
        // Entered so long before, and looked at so long after it is gone.
        (0, 14, EnrolmentState::Waiting),
        (0, 16, EnrolmentState::Exited),
        (10, 4, EnrolmentState::Waiting),
        (10, 6, EnrolmentState::Exited),
        (24 * 60, 1, EnrolmentState::Exited),
    ];
    for (entered, after, expected) in table {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        world.bundle.organisation.limits = Default::default();
        world.edit(&["w1", "s1"]);
        world.news().sequence.steps.get_mut("w1").expect("a step").act =
            Act::Wait { length: SignedDuration::from_mins(entered) };
        world.submit("news", Traits::new());
        world.bundle.campaigns.remove("news");
        world.pass(SignedDuration::from_mins(entered + after));
        assert_eq!(world.state(), expected, "{entered} minutes after it began, {after} later");
    }
}

/// A lead that stands on `w1` of s1, w1, s2, w2, s3, on a Monday at noon in Paris.
fn on_its_way() -> World {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.bundle.organisation.limits = Default::default();
    world.edit(&["s1", "w1", "s2", "w2", "s3"]);
    world.submit("news", Traits::new());
    assert_eq!(world.pass(SignedDuration::from_hours(1)), ["11-23 11:00 s1"]);
    assert_eq!(world.step("news"), "w1");
    world
}

#[test]
fn an_enrolment_remembers_its_bundle_and_the_steps_ahead() {
    let world = on_its_way();
    let enrolment = &world.lead().enrolments["news"];
    assert_eq!(enrolment.bundle, world.bundle.short_hash());
    assert_eq!(enrolment.ahead, ["s2", "w2", "s3"].map(id));
}

#[test]
fn the_steps_ahead_are_few_and_none_comes_twice() {
    let names: Vec<String> = (0..40).map(|place| format!("s{place}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(
        line(&names).ahead_of(&id("s3"), 16),
        names[4..20].iter().map(|name| id(name)).collect::<Vec<_>>()
    );
    let mut circle = line(&["s1", "s2", "s3"]);
    circle.steps.get_mut("s3").expect("a step").next = Some(id("s1"));
    assert_eq!(circle.ahead_of(&id("s2"), 16), ["s3", "s1"].map(id));
    assert_eq!(line(&["s1", "x1", "s2"]).ahead_of(&id("s1"), 16), ["x1"].map(id), "nothing follows an exit");
}

#[test]
fn who_stands_on_a_step_that_is_gone_goes_on_at_the_next_that_is_there() {
    let mut world = on_its_way();
    world.edit(&["s1", "w0", "w2", "s3"]);
    assert_eq!(world.pass(days(3)), ["11-25 11:00 s3"], "the day of w1, which had begun, and that of w2");
    assert_eq!(world.state(), EnrolmentState::Completed);
    assert!(
        world.log.iter().any(|activity| matches!(&activity.fact, Fact::StepSkipped { step, because, .. }
        if step.as_str() == "w1" && because == "it is gone from the campaign, which goes on at `w2`"))
    );
}

#[test]
fn the_file_says_where_to_go_on() {
    let mut world = on_its_way();
    world.edit(&["s1", "s4", "s2", "s3"]);
    world.removed(&[("w1", Some("s3"))]);
    assert_eq!(world.pass(days(3)), ["11-24 11:00 s3"]);

    let mut world = on_its_way();
    world.edit(&["s1", "s2", "s3"]);
    world.removed(&[("w1", None)]);
    assert_eq!(world.pass(days(3)), [""; 0]);
    assert_eq!(
        (world.state(), world.because()),
        (EnrolmentState::Exited, "it is gone, and `removed_steps` says `exit`")
    );

    let mut world = on_its_way();
    world.edit(&["s1", "s5", "s3"]);
    world.removed(&[("s2", Some("s5"))]);
    assert_eq!(
        world.pass(days(3)),
        ["11-24 11:00 s5", "11-24 11:00 s3"],
        "what was ahead and is gone is asked, too"
    );
}

#[test]
fn who_has_nothing_ahead_any_more_has_come_to_the_end() {
    let mut world = on_its_way();
    world.edit(&["s1", "s9"]);
    assert_eq!(world.pass(days(3)), [""; 0]);
    assert_eq!(world.state(), EnrolmentState::Completed);
}

#[test]
fn an_email_of_a_step_with_another_name_is_not_sent_again() {
    let mut world = on_its_way();
    world.edit(&["w1", "renamed", "s2"]);
    world.news().sequence.steps.get_mut("renamed").expect("a step").act = sends("s1");
    assert_eq!(world.pass(days(3)), ["11-24 11:00 s2"]);
    assert!(
        world.log.iter().any(|activity| matches!(&activity.fact, Fact::StepSkipped { step, because, .. }
        if step.as_str() == "renamed" && because == "it was sent before"))
    );
}

#[test]
fn an_email_that_leaves_while_its_step_goes_is_followed_by_what_stood_after_it() {
    let mut world = on_its_way();
    world.now += days(1);
    let send_id = world.tick().expect("s2 is claimed");
    world.edit(&["s1", "w1", "again", "s3"]);
    world.news().sequence.steps.get_mut("again").expect("a step").act = sends("s2");
    world.removed(&[("s2", Some("again"))]);
    let accepted = domain::input::SendResult::Accepted { message_id: "m".into() };
    world.answer(&send_id, accepted).expect("claimed");
    assert_eq!(world.pass(days(1)), ["11-24 12:00 s3"]);
}

#[test]
fn while_a_campaign_is_paused_nothing_of_it_leaves_and_nobody_is_dropped() {
    let mut world = on_its_way();
    world.news().paused = true;
    assert_eq!(world.pass(days(30)), [""; 0]);
    assert_eq!((world.state(), world.step("news")), (EnrolmentState::Waiting, "s2"));
    assert_eq!(world.because(), "the campaign is paused");
    let looks = world.kinds().iter().filter(|kind| *kind == "step_deferred").count();
    assert!((100..130).contains(&looks), "{looks} looks in a month");

    world.news().paused = false;
    let sent = world.pass(days(2));
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[0].as_str() < "12-23 18:00", "within six hours: {sent:?}");
}

#[test]
fn a_paused_campaign_takes_leads_in_and_they_can_confirm() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.bundle.campaigns.get_mut("guide").expect("a campaign").paused = true;
    world.submit("guide", house());
    assert_eq!(world.pass(SignedDuration::from_hours(1)), ["11-23 11:00 confirm"]);
    world.confirm();
    assert_eq!(world.pass(days(2)), [""; 0]);
    assert_eq!(world.step("guide"), "welcome");
    world.bundle.campaigns.get_mut("guide").expect("a campaign").paused = false;
    assert_eq!(world.pass(days(1)).len(), 1);
}

#[test]
fn a_wait_keeps_its_meaning_through_a_pause() {
    let begin = || {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        world.bundle.organisation.limits = Default::default();
        world.edit(&["s1", "f1", "s2"]);
        world.submit("news", Traits::new());
        world.pass(SignedDuration::from_hours(1));
        world.news().paused = true;
        world
    };
    let mut clicked = begin();
    clicked.click("s1");
    assert_eq!(clicked.step("news"), "s2", "what was waited for happened");
    let mut late = begin();
    late.pass(days(10));
    assert_eq!(late.step("news"), "s2", "the two days are over");
    for mut world in [clicked, late] {
        world.news().paused = false;
        assert_eq!(world.pass(days(1)).len(), 1);
    }
}

const POOL: [&str; 12] = ["s1", "w1", "s2", "f1", "s3", "a1", "w2", "s4", "f2", "s5", "w3", "s6"];

/// Some of the pool's steps, in any order.
fn steps() -> impl Strategy<Value = Vec<&'static str>> {
    (Just(POOL.to_vec()).prop_shuffle(), 1..POOL.len()).prop_map(|(pool, count)| pool[..count].to_vec())
}

#[derive(Debug, Clone)]
enum Happening {
    Edit(Vec<&'static str>, Vec<(usize, Option<usize>)>),
    Pause(bool),
    Pass(i64),
    Submit,
    Click(usize),
    /// A worker claims; the answer comes after the next happening, or never.
    Tick,
    Answer(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    let removed = prop::collection::vec((0..POOL.len(), prop::option::of(0..POOL.len())), 0..4);
    prop_oneof![
        3 => (steps(), removed).prop_map(|(steps, removed)| Happening::Edit(steps, removed)),
        1 => any::<bool>().prop_map(Happening::Pause),
        4 => (1_i64..6_000).prop_map(Happening::Pass),
        1 => Just(Happening::Submit),
        2 => any::<usize>().prop_map(Happening::Click),
        2 => Just(Happening::Tick),
        3 => any::<bool>().prop_map(Happening::Answer),
    ]
}

fn happen(world: &mut World, happening: &Happening) {
    match happening {
        Happening::Edit(steps, removed) => {
            world.edit(steps);
            // As `check` would have it: from steps that are gone to steps that are there.
            let removed: Vec<_> = removed
                .iter()
                .map(|(gone, to)| (POOL[*gone], to.map(|to| steps[to % steps.len()])))
                .filter(|(gone, _)| !steps.contains(gone))
                .collect();
            world.removed(&removed);
        }
        Happening::Pause(paused) => world.news().paused = *paused,
        Happening::Pass(minutes) => {
            world.pass(SignedDuration::from_mins(*minutes));
        }
        Happening::Submit => world.submit("news", Traits::new()),
        Happening::Click(place) => {
            let sends: Vec<String> = world.lead().sends.values().map(|send| send.step.to_string()).collect();
            if let Some(step) = place.checked_rem(sends.len()).and_then(|place| sends.get(place)) {
                world.click(step);
            }
        }
        Happening::Tick => {
            world.tick();
        }
        Happening::Answer(accepted) => {
            let Some(claim) = world.lead().claim.clone() else { return };
            let result = if *accepted {
                domain::input::SendResult::Accepted { message_id: "m".into() }
            } else {
                domain::input::SendResult::Uncertain { code: "timeout".into() }
            };
            let _ = world.answer(&claim.send_id, result);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn through_any_edits_nobody_is_lost_and_no_email_leaves_twice(
        first in steps(),
        happenings in prop::collection::vec(happening(), 1..40),
    ) {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        world.edit(&first);
        world.submit("news", Traits::new());
        for happening in &happenings {
            let known = world.log.len();
            let before = world.lead().clone();
            happen(&mut world, happening);
            for activity in &world.log[known..] {
                match &activity.fact {
                    Fact::SendClaimed { send_id, .. } => {
                        let earlier = before.sends.get(send_id).map(|send| send.outcome);
                        prop_assert!(matches!(earlier, None | Some(SendOutcome::Rejected)), "{send_id} twice");
                        prop_assert!(!world.bundle.campaigns["news"].paused, "sent while paused");
                    }
                    Fact::StepBegan { step, .. } => {
                        prop_assert!(world.bundle.campaigns["news"].sequence.steps.contains_key(step), "at {step}");
                    }
                    _ => {}
                }
            }
        }
        let mut sent = std::collections::BTreeMap::new();
        for send in world.lead().sends.values() {
            if let domain::lead::Purpose::Nurture { email, .. } = &send.purpose {
                *sent.entry((email.clone(), send.enrolment)).or_insert(0) += 1;
            }
        }
        prop_assert!(sent.values().all(|times| *times == 1), "{sent:?}");

        world.news().paused = false;
        world.pass(days(60));
        prop_assert_ne!(world.state(), EnrolmentState::Waiting, "at {}", world.step("news"));
        prop_assert_eq!(domain::fold(&world.log).expect("a log of ours"), world.lead.clone());
    }
}
