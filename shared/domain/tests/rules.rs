//! The small rules, as tables.

mod support;

use domain::{EmailAddress, Facts, InvalidEmail, Traits};
use jiff::tz::TimeZone;
use rstest::rstest;
use support::*;

#[rstest]
#[case(" Ada@Example.COM ", "ada@example.com")]
#[case("a.da+tag@example.com", "a.da+tag@example.com")]
#[case("ada@bücher.example", "ada@xn--bcher-kva.example")]
fn addresses_are_normalised(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(EmailAddress::parse(text).expect("an address").as_str(), expected);
}

#[rstest]
#[case("", InvalidEmail::Syntax)]
#[case("ada", InvalidEmail::Syntax)]
#[case("@example.com", InvalidEmail::Syntax)]
#[case("a b@example.com", InvalidEmail::Syntax)]
#[case("ada@exam\r\nple.com", InvalidEmail::Domain)]
#[case("ada\r\nBcc: eve@example.com", InvalidEmail::Syntax)]
#[case("\"ada\"@example.com", InvalidEmail::Syntax)]
#[case("ada@localhost", InvalidEmail::Domain)]
#[case("ada@127.0.0.1", InvalidEmail::Domain)]
#[case("ada@-example-.com", InvalidEmail::Domain)]
#[case("zoé@example.com", InvalidEmail::LocalPartNotAscii)]
fn what_is_no_address_says_why(#[case] text: &str, #[case] expected: InvalidEmail) {
    assert_eq!(EmailAddress::parse(text), Err(expected));
}

#[rstest]
#[case("ada@gmail.com", true, false)]
#[case("ada@yopmail.com", false, true)]
#[case("ada@deep.yopmail.com", false, true)]
#[case("ada@example.com", false, false)]
fn domains_are_known(#[case] text: &str, #[case] free: bool, #[case] disposable: bool) {
    let address = EmailAddress::parse(text).expect("an address");
    assert_eq!((address.is_free(), address.is_disposable()), (free, disposable));
}

#[rstest]
#[case("lead.housing == \"house\"", true)]
#[case("lead.surface >= 100", true)]
#[case("lead.surface >= 120.5", false)]
#[case("lead.surface == 120", true)]
#[case("lead.unknown > 3", false)]
#[case("!(lead.unknown > 3)", false)]
#[case("lead.unknown > 3 || true", true)]
#[case("true || lead.unknown > 3", true)]
#[case("lead.unknown > 3 && false", false)]
#[case("has(lead.unknown)", false)]
#[case("has(lead.housing) && !has(lead.unknown)", true)]
#[case("lead.email == \"ada@example.com\" && lead.locale == \"fr\"", true)]
#[case("email.domain == \"example.com\" && !email.free && !email.disposable", true)]
#[case("score.total >= 40 && score.fit == 30 && score.engagement == 10", true)]
#[case("temperature == \"warm\" && stage == \"mql\"", true)]
#[case("occurred(\"form_submitted\") && !occurred(\"webinar\")", true)]
#[case("times(\"form_submitted\") == 1 && times(\"webinar\") == 0", true)]
#[case("days_since(\"form_submitted\") < 1", true)]
#[case("days_since(\"webinar\") > 1000", true)]
#[case("days_since_last_activity < 1", true)]
#[case("in_segment(\"homeowners\")", true)]
#[case("in_segment(\"nobody\")", false)]
#[case("\"yes\"", false)]
fn conditions_hold(#[case] source: &str, #[case] expected: bool) {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.submit("guide", house());
    let facts = Facts::new(&world.bundle, world.lead(), world.now);
    assert_eq!(condition(source).holds(&facts), expected, "{source}");
}

#[test]
fn engagement_halves_with_each_half_life() {
    let mut world = World::begin("2026-01-01T00:00:00Z");
    world.submit("news", Traits::new());
    for (after, expected) in [(0, 10.0), (30, 5.0), (30, 2.5)] {
        world.now += days(after);
        assert_eq!(world.score().engagement, expected);
    }
}

#[test]
fn a_cap_counts_by_utc_day() {
    let mut world = World::begin("2026-01-01T23:50:00Z");
    world.bundle.organisation.score.decay = None;
    world.submit("news", Traits::new());
    for _ in 0..15 {
        world.now_input(page()).expect("a page");
    }
    assert_eq!(world.score().engagement, 10.0 + 10.0);
    world.now = at("2026-01-02T00:05:00Z");
    world.now_input(page()).expect("a page");
    assert_eq!(world.score().engagement, 10.0 + 10.0 + 1.0);
}

#[test]
fn every_point_has_its_reason_and_time() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.submit("guide", house());
    let score = world.score();
    let reasons: Vec<(&str, f64)> =
        score.reasons.iter().map(|reason| (reason.because.as_str(), reason.points)).collect();
    assert_eq!(reasons, [("a large house", 30.0), ("form_submitted", 10.0)]);
    assert!(score.reasons.iter().all(|reason| reason.at == world.now));
}

#[rstest]
#[case("2026-11-23T08:30:00Z", "2026-11-23T08:30:00Z")] // Monday 09:30 in Paris: open
#[case("2026-11-23T07:59:00Z", "2026-11-23T08:00:00Z")] // Monday 08:59
#[case("2026-11-23T17:00:00Z", "2026-11-24T08:00:00Z")] // Monday 18:00: closed
#[case("2026-11-27T17:30:00Z", "2026-11-30T08:00:00Z")] // Friday evening
#[case("2026-03-28T12:00:00Z", "2026-03-30T07:00:00Z")] // over the change to summer time
fn a_window_opens(#[case] from: &str, #[case] expected: &str) {
    let zone = TimeZone::get("Europe/Paris").expect("a zone");
    assert_eq!(office_hours().next_open(at(from), &zone), Some(at(expected)));
}

#[rstest]
#[case("2026-11-23T19:59:00Z", "2026-11-23T19:59:00Z")] // 20:59
#[case("2026-11-23T20:00:00Z", "2026-11-24T07:00:00Z")] // 21:00
#[case("2026-11-24T02:00:00Z", "2026-11-24T07:00:00Z")] // 03:00
#[case("2026-11-24T07:00:00Z", "2026-11-24T07:00:00Z")] // 08:00
#[case("2026-10-24T23:30:00Z", "2026-10-25T07:00:00Z")] // over the change to winter time
fn quiet_hours_end(#[case] from: &str, #[case] expected: &str) {
    let zone = TimeZone::get("Europe/Paris").expect("a zone");
    let quiet = bundle().organisation.limits.quiet_hours.expect("quiet hours");
    assert_eq!(quiet.after(at(from), &zone), at(expected));
}
