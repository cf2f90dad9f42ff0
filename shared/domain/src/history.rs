//! What happened to a lead, counted by kind: the memory that scores and conditions look at.
//!
//! It is a set, not a sequence: the same occurrences in any order make the same history.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::activity::Fact;

/// Of one kind and UTC day, only the first so many moments are kept: beyond that it is a machine.
pub(crate) const MOMENTS_PER_DAY: usize = 50;
/// The moments of all kinds together: some 80 KB, since the profile must stay far below DynamoDB's 400.
const MOST_MOMENTS: usize = 6_000;
/// A lead with more kinds than this is somebody playing with the events endpoint.
pub const MOST_KINDS: usize = 100;
const DAY: i64 = 86_400_000;

/// Occurrences by kind of activity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct History {
    /// The first UTC day since 1970 whose moments are kept. It only ever grows, and whole days are dropped: so what is
    /// left depends on what happened, and not on the order in which it was told.
    since: Option<i64>,
    kinds: BTreeMap<String, Occurrences>,
}

/// The occurrences of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Occurrences {
    /// All of them, also those whose moment is dropped.
    times: u64,
    /// The latest of all, in milliseconds since 1970.
    last: Option<i64>,
    /// Milliseconds since 1970, ascending.
    moments: Vec<i64>,
}

impl History {
    /// Adds one occurrence.
    pub fn add(&mut self, kind: &str, at: Timestamp) {
        let at = at.as_millisecond();
        let occurrences = self.kinds.entry(kind.to_owned()).or_default();
        occurrences.times += 1;
        occurrences.last = occurrences.last.max(Some(at));
        if self.since.is_none_or(|since| day(at) >= since) {
            occurrences.keep(at);
            self.forget();
        }
    }

    /// Takes one occurrence back.
    pub fn remove(&mut self, kind: &str, at: Timestamp) {
        let at = at.as_millisecond();
        let Some(occurrences) = self.kinds.get_mut(kind).filter(|occurrences| occurrences.times > 0) else {
            return;
        };
        occurrences.times -= 1;
        if let Ok(place) = occurrences.moments.binary_search(&at) {
            occurrences.moments.remove(place);
        }
        if occurrences.last == Some(at) {
            occurrences.last = occurrences.moments.last().copied();
        }
        if occurrences.times == 0 {
            self.kinds.remove(kind);
        }
    }

    /// How often it happened.
    pub fn times(&self, kind: &str) -> u64 {
        self.kinds.get(kind).map_or(0, |occurrences| occurrences.times)
    }

    /// When it last happened.
    pub fn last(&self, kind: &str) -> Option<Timestamp> {
        self.kinds.get(kind).and_then(|occurrences| occurrences.last).and_then(timestamp)
    }

    /// The moments that count, ascending.
    pub fn moments(&self, kind: &str) -> impl Iterator<Item = Timestamp> + '_ {
        let moments = self.kinds.get(kind).map(|occurrences| occurrences.moments.as_slice());
        moments.unwrap_or_default().iter().copied().filter_map(timestamp)
    }

    /// How many moments of a kind count on the UTC day of that one.
    pub(crate) fn times_on_day(&self, kind: &str, at: Timestamp) -> usize {
        let wanted = day(at.as_millisecond());
        let moments = self.kinds.get(kind).map(|occurrences| occurrences.moments.as_slice());
        moments.unwrap_or_default().iter().filter(|moment| day(**moment) == wanted).count()
    }

    /// The kinds that happened at all.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// Whether one more occurrence of a kind that nobody declares fits.
    pub fn has_room_for(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind) || self.kinds.len() < MOST_KINDS
    }

    /// Forgets all kinds but those that somebody asks about, and the moment of the last thing that the lead did: of leads that
    /// differ in nothing else, the same is true from then on.
    pub fn forget_unasked(&mut self, asked: impl Fn(&str) -> bool) {
        let by_lead = self.kinds.iter().filter(|(kind, _)| Fact::is_by_lead(kind));
        let last = by_lead.filter_map(|(_, occurrences)| occurrences.last).max();
        self.kinds.retain(|kind, occurrences| {
            if asked(kind) {
                return true;
            }
            *occurrences = Occurrences { times: 1, last: occurrences.last, moments: Vec::new() };
            Fact::is_by_lead(kind) && occurrences.last == last
        });
    }

    /// Drops the earliest days of all kinds until the rest is few enough.
    fn forget(&mut self) {
        while self.kinds.values().map(|occurrences| occurrences.moments.len()).sum::<usize>() > MOST_MOMENTS {
            let firsts = self.kinds.values().filter_map(|occurrences| occurrences.moments.first());
            let Some(since) = firsts.min().map(|first| day(*first) + 1) else { return };
            self.since = Some(since);
            for occurrences in self.kinds.values_mut() {
                let dropped = occurrences.moments.partition_point(|moment| day(*moment) < since);
                occurrences.moments.drain(..dropped);
            }
        }
    }
}

impl Occurrences {
    /// Keeps the moment if it is among the first of its day.
    fn keep(&mut self, at: i64) {
        let place = self.moments.partition_point(|moment| *moment <= at);
        self.moments.insert(place, at);
        let begins = self.moments.partition_point(|moment| day(*moment) < day(at));
        let ends = self.moments.partition_point(|moment| day(*moment) <= day(at));
        if ends - begins > MOMENTS_PER_DAY {
            self.moments.remove(ends - 1);
        }
    }
}

fn day(millisecond: i64) -> i64 {
    millisecond.div_euclid(DAY)
}

fn timestamp(millisecond: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(millisecond).ok()
}
