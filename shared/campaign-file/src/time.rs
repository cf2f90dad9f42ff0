//! Durations, windows, quiet hours and caps as people write them.

use domain::calendar::{self, Period};
use domain::organisation::FrequencyCap;
use domain::schedule::{ClosedDay, QuietHours, Window};
use domain::score::PointCap;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Span, ToSpan};

/// Why a text cannot be read, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {help}")]
pub struct Unreadable {
    /// What is wrong.
    pub message: String,
    /// The mend.
    pub help: String,
    /// The same, well written, if there is no doubt what is meant.
    pub(crate) rewritten: Option<String>,
}

impl Unreadable {
    /// What is wrong, and the mend.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), rewritten: None }
    }

    /// Says how the same is well written.
    pub(crate) fn or_write(mut self, rewritten: Option<String>) -> Self {
        self.rewritten = rewritten;
        self
    }
}

const DAY: i64 = 86_400;
/// Longer than any campaign; keeps sums of times within what a clock can show.
const LONGEST: i64 = 10 * 366 * DAY;
const DURATION_HELP: &str = "write `15m`, `2h`, `3d`, `2w`, or ISO 8601 such as `PT36H`";
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads `15m`, `2h`, `3d`, `2w`, several of them in a row (`1d 12h`), or ISO 8601. A day has 24 hours.
///
/// Fails for what has no fixed length (months, years), is not above zero, or is longer than ten years.
pub fn duration(text: &str) -> Result<SignedDuration, Unreadable> {
    let text = text.trim();
    let fault = |message: String| Unreadable::new(message, DURATION_HELP);
    let span: Span = text.parse().map_err(|_| fault(format!("`{text}` is not a duration")))?;
    if span.get_months() != 0 || span.get_years() != 0 {
        return Err(fault(format!("`{text}` has no fixed length, since months and years differ")));
    }
    let whole = i64::from(span.get_weeks())
        .checked_mul(7 * DAY)
        .zip(i64::from(span.get_days()).checked_mul(DAY))
        .and_then(|(weeks, days)| weeks.checked_add(days))
        .and_then(|seconds| seconds.checked_add(i64::from(span.get_hours()).checked_mul(3600)?))
        .and_then(|seconds| seconds.checked_add(span.get_minutes().checked_mul(60)?))
        .and_then(|seconds| seconds.checked_add(span.get_seconds()))
        .filter(|seconds| *seconds <= LONGEST)
        .ok_or_else(|| fault(format!("`{text}` is longer than ten years")))?;
    if whole <= 0 {
        return Err(fault(format!("`{text}` is not above zero seconds")));
    }
    Ok(SignedDuration::from_secs(whole))
}

/// Reads `mon-fri 09:00-18:00`. Days may be single, ranges, or several with commas; without days, all are meant.
pub fn window(text: &str) -> Result<Window, Unreadable> {
    let (days, hours) = match text.trim().rsplit_once(char::is_whitespace) {
        Some((days, hours)) => (days.trim(), hours),
        None => ("mon-sun", text.trim()),
    };
    let (from, to) = hours_of(hours, "mon-fri 09:00-18:00").map_err(|fault| {
        let days = days_of(days).map_or_else(|fault| fault.rewritten, |_| Some(days.to_owned()));
        let whole = days.zip(fault.rewritten.as_ref()).map(|(days, hours)| match text.contains(' ') {
            true => format!("{days} {hours}"),
            false => hours.clone(),
        });
        fault.or_write(whole)
    })?;
    if from >= to && to != Time::midnight() {
        return Err(Unreadable::new(
            format!("`{hours}` never opens: a window ends on the day it begins"),
            "write the earlier time first, and `00:00` for midnight",
        ));
    }
    let open = days_of(days).map_err(|fault| {
        let whole = fault.rewritten.clone().map(|days| format!("{days} {hours}"));
        fault.or_write(whole.filter(|written| window(written).is_ok()))
    })?;
    Ok(Window { days: open, from, to })
}

/// Reads `21:00-08:00`.
pub fn quiet_hours(text: &str) -> Result<QuietHours, Unreadable> {
    let (from, to) = hours_of(text.trim(), "21:00-08:00")?;
    if from == to {
        return Err(Unreadable::new(format!("`{text}` holds no hour at all"), "write two different times"));
    }
    Ok(QuietHours { from, to })
}

