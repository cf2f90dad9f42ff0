//! Holds what anybody can have us send: confirmations, links to one's data, and first e-mails to unproven addresses.

use domain::input::Hold;
use domain::lead::Purpose;
use domain::{Decision, Input, InputBody, InputId, Lead, decide};
use jiff::SignedDuration;

use super::{Nurture, Pending, ServeError, Step};
use crate::pace::{Held, Pace};
use crate::ports::{Clock, Commit, LeadStore, Mailer, Notifier, StoreError, Stored};

/// After this, it is seen whether confirmations that were stopped may leave again. Until then they stand behind what is due.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(15);
/// The longer the stop lasts, the later, but never later than this: whoever waits must not be all that others wait for.
const LOOK_AGAIN_AT_LAST: SignedDuration = SignedDuration::from_hours(1);

impl<S: LeadStore, C: Clock, M: Mailer, N: Notifier, P: Pace> Nurture<'_, S, C, M, N, P> {
    pub(super) fn most_confirmations(&self) -> u32 {
        self.app.bundle.organisation.limits.confirmations_per_hour
    }

    /// Puts it off for what holds it.
    pub(super) async fn hold(&self, stored: &Stored, held: Held) -> Result<Step, ServeError> {
        match held {
            Held::Until(hold) => self.put_off(stored, hold).await,
            Held::Stopped(stop) => {
                let now = self.app.clock.now();
                let look_again = now.duration_since(stop.since).clamp(LOOK_AGAIN, LOOK_AGAIN_AT_LAST);
                let moved = self.put_off(stored, Hold::Stop { until: now + look_again }).await?;
                Ok(if matches!(moved, Step::Moved) { Step::Halted(stop) } else { moved })
            }
        }
    }

    /// Makes what anybody can have us send due later, when its mailbox has room; if that is taken as well, once more; and then
    /// not until somebody asks anew.
    pub(super) async fn put_off(&self, stored: &Stored, mut hold: Hold) -> Result<Step, ServeError> {
        let now = self.app.clock.now();
        let id = InputId::of("held", &[stored.lead.id.as_str(), &stored.version.to_string()]);
        loop {
            let input = Input { id: id.clone(), at: now, body: InputBody::HoldConfirmation(hold) };
            let Ok(decision) = decide(&self.app.bundle, Some(&stored.lead), &input, now) else {
                return Ok(Step::Idle);
            };
            match self.commit(stored, id.clone(), &decision, now).await {
                Ok(Commit::Committed) if matches!(hold, Hold::Hour { .. }) => return Ok(Step::Held),
                Ok(Commit::Committed) => return Ok(Step::Moved),
                Ok(Commit::MailboxTaken) => {
                    let later = |until| self.app.bundle.organisation.limits.next_confirmation(until);
                    let until = match hold {
                        Hold::Hour { until, .. } | Hold::Stop { until } => later(until),
                        Hold::Mailbox { .. } => None,
                    };
                    hold = Hold::Mailbox { until };
                }
                Ok(_) | Err(StoreError::Conflict) => return Ok(Step::Idle),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Pending {
    /// If what is to be sent is what anybody can have us send: whether it takes no place in an hour, since one was charged with
    /// it before, or since it is a link to the data of a lead that we know.
    pub(super) fn place(&self, before: &Lead) -> Option<bool> {
        let Decision { lead, order, .. } = &self.decision;
        let send = order.as_ref().and_then(|send_id| lead.sends.get(send_id))?;
        lead.is_unproven(&send.purpose).then(|| match send.purpose {
            Purpose::Confirmation { .. } => {
                before.consent.request.as_ref().is_some_and(|request| request.has_place)
            }
            Purpose::Access => true,
            // Who got an e-mail before is under way: only a first one takes a place.
            _ => before.consent.has_place || before.was_sent_nurture(),
        })
    }
}
