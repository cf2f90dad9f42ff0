//! When an e-mail may leave: windows, quiet hours and the frequency cap.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use serde::{Deserialize, Serialize};

/// How far ahead an opening is looked for. A window that opens at all opens within a week; one more for clocks that change.
const HORIZON_DAYS: i64 = 15;

/// Hours of certain days: `mon-fri 09:00-18:00`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Monday first.
    pub days: [bool; 7],
    /// From this time on.
    pub from: Time,
    /// Before this time; `00:00` is midnight at the day's end.
    pub to: Time,
}

/// The hours of every day in which nothing leaves: `21:00-08:00`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuietHours {
    /// From this time on.
    pub from: Time,
    /// Until this time, of the next day if it is not later than `from`.
    pub to: Time,
}

impl Window {
    /// The first moment at or after `at` in which the window is open; none if it never opens.
    pub fn next_open(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = at.to_zoned(zone.clone());
        (0..HORIZON_DAYS).find_map(|ahead| {
            let date = local.date().checked_add(ahead.days()).ok()?;
            if !self.days[weekday_index(date.weekday())] {
                return None;
            }
            let opens = moment(date.to_datetime(self.from), zone)?;
            let closes = if self.to == Time::midnight() {
                moment(date.tomorrow().ok()?.to_datetime(self.to), zone)?
            } else {
                moment(date.to_datetime(self.to), zone)?
            };
            let candidate = at.max(opens);
            (candidate < closes).then_some(candidate)
        })
    }
}

impl QuietHours {
    /// `at` itself, or the end of the quiet hours that it falls in.
    pub fn after(&self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = at.to_zoned(zone.clone());
        let time = local.time();
        let overnight = self.from > self.to;
        let quiet =
            if overnight { time >= self.from || time < self.to } else { time >= self.from && time < self.to };
        if !quiet {
            return at;
        }
        let ends_tomorrow = overnight && time >= self.from;
        let date = if ends_tomorrow { local.date().tomorrow().ok() } else { Some(local.date()) };
        date.and_then(|date| moment(date.to_datetime(self.to), zone)).unwrap_or(at).max(at)
    }
}

/// What an e-mail must wait for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waits<'a> {
    /// The step's own window.
    pub between: Option<&'a Window>,
    /// The organisation's quiet hours.
    pub quiet_hours: Option<&'a QuietHours>,
    /// The end of the span that the frequency cap fills.
    pub cap_ends: Option<Timestamp>,
    /// The end of the pause that the lead asked for.
    pub paused_until: Option<Timestamp>,
}

impl Waits<'_> {
    /// The first moment at or after `at` that suits everything; none if the window never opens outside quiet hours.
    pub fn next(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut moment = at.max(self.cap_ends.unwrap_or(at)).max(self.paused_until.unwrap_or(at));
        let horizon = moment + SignedDuration::from_hours(24 * HORIZON_DAYS);
        while moment < horizon {
            let opened = match self.between {
                Some(window) => window.next_open(moment, zone)?,
                None => moment,
            };
            let awake = self.quiet_hours.map_or(opened, |quiet| quiet.after(opened, zone));
            if awake == moment {
                return Some(moment);
            }
            moment = awake;
        }
        None
    }
}

/// The zone of that IANA name, or else the fallback, or else UTC.
pub fn zone(name: Option<&str>, fallback: &str) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok())
        .or_else(|| TimeZone::get(fallback).ok())
        .unwrap_or(TimeZone::UTC)
}

fn moment(local: jiff::civil::DateTime, zone: &TimeZone) -> Option<Timestamp> {
    local.to_zoned(zone.clone()).ok().map(|zoned: Zoned| zoned.timestamp())
}

fn weekday_index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}
