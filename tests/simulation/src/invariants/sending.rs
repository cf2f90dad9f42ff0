//! Claims, hand-overs and answers.

use std::collections::BTreeMap;

use app::Notification;
use domain::input::SendResult;
use domain::lead::{Purpose, SendOutcome};
use domain::{Activity, CampaignId, Fact, SendId, StepId};
use email::Message;
use jiff::Timestamp;

use super::{Found, Rule, Sight, hold};
use crate::agenda::{TaskId, hours};
use crate::mutations::Mutation;
use crate::world::World;

/// One is asked for in a UTC day at most, and two more may follow while nobody knows; any 24 hours touch two such days.
const MOST_CONFIRMATIONS_A_DAY: usize = 6;
/// Of a confirmation that was asked for, or an alert: one, and two more while nobody knows.
const MOST_REPEATED: usize = 3;

/// What a claim is for: campaign, step, enrolment, round; of a confirmation, how often one was asked for by then.
type Subject = (CampaignId, StepId, u32, u32);

/// What was claimed for a lead, and left.
#[derive(Debug, Default)]
pub struct Sending {
    open: Option<(SendId, Timestamp)>,
    /// Whether somebody who reads the mailbox has said yes.
    confirmed: bool,
    claims: BTreeMap<SendId, (Purpose, Subject)>,
    asked: u32,
    confirmations: Vec<Timestamp>,
    repeated: BTreeMap<Subject, usize>,
    uncertain: BTreeMap<Subject, usize>,
}

/// The e-mail that the activity claims.
pub fn claimed(activity: &Activity) -> Option<&SendId> {
    match &activity.fact {
        Fact::SendClaimed { send_id, .. } => Some(send_id),
        _ => None,
    }
}

