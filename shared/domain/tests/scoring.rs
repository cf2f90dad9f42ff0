//! Scores: how points fade, what caps leave of them, grades, the rules of campaigns, and computed traits.

mod support;

use domain::computed::Computed;
use domain::score::{Decay, FitRule, Grades, PointCap, PointRule};
use domain::{Expression, Facts, TraitType, TraitValue, Traits, computed};
use jiff::SignedDuration;
use proptest::prelude::*;
use rstest::rstest;
use support::*;

fn rule(points: f64, at_most: Option<f64>, group: Option<&str>) -> PointRule {
    let at_most = at_most.map(|points| PointCap { points, days: 1 });
    PointRule { points, at_most, group: group.map(str::to_owned) }
}

/// A lead that did some things, each on the given day of June, and its engagement `later` days after the first.
fn engagement(world: &mut World, happened: &[(&str, i64)], later: i64) -> f64 {
    world.submit("guide", Traits::new());
    let begin = world.now;
    world.now += days(100);
    for (place, (kind, day)) in happened.iter().enumerate() {
        let at = begin + days(*day) + SignedDuration::from_mins(i64::try_from(place).unwrap_or(0));
        let body = if *kind == "page_viewed" { page() } else { event(kind) };
        world.input(&place.to_string(), at, body).expect("counted");
    }
    world.now = begin + days(later);
    world.score().engagement
}

#[rstest]
#[case(None, 60, 20.0)]
#[case(Some(Decay::HalfLife(days(30))), 0, 20.0)]
#[case(Some(Decay::HalfLife(days(30))), 30, 10.0)]
#[case(Some(Decay::HalfLife(days(30))), 60, 5.0)]
#[case(Some(Decay::HalfLife(days(30))), 600, 0.0)]
#[case(Some(Decay::Linear(days(80))), 0, 20.0)]
#[case(Some(Decay::Linear(days(80))), 20, 15.0)]
#[case(Some(Decay::Linear(days(80))), 60, 5.0)]
#[case(Some(Decay::Linear(days(80))), 80, 0.0)]
#[case(Some(Decay::Linear(days(80))), 200, 0.0)]
fn points_fade(#[case] decay: Option<Decay>, #[case] later: i64, #[case] expected: f64) {
    let mut world = World::begin("2026-06-01T00:00:00Z");
    let score = &mut world.bundle.organisation.score;
    score.decay = decay;
    score.points = [("quote_requested".to_owned(), rule(20.0, None, None))].into();
    assert_eq!(engagement(&mut world, &[("quote_requested", 0)], later), expected);
    let reasons = world.score().reasons;
    assert_eq!(reasons.iter().any(|reason| reason.because == "quote_requested"), expected > 0.0);
}

#[rstest]
#[case::the_group_holds_over_all_of_its_rules(&[("page_viewed", 0), ("webinar", 0), ("webinar", 0)], 1.0 + 6.0 + 3.0)]
#[case::the_earlier_come_first(&[("webinar", 0), ("webinar", 0), ("page_viewed", 0)], 6.0 + 4.0)]
#[case::each_day_has_its_own(&[("webinar", 0), ("webinar", 0), ("webinar", 1)], 10.0 + 6.0)]
#[case::the_rules_own_cap_holds_too(&[("page_viewed", 0); 5], 2.0)]
#[case::others_are_not_in_it(&[("webinar", 0), ("webinar", 0), ("quote_requested", 0)], 10.0 + 20.0)]
#[case::losses_are_capped_apart(&[("webinar", 0), ("webinar", 0), ("unfollowed", 0), ("unfollowed", 0)], 10.0 - 10.0)]
#[case::a_loss_makes_no_room(&[("unfollowed", 0), ("webinar", 0), ("webinar", 0)], -8.0 + 10.0)]
fn a_group_counts_so_much_a_day(#[case] happened: &[(&str, i64)], #[case] expected: f64) {
    let mut world = World::begin("2026-06-01T00:00:00Z");
    let score = &mut world.bundle.organisation.score;
    score.decay = None;
    score.points = [
        ("page_viewed".to_owned(), rule(1.0, Some(2.0), Some("web"))),
        ("webinar".to_owned(), rule(6.0, None, Some("web"))),
        ("unfollowed".to_owned(), rule(-8.0, None, Some("web"))),
        ("quote_requested".to_owned(), rule(20.0, None, None)),
    ]
    .into();
    // The first page of the first case counts 1 point, and a webinar may then count 6 and 3.
    score.groups = [("web".to_owned(), PointCap { points: 10.0, days: 1 })].into();
    assert_eq!(engagement(&mut world, happened, 3), expected);
}

#[rstest]
#[case(Traits::new(), "D")]
#[case([("housing".to_owned(), "flat".into())].into(), "C")]
#[case([("housing".to_owned(), "castle".into())].into(), "B")]
#[case(house(), "A")]
fn fit_has_a_grade(#[case] traits: Traits, #[case] expected: &str) {
    let mut world = World::begin("2026-06-01T00:00:00Z");
    let score = &mut world.bundle.organisation.score;
    score.grades = Some(Grades { a: 30.0, b: 20.0, c: 10.0 });
    for (housing, points) in [("flat", 10.0), ("castle", 20.0)] {
        let when = condition(&format!("lead.housing == \"{housing}\""));
        score.fit.push(FitRule { when, points, because: housing.into() });
    }
    world.submit("guide", traits);
    assert_eq!(world.score().grade.map(|grade| grade.as_str()), Some(expected));
    let facts = Facts::new(&world.bundle, world.lead(), world.now);
    assert!(condition(&format!("grade == \"{expected}\"")).holds(&facts));
    drop(facts);
    world.bundle.organisation.score.grades = None;
    assert_eq!(world.score().grade, None);
    assert!(!condition("grade == \"D\"").holds(&Facts::new(&world.bundle, world.lead(), world.now)));
}

