//! Has leads looked at again, since a deployment tells nobody to whom nothing happens.

use domain::decide::look_again as decide;
use domain::{InputId, LeadId};
use jiff::Timestamp;

use crate::apply::{ApplyError, TRIES};
use crate::ports::{Commit, LeadStore, Record, StoreError, Write};

/// Has the lead looked at by `at`, by the campaigns and the retention period that are deployed then. False if it would be anyway, or if nobody may
/// write to it.
pub async fn look_again<S: LeadStore>(
    store: &S,
    lead: &LeadId,
    at: Timestamp,
    now: Timestamp,
) -> Result<bool, ApplyError> {
    for _ in 0..TRIES {
        let Some(stored) = store.load(lead).await? else { return Ok(false) };
        let Some(decision) = decide(&stored.lead, at, now) else { return Ok(false) };
        let input_id = InputId::of("look", &[lead.as_str(), &at.to_string()]);
        let records = [Record { input_id, version: stored.version + 1, activities: decision.activities }];
        let write = Write {
            expected: Some(stored.version),
            lead: &decision.lead,
            records: &records,
            limits: &[],
            now,
        };
        match store.commit(&write).await {
            Ok(Commit::Committed) => return Ok(true),
            Ok(Commit::Duplicate { .. }) => return Ok(false),
            // It counts nothing, so no limit refuses it.
            Ok(
                Commit::Changed(_)
                | Commit::Suppressed
                | Commit::ErasedBefore { .. }
                | Commit::TooMany { .. }
                | Commit::MailboxTaken,
            )
            | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApplyError::Contended)
}
