//! Applies inputs to a lead: decide, commit, and when somebody else was faster, decide again.

use std::collections::HashSet;

use domain::{Input, InputBody, InputId, LeadId, Rejection, decide};
use jiff::Timestamp;

use crate::App;
use crate::limit::Limit;
use crate::ports::{Clock, Commit, LeadStore, MOST_RECORDS, Record, StoreError, Stored, Write};

/// How often a decision is made anew because the lead changed meanwhile.
pub(crate) const TRIES: usize = 16;

/// What became of one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Its activities are stored.
    Recorded,
    /// They were stored before.
    Duplicate,
    /// It makes no activity.
    Rejected(Rejection),
}

/// Why inputs could not be applied. Nothing of them is lost by trying again.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Other writers were faster every time.
    #[error("the lead changed at every try")]
    Contended,
    /// The visitor's network has posted as much as is taken.
    #[error("the network posts too often")]
    TooMany {
        /// When more is taken.
        until: Timestamp,
    },
}

impl<S: LeadStore, C: Clock> App<S, C> {
    /// Applies one input that may create its lead. A new lead costs one request, a known one two: the refusal to
    /// insert returns the lead. One more each time that its mailbox turns out to have no room for a confirmation.
    pub async fn apply_to_new(&self, lead: &LeadId, input: Input) -> Result<Applied, ApplyError> {
        let mut applied = self.apply_from(lead, None, vec![input]).await?;
        Ok(applied.pop().map_or(Applied::Duplicate, |(_, applied)| applied))
    }

    /// Applies inputs to a lead, one commit for up to [`MOST_RECORDS`] of them. Answers in the order of the inputs.
    pub async fn apply(
        &self,
        lead: &LeadId,
        inputs: Vec<Input>,
    ) -> Result<Vec<(InputId, Applied)>, ApplyError> {
        let mut applied = Vec::new();
        let mut inputs = inputs.into_iter().peekable();
        while inputs.peek().is_some() {
            let part = inputs.by_ref().take(MOST_RECORDS).collect();
            let stored = self.store.load(lead).await?;
            applied.extend(self.apply_from(lead, stored, part).await?);
        }
        Ok(applied)
    }

    /// `stored` is what the lead is believed to be; the store corrects that.
    async fn apply_from(
        &self,
        lead: &LeadId,
        mut stored: Option<Stored>,
        mut inputs: Vec<Input>,
    ) -> Result<Vec<(InputId, Applied)>, ApplyError> {
        let order: Vec<InputId> = inputs.iter().map(|input| input.id.clone()).collect();
        let mut duplicates: HashSet<InputId> = HashSet::new();
        for _ in 0..TRIES {
            let draft = self.draft(stored.as_ref(), &inputs);
            let committed = match draft.write(stored.as_ref(), self.clock.now()) {
                Some(write) => self.store.commit(&write).await,
                None => Ok(Commit::Committed),
            };
            match committed {
                Ok(Commit::Committed) => return Ok(draft.answers(&order, &duplicates)),
                Ok(Commit::Changed(current)) => stored = Some(*current),
                Ok(Commit::Suppressed) => {
                    inputs = inputs.into_iter().map(Input::of_suppressed_lead).collect();
                }
                Ok(Commit::ErasedBefore { at }) => {
                    inputs = inputs.into_iter().map(|input| input.of_erased_before(at)).collect();
                }
                Ok(Commit::MailboxTaken) => {
                    inputs = inputs.into_iter().map(Input::of_full_mailbox).collect();
                }
                Ok(Commit::TooMany { until }) => return Err(ApplyError::TooMany { until }),
                Ok(Commit::Duplicate { inputs: known, current }) => {
                    inputs.retain(|input| !known.contains(&input.id));
                    duplicates.extend(known);
                    stored = match current {
                        Some(current) => Some(*current),
                        None if inputs.is_empty() => stored,
                        None => self.store.load(lead).await?,
                    };
                }
                Err(StoreError::Conflict) => stored = self.store.load(lead).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApplyError::Contended)
    }

    fn draft(&self, stored: Option<&Stored>, inputs: &[Input]) -> Draft {
        let mut draft = Draft {
            lead: stored.map(|stored| stored.lead.clone()),
            version: stored.map_or(0, |stored| stored.version),
            records: Vec::new(),
            limits: Vec::new(),
            rejected: Vec::new(),
        };
        let limits = &self.bundle.organisation.limits;
        let mut seen = HashSet::new();
        for input in inputs.iter().filter(|input| seen.insert(&input.id)) {
            let now = self.clock.now();
            match decide(&self.bundle, draft.lead.as_ref(), input, now) {
                Ok(decision) => {
                    if let InputBody::SubmitForm(submission) = &input.body {
                        let ip = submission.visitor.ip.as_deref();
                        draft.limits.extend(Limit::of_network(limits, &self.lead_key, ip, now));
                    }
                    if let Some(due) = decision.unasked_due {
                        let email = &decision.lead.email;
                        draft.limits.extend(Limit::of_mailbox(limits, &self.lead_key, email, due));
                    }
                    draft.version += 1;
                    draft.lead = Some(decision.lead);
                    draft.records.push(Record {
                        input_id: input.id.clone(),
                        version: draft.version,
                        activities: decision.activities,
                    });
                }
                Err(rejection) => draft.rejected.push((input.id.clone(), rejection)),
            }
        }
        draft
    }
}

/// What a run of inputs makes of a lead, not yet written.
struct Draft {
    lead: Option<domain::Lead>,
    version: u64,
    records: Vec<Record>,
    limits: Vec<Limit>,
    rejected: Vec<(InputId, Rejection)>,
}

impl Draft {
    fn write(&self, stored: Option<&Stored>, now: jiff::Timestamp) -> Option<Write<'_>> {
        let lead = self.lead.as_ref().filter(|_| !self.records.is_empty())?;
        Some(Write {
            expected: stored.map(|stored| stored.version),
            lead,
            records: &self.records,
            limits: &self.limits,
            now,
        })
    }

    fn answers(&self, order: &[InputId], duplicates: &HashSet<InputId>) -> Vec<(InputId, Applied)> {
        let answer = |id: &InputId| {
            if duplicates.contains(id) {
                return Applied::Duplicate;
            }
            let rejected = self.rejected.iter().find(|(rejected, _)| rejected == id);
            rejected.map_or(Applied::Recorded, |(_, rejection)| Applied::Rejected(*rejection))
        };
        order.iter().map(|id| (id.clone(), answer(id))).collect()
    }
}
