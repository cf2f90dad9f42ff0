//! What happens to e-mails and notifications: claims, answers, and what events tell.

use jiff::{SignedDuration, Timestamp};

use crate::activity::Fact;
use crate::lead::{Claim, EarlyClick, EnrolmentState, Lead, Purpose, Send, SendOutcome};
use crate::{CampaignId, SendId, StepId};

/// More e-mails than this are only remembered while they matter.
const MOST_SENDS: usize = 200;
/// For so long every e-mail is remembered: clicks come late, and caps look back.
const KEPT: SignedDuration = SignedDuration::from_hours(35 * 24);

/// Clicks within this after an e-mail was sent may turn out to be a scanner's; a few of them tell.
pub(crate) const EARLY: SignedDuration = SignedDuration::from_mins(5);
const MOST_EARLY_CLICKS: usize = 8;

impl Lead {
    pub(super) fn open_claim(&mut self, at: Timestamp, fact: &Fact) {
        let Fact::SendClaimed { send_id, campaign, step, enrolment, round, purpose, lease_ends_at, by } =
            fact
        else {
            return;
        };
        let send = Send {
            campaign: campaign.clone(),
            step: step.clone(),
            enrolment: *enrolment,
            round: *round,
            purpose: purpose.clone(),
            at,
            outcome: SendOutcome::Claimed,
            delivered_at: None,
            early_clicks: Vec::new(),
            was_scanned: false,
        };
        if send.is_confirmation()
            && let Some(request) = &mut self.consent.request
        {
            request.mail_due = None;
            request.counted_for = Some(at);
            request.has_place = true;
        }
        if send.purpose == Purpose::Access {
            self.access_due = None;
        }
        if matches!(send.purpose, Purpose::Nurture { .. }) && !self.consent.confirmed {
            self.consent.has_place = true;
        }
        self.sends.insert(send_id.clone(), send);
        self.forget_sends(at);
        self.claim = Some(Claim { send_id: send_id.clone(), lease_ends_at: *lease_ends_at, by: by.clone() });
    }

    /// Forgets the oldest e-mails of rounds and enrolments that are over, so that the profile stays small for ever. Their
    /// ids never come again, since rounds and enrolments only count up: an enrolment that ended does not go on, and whoever
    /// enters again has another.
    fn forget_sends(&mut self, now: Timestamp) {
        if self.sends.len() <= MOST_SENDS {
            return;
        }
        let over = |send: &Send| {
            let enrolment = self.enrolments.get(&send.campaign);
            let is_over = match send.purpose {
                Purpose::Confirmation { .. } => false,
                Purpose::Access => true,
                _ => enrolment.is_some_and(|enrolment| {
                    enrolment.state != EnrolmentState::Waiting
                        || (send.enrolment, send.round) < (enrolment.number, enrolment.round_number())
                }),
            };
            is_over && send.outcome != SendOutcome::Claimed && send.at + KEPT < now
        };
        let mut over: Vec<(Timestamp, SendId)> = self
            .sends
            .iter()
            .filter(|(_, send)| over(send))
            .map(|(id, send)| (send.at, id.clone()))
            .collect();
        over.sort();
        for (_, id) in over.into_iter().take(self.sends.len() - MOST_SENDS) {
            self.sends.remove(&id);
        }
    }

    pub(super) fn close_claim(&mut self, send_id: &SendId, outcome: SendOutcome) {
        if self.claim.as_ref().is_some_and(|claim| claim.send_id == *send_id) {
            self.claim = None;
        }
        if let Some(send) = self.sends.get_mut(send_id) {
            send.outcome = outcome;
        }
    }

    /// As if it had not been claimed. A step is due as it was before, since a claim leaves that alone.
    pub(super) fn unclaim(&mut self, send_id: &SendId) {
        self.close_claim(send_id, SendOutcome::Rejected);
        let Some(send) = self.sends.remove(send_id) else { return };
        if send.purpose == Purpose::Access && self.may_get_access() {
            self.access_due.get_or_insert((send.campaign, send.at));
        } else if let Purpose::Confirmation { request: number } = send.purpose
            && let Some(request) = self.consent.request.as_mut().filter(|request| request.number == number)
            && self.suppression.is_none()
        {
            request.mail_due.get_or_insert((send.campaign, send.at));
        }
    }

    pub(super) fn remember_early(&mut self, at: Timestamp, send_id: &SendId, link: String) {
        let Some(send) = self.sends.get_mut(send_id) else { return };
        let sent_at = send.delivered_at.unwrap_or(send.at);
        if at - EARLY <= sent_at && send.early_clicks.len() < MOST_EARLY_CLICKS {
            send.early_clicks.push(EarlyClick { at, link });
        }
    }

    /// Makes a step, the confirmation of the open request, or the link to the lead's data due again.
    pub(super) fn retry(
        &mut self,
        send_id: &SendId,
        campaign: &CampaignId,
        step: &StepId,
        retry_at: Option<Timestamp>,
    ) {
        let Some(retry_at) = retry_at else { return };
        if self.sends.get(send_id).is_some_and(|send| send.purpose == Purpose::Access) {
            self.access_due = Some((campaign.clone(), retry_at));
            return;
        }
        if step.as_str() == crate::CONFIRM_STEP {
            if let Some(request) = &mut self.consent.request {
                request.mail_due = Some((campaign.clone(), retry_at));
            }
            return;
        }
        self.with_enrolment(campaign, |enrolment| {
            enrolment.due_at = Some(retry_at);
            enrolment.refusals += 1;
        });
    }

    /// An event that carries an e-mail's tag, or a late answer, proves that the e-mail left; a confirmation that left is
    /// not repeated.
    pub(super) fn settle(&mut self, send_id: &SendId) {
        let Some(send) = self.sends.get_mut(send_id) else { return };
        let was_uncertain = send.outcome == SendOutcome::Uncertain;
        if was_uncertain || send.outcome == SendOutcome::Claimed {
            send.outcome = SendOutcome::Sent;
        }
        let purpose = send.purpose.clone();
        if was_uncertain
            && let Purpose::Confirmation { request: number } = purpose
            && let Some(request) = self.consent.request.as_mut().filter(|request| request.number == number)
        {
            request.mail_due = None;
        }
        if was_uncertain && purpose == Purpose::Access {
            self.access_due = None;
        }
    }
}

impl Send {
    fn is_confirmation(&self) -> bool {
        matches!(self.purpose, Purpose::Confirmation { .. })
    }
}
