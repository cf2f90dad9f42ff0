//! Erases leads: because they ask for it, because an operator does for them, or because they have been inactive for long.

use domain::{LeadId, decide::schedule_erasure};
use jiff::Timestamp;

use crate::App;
use crate::apply::{ApplyError, TRIES};
use crate::ports::{Clock, Commit, Erasure, LeadStore, Mark, Record, StoreError, Write};

/// Erases a lead and everything about it, whatever state it is in; also one that cannot be read any more. Doing it again
/// does no harm, and goes on with what was interrupted.
///
/// What stays is the keyed hash of the address, with the moment `at`: so that it can be erased again after a restore from a
/// backup. The person may come back by a form of their own accord; an address that bounced or complained stays suppressed.
pub async fn erase<S: LeadStore>(
    store: &S,
    lead: &LeadId,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), ApplyError> {
    let mut began = false;
    for _ in 0..TRIES {
        if !began {
            match store.begin_erasure(lead, Erasure::Asked { at }, now).await {
                Ok(done) => began = done,
                Err(StoreError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        match store.finish_erasure(lead).await {
            Ok(_) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApplyError::Contended)
}

/// What became of a mark in a table that was restored from a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasedAgain {
    /// The lead was there once more, and is gone.
    Erased,
    /// It was not there; its mark is.
    WasGone,
    /// It was heard of anew after it had been erased: what is there is not what was erased.
    CameBack,
}

/// Erases a lead again that a restore from a backup brought back.
pub async fn erase_again<S: LeadStore>(
    store: &S,
    mark: &Mark,
    now: Timestamp,
) -> Result<ErasedAgain, ApplyError> {
    let known = match store.load(&mark.lead).await {
        Ok(known) => known,
        // Nobody can tell when it was first heard of. That it asked to be erased is certain.
        Err(StoreError::Permanent(_)) => {
            erase(store, &mark.lead, mark.erased_at, now).await?;
            return Ok(ErasedAgain::Erased);
        }
        Err(error) => return Err(error.into()),
    };
    if known.as_ref().is_some_and(|known| known.lead.created_at > mark.erased_at) {
        return Ok(ErasedAgain::CameBack);
    }
    erase(store, &mark.lead, mark.erased_at, now).await?;
    Ok(if known.is_some() { ErasedAgain::Erased } else { ErasedAgain::WasGone })
}

impl<S: LeadStore, C: Clock> App<S, C> {
    /// Erases a lead that asks for it.
    pub async fn erase(&self, lead: &LeadId) -> Result<(), ApplyError> {
        let now = self.clock.now();
        erase(&self.store, lead, now, now).await
    }

    /// Has the lead looked at for its retention period, which may be newer than anything that happened to it. False if that
    /// changes nothing.
    pub async fn schedule_erasure(&self, lead: &LeadId) -> Result<bool, ApplyError> {
        let now = self.clock.now();
        for _ in 0..TRIES {
            let Some(stored) = self.store.load(lead).await? else { return Ok(false) };
            let Some(decision) = schedule_erasure(&self.bundle, &stored.lead, now) else { return Ok(false) };
            let version = stored.version + 1;
            let input_id = domain::InputId::of("retention", &[lead.as_str(), &version.to_string()]);
            let records = [Record { input_id, version, activities: decision.activities }];
            let write = Write {
                expected: Some(stored.version),
                lead: &decision.lead,
                records: &records,
                limits: &[],
                now,
            };
            match self.store.commit(&write).await {
                Ok(Commit::Committed | Commit::Duplicate { .. }) => return Ok(true),
                Ok(
                    Commit::Changed(_) | Commit::Suppressed | Commit::TooMany { .. } | Commit::MailboxTaken,
                )
                | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApplyError::Contended)
    }
}
