//! The profile is the fold of its records, and their versions have no gap.

use app::ports::{Record, Stored};
use domain::{Lead, evolve};

use super::{Found, Rule, broken, hold};

/// The fold of what was committed.
#[derive(Debug, Default)]
pub struct Log {
    lead: Option<Lead>,
    version: u64,
}

impl Log {
    pub fn see(&mut self, record: &Record) -> Found {
        self.version += 1;
        let wanted = self.version;
        hold(record.version == wanted, Rule::Fold, || {
            format!("record {} has version {}, not {wanted}", record.input_id, record.version)
        })?;
        for activity in &record.activities {
            match evolve(self.lead.take(), activity) {
                Ok(lead) => self.lead = Some(lead),
                Err(error) => return broken(Rule::Fold, error.to_string()),
            }
        }
        Ok(())
    }

    /// The lead so far.
    pub fn lead(&self) -> Option<&Lead> {
        self.lead.as_ref()
    }

    pub fn matches(&self, stored: &Stored) -> Found {
        let same = self.lead.as_ref() == Some(&stored.lead) && self.version == stored.version;
        hold(same, Rule::Fold, || {
            format!("the profile is not the fold of its records: {:?} and {:?}", stored.lead, self.lead)
        })
    }
}
