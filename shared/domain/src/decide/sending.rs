//! The send protocol: claim, send once, record. Who is written to, and when, is checked here, inside the claim.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::Fact;
use crate::input::SendResult;
use crate::lead::{Enrolment, EnrolmentState, Purpose, Send, SendOutcome};
use crate::schedule::Waits;
use crate::sequence::{Act, Step};
use crate::{CONFIRM_STEP, Campaign, CampaignId, EmailName, Rejection, SendId, StepId};

/// A worker that has not recorded an answer by then is taken for dead. Longer than any function may run.
pub const LEASE: SignedDuration = SignedDuration::from_mins(2);

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

/// A confirmation or alert that may or may not have left is sent again after this, but only so often in all.
const REPEAT_AFTER: SignedDuration = SignedDuration::from_mins(15);
const MOST_UNCERTAIN: usize = 3;

impl Draft<'_> {
    /// Does what is due, up to the first e-mail.
    pub(super) fn tick(&mut self, worker: &str) -> Result<(), Rejection> {
        if self.lead.due_at().is_none_or(|due| due > self.now) {
            return Err(Rejection::NothingToDo);
        }
        if let Some(claim) = self.lead.claim.clone() {
            self.lease_ended(&claim.send_id);
        }
        if self.claim_confirmation(worker) || self.claim_access(worker) {
            return Ok(());
        }
        self.exit_enrolments();
        while let Some(campaign) = self.first_due_enrolment() {
            self.take_step(&campaign, worker);
            if self.order.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// Nobody recorded what became of the e-mail. Its events may have told.
    fn lease_ended(&mut self, send_id: &SendId) {
        let Some(send) = self.lead.sends.get(send_id).cloned() else { return };
        if send.outcome == SendOutcome::Sent {
            self.sent(send_id, &send, None);
        } else {
            self.uncertain(send_id, &send, "lease_ended");
        }
    }

    fn claim_confirmation(&mut self, worker: &str) -> bool {
        let Some(request) = &self.lead.consent.request else { return false };
        let Some((campaign, due)) = &request.mail_due else { return false };
        let Ok(step) = StepId::parse(CONFIRM_STEP) else { return false };
        if *due > self.now || self.lead.suppression.is_some() {
            return false;
        }
        let purpose = Purpose::Confirmation { request: request.number };
        let occurrence = self.lead.sends_of(campaign, &step) + 1;
        let send_id = SendId::of(&self.lead.id, campaign, &step, occurrence);
        self.claim(send_id, campaign.clone(), step, (0, 0), purpose, worker);
        true
    }

    /// Of those that are due, the one of the highest priority, and of these the one that has waited longest.
    fn first_due_enrolment(&self) -> Option<CampaignId> {
        let due = self.lead.enrolments.iter().filter_map(|(id, enrolment)| Some((enrolment.due_at?, id)));
        let priority = |id: &CampaignId| self.bundle.campaign(id).map_or(0, |campaign| campaign.priority);
        due.filter(|(at, _)| *at <= self.now)
            .min_by_key(|(at, id)| (Reverse(priority(id)), *at, *id))
            .map(|(_, id)| id.clone())
    }

    pub(super) fn take_send(
        &mut self,
        campaign: &Campaign,
        id: &StepId,
        step: &Step,
        email: &EmailName,
        worker: &str,
    ) {
        let enrolment = &self.lead.enrolments[&campaign.id];
        let send_id = SendId::of(&self.lead.id, &campaign.id, id, occurrence(enrolment));
        let earlier = self.lead.sends.get(&send_id);
        let sent = earlier.is_some_and(|send| send.outcome != SendOutcome::Rejected);
        if sent || self.was_sent_by_gone_step(campaign, email) {
            return self.skip(campaign, id, step, "it was sent before");
        }
        if self.left_topic(campaign, step) {
            return self.skip(campaign, id, step, "the lead left its topic");
        }
        if let (due_at, Some(because)) = self.may_leave_at(campaign, step) {
            let (campaign, step, because) = (campaign.id.clone(), id.clone(), because.to_owned());
            return self.record(self.now, Fact::StepDeferred { campaign, step, due_at, because });
        }
        let exempt = self.is_exempt(campaign, email);
        let purpose = Purpose::Nurture { email: email.clone(), exempt };
        self.claim_email(campaign, id, purpose, worker);
    }

    /// Claims the e-mail, alert or notification of a step, for this enrolment and round.
    pub(super) fn claim_email(&mut self, campaign: &Campaign, id: &StepId, purpose: Purpose, worker: &str) {
        let enrolment = &self.lead.enrolments[&campaign.id];
        let (number, round) = (enrolment.number, enrolment.round_number());
        let occurrence = match purpose {
            Purpose::Alert => alert_occurrence(enrolment, self.alerts_of(campaign, id, enrolment)),
            _ => occurrence(enrolment),
        };
        let send_id = SendId::of(&self.lead.id, &campaign.id, id, occurrence);
        self.claim(send_id, campaign.id.clone(), id.clone(), (number, round), purpose, worker);
    }

    /// How many alerts were claimed for the step in this enrolment and round.
    fn alerts_of(&self, campaign: &Campaign, id: &StepId, enrolment: &Enrolment) -> usize {
        let same = |send: &&Send| {
            send.campaign == campaign.id
                && send.step == *id
                && (send.enrolment, send.round) == (enrolment.number, enrolment.round_number())
        };
        self.lead.sends.values().filter(same).count()
    }

    pub(super) fn skip(&mut self, campaign: &Campaign, id: &StepId, step: &Step, because: &str) {
        let (campaign_id, step_id, because) = (campaign.id.clone(), id.clone(), because.to_owned());
        self.record(self.now, Fact::StepSkipped { campaign: campaign_id, step: step_id, because });
        self.begin(campaign, step.next.clone());
    }

    fn left_topic(&self, campaign: &Campaign, step: &Step) -> bool {
        let Act::Send { topic, .. } = &step.act else { return false };
        let topic = topic.as_ref().or(campaign.topic.as_ref());
        topic.is_some_and(|topic| self.lead.preferences.left_topics.contains(topic))
    }

    pub(super) fn claim(
        &mut self,
        send_id: SendId,
        campaign: CampaignId,
        step: StepId,
        (enrolment, round): (u32, u32),
        purpose: Purpose,
        worker: &str,
    ) {
        self.order = Some(send_id.clone());
        let (lease_ends_at, by) = (self.now + LEASE, worker.to_owned());
        self.record(
            self.now,
            Fact::SendClaimed { send_id, campaign, step, enrolment, round, purpose, lease_ends_at, by },
        );
    }

    /// The first e-mail of an enrolment that carries the magnet is what the lead asked for: it waits for nothing.
    fn is_exempt(&self, campaign: &Campaign, email: &EmailName) -> bool {
        let number = self.lead.enrolments.get(&campaign.id).map(|enrolment| enrolment.number);
        let carried_before = self.lead.sends.values().any(|send| {
            send.campaign == campaign.id
                && Some(send.enrolment) == number
                && send.outcome != SendOutcome::Rejected
                && matches!(&send.purpose, Purpose::Nurture { email, .. } if campaign.magnet_emails.contains(email))
        });
        campaign.magnet_emails.contains(email) && !carried_before
    }

    /// When a step's e-mail may leave, and what it waits for if that is not now.
    pub(super) fn may_leave_at(&self, campaign: &Campaign, step: &Step) -> (Timestamp, Option<&'static str>) {
        let Act::Send { email, between, .. } = &step.act else { return (self.now, None) };
        let organisation = &self.bundle.organisation;
        let limited = !self.is_exempt(campaign, email);
        let waits = Waits {
            between: between.as_ref(),
            quiet_hours: organisation.limits.quiet_hours.as_ref().filter(|_| limited),
            closed_days: if limited { &organisation.limits.closed_days } else { &[] },
            cap_ends: self.cap_ends().filter(|_| limited),
            paused_until: self.lead.preferences.paused_until,
            rests_until: self.lead.back_off.map(|rest| rest.until),
        };
        let Some(due_at) = waits.next(self.now, &self.zone()) else {
            // `check` refuses such a window; a bundle that has one all the same is looked at again tomorrow.
            return (self.now + SignedDuration::from_hours(24), Some("its window never opens"));
        };
        let because = waits.reason(self.now, &self.zone());
        (due_at, because)
    }

    /// When the sliding span of the frequency cap has room again; none when it has room now.
    fn cap_ends(&self) -> Option<Timestamp> {
        let cap = self.bundle.organisation.limits.per_lead?;
        let counts = |send: &&Send| {
            matches!(send.purpose, Purpose::Nurture { exempt: false, .. })
                && send.outcome != SendOutcome::Rejected
                && send.at + cap.per > self.now
        };
        let mut times: Vec<Timestamp> = self.lead.sends.values().filter(counts).map(|send| send.at).collect();
        times.sort();
        let place = times.len().checked_sub(usize::try_from(cap.count).ok()?)?;
        times.get(place).map(|at| *at + cap.per)
    }

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

    fn sent(&mut self, send_id: &SendId, send: &Send, message_id: Option<String>) {
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
            Purpose::Access => self.access_mails_lately(SendOutcome::Rejected),
            _ => self.lead.enrolments.get(&send.campaign).map_or(0, |enrolment| enrolment.refusals as usize),
        };
        RETRIES.get(refusals).filter(|_| self.is_awaited(send)).map(|wait| self.now + *wait)
    }

    fn uncertain(&mut self, send_id: &SendId, send: &Send, code: &str) {
        let uncertain_before = match &send.purpose {
            Purpose::Nurture { .. } | Purpose::Notify { .. } => MOST_UNCERTAIN,
            Purpose::Confirmation { request } => self.confirmations(*request, SendOutcome::Uncertain),
            Purpose::Access => self.access_mails_lately(SendOutcome::Uncertain),
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

/// What tells an e-mail of a step from the same step's e-mail in another enrolment or round.
pub(super) fn occurrence(enrolment: &Enrolment) -> String {
    match enrolment.round_number() {
        0 => enrolment.number.to_string(),
        round => format!("{}.{round}", enrolment.number),
    }
}

/// The same of an alert, of which one may be repeated.
fn alert_occurrence(enrolment: &Enrolment, earlier: usize) -> String {
    match (enrolment.number, enrolment.round_number()) {
        (1, 0) => (earlier + 1).to_string(),
        (number, round) => format!("{number}.{round}.{}", earlier + 1),
    }
}
