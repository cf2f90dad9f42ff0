//! What each kind of step does, as stories of one lead and as tables.

mod support;

use domain::calendar::Period;
use domain::campaign::ReEntry;
use domain::input::{Track, TrackKind};
use domain::lead::EnrolmentState;
use domain::schedule::Window;
use domain::sequence::{Act, Case, LOTS, Shift, Until};
use domain::{InputBody, Tag, TraitType, Traits};
use jiff::SignedDuration;
use jiff::civil::{date, datetime, time};
use rstest::rstest;
use support::*;

/// The campaign `news` with these steps, its first e-mail being `one`. Limits are lifted, so that steps stand alone.
fn world(steps: Vec<(&str, Act, Option<&str>)>) -> World {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("news").sequence = sequence(steps);
    world.bundle.organisation.limits = Default::default();
    let dates = ["birthday", "renewal_date"].map(|name| (name.to_owned(), TraitType::Date));
    world.bundle.traits = dates.into_iter().collect();
    world.bundle.traits.extend([
        ("country".to_owned(), TraitType::Country),
        ("zone".to_owned(), TraitType::TimeZone),
        ("product".to_owned(), TraitType::Text),
    ]);
    world
}

fn traits(values: &[(&str, &str)]) -> Traits {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
}

fn identify(world: &mut World, values: &[(&str, &str)]) {
    let kind = TrackKind::Identify { traits: traits(values), time_zone: None };
    world.now_input(InputBody::Track(Track { new_lead: None, kind })).expect("it is taken");
}

fn send_until(email: &str, opens: Option<&str>, until: Option<Until>) -> Act {
    let hour = |text: &str| text.parse().expect("a time of day");
    let between = opens.map(|from| Window { days: [true; 7], from: hour(from), to: hour("20:00") });
    match send(email, between) {
        Act::Send { email, between, topic, subject, .. } => {
            Act::Send { email, between, topic, subject, until }
        }
        other => other,
    }
}

fn renewal(shift: Option<Shift>, otherwise: Option<&str>) -> Act {
    Act::WaitUntil {
        until: Until::Trait { name: "renewal_date".into(), shift, at: time(9, 0, 0, 0) },
        otherwise: otherwise.map(step_id),
    }
}

#[rstest]
#[case(&[("housing", "house")], "house")]
#[case(&[("housing", "flat")], "flat")]
#[case(&[("housing", "boat")], "other")]
#[case(&[], "other")]
fn a_branch_takes_the_first_case_that_holds(#[case] stated: &[(&str, &str)], #[case] expected: &str) {
    let case = |when: &str, first: &str| Case { when: condition(when), first: Some(step_id(first)) };
    let cases = vec![
        case("lead.housing == \"house\"", "house"),
        case("lead.housing == \"flat\"", "flat"),
        case("lead.housing == \"house\" || lead.housing == \"flat\"", "never"),
    ];
    let mut world = world(vec![
        ("choice", Act::Branch { cases, otherwise: Some(step_id("other")) }, None),
        ("house", send("house", None), None),
        ("flat", send("flat", None), None),
        ("other", send("other", None), None),
        ("never", send("never", None), None),
    ]);
    world.submit("news", traits(stated));
    assert_eq!(world.pass(days(1)), [format!("11-23 11:00 {expected}")]);
}

#[rstest]
#[case(None, "2026-12-24", "12-24 08:00 one")] // 09:00 in Paris
#[case(Some(Shift::Before(Period::Days(14))), "2026-12-24", "12-10 08:00 one")]
#[case(Some(Shift::After(Period::Months(1))), "2026-11-30", "12-30 08:00 one")]
#[case(None, "2026-11-23", "11-23 11:00 late")] // 09:00 is past
#[case(Some(Shift::Before(Period::Days(14))), "2026-12-01", "11-23 11:00 late")]
#[case(None, "", "11-23 11:00 late")] // no date
fn a_wait_ends_on_the_leads_date(#[case] shift: Option<Shift>, #[case] told: &str, #[case] expected: &str) {
    let mut world = world(vec![
        ("wait", renewal(shift, Some("late")), Some("one")),
        ("one", send("one", None), None),
        ("late", send("late", None), None),
    ]);
    world.submit("news", traits(&[("renewal_date", told)]));
    assert_eq!(world.pass(days(60)), [expected]);
}

