//! The send protocol: claim, send once, record. Who is written to, and when, is checked here, inside the claim.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::Fact;
use crate::lead::{Enrolment, Purpose, Send, SendOutcome};
use crate::schedule::{MAILBOX_RESTS, Waits};
use crate::sequence::{Act, Step};
use crate::{ACCESS_STEP, CONFIRM_STEP, Campaign, CampaignId, EmailName, Rejection, SendId, StepId};

/// Why an e-mail with an `until` is left out.
pub(super) const TOO_LATE: &str = "the moment until which it leaves is past";

/// So many e-mails with a magnet leave within [`MAGNETS_PER`] without regard to cap and quiet hours. Somebody who asks for a guide
/// waits for it; nobody waits for ten, and a post by which a lead enters a campaign may be a stranger's.
const MOST_MAGNETS: usize = 3;
/// See [`MOST_MAGNETS`].
const MAGNETS_PER: SignedDuration = SignedDuration::from_hours(24);

/// A worker that has not recorded an answer by then is taken for dead. Longer than any function may run.
pub const LEASE: SignedDuration = SignedDuration::from_mins(2);

impl Draft<'_> {
    /// Does what is due, up to the first e-mail.
    pub(super) fn tick(&mut self, worker: &str) -> Result<(), Rejection> {
        if self.lead.due_at().is_none_or(|due| due > self.now) {
            return Err(Rejection::NothingToDo);
        }
        if let Some(claim) = self.lead.claim.clone() {
            self.lease_ended(&claim.send_id);
            // Alone, so that nothing that is put off next keeps it from being written.
            return Ok(());
        }
        self.let_mailbox_rest();
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

    /// While the mailbox rests, neither its confirmation nor the link to its data leaves, however often they are asked for.
    fn let_mailbox_rest(&mut self) {
        let Some(due_at) = self.lead.back_off.map(|rest| rest.until).filter(|until| *until > self.now) else {
            return;
        };
        let confirmation = self.lead.consent.request.as_ref().and_then(|request| request.mail_due.clone());
        let mails = [(CONFIRM_STEP, confirmation), (ACCESS_STEP, self.lead.access_due.clone())];
        for (step, mail) in mails {
            if let Some((campaign, _)) = mail.filter(|(_, due)| *due <= self.now)
                && let Ok(step) = StepId::parse(step)
            {
                let because = MAILBOX_RESTS.to_owned();
                self.record(
                    self.now,
                    Fact::StepDeferred { campaign, step, due_at, because, has_place: false },
                );
            }
        }
    }

    fn claim_confirmation(&mut self, worker: &str) -> bool {
        let Some(request) = &self.lead.consent.request else { return false };
        let Some((campaign, due)) = &request.mail_due else { return false };
        let Ok(step) = StepId::parse(CONFIRM_STEP) else { return false };
        if *due > self.now || self.lead.suppression.is_some() {
            return false;
        }
        if self.bundle.campaign(campaign).is_none() && self.may_be_newer(self.last_posted()) {
            let (campaign, has_place) = (campaign.clone(), request.has_place);
            self.wait_until_known(campaign, step, has_place);
            return true;
        }
        let purpose = Purpose::Confirmation { request: request.number };
        let occurrence = self.lead.sends_of(campaign, &step) + 1;
        let send_id = self.lead.send_id(campaign, &step, occurrence);
        self.claim(send_id, campaign.clone(), step, (0, 0), purpose, worker);
        true
    }

    /// Of those that are due, the one of the highest priority, and of these the one that has waited longest.
    pub(super) fn first_due_enrolment(&self) -> Option<CampaignId> {
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
        let send_id = self.lead.send_id(&campaign.id, id, occurrence(enrolment));
        let earlier = self.lead.sends.get(&send_id);
        let sent = earlier.is_some_and(|send| send.outcome != SendOutcome::Rejected);
        if sent || self.was_sent_by_gone_step(campaign, email) {
            return self.skip(campaign, id, step, "it was sent before");
        }
        if self.left_topic(campaign, step) {
            return self.skip(campaign, id, step, "the lead left its topic");
        }
        let (due_at, waits_for) = self.may_leave_at(campaign, step);
        if self.is_too_late(step, due_at) {
            return self.skip(campaign, id, step, TOO_LATE);
        }
        if let Some(because) = waits_for {
            let (campaign, step, because) = (campaign.id.clone(), id.clone(), because.to_owned());
            return self
                .record(self.now, Fact::StepDeferred { campaign, step, due_at, because, has_place: false });
        }
        if self.is_held(campaign, id) {
            return;
        }
        let exempt = self.is_exempt(campaign, email);
        let purpose = Purpose::Nurture { email: email.clone(), exempt };
        self.claim_email(campaign, id, purpose, worker);
    }

    /// Whether a step's e-mail does not leave any more at that moment. A date that is not known ends nothing.
    pub(super) fn is_too_late(&self, step: &Step, at: Timestamp) -> bool {
        let Act::Send { until: Some(until), .. } = &step.act else { return false };
        self.ends_at(until).is_some_and(|end| end < at)
    }

    /// Claims the e-mail, alert or notification of a step, for this enrolment and round.
    pub(super) fn claim_email(&mut self, campaign: &Campaign, id: &StepId, purpose: Purpose, worker: &str) {
        let enrolment = &self.lead.enrolments[&campaign.id];
        let (number, round) = (enrolment.number, enrolment.round_number());
        let occurrence = match purpose {
            Purpose::Alert => alert_occurrence(enrolment, self.alerts_of(campaign, id, enrolment)),
            _ => occurrence(enrolment),
        };
        let send_id = self.lead.send_id(&campaign.id, id, occurrence);
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

    /// The first e-mail of an enrolment that carries the magnet is what the lead asked for: it waits for nothing, unless there
    /// were many of late.
    fn is_exempt(&self, campaign: &Campaign, email: &EmailName) -> bool {
        let number = self.lead.enrolments.get(&campaign.id).map(|enrolment| enrolment.number);
        let carried_before = self.lead.sends.values().any(|send| {
            send.campaign == campaign.id
                && Some(send.enrolment) == number
                && send.outcome != SendOutcome::Rejected
                && matches!(&send.purpose, Purpose::Nurture { email, .. } if campaign.magnet_emails.contains(email))
        });
        campaign.magnet_emails.contains(email) && !carried_before && self.magnets_of_late() < MOST_MAGNETS
    }

    /// How many e-mails left of late, or may have left, that waited for neither cap nor quiet hours; over all campaigns.
    fn magnets_of_late(&self) -> usize {
        let counts = |send: &&Send| {
            matches!(send.purpose, Purpose::Nurture { exempt: true, .. })
                && send.outcome != SendOutcome::Rejected
                && send.at + MAGNETS_PER > self.now
        };
        self.lead.sends.values().filter(counts).count()
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
