//! Takes note of who looked at a lead, or put it back: a record of its own, like everything that happens to it.

use domain::{Activity, Fact, InputId, LeadId};
use jiff::{SignedDuration, Timestamp};

use crate::apply::{ApplyError, TRIES};
use crate::ports::{Commit, LeadStore, Record, StoreError, Write};

/// Whoever looks again within this time, in the same way, looks once.
const SLOT: SignedDuration = SignedDuration::from_hours(1);

/// Takes note that `by` looked at the lead, and `how`. To be done before anything is shown: what cannot be noted is not to be
/// read.
pub async fn note_read<S: LeadStore>(
    store: &S,
    lead: &LeadId,
    (by, how): (&str, &str),
    now: Timestamp,
) -> Result<(), ApplyError> {
    let slot = now.as_second().div_euclid(SLOT.as_secs()).to_string();
    let fact = Fact::LeadRead { by: by.to_owned(), how: how.to_owned() };
    note(store, lead, fact, now, |_| InputId::of("read", &[lead.as_str(), by, how, &slot])).await?;
    Ok(())
}

/// Puts a lead back that was set aside, and takes note that `by` did. Writing the profile is what puts it back, so that a
/// lead of which the cause is not mended stays where it is, and the error tells why. False if there is no such lead.
pub async fn put_back<S: LeadStore>(
    store: &S,
    lead: &LeadId,
    by: &str,
    now: Timestamp,
) -> Result<bool, ApplyError> {
    let fact = Fact::LeadPutBack { by: by.to_owned() };
    // Every time counts.
    note(store, lead, fact, now, |version| InputId::of("back", &[lead.as_str(), &version.to_string()])).await
}

/// Records the fact, which changes nothing else about the lead. False if there is no such lead.
async fn note<S: LeadStore>(
    store: &S,
    lead: &LeadId,
    fact: Fact,
    now: Timestamp,
    input_id: impl Fn(u64) -> InputId,
) -> Result<bool, ApplyError> {
    let activity = Activity { at: now, fact };
    for _ in 0..TRIES {
        let Some(stored) = store.load(lead).await? else { return Ok(false) };
        let version = stored.version + 1;
        let records = [Record { input_id: input_id(version), version, activities: vec![activity.clone()] }];
        let write =
            Write { expected: Some(stored.version), lead: &stored.lead, records: &records, limits: &[], now };
        match store.commit(&write).await {
            Ok(Commit::Committed | Commit::Duplicate { .. }) => return Ok(true),
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