#[rstest]
#[case("2026-11-01", "its date is past")]
#[case("", "its date is not known")]
fn a_detour_tells_why_it_is_taken(#[case] told: &str, #[case] expected: &str) {
    let mut world = world(vec![
        ("wait", renewal(None, Some("late")), Some("one")),
        ("one", send("one", None), None),
        ("late", send("late", None), None),
    ]);
    world.submit("news", traits(&[("renewal_date", told)]));
    world.pass(days(1));
    let why = world.log.iter().find_map(|activity| match &activity.fact {
        domain::Fact::BranchTaken { because, .. } => because.clone(),
        _ => None,
    });
    assert_eq!(why.as_deref(), Some(expected));
}

#[test]
fn without_a_detour_a_past_date_is_skipped() {
    let until = Until::Date { moment: datetime(2026, 11, 1, 9, 0, 0, 0) };
    let mut world = world(vec![
        ("wait", Act::WaitUntil { until, otherwise: None }, Some("one")),
        ("one", send("one", None), None),
    ]);
    world.submit("news", Traits::new());
    assert_eq!(world.pass(days(1)), ["11-23 11:00 one"]);
    assert!(world.kinds().contains(&"step_skipped".to_owned()));
}

/// It is 12:00 in Paris.
#[rstest]
#[case::in_time("2026-11-23T12:30:00", None, &["11-23 11:00 one", "11-23 11:00 two"])]
#[case::at_that_moment("2026-11-23T12:00:00", None, &["11-23 11:00 one", "11-23 11:00 two"])]
#[case::late("2026-11-23T11:59:00", None, &["11-23 11:00 two"])]
#[case::window_in_time("2026-11-23T19:00:00", Some("18:00"), &["11-23 17:00 one", "11-23 17:00 two"])]
#[case::window_too_late("2026-11-23T17:00:00", Some("18:00"), &["11-23 11:00 two"])]
fn an_e_mail_leaves_until_its_moment(
    #[case] until: &str,
    #[case] opens: Option<&str>,
    #[case] expected: &[&str],
) {
    let until = Some(Until::Date { moment: until.parse().expect("a moment") });
    let mut world =
        world(vec![("one", send_until("one", opens, until), Some("two")), ("two", send("two", None), None)]);
    world.submit("news", Traits::new());
    assert_eq!(world.pass(days(2)), expected);
    let skipped = world.kinds().contains(&"step_skipped".to_owned());
    assert_eq!(skipped, expected.len() == 1);
}

#[test]
fn an_e_mail_leaves_until_a_date_of_the_leads_own() {
    let own = Until::Trait { name: "renewal_date".into(), shift: None, at: time(23, 59, 59, 0) };
    for (told, expected) in [
        ("2026-11-22", vec!["11-23 11:00 two"]),
        ("2026-11-23", vec!["11-23 11:00 one", "11-23 11:00 two"]),
        ("", vec!["11-23 11:00 one", "11-23 11:00 two"]),
    ] {
        let mut world = world(vec![
            ("one", send_until("one", None, Some(own.clone())), Some("two")),
            ("two", send("two", None), None),
        ]);
        world.submit("news", traits(&[("renewal_date", told)]));
        assert_eq!(world.pass(days(2)), expected, "{told}");
    }
}

#[rstest]
#[case(&[("renewal_date", "2027-01-10")], "01-10 08:00 one")] // later
#[case(&[("renewal_date", "2026-12-02")], "12-02 08:00 one")] // earlier
#[case(&[("renewal_date", "2026-11-01")], "11-24 11:00 late")] // past: at once
#[case(&[("country", "US")], "12-24 14:00 one")] // 09:00 in New York
#[case(&[("zone", "Asia/Tokyo"), ("country", "US")], "12-24 00:00 one")]
#[case(&[("first_name", "Ada")], "12-24 08:00 one")]
fn a_changed_date_moves_the_wait(#[case] stated: &[(&str, &str)], #[case] expected: &str) {
    let mut world = world(vec![
        ("wait", renewal(None, Some("late")), Some("one")),
        ("one", send("one", None), None),
        ("late", send("late", None), None),
    ]);
    world.submit("news", traits(&[("renewal_date", "2026-12-24")]));
    world.pass(days(1));
    identify(&mut world, stated);
    assert_eq!(world.pass(days(90)), [expected]);
}

