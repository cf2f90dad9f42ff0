//! Dates: how they are written, what lies so many months or days from one, and which anniversary is next.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A length of time in the calendar's own units, which differ in hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// So many days.
    Days(u16),
    /// So many months; a year has twelve.
    Months(u16),
}

impl Period {
    /// The date so many periods after `date`, or before it. Where a month lacks the day, its last day stands in: the
    /// 29th of February becomes the 28th. None beyond the calendar.
    pub fn from(self, date: Date, times: i32) -> Option<Date> {
        let span = match self {
            Self::Days(days) => i32::from(days).checked_mul(times)?.days(),
            Self::Months(months) => i32::from(months).checked_mul(times)?.months(),
        };
        date.checked_add(span).ok()
    }

    /// The first anniversary of `date` at or after `earliest`; the date itself counts as the first of all.
    pub fn next(self, date: Date, earliest: Date) -> Option<Date> {
        let passed = match self {
            Self::Days(days) => earliest.since(date).ok()?.get_days() / i32::from(days.max(1)),
            Self::Months(months) => {
                let years = i32::from(earliest.year()) - i32::from(date.year());
                let whole = years * 12 + i32::from(earliest.month()) - i32::from(date.month());
                whole / i32::from(months.max(1))
            }
        };
        // One too early rather than too late: the day within the month decides.
        let first = passed.saturating_sub(1).max(0);
        (first..first + 4).filter_map(|times| self.from(date, times)).find(|next| *next >= earliest)
    }
}

/// Reads a date as ISO 8601 writes it, `2026-12-01`, and nothing else.
pub fn date(text: &str) -> Option<Date> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape.then(|| text.parse().ok()).flatten()
}
