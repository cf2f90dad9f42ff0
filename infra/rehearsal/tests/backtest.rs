//! A backtest of logs whose outcome is known: figures worked out by hand, and what holds for all scores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why and stops")]

use std::path::Path;

use domain::score::PointRule;
use domain::{Activity, Bundle, EmailAddress, Fact, LeadId, LeadKey, Stage};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rehearsal::backtest::{Goal, Sample, Separation, backtest};
use rehearsal::log::Log;

fn begin() -> Timestamp {
    "2027-01-01T09:00:00Z".parse().unwrap()
}

/// A lead, and what it did on which day.
fn log(name: &str, happened: &[(&str, i64)]) -> Log {
    let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
    let lead = LeadId::of(&LeadKey::new("a key for these tests").unwrap(), &email);
    let mut activities =
        vec![Activity { at: begin(), fact: Fact::LeadCreated { lead: lead.clone(), email } }];
    activities.extend(happened.iter().map(|(kind, day)| Activity {
        at: begin() + SignedDuration::from_hours(24 * day),
        fact: match *kind {
            "page_viewed" => Fact::PageViewed { url: None, title: None },
            kind => Fact::Occurred { kind: kind.to_owned(), properties: Default::default() },
        },
    }));
    Log { lead, activities }
}

/// The project's own campaigns, with these points and no fading.
fn bundle(points: &[(&str, f64)]) -> Bundle {
    let mut bundle = campaign_file::read(Path::new("../../infra")).bundle.expect("good campaigns");
    let score = &mut bundle.organisation.score;
    score.decay = None;
    let rule = |points| PointRule { points, at_most: None, group: None };
    score.points = points.iter().map(|(kind, points)| ((*kind).to_owned(), rule(*points))).collect();
    bundle
}

fn sample(score: f64, converted: bool) -> Sample {
    Sample { score, converted }
}

/// Three of ten converted. Of the 21 pairs, the one with 90 wins 7, that with 70 wins 5 and half of one, that with 40
/// wins 4.
#[test]
fn figures_worked_out_by_hand() {
    let samples = [
        sample(20.0, false),
        sample(90.0, true),
        sample(80.0, false),
        sample(70.0, true),
        sample(70.0, false),
        sample(50.0, false),
        sample(40.0, true),
        sample(30.0, false),
        sample(10.0, false),
        sample(-5.0, false),
    ];
    let found = Separation::of(&samples);
    assert!((found.auc.unwrap() - 16.5 / 21.0).abs() < 1e-12);
    let lifts: Vec<f64> = found.deciles.iter().map(|decile| decile.lift.unwrap()).collect();
    let expected = [1.0, 0.0, 0.5, 0.5, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0].map(|converted| converted / 0.3);
    for (found, expected) in lifts.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9, "{lifts:?}");
    }
    let bands: Vec<_> = found
        .bands
        .iter()
        .map(|band| (band.from, band.below, band.leads, band.converted, band.rate))
        .collect();
    let band = |from: f64, leads, converted, rate| (Some(from), Some(from + 10.0), leads, converted, rate);
    let expected = [
        (None, Some(0.0), 1, 0, 0.0),
        band(10.0, 1, 0, 0.0),
        band(20.0, 1, 0, 0.0),
        band(30.0, 1, 0, 0.0),
        band(40.0, 1, 1, 1.0),
        band(50.0, 1, 0, 0.0),
        band(70.0, 2, 1, 0.5),
        band(80.0, 1, 0, 0.0),
        band(90.0, 1, 1, 1.0),
    ];
    assert_eq!(bands, expected);
}

