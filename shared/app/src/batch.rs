//! Applies a batch of inputs about many leads: one commit per lead, and no lead sinks the others.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Input, LeadId};

use crate::App;
use crate::apply::Applied;
use crate::ports::{Clock, LeadStore};

/// What became of a batch.
#[derive(Debug, Default)]
pub struct BatchReport {
    /// Inputs whose activities are stored.
    pub recorded: usize,
    /// Inputs that were stored before.
    pub duplicates: usize,
    /// Inputs that make no activity.
    pub rejected: usize,
    /// The messages that are to be delivered again, each once, and why.
    pub failed: Vec<(String, String)>,
}

impl<S: LeadStore, C: Clock> App<S, C> {
    /// Applies inputs, each with the message that it came in. A message fails if any of its inputs does; applying the
    /// others again does no harm.
    pub async fn apply_batch(&self, items: Vec<(String, LeadId, Input)>) -> BatchReport {
        let mut by_lead: BTreeMap<LeadId, Vec<(String, Input)>> = BTreeMap::new();
        for (message, lead, input) in items {
            by_lead.entry(lead).or_default().push((message, input));
        }
        let mut report = BatchReport::default();
        let mut failed: BTreeSet<String> = BTreeSet::new();
        for (lead, mut items) in by_lead {
            items.sort_by_key(|(_, input)| input.at);
            let (messages, inputs): (BTreeSet<String>, Vec<Input>) = items.into_iter().unzip();
            match self.apply(&lead, inputs).await {
                Ok(applied) => applied.iter().for_each(|(_, applied)| report.count(*applied)),
                Err(error) => {
                    let fresh = messages.into_iter().filter(|message| failed.insert(message.clone()));
                    report.failed.extend(fresh.map(|message| (message, error.to_string())));
                }
            }
        }
        report
    }
}

impl BatchReport {
    fn count(&mut self, applied: Applied) {
        match applied {
            Applied::Recorded => self.recorded += 1,
            Applied::Duplicate => self.duplicates += 1,
            Applied::Rejected(_) => self.rejected += 1,
        }
    }
}
