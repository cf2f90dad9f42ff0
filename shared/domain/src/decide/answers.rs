//! The carrier's answers, and what becomes of an e-mail that has none.

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::Fact;
use crate::input::SendResult;
use crate::lead::{EnrolmentState, Purpose, Send, SendOutcome};
use crate::{Rejection, SendId};

/// When what was refused for now is tried again, by the number of refusals.
const RETRIES: [SignedDuration; 7] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
    SignedDuration::from_hours(24),
];

/// An e-mail is tried once a day from then on, for a month in all: whoever is to verify its sender may be on leave. A webhook is
/// not.
const MOST_RETRIES: usize = RETRIES.len() + 28;

/// A confirmation or alert that may or may not have left is sent again after this, but only so often in all.
const REPEAT_AFTER: SignedDuration = SignedDuration::from_mins(15);
const MOST_UNCERTAIN: usize = 3;

impl Draft<'_> {
    /// The carrier answered.
    pub(super) fn send_result(&mut self, send_id: &SendId, result: &SendResult) -> Result<(), Rejection> {
        let send = self.lead.sends.get(send_id).cloned().ok_or(Rejection::NotClaimed)?;
        let claimed = self.lead.claim.as_ref().is_some_and(|claim| claim.send_id == *send_id);
        match result {
            // An answer that comes after the lease had ended settles the matter all the same.
            SendResult::Accepted { message_id } if claimed || send.outcome == SendOutcome::Uncertain => {
                self.sent(send_id, &send, Some(message_id.clone()));
            }
            _ if !claimed => return Err(Rejection::NotClaimed),
            // Its events were faster than the carrier's answer.
            SendResult::Uncertain { .. } if send.outcome == SendOutcome::Sent => {
                self.sent(send_id, &send, None)
            }
            SendResult::Rejected { code, retryable } => self.rejected(send_id, &send, code, *retryable),
            SendResult::Throttled { .. } if send.outcome == SendOutcome::Sent => {
                self.sent(send_id, &send, None)
            }
            SendResult::Throttled { code, .. } => {
                let (send_id, code) = (send_id.clone(), code.clone());
                let (campaign, step) = (send.campaign, send.step);
                self.record(self.now, Fact::SendThrottled { send_id, campaign, step, code });
            }
            SendResult::Uncertain { code } => self.uncertain(send_id, &send, code),
            SendResult::Accepted { .. } => return Err(Rejection::NotClaimed),
        }
        Ok(())
    }

    pub(super) fn sent(&mut self, send_id: &SendId, send: &Send, message_id: Option<String>) {
        let (send_id, campaign, step) = (send_id.clone(), send.campaign.clone(), send.step.clone());
        let fact = if send.purpose.is_email() {
            Fact::EmailSent { send_id, campaign, step, message_id }
        } else {
            Fact::Notified { send_id, campaign, step }
        };
        self.record(self.now, fact);
        self.advance_past(send);
    }

    fn rejected(&mut self, send_id: &SendId, send: &Send, code: &str, retryable: bool) {
        let retry_at = self.retry_at(send).filter(|_| retryable);
        let (send_id, campaign, step) = (send_id.clone(), send.campaign.clone(), send.step.clone());
        self.record(
            self.now,
            Fact::SendRejected { send_id, campaign, step, code: code.to_owned(), retry_at },
        );
        if retry_at.is_none() {
            self.advance_past(send);
        }
    }

    /// When the same e-mail or notification is tried again; none when it was tried often enough, or is not wanted now.
    fn retry_at(&self, send: &Send) -> Option<Timestamp> {
        let refusals = match &send.purpose {
            Purpose::Confirmation { request } => self.confirmations(*request, SendOutcome::Rejected),
            Purpose::Access => self.tries_of_access(SendOutcome::Rejected),
            _ => self.lead.enrolments.get(&send.campaign).map_or(0, |enrolment| enrolment.refusals as usize),
        };
        // A lead's sequence does not wait a month for whoever is told of it.
        let is_to_lead = send.purpose.is_email() && send.purpose != Purpose::Alert;
        let most = if is_to_lead { MOST_RETRIES } else { RETRIES.len() };
        let wait = RETRIES.get(refusals).or(RETRIES.last());
        wait.filter(|_| refusals < most && self.is_awaited(send)).map(|wait| self.now + *wait)
    }

    pub(super) fn uncertain(&mut self, send_id: &SendId, send: &Send, code: &str) {
        let uncertain_before = match &send.purpose {
            Purpose::Nurture { .. } | Purpose::Notify { .. } => MOST_UNCERTAIN,
            Purpose::Confirmation { request } => self.confirmations(*request, SendOutcome::Uncertain),
            Purpose::Access => self.tries_of_access(SendOutcome::Uncertain),
            Purpose::Alert => self.alerts(send, SendOutcome::Uncertain),
        };
        let repeat = uncertain_before + 1 < MOST_UNCERTAIN && self.is_awaited(send);
        let retry_at = match &send.purpose {
            Purpose::Notify { .. } => self.retry_at(send),
            _ => repeat.then(|| self.now + REPEAT_AFTER),
        };
        let (send_id, campaign, step) = (send_id.clone(), send.campaign.clone(), send.step.clone());
        self.record(
            self.now,
            Fact::SendUncertain { send_id, campaign, step, code: code.to_owned(), retry_at },
        );
        if retry_at.is_none() {
            self.advance_past(send);
        }
    }

    fn confirmations(&self, request: u32, outcome: SendOutcome) -> usize {
        let same =
            |send: &&Send| send.purpose == Purpose::Confirmation { request } && send.outcome == outcome;
        self.lead.sends.values().filter(same).count()
    }

    fn alerts(&self, alert: &Send, outcome: SendOutcome) -> usize {
        let same = |send: &&Send| {
            send.campaign == alert.campaign
                && send.step == alert.step
                && (send.enrolment, send.round) == (alert.enrolment, alert.round)
                && send.outcome == outcome
        };
        self.lead.sends.values().filter(same).count()
    }

    /// Whether what an e-mail is for still stands: its request is open, or its enrolment is at its step. While the
    /// carrier was called, the lead may have left, come again or been suppressed.
    fn is_awaited(&self, send: &Send) -> bool {
        if let Purpose::Confirmation { request: number } = send.purpose {
            let request = self.lead.consent.request.as_ref();
            return self.lead.suppression.is_none() && request.is_some_and(|open| open.number == number);
        }
        if send.purpose == Purpose::Access {
            return self.lead.may_get_access();
        }
        self.lead.enrolments.get(&send.campaign).is_some_and(|enrolment| {
            enrolment.state == EnrolmentState::Waiting
                && (enrolment.number, enrolment.round_number()) == (send.enrolment, send.round)
                && enrolment.step.as_ref() == Some(&send.step)
        })
    }

    /// Goes on to the step after an e-mail, if the enrolment still stands at it.
    fn advance_past(&mut self, send: &Send) {
        let Some(campaign) = self.bundle.campaign(&send.campaign) else { return };
        let of_no_step = matches!(send.purpose, Purpose::Confirmation { .. } | Purpose::Access);
        if of_no_step || !self.is_awaited(send) {
            return;
        }
        match campaign.sequence.steps.get(&send.step) {
            Some(step) => self.begin(campaign, step.next.clone()),
            None => self.leave_gone_step(campaign),
        }
    }
}
