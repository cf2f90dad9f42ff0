//! Who is given which variant: by weight, always the same, and independent of every other lot.

mod support;

use domain::experiment::{Experiment, Measure, Variant};
use domain::sequence::{Act, Sequence, Step};
use domain::{EmailName, Fact, LeadId, StepId, Traits, VariantId, fold, lot};
use proptest::prelude::*;
use support::*;

fn step(text: &str) -> StepId {
    StepId::parse(text).expect("a step id")
}

fn variant(id: &str, weight: u32) -> Variant {
    let first = Some(step(&format!("opening-{id}")));
    Variant { id: VariantId::parse(id).expect("a name"), weight, first }
}

fn experiment(variants: &[(&str, u32)]) -> Experiment {
    let variants = variants.iter().map(|(id, weight)| variant(id, *weight)).collect();
    Experiment { variants, measure: Measure::Goal, within: days(14), settled: None }
}

fn lead(number: u64) -> LeadId {
    LeadId::parse(format!("{number:032x}")).expect("a lead id")
}

/// How many of `leads` draw each variant, over what its weight promises, in standard deviations of that count.
fn surprise(experiment: &Experiment, leads: u64) -> Vec<f64> {
    let total: u32 = experiment.variants.iter().map(|variant| variant.weight).sum();
    let mut counts = vec![0.0; experiment.variants.len()];
    for number in 0..leads {
        let drawn = experiment.draw(&lead(number), &campaign_id("guide"), &step("opening")).expect("some");
        let place = experiment.variants.iter().position(|variant| variant.id == drawn.id).expect("its own");
        counts[place] += 1.0;
    }
    let deviation = |(count, variant): (f64, &Variant)| {
        let share = f64::from(variant.weight) / f64::from(total);
        (count - leads as f64 * share) / (leads as f64 * share * (1.0 - share)).sqrt()
    };
    counts.into_iter().zip(&experiment.variants).map(deviation).collect()
}

#[test]
fn variants_are_drawn_by_weight() {
    for weights in [&[("a", 1), ("b", 1)][..], &[("a", 1), ("b", 2), ("c", 3)], &[("a", 1), ("b", 999)]] {
        let surprise = surprise(&experiment(weights), 20_000);
        assert!(surprise.iter().all(|deviations| deviations.abs() < 4.0), "{weights:?}: {surprise:?}");
    }
}

#[test]
fn experiments_draw_independently() {
    let experiment = experiment(&[("a", 1), ("b", 1)]);
    let drawn = |number, campaign, id| {
        experiment.draw(&lead(number), &campaign_id(campaign), &step(id)).expect("some").id.clone()
    };
    for (campaign, id) in [("guide", "closing"), ("news", "opening")] {
        let alike =
            (0..10_000).filter(|number| drawn(*number, "guide", "opening") == drawn(*number, campaign, id));
        // Half of them, within four standard deviations.
        let alike = alike.count();
        assert!((4_800..=5_200).contains(&alike), "{campaign}/{id}: {alike}");
    }
}

proptest! {
    #[test]
    fn a_lead_always_draws_the_same(number in any::<u64>(), weights in prop::collection::vec(1_u32..1000, 2..6)) {
        let names = ["a", "b", "c", "d", "e", "f"];
        let weights: Vec<(&str, u32)> = names.into_iter().zip(weights).collect();
        let draw = || experiment(&weights).draw(&lead(number), &campaign_id("guide"), &step("opening")).cloned();
        prop_assert_eq!(draw().expect("some").id, draw().expect("some").id);
    }

    #[test]
    fn a_lot_is_below_its_end(end in 1_u64.., part in "[a-z]{0,9}") {
        prop_assert!(lot::below(end, &[&part]) < end);
    }
}

#[test]
fn there_is_no_lot_below_zero() {
    assert_eq!(lot::below(0, &["a"]), 0);
}

/// A sequence that begins with an experiment between two e-mails, of which one takes a day longer.
fn opening(settled: Option<&str>) -> Sequence {
    let send = |email: &str| Act::Send {
        email: EmailName::parse(email).expect("a name"),
        between: None,
        topic: None,
        subject: None,
        until: None,
    };
    let settled = settled.map(|id| VariantId::parse(id).expect("a name"));
    let experiment = Experiment { settled, ..experiment(&[("quick", 1), ("slow", 1)]) };
    let steps = [
        ("opening", Act::Experiment(experiment), Some("after")),
        ("opening-quick", send("welcome"), Some("after")),
        ("opening-slow", Act::Wait { length: days(1) }, Some("opening-slow-mail")),
        ("opening-slow-mail", send("welcome"), Some("after")),
        ("after", Act::Wait { length: days(7) }, None),
    ];
    let step_of = |(id, act, next): (&str, Act, Option<&str>)| (step(id), Step { act, next: next.map(step) });
    Sequence { first: Some(step("opening")), steps: steps.into_iter().map(step_of).collect() }
}

fn world(settled: Option<&str>) -> World {
    let mut world = World::begin("2026-11-02T09:00:00Z");
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("news").sequence = opening(settled);
    world
}

fn chosen(world: &World) -> Vec<(String, bool)> {
    let choice = |fact: &Fact| match fact {
        Fact::VariantChosen { variant, settled, .. } => Some((variant.to_string(), *settled)),
        _ => None,
    };
    world.log.iter().filter_map(|activity| choice(&activity.fact)).collect()
}

#[test]
fn a_lead_goes_the_way_of_its_variant_and_the_enrolment_tells_which() {
    let mut world = world(None);
    world.submit("news", Traits::new());
    let (variant, settled) = chosen(&world).remove(0);
    assert!(!settled, "it fell by lot");
    let enrolment = &world.lead().enrolments[&campaign_id("news")];
    assert_eq!(enrolment.variants[&step("opening")].as_str(), variant);
    let sent = world.pass(days(2));
    let expected =
        if variant == "quick" { "11-02 09:00 opening-quick" } else { "11-03 09:00 opening-slow-mail" };
    assert_eq!(sent, [expected]);
    assert_eq!(world.step("news"), "after");
    assert_eq!(fold(&world.log).expect("a whole log").as_ref(), Some(world.lead()));
}

#[test]
fn everybody_new_takes_the_settled_variant() {
    for settled in ["quick", "slow"] {
        let mut world = world(Some(settled));
        world.submit("news", Traits::new());
        assert_eq!(chosen(&world), [(settled.to_owned(), true)]);
    }
}

#[test]
fn who_is_under_way_keeps_its_variant_when_the_experiment_is_settled() {
    let mut world = world(None);
    world.submit("news", Traits::new());
    let drawn = chosen(&world).remove(0).0;
    let other = if drawn == "quick" { "slow" } else { "quick" };
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("news").sequence = opening(Some(other));
    let sent = world.pass(days(2));
    assert!(sent[0].contains(&format!("opening-{drawn}")), "{sent:?}");
    assert_eq!(chosen(&world).len(), 1);
}
