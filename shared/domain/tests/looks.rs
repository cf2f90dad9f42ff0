//! A lead is looked at again on the first day on which an audience holds, as one finds who asks on each of them.

mod support;

use domain::campaign::ReEntry;
use domain::score::{FitRule, Grades, PointRule};
use domain::{Condition, Facts};
use jiff::SignedDuration;
use proptest::prelude::*;
use support::*;

const HORIZON: i64 = 35;

/// Something that time changes, or that it does not.
fn asked() -> impl Strategy<Value = String> {
    let number = || (-2_i32..60).prop_map(|number| format!("{number}.5"));
    let comparison = || prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let changing = prop::sample::select(vec![
        "days_since(\"webinar\")",
        "days_since(\"form_submitted\")",
        "days_since_last_activity",
        "score.total",
        "score.engagement",
        "score.fit",
        "score.total / 2.0",
        "days_since(\"webinar\") + 1.0",
    ]);
    prop_oneof![
        6 => (changing, comparison(), number()).prop_map(|(left, is, right)| format!("{left} {is} {right}")),
        1 => (1_i32..30, comparison()).prop_map(|(days, is)| format!("{days} {is} days_since_last_activity")),
        1 => (1_i32..30, comparison()).prop_map(|(points, is)| format!("score.total {is} {points}")),
        1 => prop::sample::select(vec!["cold", "warm", "hot"]).prop_map(|band| format!("temperature == \"{band}\"")),
        1 => prop::sample::select(vec!["A", "D"]).prop_map(|grade| format!("grade == \"{grade}\"")),
        1 => Just("in_segment(\"quiet\")".to_owned()),
        1 => Just("[10.0].exists(days, days_since(\"webinar\") > days)".to_owned()),
        1 => Just("occurred(\"webinar\")".to_owned()),
        1 => Just("lead.housing == \"house\"".to_owned()),
    ]
}

fn audience() -> impl Strategy<Value = Condition> {
    let audience = asked().prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    });
    audience.prop_map(|source| condition(&source))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, max_global_rejects: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_day_is_the_one_that_who_asks_on_each_day_finds(
        (audience, exits) in (audience(), prop::option::of(audience())),
        gaps in prop::collection::vec((1_i64..40_000, prop::bool::ANY), 1..6),
        (takes_points, fit_ages, enters_again) in (prop::bool::ANY, prop::bool::weighted(0.2), prop::bool::ANY),
    ) {
        let mut world = World::begin("2026-06-01T10:00:00Z");
        let quiet = condition("days_since_last_activity > 12 && score.total < 50.0");
        world.bundle.organisation.segments.insert("quiet".into(), quiet);
        let scoring = &mut world.bundle.organisation.score;
        scoring.grades = Some(Grades { a: 30.0, b: 20.0, c: 10.0 });
        let points = if takes_points { -12.0 } else { 7.0 };
        scoring.points.insert("webinar".into(), PointRule { points, at_most: None, group: None });
        if fit_ages {
            let when = condition("days_since(\"form_submitted\") > 20.0");
            scoring.fit.push(FitRule { when, points: 15.0, because: "patience".into() });
        }
        world.submit("guide", house());
        world.confirm();
        for (minutes, is_webinar) in gaps {
            world.now += SignedDuration::from_mins(minutes);
            world.now_input(if is_webinar { event("webinar") } else { page() }).expect("it counts");
        }
        let news = world.bundle.campaigns.get_mut(&campaign_id("news")).expect("a campaign");
        news.form = None;
        news.re_entry = if enters_again { ReEntry::After(days(9)) } else { ReEntry::Never };
        news.audience = Some(audience.clone());
        news.exit_when.clone_from(&exits);
        let entered = |world: &World| world.lead().enrolments.contains_key(&campaign_id("news"));
        world.now_input(page()).expect("it counts");
        prop_assume!(!entered(&world));

        let lead = world.lead();
        let age = world.now.duration_since(lead.created_at).as_hours() / 24;
        let day = |ahead: i64| lead.created_at + days(age + ahead);
        let holds = |ahead: &i64| {
            let facts = Facts::new(&world.bundle, lead, day(*ahead));
            audience.holds(&facts) && !exits.as_ref().is_some_and(|exits| exits.holds(&facts))
        };
        let first = (1..=HORIZON).find(holds);
        match lead.look_at {
            Some(look_at) => prop_assert_eq!(look_at, day(first.unwrap_or(HORIZON)), "{:?} {:?}", audience, exits),
            // Time does not change it.
            None => prop_assert!(first.is_none() || (0..=HORIZON).all(|ahead| holds(&ahead)), "{:?} {:?}", audience, exits),
        }
    }
}
