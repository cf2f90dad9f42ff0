//! When an e-mail may leave: windows, quiet hours, closed days and the frequency cap.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// What an e-mail waits for while its mailbox rests.
pub(crate) const MAILBOX_RESTS: &str = "e-mails came back from its mailbox";

/// How far ahead a window's opening is looked for: one that opens at all opens within a week, and clocks change.
const WINDOW_DAYS: i64 = 15;
/// How far ahead a moment is looked for that suits everything: holidays can close a window week after week.
const HORIZON_DAYS: i64 = 400;

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
        (0..WINDOW_DAYS).find_map(|ahead| {
            let date = local.date().checked_add(ahead.days()).ok()?;
            if !self.days[weekday_index(date.weekday())] {
                return None;
            }
            // Where an hour is repeated, the window is open only while both readings of the clock say so.
            let opens = moment(date.to_datetime(self.from), Repeated::Second, zone)?;
            let last_day = if self.to == Time::midnight() { date.tomorrow().ok()? } else { date };
            let closes = moment(last_day.to_datetime(self.to), Repeated::First, zone)?;
            let candidate = at.max(opens);
            (candidate < closes).then_some(candidate)
        })
    }
}

impl QuietHours {
    /// `at` itself, or the end of the quiet hours that it falls in.
    pub fn after(&self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        // Those that began yesterday may last until today.
        let today = at.to_zoned(zone.clone()).date();
        let begin_on = [today.yesterday().ok(), Some(today)];
        let spans = begin_on.into_iter().flatten().filter_map(|date| self.begun_on(date, zone));
        spans.filter(|(from, to)| *from <= at && at < *to).map(|(_, to)| to).max().unwrap_or(at)
    }

    /// Where an hour is repeated, they begin at its first passing and end at its second.
    fn begun_on(&self, date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let last_day = if self.from < self.to { date } else { date.tomorrow().ok()? };
        let from = moment(date.to_datetime(self.from), Repeated::First, zone)?;
        Some((from, moment(last_day.to_datetime(self.to), Repeated::Second, zone)?))
    }
}

/// A day on which nothing leaves: `12-25` of every year, or `2026-05-14` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedDay {
    /// None: every year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    /// From 1 on.
    pub month: i8,
    /// From 1 on.
    pub day: i8,
}

impl ClosedDay {
    /// Whether the date is this day.
    pub fn is(&self, date: Date) -> bool {
        self.year.is_none_or(|year| year == date.year())
            && (self.month, self.day) == (date.month(), date.day())
    }
}

/// What an e-mail must wait for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waits<'a> {
    /// The step's own window.
    pub between: Option<&'a Window>,
    /// The organisation's quiet hours.
    pub quiet_hours: Option<&'a QuietHours>,
    /// The organisation's closed days.
    pub closed_days: &'a [ClosedDay],
    /// The end of the span that the frequency cap fills.
    pub cap_ends: Option<Timestamp>,
    /// The end of the pause that the lead asked for.
    pub paused_until: Option<Timestamp>,
    /// The end of the rest that its mailbox is given.
    pub rests_until: Option<Timestamp>,
}

impl Waits<'_> {
    /// The first moment at or after `at` that suits everything; none if the window never opens outside quiet hours.
    pub fn next(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let ends = [self.cap_ends, self.paused_until, self.rests_until];
        let mut moment = ends.into_iter().flatten().fold(at, Timestamp::max);
        let horizon = moment + SignedDuration::from_hours(24 * HORIZON_DAYS);
        while moment < horizon {
            let opened = match self.between {
                Some(window) => window.next_open(moment, zone)?,
                None => moment,
            };
            let awake = self.quiet_hours.map_or(opened, |quiet| quiet.after(opened, zone));
            let working = self.after_closed_days(awake, zone)?;
            if working == moment {
                return Some(moment);
            }
            moment = working;
        }
        None
    }

    /// What does not suit at that moment, in the words of the lead's timeline; none if everything does. Of several, it is
    /// the one that is the lead's own, or else the longest.
    pub fn reason(&self, at: Timestamp, zone: &TimeZone) -> Option<&'static str> {
        let later = |end: Option<Timestamp>| end.is_some_and(|end| end > at);
        let opens = |window: &Window| window.next_open(at, zone);
        [
            (later(self.paused_until), "the lead asked for a pause"),
            (later(self.rests_until), MAILBOX_RESTS),
            (later(self.cap_ends), "the frequency cap"),
            (self.is_closed(at.to_zoned(zone.clone()).date()), "a closed day"),
            (self.between.is_some_and(|window| opens(window) != Some(at)), "its window"),
            (self.quiet_hours.is_some_and(|quiet| quiet.after(at, zone) != at), "quiet hours"),
        ]
        .into_iter()
        .find_map(|(holds, reason)| holds.then_some(reason))
    }

    fn is_closed(&self, date: Date) -> bool {
        self.closed_days.iter().any(|day| day.is(date))
    }

    /// `at` itself, or the beginning of the day after the closed days that it falls in.
    fn after_closed_days(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = at.to_zoned(zone.clone()).date();
        if !self.is_closed(today) {
            return Some(at);
        }
        let mut ahead = (1..HORIZON_DAYS).filter_map(|ahead| today.checked_add(ahead.days()).ok());
        let open = ahead.find(|date| !self.is_closed(*date))?;
        moment(open.to_datetime(Time::midnight()), Repeated::First, zone)
    }
}

/// The zone of that IANA name, or else the fallback, or else UTC.
pub fn zone(name: Option<&str>, fallback: &str) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok())
        .or_else(|| TimeZone::get(fallback).ok())
        .unwrap_or(TimeZone::UTC)
}

/// Which passing of an hour is meant that the clocks repeat in autumn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeated {
    First,
    Second,
}

/// When a clock of the zone shows that. What clocks skip in spring happens at the moment at which they skip it.
pub(crate) fn moment(local: DateTime, repeated: Repeated, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
        AmbiguousOffset::Fold { before, after } => {
            let offset = if repeated == Repeated::First { before } else { after };
            offset.to_timestamp(local).ok()
        }
        AmbiguousOffset::Gap { after, .. } => {
            let before_the_gap = after.to_timestamp(local).ok()?;
            zone.following(before_the_gap).next().map(|change| change.timestamp())
        }
    }
}

fn weekday_index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}
