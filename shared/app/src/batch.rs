//! Applies a batch of inputs about many leads: one commit per lead, and no lead sinks the others.

use std::collections::{HashMap, HashSet};

use domain::deliverability::Told;
use domain::{Input, InputBody, InputId, LeadId, Rejection};
use jiff::Timestamp;

use crate::App;
use crate::apply::{Applied, ApplyError};
use crate::ports::{Clock, LeadStore, StoreError};

/// What became of a batch.
#[derive(Debug, Default)]
pub struct BatchReport {
    /// Inputs whose activities are stored.
    pub recorded: usize,
    /// Inputs that were stored before.
    pub duplicates: usize,
    /// Inputs that make no activity.
    pub rejected: usize,
    /// What those that are stored now tell of e-mails.
    pub deliveries: Told,
    /// The messages that are to be delivered again, each once, and why.
    pub failed: Vec<(String, String)>,
}

impl<S: LeadStore, C: Clock> App<S, C> {
    /// Applies inputs, each with the message that it came in, until `stop_at`. A message fails if any of its inputs
    /// does, or is not reached; applying the others again does no harm.
    pub async fn apply_batch(&self, items: Vec<(String, LeadId, Input)>, stop_at: Timestamp) -> BatchReport {
        let mut report = BatchReport::default();
        for (lead, mut items) in by_lead(items) {
            if self.clock.now() >= stop_at {
                items.iter().for_each(|(message, _)| report.fail(message, "no time was left for it"));
                continue;
            }
            items.sort_by_key(|(_, input)| input.at);
            self.apply_to_one(&lead, items, &mut report).await;
        }
        report
    }

    /// What the store refuses for good is found by applying the inputs one by one: one that is too large, or too many
    /// that are large, must not sink the rest.
    async fn apply_to_one(&self, lead: &LeadId, items: Vec<(String, Input)>, report: &mut BatchReport) {
        let inputs = items.iter().map(|(_, input)| input.clone()).collect();
        match self.apply(lead, inputs).await {
            Ok(applied) => self.count(lead, &applied, &items, report).await,
            Err(ApplyError::Store(StoreError::Permanent(_))) if items.len() > 1 => {
                for (message, input) in items {
                    match self.apply(lead, vec![input.clone()]).await {
                        Ok(applied) => {
                            self.count(lead, &applied, &[(message.clone(), input)], report).await;
                        }
                        Err(error) => report.fail(&message, &error.to_string()),
                    }
                }
            }
            Err(error) => {
                items.iter().for_each(|(message, _)| report.fail(message, &error.to_string()));
            }
        }
    }

    async fn count(
        &self,
        lead: &LeadId,
        applied: &[(InputId, Applied)],
        items: &[(String, Input)],
        report: &mut BatchReport,
    ) {
        report.count(applied, items);
        for (id, _) in applied.iter().filter(|(_, applied)| *applied == GONE) {
            if let Some((message, input)) = items.iter().find(|(_, input)| input.id == *id)
                && let Err(error) = self.told_too_late(lead, input, report).await
            {
                report.fail(message, &error.to_string());
            }
        }
    }

    /// An e-mail came back, or was called spam, after its lead was erased: whoever comes back under that address is not
    /// written to.
    async fn told_too_late(
        &self,
        lead: &LeadId,
        input: &Input,
        report: &mut BatchReport,
    ) -> Result<(), ApplyError> {
        let InputBody::Feedback(feedback) = &input.body else { return Ok(()) };
        let Some(reason) = feedback.suppression() else { return Ok(()) };
        if self.store.suppress_erased(lead, reason, input.at).await? {
            report.deliveries += Told::by(input);
            // Who came back in between found no mark yet.
            self.apply(lead, vec![input.clone()]).await?;
        }
        Ok(())
    }
}

const GONE: Applied = Applied::Rejected(Rejection::UnknownLead);

/// The leads in the order in which they are first named, so that the first messages are done first.
fn by_lead(items: Vec<(String, LeadId, Input)>) -> Vec<(LeadId, Vec<(String, Input)>)> {
    let mut leads: Vec<(LeadId, Vec<(String, Input)>)> = Vec::new();
    let mut places: HashMap<LeadId, usize> = HashMap::new();
    for (message, lead, input) in items {
        let place = *places.entry(lead.clone()).or_insert(leads.len());
        if place == leads.len() {
            leads.push((lead, Vec::new()));
        }
        leads[place].1.push((message, input));
    }
    leads
}

impl BatchReport {
    fn count(&mut self, applied: &[(InputId, Applied)], items: &[(String, Input)]) {
        let mut counted = HashSet::new();
        for (id, applied) in applied {
            match applied {
                Applied::Recorded => {
                    self.recorded += 1;
                    let input = items.iter().map(|(_, input)| input).find(|input| input.id == *id);
                    if let Some(input) = input.filter(|_| counted.insert(id)) {
                        self.deliveries += Told::by(input);
                    }
                }
                Applied::Duplicate => self.duplicates += 1,
                Applied::Rejected(_) => self.rejected += 1,
            }
        }
    }

    fn fail(&mut self, message: &str, reason: &str) {
        if self.failed.iter().all(|(failed, _)| failed != message) {
            self.failed.push((message.to_owned(), reason.to_owned()));
        }
    }
}
