//! Windows, quiet hours and closed days, on ordinary days and where clocks change.

use domain::schedule::{ClosedDay, QuietHours, Waits, Window};
use jiff::Timestamp;
use jiff::civil::{Time, time};
use jiff::tz::TimeZone;
use rstest::rstest;

const PARIS: &str = "Europe/Paris"; // 2026-03-29 02:00 → 03:00 at 01:00Z, 2026-10-25 03:00 → 02:00 at 01:00Z
const NEW_YORK: &str = "America/New_York"; // 2026-03-08 02:00 → 03:00 at 07:00Z, 2026-11-01 02:00 → 01:00 at 06:00Z

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn hour(text: &str) -> Time {
    let (hour, minute) = text.split_once(':').expect("a time");
    time(hour.parse().expect("an hour"), minute.parse().expect("a minute"), 0, 0)
}

#[rstest]
// They begin and end within the hour that is repeated: from its first passing to its second.
#[case(PARIS, "21:00", "02:30", "2026-10-25T00:00:00Z", "2026-10-25T01:30:00Z")] // 02:00, the first time
#[case(PARIS, "21:00", "02:30", "2026-10-25T00:29:59Z", "2026-10-25T01:30:00Z")] // 02:29, the first time
#[case(PARIS, "21:00", "02:30", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z")] // 02:45, the first time
#[case(PARIS, "21:00", "02:30", "2026-10-25T01:15:00Z", "2026-10-25T01:30:00Z")] // 02:15, the second time
#[case(PARIS, "21:00", "02:30", "2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z")] // 02:30, the second time
#[case(PARIS, "02:30", "08:00", "2026-10-25T00:29:00Z", "2026-10-25T00:29:00Z")] // 02:29, the first time
#[case(PARIS, "02:30", "08:00", "2026-10-25T00:30:00Z", "2026-10-25T07:00:00Z")] // 02:30, the first time
#[case(PARIS, "02:30", "08:00", "2026-10-25T01:10:00Z", "2026-10-25T07:00:00Z")] // 02:10, the second time
#[case(NEW_YORK, "21:00", "01:30", "2026-11-01T05:35:00Z", "2026-11-01T06:30:00Z")] // 01:35, the first time
#[case(NEW_YORK, "21:00", "01:30", "2026-11-01T06:29:00Z", "2026-11-01T06:30:00Z")] // 01:29, the second time
#[case(NEW_YORK, "21:00", "08:00", "2026-11-01T03:00:00Z", "2026-11-01T13:00:00Z")] // over the change
// They begin or end within the hour that is skipped: at the moment of the change.
#[case(PARIS, "21:00", "02:30", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z")]
#[case(PARIS, "21:00", "02:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z")] // 03:00
#[case(PARIS, "02:30", "08:00", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z")] // 01:59
#[case(PARIS, "02:30", "08:00", "2026-03-29T01:00:00Z", "2026-03-29T06:00:00Z")] // 03:00
#[case(NEW_YORK, "22:00", "02:15", "2026-03-08T05:00:00Z", "2026-03-08T07:00:00Z")]
#[case(NEW_YORK, "22:00", "08:00", "2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z")] // over the change
fn quiet_hours_end_where_clocks_change(
    #[case] zone: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] now: &str,
    #[case] expected: &str,
) {
    let quiet = QuietHours { from: hour(from), to: hour(to) };
    assert_eq!(quiet.after(at(now), &TimeZone::get(zone).expect("a zone")), at(expected));
}

#[rstest]
// Open only while both readings of a repeated hour say so.
#[case(PARIS, "02:30", "05:00", "2026-10-25T00:40:00Z", "2026-10-25T01:30:00Z")] // 02:40, the first time
#[case(PARIS, "00:00", "02:30", "2026-10-25T00:20:00Z", "2026-10-25T00:20:00Z")] // 02:20, the first time
#[case(PARIS, "00:00", "02:30", "2026-10-25T01:10:00Z", "2026-10-25T23:00:00Z")] // 02:10, the second time
#[case(PARIS, "09:00", "18:00", "2026-10-25T06:00:00Z", "2026-10-25T08:00:00Z")]
#[case(PARIS, "02:30", "05:00", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z")] // skipped: opens at 03:00
#[case(PARIS, "02:10", "02:50", "2026-03-28T23:00:00Z", "2026-03-30T00:10:00Z")] // skipped whole: the day after
#[case(NEW_YORK, "09:00", "18:00", "2026-11-01T05:00:00Z", "2026-11-01T14:00:00Z")]
#[case(NEW_YORK, "09:00", "18:00", "2026-03-08T05:00:00Z", "2026-03-08T13:00:00Z")]
fn windows_open_where_clocks_change(
    #[case] zone: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] now: &str,
    #[case] expected: &str,
) {
    let window = Window { days: [true; 7], from: hour(from), to: hour(to) };
    assert_eq!(window.next_open(at(now), &TimeZone::get(zone).expect("a zone")), Some(at(expected)));
}

const CHRISTMAS: ClosedDay = ClosedDay { year: None, month: 12, day: 25 };
const BOXING_DAY: ClosedDay = ClosedDay { year: Some(2026), month: 12, day: 26 };