impl Sending {
    pub fn see(&mut self, sight: &Sight<'_>) -> Found {
        let carrier = &sight.world.carrier;
        match &sight.activity.fact {
            Fact::SendClaimed {
                send_id, campaign, step, enrolment, round, purpose, lease_ends_at, ..
            } => {
                let open = self.open.replace((send_id.clone(), *lease_ends_at));
                hold(open.is_none(), Rule::Exclusive, || format!("{step} was claimed while {open:?} is"))?;
                let busy = carrier.is_busy_with(sight.lead);
                hold(!busy, Rule::Exclusive, || {
                    format!("{step} was claimed while another one is handed over")
                })?;
                let is_confirmation = matches!(purpose, Purpose::Confirmation { .. });
                let is_asked_for = is_confirmation || *purpose == Purpose::Access;
                let is_unproven =
                    is_asked_for || matches!(purpose, Purpose::Nurture { .. }) && !self.confirmed;
                let stopped = is_unproven && sight.world.gate.has_stopped_confirmations(sight.now);
                hold(!stopped, Rule::Stop, || format!("{step} was claimed while confirmations are stopped"))?;
                let number = if is_asked_for { self.asked } else { *enrolment };
                let subject = (campaign.clone(), step.clone(), number, *round);
                let before = self.claims.insert(send_id.clone(), (purpose.clone(), subject));
                let sent = carrier.has_accepted(send_id);
                hold(before.is_none() || !sent, Rule::OneAcceptance, || {
                    format!("{step} was claimed again and has left")
                })
            }
            Fact::ConfirmationRequested { mail_due: Some(_), .. } | Fact::AccessRequested { .. } => {
                self.asked += 1;
                Ok(())
            }
            Fact::OptInConfirmed { .. } => {
                self.confirmed = true;
                Ok(())
            }
            Fact::ConsentWithdrawn { .. } => {
                self.confirmed = false;
                Ok(())
            }
            Fact::EmailSent { send_id, .. } => {
                self.close(send_id);
                let left = carrier.has_accepted(send_id);
                hold(left, Rule::Answer, || format!("{send_id} is recorded as sent and has not left"))
            }
            Fact::SendRejected { send_id, .. } | Fact::SendThrottled { send_id, .. } => {
                self.close(send_id);
                let left = carrier.has_accepted(send_id);
                hold(!left, Rule::Answer, || format!("{send_id} is recorded as refused and has left"))?;
                let answer = carrier.answer(send_id);
                let throttled = matches!(answer, Some(SendResult::Throttled { .. }));
                let recorded = matches!(sight.activity.fact, Fact::SendThrottled { .. });
                hold(recorded == throttled, Rule::Answer, || {
                    format!("{:?} is recorded, and the answer was {answer:?}", sight.activity.fact)
                })
            }
            Fact::SendUncertain { send_id, code, .. } => {
                let lease =
                    self.open.as_ref().filter(|(open, _)| open == send_id).map(|(_, ends_at)| *ends_at);
                let early = code == "lease_ended" && lease.is_none_or(|ends_at| sight.activity.at < ends_at);
                self.close(send_id);
                let claim = self.claims.get(send_id);
                // Notifications are repeated as if they had been refused: their receivers know them by their id.
                let claim = claim.filter(|(purpose, _)| !matches!(purpose, Purpose::Notify { .. }));
                let subject = claim.map(|(_, subject)| subject.clone());
                let times = subject.map_or(0, |subject| {
                    let times = self.uncertain.entry(subject).or_default();
                    *times += 1;
                    *times
                });
                hold(times <= MOST_REPEATED, Rule::Bound, || {
                    format!("{send_id} is the {times}th of its kind of which nobody knows")
                })?;
                hold(!early, Rule::Exclusive, || format!("{send_id} was given up before its lease ended"))
            }
            Fact::Notified { send_id, .. } => {
                self.close(send_id);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn close(&mut self, send_id: &SendId) {
        self.open.take_if(|(open, _)| open == send_id);
    }

    /// An e-mail left.
    fn left(&mut self, send_id: &SendId, now: Timestamp) -> Found {
        let Some((purpose, subject)) = self.claims.get(send_id) else { return Ok(()) };
        if matches!(purpose, Purpose::Confirmation { .. }) {
            self.confirmations.push(now);
            let within = self.confirmations.iter().filter(|at| **at > now - hours(24)).count();
            hold(within <= MOST_CONFIRMATIONS_A_DAY, Rule::Bound, || {
                format!("{within} confirmations left within a day")
            })?;
        }
        let times = self.repeated.entry(subject.clone()).or_default();
        *times += 1;
        let bound = if matches!(purpose, Purpose::Nurture { .. }) { 1 } else { MOST_REPEATED };
        hold(*times <= bound, Rule::Bound, || format!("{subject:?} left {times} times"))
    }
}

impl World {
    /// A program hands an e-mail to the carrier.
    pub fn observe_hand_over(&mut self, message: &Message) {
        self.observe_call(&message.send_id, &message.step);
        // That one e-mail leaves twice must be seen by itself, however well the rate is kept.
        let is_repeated =
            self.mutation == Some(Mutation::CarrierRetries) && self.carrier.has_seen(&message.send_id);
        if !is_repeated {
            self.observe_leaving();
        }
    }

    /// A program posts a notification.
    pub fn observe_notification(&mut self, notification: &Notification) {
        self.observe_call(&notification.id, "a notification");
    }

    fn observe_call(&mut self, send_id: &SendId, what: &str) {
        let who = self.running.get(&self.current).map_or("", |running| running.name.as_str());
        let lead = self.oracle.lead_of(send_id).and_then(|lead| self.table.stored(&lead));
        let claim = lead.and_then(|stored| stored.lead.claim.as_ref());
        let claimed = claim.is_some_and(|claim| claim.send_id == *send_id && claim.by == who);
        let claimed = claimed || self.oracle.may_be_at(send_id, self.now);
        let found = hold(claimed, Rule::ClaimedFirst, || {
            format!("{who} hands over {what}, and the claim is {claim:?}")
        });
        self.judge(found);
    }

    /// The carrier accepts an e-mail.
    pub fn observe_acceptance(&mut self, message: &Message) {
        let now = self.now;
        let lead = self.oracle.lead_of(&message.send_id);
        let seen = lead.and_then(|lead| self.oracle.leads.get_mut(&lead));
        let found = seen.map_or(Ok(()), |seen| seen.sending.left(&message.send_id, now));
        self.judge(found);
    }

    /// A program came to its end. Where nothing went wrong for it, the carrier's answers are recorded as they were.
    pub fn observe_return(&mut self, task: TaskId) {
        let Some(running) = self.running.get(&task).filter(|running| !running.troubled) else { return };
        let mut found = Ok(());
        let is_there = |send_id: &SendId| !self.oracle.is_of_before(send_id, self.now);
        for (lead, send_id, result) in running.answers.iter().filter(|(_, send_id, _)| is_there(send_id)) {
            let stored = self.table.stored(lead);
            let outcome = stored.and_then(|stored| stored.lead.sends.get(send_id)).map(|send| send.outcome);
            let recorded = match result {
                SendResult::Accepted { .. } => outcome == Some(SendOutcome::Sent),
                SendResult::Uncertain { .. } => outcome != Some(SendOutcome::Claimed),
                // It may be claimed again already.
                SendResult::Rejected { .. } | SendResult::Throttled { .. } => true,
            };
            found = found.and_then(|()| {
                hold(recorded, Rule::Answer, || {
                    format!("the carrier answered {result:?}, and {outcome:?} is recorded")
                })
            });
        }
        self.judge(found);
    }
}
