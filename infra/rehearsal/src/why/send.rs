//! The e-mails of a lead: those that were claimed, and those that were not and why.

use std::collections::{BTreeMap, BTreeSet};

use campaign_file::tree::{list, nearest};
use domain::input::unwritten;
use domain::lead::{Enrolment, EnrolmentState, Purpose, Send, SendOutcome};
use domain::sequence::Act;
use domain::{ALERT_STEP, CONFIRM_STEP, CampaignId, Fact, SendId, StepId};
use jiff::{SignedDuration, Timestamp};

use super::trace::Target;
use super::{Question, SendTold, Unknown};
use crate::Rehearsal;
use crate::outline::{Item, outline};

/// So far ahead one looks for when an e-mail will leave.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 400);

impl Question<'_> {
    /// Those that were asked for, or those of every campaign that the lead has to do with.
    pub(super) fn sends(&self, asked: Option<&str>) -> Result<Vec<SendTold>, Unknown> {
        let expected = self.expected();
        let mut told = Vec::new();
        for campaign in self.campaigns(asked.is_some()) {
            for (step, name) in self.steps(&campaign) {
                let wanted = asked.is_none_or(|asked| {
                    let asked = asked.strip_prefix(&format!("{campaign}/")).unwrap_or(asked);
                    asked == step.as_str()
                        || name.as_deref() == Some(asked)
                        || self.claimed(&campaign, &step).any(|(id, _)| id.as_str() == asked)
                });
                if wanted {
                    let sends = self.told(&campaign, &step, &expected);
                    let is_id = |send: &SendTold| send.send_id.as_deref() == asked;
                    let by_id = sends.iter().any(is_id);
                    told.extend(sends.into_iter().filter(|send| !by_id || is_id(send)));
                }
            }
        }
        match asked {
            Some(asked) if told.is_empty() => {
                Err(Unknown::Send { asked: asked.to_owned(), help: self.known(asked) })
            }
            _ => Ok(told),
        }
    }

    /// The nearest name, or all of them, each with its campaign.
    fn known(&self, asked: &str) -> String {
        let mut names = BTreeSet::new();
        let mut with_campaigns = Vec::new();
        for campaign in self.campaigns(true) {
            for (step, name) in self.steps(&campaign) {
                with_campaigns.push(format!("{campaign}/{step}"));
                names.extend([Some(step.to_string()), name].into_iter().flatten());
            }
        }
        match nearest(asked, names.iter().map(String::as_str)) {
            Some(meant) => format!("write `{meant}`"),
            None => {
                format!("known: {}", list(&with_campaigns.iter().map(String::as_str).collect::<Vec<_>>()))
            }
        }
    }

    fn campaigns(&self, all: bool) -> Vec<CampaignId> {
        let lead = &self.lead;
        let mut ids: Vec<CampaignId> = self.bundle.campaigns.keys().cloned().collect();
        let gone = lead.enrolments.keys().chain(lead.sends.values().map(|send| &send.campaign));
        ids.extend(gone.cloned());
        ids.sort();
        ids.dedup();
        ids.retain(|id| all || self.has_to_do_with(id));
        ids
    }

    fn has_to_do_with(&self, id: &CampaignId) -> bool {
        self.log.iter().any(|activity| match &activity.fact {
            Fact::FormSubmitted { campaign, .. }
            | Fact::Enrolled { campaign, .. }
            | Fact::SendClaimed { campaign, .. } => campaign == id,
            _ => false,
        })
    }

    /// Steps that send, in their order, with the name that the e-mail has in inboxes. Those that are gone from the campaign come
    /// last.
    fn steps(&self, id: &CampaignId) -> Vec<(StepId, Option<String>)> {
        let mut steps = Vec::new();
        let asks = self.log.iter().any(|activity| {
            matches!(&activity.fact, Fact::ConfirmationRequested { campaign, .. } if campaign == id)
        });
        steps.extend(StepId::parse(CONFIRM_STEP).ok().filter(|_| asks).map(|step| (step, None)));
        if let Some(campaign) = self.bundle.campaign(id) {
            gather(&outline(&campaign.sequence), &mut steps);
        }
        for send in self.lead.sends.values().filter(|send| send.campaign == *id) {
            if steps.iter().all(|(step, _)| *step != send.step) {
                let name = match &send.purpose {
                    Purpose::Nurture { email, .. } => Some(email.to_string()),
                    Purpose::Alert => Some(ALERT_STEP.to_owned()),
                    _ => None,
                };
                steps.push((send.step.clone(), name));
            }
        }
        steps
    }

    /// What was claimed for a step, in order.
    fn claimed(&self, campaign: &CampaignId, step: &StepId) -> impl Iterator<Item = (&SendId, &Send)> {
        let mut sends: Vec<_> = self
            .lead
            .sends
            .iter()
            .filter(|(_, send)| send.campaign == *campaign && send.step == *step)
            .collect();
        sends.sort_by_key(|(id, send)| (send.at, id.as_str()));
        sends.into_iter()
    }

    fn told(
        &self,
        campaign: &CampaignId,
        step: &StepId,
        expected: &BTreeMap<(CampaignId, StepId), Timestamp>,
    ) -> Vec<SendTold> {
        let enrolment = self.lead.enrolments.get(campaign);
        let mut told: Vec<SendTold> = self
            .claimed(campaign, step)
            .map(|(id, send)| {
                let target = Target { campaign, step, enrolment: send.enrolment, send_id: Some(id) };
                let (state, verdict) = self.outcome(id, send, enrolment);
                self.send_told(target, state, verdict, None)
            })
            .collect();
        let number = enrolment.map_or(0, |enrolment| enrolment.number);
        let stands_here = enrolment.is_some_and(|enrolment| {
            enrolment.state == EnrolmentState::Waiting && enrolment.step.as_ref() == Some(step)
        });
        let open = self.lead.claim.as_ref().and_then(|claim| self.lead.sends.get(&claim.send_id));
        let being_sent = open.is_some_and(|send| send.campaign == *campaign && send.step == *step);
        let of_now = self.claimed(campaign, step).any(|(_, send)| send.enrolment == number);
        let skipped = self.skipped(campaign, step, number);
        if (!of_now && step.as_str() != CONFIRM_STEP)
            || (stands_here && !being_sent)
            || (step.as_str() == CONFIRM_STEP && (told.is_empty() || self.enough_confirmations(campaign)))
            || (skipped.is_some() && !of_now)
        {
            let target = Target { campaign, step, enrolment: number, send_id: None };
            let enough = "Enough confirmations were sent to this address: no further one is.";
            let (state, verdict) = match (stands_here, skipped) {
                _ if step.as_str() == CONFIRM_STEP && self.enough_confirmations(campaign) => {
                    ("skipped", enough.to_owned())
                }
                _ if step.as_str() == CONFIRM_STEP => self.not_asked(campaign),
                (true, _) => ("waiting", self.waiting(campaign, step, enrolment)),
                (false, Some(because)) => ("skipped", format!("It was skipped: {because}.")),
                (false, None) => ("not_reached", self.not_reached(campaign, step, enrolment)),
            };
            let at = expected.get(&(campaign.clone(), step.clone())).copied();
            told.push(self.send_told(target, state, verdict, at.filter(|_| state != "skipped")));
        }
        told
    }

    fn send_told(
        &self,
        target: Target<'_>,
        state: &'static str,
        verdict: String,
        expected: Option<Timestamp>,
    ) -> SendTold {
        SendTold {
            campaign: target.campaign.to_string(),
            step: target.step.to_string(),
            send_id: target.send_id.map(SendId::to_string),
            state,
            verdict,
            expected: expected.map(|at| self.moment(at)),
            trace: self.trace(target),
        }
    }

    fn outcome(&self, id: &SendId, send: &Send, enrolment: Option<&Enrolment>) -> (&'static str, String) {
        let at = self.moment(send.at);
        match send.outcome {
            SendOutcome::Claimed => ("being_sent", format!("It is being sent since {at}.")),
            SendOutcome::Sent => ("sent", format!("It left {at}.")),
            SendOutcome::Uncertain => ("uncertain", format!("Nobody knows whether it left {at}.")),
            SendOutcome::Rejected if self.is_unwritten(id) => {
                ("unwritten", format!("It could not be written {at}; it did not leave."))
            }
            SendOutcome::Rejected => {
                let again = enrolment.filter(|enrolment| {
                    enrolment.step.as_ref() == Some(&send.step)
                        && enrolment.number == send.enrolment
                        && enrolment.state == EnrolmentState::Waiting
                });
                let then = match again.and_then(|enrolment| enrolment.due_at) {
                    Some(due) => format!("it is tried again {}", self.moment(due)),
                    None => "it did not leave".to_owned(),
                };
                ("refused", format!("The carrier refused it {at}; {then}."))
            }
        }
    }

    fn is_unwritten(&self, id: &SendId) -> bool {
        self.log.iter().any(|activity| match &activity.fact {
            Fact::SendRejected { send_id, code, .. } => send_id == id && unwritten(code).is_some(),
            _ => false,
        })
    }

    fn waiting(&self, campaign: &CampaignId, step: &StepId, enrolment: Option<&Enrolment>) -> String {
        let Some(due) = enrolment.and_then(|enrolment| enrolment.due_at) else {
            return "It waits, and nobody knows until when.".to_owned();
        };
        let last = self.log.iter().rev().find_map(|activity| match &activity.fact {
            Fact::StepBegan { campaign: other, step: at, because, .. } if other == campaign && at == step => {
                Some(because.clone())
            }
            Fact::StepDeferred { campaign: other, step: at, because, .. }
                if other == campaign && at == step =>
            {
                Some(Some(because.clone()))
            }
            Fact::SendRejected { campaign: other, step: at, .. } if other == campaign && at == step => {
                Some(Some("the carrier refused it for now".to_owned()))
            }
            _ => None,
        });
        match last.flatten() {
            Some(because) if due > self.now => {
                format!("It waits until {}: {}.", self.moment(due), self.limit(campaign, &because).0)
            }
            _ if due > self.now => format!("It is due {}.", self.moment(due)),
            _ => format!("It is due since {}, and is looked at within a minute.", self.moment(due)),
        }
    }

    /// Whether the last request of that campaign's form brought no e-mail.
    fn enough_confirmations(&self, id: &CampaignId) -> bool {
        let last = self.log.iter().rev().find_map(|activity| match &activity.fact {
            Fact::ConfirmationRequested { campaign, mail_due, .. } if campaign == id => {
                Some(mail_due.is_none())
            }
            Fact::StepSkipped { campaign, step, .. } if campaign == id && step.as_str() == CONFIRM_STEP => {
                Some(true)
            }
            _ => None,
        });
        last == Some(true) && !self.lead.consent.confirmed
    }

    fn skipped(&self, campaign: &CampaignId, step: &StepId, number: u32) -> Option<String> {
        let since = self.begun(campaign, number);
        self.log[since..].iter().rev().find_map(|activity| match &activity.fact {
            Fact::StepSkipped { campaign: other, step: at, because } if other == campaign && at == step => {
                Some(because.clone())
            }
            _ => None,
        })
    }

    /// Where in the log an enrolment begins.
    pub(super) fn begun(&self, id: &CampaignId, enrolment: u32) -> usize {
        let is = |fact: &Fact| matches!(fact, Fact::Enrolled { campaign, number, .. } if campaign == id && *number == enrolment);
        self.log.iter().position(|activity| is(&activity.fact)).unwrap_or_default()
    }

    /// When each step's e-mail leaves if nothing else happens.
    fn expected(&self) -> BTreeMap<(CampaignId, StepId), Timestamp> {
        let mut rehearsal = Rehearsal::of_lead(self.bundle, self.lead.clone(), self.now);
        let mut expected = BTreeMap::new();
        // A rehearsal that stops early tells what it saw until then.
        let _ = rehearsal.pass_until(self.now + AHEAD);
        for mail in rehearsal.mails() {
            expected.entry((mail.campaign.clone(), mail.step.clone())).or_insert(mail.at);
        }
        expected
    }
}

fn gather(items: &[Item<'_>], steps: &mut Vec<(StepId, Option<String>)>) {
    for item in items {
        match &item.step.act {
            Act::Send { email, .. } => steps.push((item.id.clone(), Some(email.to_string()))),
            Act::Alert => steps.push((item.id.clone(), Some(ALERT_STEP.to_owned()))),
            Act::Notify { .. } => steps.push((item.id.clone(), None)),
            _ => {}
        }
        item.ways.iter().for_each(|way| gather(&way.items, steps));
    }
}