fn every(each: Period) -> Vec<(&'static str, Act, Option<&'static str>)> {
    let act = Act::Every { each, on: "birthday".into(), at: time(9, 0, 0, 0), first: Some(step_id("one")) };
    vec![("birthday", act, None), ("one", send("one", None), Some("birthday"))]
}

#[test]
fn an_anniversary_comes_each_year_and_each_time_is_another_e_mail() {
    let mut world = world(every(Period::Months(12)));
    world.submit("news", traits(&[("birthday", "2000-02-29")]));
    let years = world.pass(days(365 * 3));
    assert_eq!(years, ["02-28 08:00 one", "02-29 08:00 one", "02-28 08:00 one"]); // 2027, 2028, 2029
    let rounds: Vec<u32> = world.lead().sends.values().map(|send| send.round).collect();
    assert_eq!(rounds.len(), 3, "three e-mails of one step");
    assert_eq!(world.lead().enrolments[&campaign_id("news")].state, EnrolmentState::Waiting);
}

#[test]
fn an_anniversary_waits_for_its_date_to_be_told() {
    let mut world = world(every(Period::Months(12)));
    world.submit("news", Traits::new());
    assert_eq!(world.lead().due_at(), None);
    identify(&mut world, &[("birthday", "1990-12-01")]);
    assert_eq!(world.pass(days(30)), ["12-01 08:00 one"]);
    // Told anew within the year: not twice for one anniversary, and not for one that is past.
    identify(&mut world, &[("birthday", "1990-12-20")]);
    assert_eq!(world.pass(days(360)), [""; 0]);
    assert_eq!(world.pass(days(5)), ["12-20 08:00 one"]);
}

#[test]
fn an_anniversary_that_was_never_told_ends_when_an_edit_makes_a_wait_of_it() {
    let mut world = world(every(Period::Months(12)));
    world.submit("news", Traits::new());
    let wait = ("birthday", Act::Wait { length: days(1) }, Some("one"));
    let steps = sequence(vec![wait, ("one", send("one", None), None)]);
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("news").sequence = steps;
    world.now_input(page()).expect("counted");
    assert_eq!(world.pass(days(2)), ["11-24 11:00 one"]);
}

#[test]
fn what_holds_for_a_stated_trait_holds_for_one_that_follows_from_it() {
    let compute = |source: &str| domain::Expression::parse(source).expect("an expression");
    let mut world = world(vec![("due", renewal(None, None), Some("one")), ("one", send("one", None), None)]);
    world.bundle.organisation.computed = [
        ("renewal_date", TraitType::Date, "lead.end"),
        ("line", TraitType::Text, "lead.product"),
        ("home", TraitType::TimeZone, "lead.city == \"Tokyo\" ? \"Asia/Tokyo\" : \"Europe/Paris\""),
    ]
    .map(|(name, kind, source)| {
        (name.to_owned(), domain::computed::Computed { kind, compute: compute(source) })
    })
    .into();
    let news = world.bundle.campaigns.get_mut(&campaign_id("news")).expect("news");
    news.re_entry = ReEntry::OncePer("line".into());
    world.submit("news", traits(&[("end", "2026-12-01"), ("city", "Tokyo"), ("product", "a")]));
    assert_eq!(world.pass(days(30)), ["12-01 00:00 one"], "at nine in Tokyo");
    world.submit("news", traits(&[("product", "b")]));
    assert_eq!(world.pass(days(1)).len(), 1, "for another value");
}

