//! The hour: so many confirmations leave in one, and the others have their place in a later one.

use domain::input::Hold;
use domain::organisation::FrequencyCap;
use jiff::{SignedDuration, Timestamp};

use crate::gate::Gate;
use crate::pace::Held;
use crate::ports::StoreError;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// No confirmation is put off by more at once: by then somebody has seen the alarm, and raised the limit or stopped the flood.
const MOST_HOURS: i32 = 24;

/// Counts one more confirmation in that hour; if the hour is full, in a later one, which it has to wait for.
pub(crate) async fn find_place(
    gate: &impl Gate,
    hour: Timestamp,
    most: u32,
) -> Result<Option<Held>, StoreError> {
    let mut place = gate.count_confirmation(hour).await?;
    if place <= most {
        return Ok(None);
    }
    let mut hours = 0;
    while place > most && hours < MOST_HOURS {
        hours = (hours + hours_to_wait(place, most)).min(MOST_HOURS);
        place = gate.count_confirmation(hour + HOUR * hours).await?;
    }
    let until = moment_of(hour + HOUR * hours, place, most);
    Ok(Some(Held::Until(Hold::Hour { until, has_place: place <= most })))
}

/// How many hours later it would be somebody's turn, if all waited in line who asked in one hour and take up `most` places
/// in each.
fn hours_to_wait(place: u32, most: u32) -> i32 {
    i32::try_from(place.saturating_sub(1) / most.max(1)).unwrap_or(MOST_HOURS).min(MOST_HOURS)
}

/// The moment of a place within its hour, so that those who wait neither come back all at once nor stand in the way of
/// other e-mails.
fn moment_of(hour: Timestamp, place: u32, most: u32) -> Timestamp {
    let (before, most) = (i64::from(place.saturating_sub(1)), i64::from(most.max(1)));
    hour + SignedDuration::from_secs(HOUR.as_secs() * (before % most) / most)
}

/// The UTC hour of a moment.
pub(crate) fn hour_of(moment: Timestamp) -> Timestamp {
    FrequencyCap { count: 1, per: HOUR }.window(moment).0
}