#[rstest]
#[case(&[CHRISTMAS], None, "2026-12-24T22:59:00Z", "2026-12-24T22:59:00Z")] // the 24th, 23:59
#[case(&[CHRISTMAS], None, "2026-12-24T23:00:00Z", "2026-12-25T23:00:00Z")] // the 25th, 00:00
#[case(&[CHRISTMAS], None, "2027-12-25T10:00:00Z", "2027-12-25T23:00:00Z")] // every year
#[case(&[CHRISTMAS, BOXING_DAY], None, "2026-12-25T10:00:00Z", "2026-12-26T23:00:00Z")]
#[case(&[CHRISTMAS, BOXING_DAY], None, "2027-12-26T10:00:00Z", "2027-12-26T10:00:00Z")] // that year alone
#[case(&[CHRISTMAS], Some(("21:00", "08:00")), "2026-12-25T10:00:00Z", "2026-12-26T07:00:00Z")]
#[case(&[CHRISTMAS], Some(("21:00", "08:00")), "2026-12-24T21:00:00Z", "2026-12-26T07:00:00Z")]
fn nothing_leaves_on_closed_days(
    #[case] closed_days: &[ClosedDay],
    #[case] quiet: Option<(&str, &str)>,
    #[case] now: &str,
    #[case] expected: &str,
) {
    let quiet = quiet.map(|(from, to)| QuietHours { from: hour(from), to: hour(to) });
    let waits = Waits { quiet_hours: quiet.as_ref(), closed_days, ..Waits::default() };
    assert_eq!(waits.next(at(now), &TimeZone::get(PARIS).expect("a zone")), Some(at(expected)));
}

/// A Friday in summer: eight in the morning in Paris is six in UTC.
#[rstest]
#[case("2026-07-17T08:00:00Z", None)] // 10:00
#[case("2026-07-17T05:30:00Z", Some("its window"))] // 07:30: both, and the window opens later
#[case("2026-07-17T19:30:00Z", Some("its window"))] // 21:30
#[case("2026-07-18T08:00:00Z", Some("its window"))] // on Saturday
#[case("2026-07-14T08:00:00Z", Some("a closed day"))] // a Tuesday
#[case("2026-07-14T21:30:00Z", Some("a closed day"))] // at 23:30
fn what_holds_an_e_mail_back_is_told(#[case] now: &str, #[case] expected: Option<&str>) {
    let quiet = QuietHours { from: hour("21:00"), to: hour("08:00") };
    let closed_days = [ClosedDay { year: None, month: 7, day: 14 }];
    let mut waits = Waits { quiet_hours: Some(&quiet), closed_days: &closed_days, ..Waits::default() };
    let days = [true, true, true, true, true, false, false];
    let office = Window { days, from: hour("09:00"), to: hour("18:00") };
    waits.between = Some(&office);
    let zone = TimeZone::get(PARIS).expect("a zone");
    assert_eq!(waits.reason(at(now), &zone), expected);
    assert_eq!(waits.next(at(now), &zone) == Some(at(now)), expected.is_none());
    waits.cap_ends = Some(at("2027-01-01T00:00:00Z"));
    assert_eq!(waits.reason(at(now), &zone), Some("the frequency cap"));
    waits.paused_until = waits.cap_ends;
    assert_eq!(waits.reason(at(now), &zone), Some("the lead asked for a pause"));
    let asleep = Waits { quiet_hours: Some(&quiet), ..Waits::default() };
    let night = at("2026-07-17T19:30:00Z");
    assert_eq!(asleep.reason(night, &zone), Some("quiet hours"));
}

#[test]
fn a_year_of_closed_days_never_ends() {
    let closed_days: Vec<ClosedDay> =
        (1..=12).flat_map(|month| (1..=31).map(move |day| ClosedDay { year: None, month, day })).collect();
    let waits = Waits { closed_days: &closed_days, ..Waits::default() };
    assert_eq!(waits.next(at("2026-12-25T10:00:00Z"), &TimeZone::UTC), None);
}

/// Whatever the zone, the hours and the moment: what comes out is not before, and no clock on the wall says quiet.
#[test]
fn no_clock_says_quiet_when_quiet_hours_are_over() {
    for zone in [PARIS, NEW_YORK, "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"] {
        let zone = TimeZone::get(zone).expect("a zone");
        for (from, to) in [("21:00", "08:00"), ("01:15", "02:45"), ("22:00", "01:30"), ("00:00", "02:30")] {
            let quiet = QuietHours { from: hour(from), to: hour(to) };
            for step in 0..(366 * 24) {
                let now = at("2026-01-01T00:17:00Z") + jiff::SignedDuration::from_hours(step);
                let after = quiet.after(now, &zone);
                let clock = after.to_zoned(zone.clone()).time();
                let says_quiet = if quiet.from < quiet.to {
                    (quiet.from..quiet.to).contains(&clock)
                } else {
                    clock >= quiet.from || clock < quiet.to
                };
                assert!(after >= now && !says_quiet, "{now} {from}-{to} {zone:?}: {after}");
            }
        }
    }
}
