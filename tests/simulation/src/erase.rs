//! Erasures, as the store carries them out: the profile first, then record after record, and a mark that tells how far it is.

use app::ports::{Erasure, StoreError};
use domain::{InputId, LeadId};
use jiff::{SignedDuration, Timestamp};

use crate::agenda::{Event, millis};
use crate::invariants::Rule;
use crate::mutations::Mutation;
use crate::table::Item;
use crate::world::World;

/// So many records are deleted at once: few, so that programs die in between.
const AT_ONCE: usize = 4;

/// What is left of a lead, beside or instead of it.
#[derive(Debug, Default)]
pub struct Mark {
    /// Nothing is ever sent to it.
    pub suppressed: bool,
    /// When it asked to be erased.
    pub erased_at: Option<Timestamp>,
    /// It is being erased since then.
    pub erasing: Option<Timestamp>,
}

/// How far an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// There are more records.
    More,
    Nothing,
    /// Somebody else goes on with it, or has ended it.
    Theirs,
}

impl World {
    /// The profile goes, and the mark says so.
    pub fn begin_erasure(&mut self, lead: &LeadId, why: Why, now: Timestamp) -> bool {
        let name = self.name(lead);
        let version = self.table.stored(lead).map(|stored| stored.version);
        if matches!(why, Why::Inactive { read } if Some(read) != version) {
            self.tell(|| format!("{name} is not what was read, and is not erased"));
            return false;
        }
        self.tell(|| format!("begins to erase {name} v{}", version.unwrap_or(0)));
        let was_known = self.table.profiles.remove(lead).is_some();
        let mark = self.table.marks.entry(lead.clone()).or_default();
        mark.erasing = Some(now);
        if let Why::Asked { at } = why {
            mark.erased_at = Some(at);
        }
        if was_known {
            self.hear_of(Item::Profile(lead.clone()), None);
        }
        if self.mutation != Some(Mutation::ErasureForgotten) {
            self.hear_of(Item::Mark(lead.clone()), Some(now));
        }
        self.observe_erasure(lead, why);
        self.expect_tick();
        true
    }

    /// Since when the lead is being erased.
    pub fn erasing(&mut self, lead: &LeadId) -> Result<Option<Timestamp>, StoreError> {
        self.store_throttles()?;
        Ok(self.table.marks.get(lead).and_then(|mark| mark.erasing))
    }

    /// Some records go, if the mark still says that they do.
    pub fn delete_records(&mut self, lead: &LeadId, this: Timestamp) -> Left {
        if self.table.marks.get(lead).and_then(|mark| mark.erasing) != Some(this) {
            return Left::Theirs;
        }
        let Some(records) = self.table.records.get_mut(lead) else { return Left::Nothing };
        let kept = usize::from(self.mutation == Some(Mutation::ErasureLeavesARecord));
        let gone: Vec<InputId> = records.keys().skip(kept).take(AT_ONCE).cloned().collect();
        gone.iter().for_each(|input| drop(records.remove(input)));
        if gone.is_empty() { Left::Nothing } else { Left::More }
    }

    /// The mark says no more than what stays.
    pub fn end_erasure(&mut self, lead: &LeadId, this: Timestamp) -> bool {
        let Some(mark) = self.table.marks.get_mut(lead).filter(|mark| mark.erasing == Some(this)) else {
            return false;
        };
        mark.erasing = None;
        let name = self.name(lead);
        self.tell(|| format!("{name} is erased"));
        self.hear_of(Item::Mark(lead.clone()), None);
        if self.table.tells_of(&format!("{name}@")) {
            self.violate(Rule::Erased, format!("{name} is erased, and something is left of it"));
        }
        true
    }

    /// What is told too late of a lead that is gone is kept by its mark.
    pub fn suppress_erased(&mut self, lead: &LeadId) -> bool {
        let name = self.name(lead);
        if self.mutation == Some(Mutation::MarksHearNothing) {
            return true;
        }
        let Some(mark) = self.table.marks.get_mut(lead).filter(|mark| !mark.suppressed) else { return false };
        mark.suppressed = true;
        self.tell(|| format!("the mark of {name} is told that nothing arrives there"));
        true
    }

    /// The due index hears of a write, sooner or later.
    pub fn hear_of(&mut self, item: Item, due: Option<Timestamp>) {
        let lags = self.draw.chance(self.faults.lag);
        let lag: SignedDuration =
            millis(if lags { self.draw.between(0, 180_000) } else { self.draw.between(1, 500) });
        self.table.writes += 1;
        let write = self.table.writes;
        self.agenda.note(self.now + lag, Event::Index { item, write, due });
    }
}

/// An [`Erasure`] that outlives its call.
#[derive(Debug, Clone, Copy)]
pub enum Why {
    Asked { at: Timestamp },
    Inactive { read: u64 },
}

impl From<Erasure<'_>> for Why {
    fn from(erasure: Erasure<'_>) -> Self {
        match erasure {
            Erasure::Asked { at, .. } => Self::Asked { at },
            Erasure::Retention { read } => Self::Inactive { read },
        }
    }
}