/// Reads `1y`, `3mo`, `2w` or `14d`: whole days or months, at most ten years.
pub fn period(text: &str) -> Result<Period, Unreadable> {
    let fault = |message: String| Unreadable::new(message, "write `1y`, `3mo`, `2w` or `14d`");
    let text = text.trim();
    let span: Span = text.parse().map_err(|_| fault(format!("`{text}` is not a period")))?;
    let months = i32::from(span.get_years()) * 12 + span.get_months();
    let days = span.get_weeks() * 7 + span.get_days();
    let shorter = Span::new().hours(span.get_hours()).minutes(span.get_minutes()).seconds(span.get_seconds());
    if !shorter.is_zero() || span.get_milliseconds() != 0 {
        return Err(fault(format!("`{text}` is not a number of whole days or months")));
    }
    let period = match (u16::try_from(months), u16::try_from(days)) {
        (Ok(months @ 1..=120), Ok(0)) => Some(Period::Months(months)),
        (Ok(0), Ok(days @ 1..=3_660)) => Some(Period::Days(days)),
        _ => None,
    };
    period.ok_or_else(|| {
        if months > 0 && days > 0 {
            return fault(format!("`{text}` mixes months and days"));
        }
        fault(format!("`{text}` is not between one day and ten years"))
    })
}

/// Reads `09:00`, from `00:00` to `23:59`.
pub fn time_of_day(text: &str) -> Result<Time, Unreadable> {
    time(text)
        .filter(|_| !text.trim().starts_with("24"))
        .ok_or_else(|| Unreadable::new(format!("`{}` is not a time of day", text.trim()), "write `09:00`"))
}

/// Reads `12-25`, every year, or `2026-05-14`, once.
pub fn closed_day(text: &str) -> Result<ClosedDay, Unreadable> {
    let text = text.trim();
    let fault = || {
        let help = "write `12-25` for every year, or `2026-05-14` for one";
        Unreadable::new(format!("`{text}` is not a day"), help)
    };
    // A leap year, so that the 29th of February is a day.
    let of_every_year = calendar::date(&format!("2000-{text}"));
    let day = |year, date: Date| ClosedDay { year, month: date.month(), day: date.day() };
    match (of_every_year, calendar::date(text)) {
        (Some(date), _) => Ok(day(None, date)),
        (None, Some(date)) => Ok(day(Some(date.year()), date)),
        (None, None) => Err(fault()),
    }
}

/// Whether no day of a year is left open.
pub fn every_day(closed: &[ClosedDay]) -> bool {
    let yearly = || closed.iter().filter(|day| day.year.is_none());
    // 366 days are few to look through; a list that is shorter leaves one open.
    yearly().count() >= 365
        && Date::constant(2001, 1, 1).series(1.day()).take(365).all(|date| yearly().any(|day| day.is(date)))
}

/// Reads `2 per 24h`.
pub fn frequency_cap(text: &str) -> Result<FrequencyCap, Unreadable> {
    let (count, per) = per(text, "2 per 24h")?;
    match u32::try_from(count) {
        Ok(count) if count > 0 => Ok(FrequencyCap { count, per }),
        _ => Err(Unreadable::new(format!("`{text}` allows no e-mail at all"), "write a number above zero")),
    }
}

/// Reads `10 per 1d`, in whole days.
pub fn point_cap(text: &str) -> Result<PointCap, Unreadable> {
    let (points, per) = per(text, "10 per 1d")?;
    if per.as_secs() % DAY != 0 {
        return Err(Unreadable::new(format!("`{text}` does not count in whole days"), "write `10 per 1d`"));
    }
    match u32::try_from(points) {
        Ok(points) if points > 0 => Ok(PointCap { points: f64::from(points), days: per.as_secs() / DAY }),
        _ => Err(Unreadable::new(format!("`{text}` allows no point at all"), "write a number above zero")),
    }
}

/// An amount for each span of time.
fn per(text: &str, example: &str) -> Result<(u64, SignedDuration), Unreadable> {
    let fault = || {
        let message = format!("`{text}` is not an amount for a time");
        Unreadable::new(message, format!("write `{example}`")).or_write(tidy_amount(text))
    };
    let (amount, span) = text.split_once(" per ").ok_or_else(fault)?;
    let amount = amount.trim().parse().map_err(|_| fault())?;
    Ok((amount, duration(span).map_err(|fault| fault.or_write(tidy_amount(text)))?))
}

/// `2 every 24h`, `2/24h` and `2 per day` as `2 per 24h` and `2 per 1d`.
fn tidy_amount(text: &str) -> Option<String> {
    let digits = text.trim().find(|c: char| !c.is_ascii_digit()).filter(|length| *length > 0)?;
    let (amount, rest) = text.trim().split_at(digits);
    let rest = rest.trim();
    let span =
        ["every ", "per ", "each ", "a ", "in ", "/"].iter().find_map(|word| rest.strip_prefix(word))?.trim();
    let span = match span {
        "hour" => "1h",
        "day" => "1d",
        "week" => "1w",
        other => other,
    };
    duration(span).is_ok().then(|| format!("{amount} per {span}"))
}

