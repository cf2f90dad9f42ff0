//! Cohorts under way, each until something happens to it; those that became alike are one again.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

use super::cohorts::Cohort;

/// By when something happens to them next, and by what tells most of them apart. The hash has no random key: the order, and
/// with it the draws, are the same each time.
#[derive(Default)]
pub(super) struct UnderWay(BTreeMap<(Timestamp, u64), Vec<Cohort>>);

impl UnderWay {
    /// Takes a cohort. If one that waits differs in nothing that matters, they are one from now on.
    pub fn add(&mut self, cohort: Cohort) {
        let mut hasher = DefaultHasher::new();
        cohort.lead.history.hash(&mut hasher);
        cohort.ahead.len().hash(&mut hasher);
        let next = cohort.next().unwrap_or(Timestamp::MAX);
        let alike = self.0.entry((next, hasher.finish())).or_default();
        let same = alike.iter_mut().find(|other| other.ahead == cohort.ahead && other.lead == cohort.lead);
        match same {
            Some(other) => {
                other.leads += cohort.leads;
                other.now = other.now.max(cohort.now);
            }
            None => alike.push(cohort),
        }
    }

    /// The one to which something happens first.
    pub fn first(&mut self) -> Option<Cohort> {
        let mut first = self.0.first_entry()?;
        let cohort = first.get_mut().pop();
        if first.get().is_empty() {
            first.remove();
        }
        cohort
    }
}
