//! Times as scenarios write them: `2026-03-02 09:00`, `09:00`, `thu 09:00`.

use campaign_file::Unreadable;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

const HELP: &str = "write `2026-03-02 09:00`, `09:00` or `thu 09:00`";
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// When a step of a scenario happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// So long after the step before it.
    After(SignedDuration),
    /// The first such moment that is not before the step before it.
    At(Moment),
}

/// A time by the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Of one day.
    Dated(DateTime),
    /// Of every day, or of one day a week.
    Clock(Option<Weekday>, Time),
}

impl Moment {
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let fault = || Unreadable::new(format!("`{text}` is not a moment"), HELP);
        let text = text.trim();
        let (first, time) = match text.rsplit_once(|c: char| c.is_whitespace() || c == 'T') {
            Some((first, time)) => (Some(first.trim()), time),
            None => (None, text),
        };
        let (hour, minute) = time.split_once(':').ok_or_else(fault)?;
        let number = |text: &str| text.parse::<i8>().map_err(|_| fault());
        let time = Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| fault())?;
        let Some(first) = first else { return Ok(Self::Clock(None, time)) };
        if let Some((_, day)) = DAYS.into_iter().find(|(name, _)| first.eq_ignore_ascii_case(name)) {
            return Ok(Self::Clock(Some(day), time));
        }
        let date: jiff::civil::Date = first.parse().map_err(|_| fault())?;
        Ok(Self::Dated(date.to_datetime(time)))
    }

    /// The first such moment at or after `now`; of a date, that moment even if it is past.
    pub fn from(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = now.to_zoned(zone.clone());
        let stamp = |moment: DateTime| moment.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
        match self {
            Self::Dated(moment) => stamp(moment),
            Self::Clock(day, time) => (0..9).find_map(|ahead| {
                let date = local.date().checked_add(i64::from(ahead).days()).ok()?;
                if day.is_some_and(|day| date.weekday() != day) {
                    return None;
                }
                stamp(date.to_datetime(time)).filter(|at| *at >= now)
            }),
        }
    }

    /// Whether it is that minute at `at`.
    pub fn is(self, at: Timestamp, zone: &TimeZone) -> bool {
        let local = at.to_zoned(zone.clone());
        let minute = |time: Time| (time.hour(), time.minute());
        match self {
            Self::Dated(moment) => {
                local.date() == moment.date() && minute(local.time()) == minute(moment.time())
            }
            Self::Clock(day, time) => {
                day.is_none_or(|day| local.date().weekday() == day) && minute(local.time()) == minute(time)
            }
        }
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dated(moment) => write!(f, "{}", moment.strftime("%Y-%m-%d %H:%M")),
            Self::Clock(day, time) => {
                let name = DAYS.into_iter().find(|(_, other)| Some(*other) == *day).map(|(name, _)| name);
                name.map_or(Ok(()), |name| write!(f, "{name} "))?;
                write!(f, "{}", time.strftime("%H:%M"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_found_by_the_wall_clock() {
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        let now: Timestamp = "2026-03-27T08:00:00Z".parse().expect("a time"); // a Friday, 09:00 in Paris
        for (text, expected) in [
            ("09:00", "2026-03-27T08:00:00Z"),
            ("08:59", "2026-03-28T07:59:00Z"),
            ("mon 9:00", "2026-03-30T07:00:00Z"), // clocks went forward between
            ("fri 08:00", "2026-04-03T06:00:00Z"),
            ("2026-12-24 18:00", "2026-12-24T17:00:00Z"),
        ] {
            let moment = Moment::parse(text).expect("a moment");
            let at = moment.from(now, &zone).expect("there is one");
            assert_eq!(at.to_string(), expected, "{text}");
            assert!(moment.is(at, &zone), "{text}");
        }
        for text in ["", "noon", "25:00", "2026-02-30 09:00", "xyz 09:00", "2026-03-02"] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }
}
