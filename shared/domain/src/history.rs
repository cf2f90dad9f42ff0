//! What happened to a lead, counted by kind: the memory that scores and conditions look at.
//!
//! It is a set, not a sequence: the same occurrences in any order make the same history.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Of one kind and UTC day, only the first so many moments are kept: beyond that it is a machine, and the profile
/// must stay far below DynamoDB's 400 KB.
const MOMENTS_PER_DAY: usize = 50;
/// Moments that lie further back than this from the latest one of their kind weigh next to nothing and are dropped.
const MEMORY: SignedDuration = SignedDuration::from_hours(24 * 400);
/// A lead with more kinds than this is somebody playing with the events endpoint.
pub const MOST_KINDS: usize = 100;

/// Occurrences by kind of activity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History(BTreeMap<String, Occurrences>);

/// The occurrences of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Occurrences {
    /// All of them, also those whose moment is dropped.
    times: u64,
    /// Milliseconds since 1970, ascending.
    moments: Vec<i64>,
}

impl History {
    /// Adds one occurrence.
    pub fn add(&mut self, kind: &str, at: Timestamp) {
        let occurrences = self.0.entry(kind.to_owned()).or_default();
        occurrences.times += 1;
        let at = at.as_millisecond();
        let place = occurrences.moments.partition_point(|moment| *moment <= at);
        occurrences.moments.insert(place, at);
        occurrences.forget();
    }

    /// How often it happened.
    pub fn times(&self, kind: &str) -> u64 {
        self.0.get(kind).map_or(0, |occurrences| occurrences.times)
    }

    /// When it last happened.
    pub fn last(&self, kind: &str) -> Option<Timestamp> {
        self.0.get(kind).and_then(|occurrences| occurrences.moments.last()).and_then(timestamp)
    }

    /// The moments that count, ascending.
    pub fn moments(&self, kind: &str) -> impl Iterator<Item = Timestamp> + '_ {
        let moments = self.0.get(kind).map(|occurrences| occurrences.moments.as_slice());
        moments.unwrap_or_default().iter().filter_map(timestamp)
    }

    /// The kinds that happened at all.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether one more occurrence of this kind fits.
    pub fn has_room_for(&self, kind: &str) -> bool {
        self.0.contains_key(kind) || self.0.len() < MOST_KINDS
    }
}

impl Occurrences {
    /// Drops by rules that look at the set alone, so that what is left does not depend on the order of arrival.
    fn forget(&mut self) {
        let Some(latest) = self.moments.last().copied() else { return };
        let horizon = latest - i64::try_from(MEMORY.as_millis()).unwrap_or(i64::MAX);
        self.moments.retain(|moment| *moment >= horizon);
        let mut kept_of_day: BTreeMap<i64, usize> = BTreeMap::new();
        let latest_place = self.moments.len() - 1;
        let mut place = 0;
        self.moments.retain(|moment| {
            let kept = kept_of_day.entry(moment.div_euclid(86_400_000)).or_default();
            *kept += 1;
            place += 1;
            *kept <= MOMENTS_PER_DAY || place - 1 == latest_place
        });
    }
}

fn timestamp(millisecond: &i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(*millisecond).ok()
}