#[rstest]
#[case(Period::Months(12), date(2024, 2, 29), date(2025, 1, 1), date(2025, 2, 28))]
#[case(Period::Months(12), date(2024, 2, 29), date(2025, 3, 1), date(2026, 2, 28))]
#[case(Period::Months(12), date(2024, 2, 29), date(2028, 2, 28), date(2028, 2, 29))]
#[case(Period::Months(1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28))]
#[case(Period::Months(1), date(2026, 1, 31), date(2026, 3, 1), date(2026, 3, 31))]
#[case(Period::Months(3), date(2026, 1, 15), date(2026, 4, 16), date(2026, 7, 15))]
#[case(Period::Days(7), date(2026, 11, 2), date(2026, 11, 23), date(2026, 11, 23))]
#[case(Period::Days(7), date(2026, 11, 2), date(2026, 11, 24), date(2026, 11, 30))]
#[case(Period::Days(1), date(1900, 1, 1), date(2026, 11, 24), date(2026, 11, 24))]
#[case(Period::Months(12), date(2030, 5, 1), date(2026, 11, 24), date(2030, 5, 1))]
fn the_next_anniversary(
    #[case] period: Period,
    #[case] of: jiff::civil::Date,
    #[case] earliest: jiff::civil::Date,
    #[case] expected: jiff::civil::Date,
) {
    assert_eq!(period.next(of, earliest), Some(expected));
}

#[test]
fn a_wait_ends_by_any_of_several_events() {
    let wait = Act::WaitFor {
        kinds: vec!["webinar".into(), "page_viewed".into()],
        within: days(9),
        otherwise: Some(step_id("late")),
    };
    let mut world = world(vec![
        ("wait", wait, Some("one")),
        ("one", send("one", None), None),
        ("late", send("late", None), None),
    ]);
    world.submit("news", Traits::new());
    world.pass(days(2));
    world.now_input(page()).expect("a page");
    assert_eq!(world.pass(days(9)), ["11-25 11:00 one"]);
}

#[test]
fn steps_set_traits_and_tags_and_conditions_ask_for_them() {
    let tag = |name: &str| Tag::parse(name).expect("a tag");
    let case = Case {
        when: condition("tagged(\"prospect\") && !tagged(\"cold\") && lead.interest == \"solar\""),
        first: Some(step_id("one")),
    };
    let mut world = world(vec![
        ("set", Act::Set { traits: traits(&[("interest", "solar")]) }, Some("cold")),
        ("cold", Act::Tag { tag: tag("cold") }, Some("tag")),
        ("tag", Act::Tag { tag: tag("prospect") }, Some("untag")),
        ("untag", Act::Untag { tag: tag("cold") }, Some("choice")),
        ("choice", Act::Branch { cases: vec![case], otherwise: None }, None),
        ("one", send("one", None), None),
    ]);
    world.submit("news", Traits::new());
    assert_eq!(world.lead().tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["prospect"]);
    assert_eq!(world.pass(days(1)), ["11-23 11:00 one"]);
}

#[test]
fn campaigns_that_enrol_in_a_circle_come_to_an_end() {
    let mut world = world(vec![
        ("other", Act::Enrol { campaign: campaign_id("guide") }, Some("one")),
        ("one", send("one", None), None),
    ]);
    let guide = world.bundle.campaigns.get_mut(&campaign_id("guide")).expect("guide");
    guide.re_entry = ReEntry::After(SignedDuration::from_secs(0));
    guide.sequence = sequence(vec![("back", Act::Enrol { campaign: campaign_id("news") }, None)]);
    world.submit("news", Traits::new());
    assert_eq!(world.pass(days(1)), ["11-23 11:00 one"]);
    assert_eq!(world.lead().enrolments[&campaign_id("guide")].state, EnrolmentState::Completed);
}

#[test]
fn steps_in_a_circle_end_the_enrolment() {
    let set = |value: &str| Act::Set { traits: traits(&[("interest", value)]) };
    let mut world = world(vec![("a", set("a"), Some("b")), ("b", set("b"), Some("a"))]);
    world.submit("news", Traits::new());
    assert_eq!(world.lead().enrolments[&campaign_id("news")].state, EnrolmentState::Exited);
}

