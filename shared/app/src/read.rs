//! Takes note of who looked at a lead: a record of its own, like everything that happens to it.

use domain::{Activity, Fact, InputId, LeadId};
use jiff::{SignedDuration, Timestamp};

use crate::apply::ApplyError;
use crate::ports::{Commit, LeadStore, Record, StoreError, Write};

/// Whoever looks again within this time, in the same way, looks once.
const SLOT: SignedDuration = SignedDuration::from_hours(1);
/// A read waits for nobody: if others are at the lead each time, it is not noted, and the caller is told.
const TRIES: usize = 4;

/// Takes note that `by` looked at the lead, and `how`.
pub async fn note_read<S: LeadStore>(
    store: &S,
    lead: &LeadId,
    (by, how): (&str, &str),
    now: Timestamp,
) -> Result<(), ApplyError> {
    let slot = now.as_second().div_euclid(SLOT.as_secs()).to_string();
    let input_id = InputId::of("read", &[lead.as_str(), by, how, &slot]);
    for _ in 0..TRIES {
        let Some(stored) = store.load(lead).await? else { return Ok(()) };
        let activity = Activity { at: now, fact: Fact::LeadRead { by: by.to_owned(), how: how.to_owned() } };
        // It changes nothing about the lead but that.
        let records =
            [Record { input_id: input_id.clone(), version: stored.version + 1, activities: vec![activity] }];
        let write =
            Write { expected: Some(stored.version), lead: &stored.lead, records: &records, limits: &[], now };
        match store.commit(&write).await {
            Ok(Commit::Committed | Commit::Duplicate { .. }) => return Ok(()),
            Ok(Commit::Changed(_) | Commit::Suppressed | Commit::TooMany { .. } | Commit::MailboxTaken)
            | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApplyError::Contended)
}
