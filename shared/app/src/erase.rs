//! Erases leads: because they ask for it, because an operator does for them, or because they have been inactive for long.

use domain::LeadId;
use jiff::Timestamp;

use crate::App;
use crate::apply::{ApplyError, TRIES};
use crate::ports::{Clock, Erasure, LeadStore, Mark, StoreError};

/// Erases a lead and everything about it, whatever state it is in; also one that cannot be read any more. Doing it again
/// does no harm, and goes on with what was interrupted.
///
/// `by` is the operator who does it on the lead's behalf. What stays is the keyed hash of the address, with the moment `at`: so that it can be erased again after a restore from a
/// backup. The person may come back by a form of their own accord; an address that bounced or complained stays suppressed.
pub async fn erase<S: LeadStore>(
    store: &S,
    lead: &LeadId,
    (at, by): (Timestamp, Option<&str>),
    now: Timestamp,
) -> Result<(), ApplyError> {
    let mut began = false;
    for _ in 0..TRIES {
        if !began {
            match store.begin_erasure(lead, Erasure::Asked { at, by }, now).await {
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

/// Erases a lead again that a restore from a backup brought back, and keeps of its address what the mark tells.
pub async fn erase_again<S: LeadStore>(
    store: &S,
    mark: &Mark,
    now: Timestamp,
) -> Result<ErasedAgain, ApplyError> {
    let known = match store.load(&mark.lead).await {
        Ok(known) => known,
        // Nobody can tell when it was first heard of. That it asked to be erased is certain.
        Err(StoreError::Permanent(_)) => {
            erase(store, &mark.lead, (mark.erased_at, mark.by.as_deref()), now).await?;
            return Ok(ErasedAgain::Erased);
        }
        Err(error) => return Err(error.into()),
    };
    if known.as_ref().is_some_and(|known| known.lead.created_at > mark.erased_at) {
        return Ok(ErasedAgain::CameBack);
    }
    erase(store, &mark.lead, (mark.erased_at, mark.by.as_deref()), now).await?;
    if let Some(reason) = mark.suppressed {
        store.suppress_erased(&mark.lead, reason, now).await?;
    }
    Ok(if known.is_some() { ErasedAgain::Erased } else { ErasedAgain::WasGone })
}

impl<S: LeadStore, C: Clock> App<S, C> {
    /// Erases a lead that asks for it.
    pub async fn erase(&self, lead: &LeadId) -> Result<(), ApplyError> {
        let now = self.clock.now();
        erase(&self.store, lead, (now, None), now).await
    }
}
