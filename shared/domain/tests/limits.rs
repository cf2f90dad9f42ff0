//! However much happens to a lead, its profile and its records stay far below what the store holds, and nothing that
//! counts depends on the order of arrival.

mod support;

use domain::input::{Track, TrackKind};
use domain::{InputBody, Rejection, Traits};
use jiff::SignedDuration;
use support::*;

/// A quarter of DynamoDB's 400 KB.
const FAR_BELOW: usize = 100 * 1024;

fn identify(traits: Traits) -> InputBody {
    InputBody::Track(Track { new_lead: None, kind: TrackKind::Identify { traits, time_zone: None } })
}

#[test]
fn a_profile_stays_small_however_much_happens() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.submit("guide", Traits::new());
    let lead = world.lead.as_mut().expect("a lead");
    for place in 0..40_000 {
        let at = world.now - SignedDuration::from_mins(15 * place);
        lead.history.add(["page_viewed", "webinar", "email_opened"][place as usize % 3], at);
    }
    let bytes = serde_json::to_string(&world.lead).expect("JSON").len();
    assert!(bytes < FAR_BELOW, "{bytes} bytes");
    assert_eq!(world.lead().history.times("webinar"), 13_333, "all of them are counted");
    assert_eq!(world.lead().history.last("page_viewed"), Some(world.now));
}

#[test]
fn what_is_forgotten_does_not_depend_on_the_order() {
    let begin = at("2024-01-01T00:00:00Z");
    let moments: Vec<_> = (0..9_000).map(|place| begin + SignedDuration::from_mins(17 * place)).collect();
    let history = |order: &mut dyn Iterator<Item = usize>| {
        let mut history = domain::history::History::default();
        order.for_each(|place| history.add(["page_viewed", "webinar"][place % 2], moments[place]));
        history
    };
    let straight = history(&mut (0..moments.len()));
    assert_eq!(straight, history(&mut (0..moments.len()).rev()));
    assert_eq!(straight, history(&mut (0..moments.len()).map(|place| place * 7_001 % moments.len())));
}

#[test]
fn a_new_stage_tells_its_weightiest_reasons() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.bundle.organisation.score.points.values_mut().for_each(|rule| rule.at_most = None);
    world.submit("guide", Traits::new());
    let lead = world.lead.as_mut().expect("a lead");
    for place in 0..5_000 {
        lead.history.add("page_viewed", world.now - SignedDuration::from_mins(30 * place));
    }
    let decision = world.now_input(page()).expect("a page");
    assert!(decision.activities.iter().any(|activity| activity.kind() == "stage_changed"));
    let bytes = serde_json::to_string(&decision.activities).expect("JSON").len();
    assert!(bytes < FAR_BELOW, "{bytes} bytes");
}

#[test]
fn events_that_nobody_declares_leave_room_for_those_that_somebody_does() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.submit("news", Traits::new());
    let refused = (0..200).filter(|place| world.now_input(event(&format!("odd_{place}"))).is_err()).count();
    assert!(refused > 0, "nobody declares so many");
    world.now_input(event("quote_requested")).expect("it is the goal");
}

#[test]
fn traits_beyond_measure_are_refused_and_the_lead_stays_usable() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.submit("news", Traits::new());
    let long = "x".repeat(1_000);
    let mut refused = 0;
    for page in 0..10 {
        let names = (0..50).map(|place| (format!("trait_{page}_{place}"), long.as_str().into()));
        match world.now_input(identify(names.collect())) {
            Ok(_) => {}
            Err(rejection) => {
                assert_eq!(rejection, Rejection::TooManyTraits);
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    assert!(serde_json::to_string(&world.lead).expect("JSON").len() < FAR_BELOW);
}