#[test]
fn a_holdout_takes_its_share_and_always_the_same_leads() {
    let step = step_id("control");
    let campaign = campaign_id("news");
    let leads = (0..4_000).map(|place| format!("{place:032x}"));
    let held = leads.filter(|lead| {
        let parts = ["holdout", lead, campaign.as_str(), step.as_str()];
        domain::lot::below(LOTS, &parts) < LOTS / 10
    });
    let held = held.count();
    assert!((340..460).contains(&held), "{held} of 4000");
    for (lots, expected) in [(0, 1), (LOTS, 0)] {
        let mut world =
            world(vec![("control", Act::Holdout { lots }, Some("one")), ("one", send("one", None), None)]);
        world.submit("news", Traits::new());
        assert_eq!(world.pass(days(1)).len(), expected, "{lots} lots");
        let state = world.lead().enrolments[&campaign].state;
        assert_eq!(state == EnrolmentState::Exited, lots == LOTS);
        assert_eq!(world.kinds().contains(&"held_out".to_owned()), lots == LOTS);
    }
}

#[rstest]
#[case(ReEntry::Never, 200, "a", 1)]
#[case(ReEntry::After(days(90)), 89, "a", 1)]
#[case(ReEntry::After(days(90)), 90, "a", 2)]
#[case(ReEntry::OncePer("product".into()), 1, "a", 1)]
#[case(ReEntry::OncePer("product".into()), 1, "b", 2)]
fn who_may_enter_again(
    #[case] re_entry: ReEntry,
    #[case] after: i64,
    #[case] product: &str,
    #[case] expected: usize,
) {
    let mut world = world(vec![("one", send("one", None), None)]);
    let once = !matches!(re_entry, ReEntry::After(_));
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("news").re_entry = re_entry;
    world.submit("news", traits(&[("product", "a")]));
    let first = world.pass(days(after));
    world.submit("news", traits(&[("product", product)]));
    let second = world.pass(days(1));
    assert_eq!(first.len() + second.len(), expected);
    // A value that was there before changes nothing.
    world.submit("news", traits(&[("product", "a")]));
    assert!(!once || world.pass(days(1)).is_empty());
}

#[test]
fn of_two_campaigns_the_one_with_priority_takes_what_the_cap_leaves() {
    for (priority, expected) in
        [(10, ["11-23 11:00 one", "11-24 11:00 hello"]), (-10, ["11-23 11:00 hello", "11-24 11:00 one"])]
    {
        let mut world = world(vec![("one", send("one", None), None)]);
        world.bundle.organisation.limits.per_lead =
            Some(domain::organisation::FrequencyCap { count: 1, per: days(1) });
        world.bundle.campaigns.get_mut(&campaign_id("news")).expect("news").priority = priority;
        let guide = world.bundle.campaigns.get_mut(&campaign_id("guide")).expect("guide");
        guide.form.as_mut().expect("a form").consent.double_opt_in = false;
        guide.sequence = sequence(vec![("hello", send("hello", None), None)]);
        world.submit("guide", Traits::new());
        world.submit("news", Traits::new());
        assert_eq!(world.pass(days(3)), expected);
    }
}

#[rstest]
#[case(&[], None, "Europe/Paris")]
#[case(&[("country", "US")], None, "America/New_York")]
#[case(&[("country", "US"), ("zone", "Asia/Tokyo")], None, "Asia/Tokyo")]
#[case(&[("country", "US"), ("zone", "Asia/Tokyo")], Some("Africa/Lagos"), "Africa/Lagos")]
#[case(&[("zone", "Mars/Olympus"), ("country", "BV")], None, "Europe/Paris")]
fn a_leads_zone_is_the_first_that_is_known(
    #[case] stated: &[(&str, &str)],
    #[case] told: Option<&str>,
    #[case] expected: &str,
) {
    let mut world = world(vec![]);
    world.submit("news", traits(stated));
    let lead = world.lead.as_mut().expect("a lead");
    lead.time_zone = told.map(str::to_owned);
    assert_eq!(domain::zone::of_lead(&world.bundle, world.lead()).iana_name(), Some(expected));
}

#[test]
fn a_profile_stays_small_through_years_of_rounds() {
    let mut world = world(every(Period::Days(1)));
    world.submit("news", traits(&[("birthday", "2000-01-01")]));
    assert_eq!(world.pass(days(700)).len(), 700);
    assert!(world.lead().sends.len() <= 201, "{}", world.lead().sends.len());
}