#[test]
fn old_rules_stand_beside_new_ones() {
    // Who registered for the webinar asked for a quote; pages tell nothing.
    let logs = [
        log("ada", &[("webinar_registered", 1), ("quote_requested", 3), ("page_viewed", 4)]),
        log("grace", &[("page_viewed", 1), ("webinar_registered", 2), ("quote_requested", 5)]),
        log("joan", &[("page_viewed", 1), ("page_viewed", 2), ("page_viewed", 3)]),
        log("mary", &[("page_viewed", 1)]),
    ];
    let old = bundle(&[("page_viewed", 15.0)]);
    let new = bundle(&[("webinar_registered", 50.0), ("quote_requested", 900.0)]);
    let found = backtest(&logs, &new, Some(&old), &Goal::Event("quote_requested".into())).unwrap();
    assert_eq!((found.leads, found.converted), (4, 2));
    assert_eq!(found.new.auc, Some(1.0));
    // Under the old rules: 0 and 15 against 45 and 15.
    assert_eq!(found.old.as_ref().and_then(|old| old.auc), Some(0.5 / 4.0));
    let scores: Vec<_> = found.changes.iter().map(|change| (change.old.score, change.new.score)).collect();
    assert_eq!(scores, [(0.0, 50.0), (15.0, 50.0), (45.0, 0.0)], "no point of the goal, and none after it");
    assert_eq!(found.moves()[&("stage", "subscriber", "mql")], 2);
    assert_eq!(found.moves()[&("stage", "mql", "subscriber")], 1);
    assert_eq!(found.moves()[&("temperature", "cold", "hot")], 2);
}

#[test]
fn who_did_not_convert_is_scored_at_the_age_of_those_who_did() {
    let logs = [
        log("ada", &[("quote_requested", 3)]),
        log("grace", &[("page_viewed", 2), ("page_viewed", 4), ("page_viewed", 40)]),
    ];
    let old = bundle(&[]);
    let new = bundle(&[("page_viewed", 25.0)]);
    let found = backtest(&logs, &new, Some(&old), &Goal::OfCampaigns).unwrap();
    assert_eq!(found.changes.len(), 1);
    assert_eq!(found.changes[0].new.score, 25.0, "the one page before the third day");
}

#[test]
fn without_anybody_who_converted_nothing_separates() {
    let logs = [log("ada", &[("page_viewed", 1)])];
    let found = backtest(&logs, &bundle(&[]), None, &Goal::Stage(Stage::Customer)).unwrap();
    assert_eq!((found.new.auc, found.new.deciles[0].lift, found.old), (None, None, None));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn turned_round_the_scores_separate_the_other_way(
        leads in prop::collection::vec((-20_i32..120, any::<bool>()), 0..80),
    ) {
        let of = |sign: f64| -> Vec<Sample> {
            leads.iter().map(|(score, converted)| sample(sign * f64::from(*score), *converted)).collect()
        };
        let (found, turned) = (Separation::of(&of(1.0)), Separation::of(&of(-1.0)));
        let both = leads.iter().any(|(_, converted)| *converted) && leads.iter().any(|(_, converted)| !converted);
        prop_assert_eq!(found.auc.is_some(), both);
        if let (Some(auc), Some(turned)) = (found.auc, turned.auc) {
            prop_assert!((0.0..=1.0).contains(&auc));
            prop_assert!((auc + turned - 1.0).abs() < 1e-9);
        }
        let converted = leads.iter().filter(|(_, converted)| *converted).count();
        let in_deciles: f64 = found.deciles.iter().map(|decile| decile.converted).sum();
        prop_assert!((in_deciles - converted as f64).abs() < 1e-6);
        prop_assert_eq!(found.bands.iter().map(|band| band.leads).sum::<usize>(), leads.len());
        prop_assert_eq!(found.bands.iter().map(|band| band.converted).sum::<usize>(), converted);
    }

    #[test]
    fn the_order_of_the_leads_plays_no_part(
        leads in prop::collection::vec((0_i32..5, any::<bool>()), 1..40),
    ) {
        let mut samples: Vec<Sample> =
            leads.iter().map(|(score, converted)| sample(f64::from(*score), *converted)).collect();
        let straight = Separation::of(&samples);
        samples.reverse();
        prop_assert_eq!(straight, Separation::of(&samples));
    }
}