fn days_of(text: &str) -> Result<[bool; 7], Unreadable> {
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let read = |name: &str| {
            day(name).map_err(|fault| {
                let whole = fault.rewritten.as_deref().map(|meant| text.replacen(name.trim(), meant, 1));
                fault.or_write(whole)
            })
        };
        let (mut day, last) = (read(first)?, read(last)?);
        days[day] = true;
        while day != last {
            day = (day + 1) % 7;
            days[day] = true;
        }
    }
    Ok(days)
}

fn day(text: &str) -> Result<usize, Unreadable> {
    let name = text.trim().to_lowercase();
    DAYS.iter().position(|day| *day == name).ok_or_else(|| {
        let meant = crate::nearest::certain(&name, DAYS).or(DAYS.into_iter().find(|day| {
            ["day", "sday", "nesday", "rsday", "urday"].iter().any(|ending| name == format!("{day}{ending}"))
        }));
        Unreadable::new(format!("`{}` is not a day", text.trim()), crate::nearest::mend(&name, DAYS, ""))
            .or_write(meant.map(str::to_owned))
    })
}

fn hours_of(text: &str, example: &str) -> Result<(Time, Time), Unreadable> {
    let fault = || {
        let fault = Unreadable::new(format!("`{text}` is not a span of hours"), format!("write `{example}`"));
        fault.or_write(tidy_hours(text))
    };
    let (from, to) = text.split_once('-').ok_or_else(fault)?;
    Ok((time(from).ok_or_else(fault)?, time(to).ok_or_else(fault)?))
}

/// `9h-18h30` and `9-18` as `09:00-18:30` and `09:00-18:00`.
fn tidy_hours(text: &str) -> Option<String> {
    let tidy = |part: &str| {
        let part = part.trim().to_lowercase().replace(['h', '.'], ":");
        let part = part.strip_suffix(':').unwrap_or(&part);
        let full = if part.contains(':') { part.to_owned() } else { format!("{part}:00") };
        time(&full).map(|time| time.strftime("%H:%M").to_string())
    };
    let (from, to) = text.split_once('-')?;
    Some(format!("{}-{}", tidy(from)?, tidy(to)?))
}

/// `09:00`, `9:00`; `24:00` is the day's end, which is kept as `00:00`.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits =
        |part: &str| part.len() <= 2 && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    match (hour.parse().ok()?, minute.parse().ok()?) {
        (24, 0) => Some(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("15m", 900),
            ("2h", 7_200),
            ("3d", 3 * DAY),
            ("2w", 14 * DAY),
            ("1d 12h", DAY + DAY / 2),
            ("45s", 45),
            ("PT36H", 36 * 3_600),
            ("P1DT12H", DAY + DAY / 2),
            ("P2W", 14 * DAY),
            (" 3d ", 3 * DAY),
        ] {
            assert_eq!(duration(text).map(|found| found.as_secs()), Ok(seconds), "{text}");
        }
        for text in ["", "3", "d", "3x", "-3d", "0m", "P1M", "P1Y", "11y", "4000d", "1ms", "999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn windows() {
        let days = |text: &str| {
            let open = window(text).map(|window| window.days);
            open.map(|open| {
                DAYS.into_iter().zip(open).filter(|(_, open)| *open).map(|(day, _)| day).collect()
            })
        };
        for (text, expected) in [
            ("mon-fri 09:00-18:00", "mon tue wed thu fri"),
            ("sat 9:00-12:00", "sat"),
            ("mon,wed,fri 09:00-12:00", "mon wed fri"),
            ("sat-mon 09:00-12:00", "mon sat sun"),
            ("mon-tue, sat 09:00-12:00", "mon tue sat"),
            ("MON 09:00-24:00", "mon"),
            ("09:00-18:00", "mon tue wed thu fri sat sun"),
        ] {
            assert_eq!(days(text), Ok(expected.split(' ').collect::<Vec<_>>()), "{text}");
        }
        for text in
            ["", "mon", "mon-fri", "xyz 09:00-18:00", "18:00-09:00", "09:00-09:00", "25:00-26:00", "9-18"]
        {
            assert!(window(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_window_until_midnight_ends_at_the_days_end() {
        assert_eq!(window("22:00-24:00"), window("22:00-00:00"));
    }

    #[test]
    fn caps() {
        let cap = |text: &str| frequency_cap(text).map(|cap| (cap.count, cap.per.as_secs()));
        assert_eq!(cap("2 per 24h"), Ok((2, DAY)));
        assert_eq!(cap("1 per 1w"), Ok((1, 7 * DAY)));
        for text in ["2", "2 per", "two per 24h", "0 per 24h", "-1 per 24h", "2 per day", "5000000000 per 1d"]
        {
            assert!(frequency_cap(text).is_err(), "{text}");
        }
        assert_eq!(point_cap("10 per 2d"), Ok(PointCap { points: 10.0, days: 2 }));
        assert_eq!(point_cap("10 per 24h"), Ok(PointCap { points: 10.0, days: 1 }));
        assert!(point_cap("10 per 36h").is_err());
    }
}