#[test]
fn a_campaigns_rules_count_for_those_who_ever_entered_it_and_from_then_on() {
    let mut world = World::begin("2026-06-01T10:00:00Z");
    let organisation = &mut world.bundle.organisation;
    organisation.score.points.clear();
    organisation.score.decay = None;
    let news = world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign");
    news.score.points = [("webinar".to_owned(), rule(7.0, None, None))].into();
    news.score.fit =
        vec![FitRule { when: condition("lead.garden"), points: 5.0, because: "a gardener".into() }];
    let total = |world: &World| world.score().total;

    world.submit("guide", [("garden".to_owned(), TraitValue::Boolean(true))].into());
    world.now_input(event("webinar")).expect("counted");
    assert_eq!(total(&world), 0.0, "it is in another campaign only");
    world.now += days(1);
    world.submit("news", Traits::new());
    assert_eq!(total(&world), 5.0, "the webinar was before");
    world.now += days(1);
    world.now_input(event("webinar")).expect("counted");
    assert_eq!(total(&world), 12.0);
    let of_news = |reason: &domain::score::Reason| reason.campaign == Some(campaign_id("news"));
    assert!(world.score().reasons.iter().all(of_news));
    // Once more after a withdrawal: what counted goes on counting.
    world.leave().expect("it may leave");
    world.now += days(1);
    world.submit("news", Traits::new());
    world.confirm();
    assert_eq!(world.lead().enrolments[&campaign_id("news")].number, 2);
    assert_eq!(total(&world), 12.0);
}

#[rstest]
#[case("lead.surface * 0.8", TraitType::Number, Some(TraitValue::Number(96.0)))]
#[case("size(lead.housing)", TraitType::Number, Some(TraitValue::Number(5.0)))]
#[case("lead.surface > 100", TraitType::Boolean, Some(TraitValue::Boolean(true)))]
#[case("lead.housing + \" of \" + email.domain", TraitType::Text, Some("house of example.com".into()))]
#[case::another_type("lead.surface * 0.8", TraitType::Text, None)]
#[case::its_input_lacks("lead.rooms * 2.0", TraitType::Number, None)]
#[case::no_number("lead.surface / 0.0", TraitType::Number, None)]
#[case::no_circle("lead.saving + 1.0", TraitType::Number, None)]
fn a_computed_trait_follows_from_the_stated_ones(
    #[case] compute: &str,
    #[case] kind: TraitType,
    #[case] expected: Option<TraitValue>,
) {
    let mut world = World::begin("2026-06-01T10:00:00Z");
    let compute = Expression::parse(compute).expect("an expression");
    world.bundle.organisation.computed.insert("saving".into(), Computed { kind, compute });
    // Whatever is stated under its name, it is computed.
    let mut stated = house();
    stated.insert("saving".into(), TraitValue::Number(1.0));
    world.submit("guide", stated);
    assert_eq!(computed::traits_of(&world.bundle, world.lead()).get("saving"), expected.as_ref());
    let facts = Facts::new(&world.bundle, world.lead(), world.now);
    assert_eq!(condition("has(lead.saving)").holds(&facts), expected.is_some());
}

#[test]
fn segments_may_ask_for_the_score_and_for_one_another() {
    let mut world = World::begin("2026-06-01T10:00:00Z");
    let segments = &mut world.bundle.organisation.segments;
    segments.insert("a_warm_one".into(), condition("in_segment(\"warm_homeowners\")"));
    segments.insert("warm_homeowners".into(), condition("in_segment(\"homeowners\") && score.total >= 40"));
    // A fit rule asks for a segment before there is a score.
    world.bundle.organisation.score.fit.push(FitRule {
        when: condition("in_segment(\"homeowners\")"),
        points: 10.0,
        because: "a home".into(),
    });
    world.submit("guide", house());
    let facts = Facts::new(&world.bundle, world.lead(), world.now);
    assert_eq!(facts.score().map(|score| score.fit), Some(40.0));
    assert!(condition("in_segment(\"a_warm_one\") && !in_segment(\"unknown\")").holds(&facts));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_day_counts_more_than_its_group_allows(
        happened in prop::collection::vec((prop_oneof![Just("page_viewed"), Just("webinar")], 0_i64..5), 0..60),
        most in 1_u32..40,
    ) {
        let mut world = World::begin("2026-06-01T00:00:00Z");
        let score = &mut world.bundle.organisation.score;
        score.decay = None;
        score.points = [("page_viewed", 1.0), ("webinar", 3.5)]
            .map(|(kind, points)| (kind.to_owned(), rule(points, None, Some("web"))))
            .into();
        score.groups = [("web".to_owned(), PointCap { points: f64::from(most), days: 1 })].into();
        engagement(&mut world, &happened, 10);
        let mut by_day = std::collections::BTreeMap::<i64, f64>::new();
        for reason in world.score().reasons.iter().filter(|reason| reason.part == domain::score::Part::Engagement) {
            *by_day.entry(reason.at.as_second() / 86_400).or_default() += reason.points;
        }
        prop_assert!(by_day.values().all(|points| *points <= f64::from(most) + 1e-9), "{by_day:?}");
    }
}
