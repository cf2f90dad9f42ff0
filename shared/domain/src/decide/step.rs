//! What each kind of step does when a lead comes to it, and when it falls due.

use jiff::Timestamp;

use super::Draft;
use crate::activity::{Fact, Way};
use crate::lead::{EnrolmentState, Purpose, Round};
use crate::sequence::{Act, Case, Step, holds_out};
use crate::{Campaign, CampaignId, StepId};

/// What follows when a lead comes to a step.
pub(super) enum Then {
    /// It took no time: on to that one, or to the sequence's end.
    GoTo(Option<StepId>),
    /// It takes time, or the enrolment is over.
    Stay,
}

impl Draft<'_> {
    /// Comes to a step: does it if it takes no time, or notes when it is due.
    pub(super) fn enter(&mut self, campaign: &Campaign, id: &StepId, step: &Step) -> Then {
        let (campaign_id, step_id) = (campaign.id.clone(), id.clone());
        match &step.act {
            Act::Branch { cases, otherwise } => {
                let first = self.choose(campaign, id, cases, otherwise.as_ref());
                return Then::GoTo(first.or_else(|| step.next.clone()));
            }
            Act::Experiment(experiment) => {
                let first = self.take_variant(campaign, id, experiment);
                return Then::GoTo(first.or_else(|| step.next.clone()));
            }
            Act::Set { traits } => {
                // Without room, what is known stays.
                if self.has_room_for(traits) {
                    let traits = traits.clone();
                    self.record(self.now, Fact::TraitsSet { campaign: campaign_id, step: step_id, traits });
                }
            }
            Act::Tag { tag } if !self.lead.tags.contains(tag) => {
                let tag = tag.clone();
                self.record(self.now, Fact::Tagged { campaign: campaign_id, step: step_id, tag });
            }
            Act::Untag { tag } if self.lead.tags.contains(tag) => {
                let tag = tag.clone();
                self.record(self.now, Fact::Untagged { campaign: campaign_id, step: step_id, tag });
            }
            Act::Tag { .. } | Act::Untag { .. } => {}
            Act::Enrol { campaign } => self.to_enter.push(campaign.clone()),
            Act::Holdout { lots } => {
                if holds_out(*lots, &self.lead.id, &campaign.id, id) {
                    self.record(self.now, Fact::HeldOut { campaign: campaign_id, step: step_id });
                    self.end(&campaign.id, EnrolmentState::Exited, "it is one of the control group");
                    return Then::Stay;
                }
            }
            Act::Exit => {
                self.end(&campaign.id, EnrolmentState::Exited, "the sequence says so");
                return Then::Stay;
            }
            Act::WaitUntil { until, otherwise } => {
                let ends_at = self.ends_at(until);
                if let Some(ends_at) = ends_at.filter(|ends_at| *ends_at > self.now) {
                    return self.rest(campaign, id, Some(ends_at), None);
                }
                let because = if ends_at.is_some() { "its date is past" } else { "its date is not known" };
                let because = because.to_owned();
                let told = match otherwise {
                    Some(_) => Fact::BranchTaken {
                        campaign: campaign_id,
                        step: step_id,
                        way: Way::Otherwise,
                        case: 0,
                        because: Some(because),
                    },
                    None => Fact::StepSkipped { campaign: campaign_id, step: step_id, because },
                };
                self.record(self.now, told);
                return Then::GoTo(otherwise.clone().or_else(|| step.next.clone()));
            }
            Act::Every { each, on, at, .. } => {
                let Some(enrolment) = self.lead.enrolments.get(&campaign.id) else { return Then::Stay };
                let next = self.next_round(enrolment, *each, on, *at, self.now);
                let because = next.is_none().then_some("a date that is not known yet");
                return self.rest(campaign, id, next.map(|(_, due_at)| due_at), because);
            }
            Act::Wait { length } => return self.rest(campaign, id, Some(self.now + *length), None),
            Act::WaitFor { within, .. } => return self.rest(campaign, id, Some(self.now + *within), None),
            Act::Alert | Act::Notify { .. } => return self.rest(campaign, id, Some(self.now), None),
            Act::Send { .. } => {
                let (due_at, because) = self.may_leave_at(campaign, step);
                if self.is_too_late(step, due_at) {
                    let because = super::sending::TOO_LATE.to_owned();
                    self.record(
                        self.now,
                        Fact::StepSkipped { campaign: campaign_id, step: step_id, because },
                    );
                    return Then::GoTo(step.next.clone());
                }
                return self.rest(campaign, id, Some(due_at), because);
            }
        }
        Then::GoTo(step.next.clone())
    }

    /// Does what a due step is due for.
    pub(super) fn take_step(&mut self, id: &CampaignId, worker: &str) {
        let Some(campaign) = self.bundle.campaign(id) else {
            return self.leave_gone_campaign(id);
        };
        if !self.may_be_nurtured() {
            return self.end(id, EnrolmentState::Exited, "there is no consent");
        }
        let enrolment = &self.lead.enrolments[id];
        let found = enrolment.step.as_ref().and_then(|step| campaign.sequence.steps.get_key_value(step));
        let Some((step_id, step)) = found else { return self.leave_gone_step(campaign) };
        if campaign.paused && step.act.reaches_out() {
            return self.wait_while_paused(campaign, step_id);
        }
        match &step.act {
            Act::Wait { .. } | Act::WaitUntil { .. } => self.begin(campaign, step.next.clone()),
            Act::WaitFor { otherwise, .. } => {
                self.take_way(campaign, step_id, Way::Otherwise);
                self.begin(campaign, otherwise.clone().or_else(|| step.next.clone()));
            }
            Act::Every { first, .. } => {
                let on = enrolment.due_at.unwrap_or(self.now).to_zoned(self.zone()).date();
                let round = Round { number: enrolment.round_number() + 1, on };
                let (campaign_id, step) = (id.clone(), step_id.clone());
                self.record(self.now, Fact::RoundBegan { campaign: campaign_id, step, round });
                self.begin(campaign, first.clone().or_else(|| Some(step_id.clone())));
            }
            Act::Alert => self.claim_email(campaign, step_id, Purpose::Alert, worker),
            Act::Send { email, .. } => self.take_send(campaign, step_id, step, email, worker),
            Act::Notify { webhook } => self.take_notify(campaign, step_id, step, webhook, worker),
            // They take no time, so a lead stands there only if an edit made them of another step.
            Act::Branch { .. }
            | Act::Experiment(_)
            | Act::Set { .. }
            | Act::Tag { .. }
            | Act::Untag { .. }
            | Act::Enrol { .. }
            | Act::Holdout { .. }
            | Act::Exit => self.begin(campaign, Some(step_id.clone())),
        }
    }

    /// The first step of the first case that holds.
    fn choose(
        &mut self,
        campaign: &Campaign,
        id: &StepId,
        cases: &[Case],
        otherwise: Option<&StepId>,
    ) -> Option<StepId> {
        let held = {
            let facts = self.facts();
            cases.iter().position(|case| case.when.holds(&facts))
        };
        let (way, place, first) = match held.and_then(|place| Some((place, cases.get(place)?))) {
            Some((place, case)) => (Way::Then, place, case.first.as_ref()),
            None => (Way::Else, 0, otherwise),
        };
        let case = u32::try_from(place).unwrap_or(u32::MAX);
        let (campaign, step) = (campaign.id.clone(), id.clone());
        self.record(self.now, Fact::BranchTaken { campaign, step, way, case, because: None });
        first.cloned()
    }

    pub(super) fn take_way(&mut self, campaign: &Campaign, step: &StepId, way: Way) {
        let (campaign, step) = (campaign.id.clone(), step.clone());
        self.record(self.now, Fact::BranchTaken { campaign, step, way, case: 0, because: None });
    }

    fn rest(
        &mut self,
        campaign: &Campaign,
        step: &StepId,
        due_at: Option<Timestamp>,
        because: Option<&str>,
    ) -> Then {
        let (bundle, ahead) = self.signpost(campaign, step);
        let (campaign, step) = (campaign.id.clone(), step.clone());
        let because = because.map(str::to_owned);
        self.record(self.now, Fact::StepBegan { campaign, step, due_at, because, bundle, ahead });
        Then::Stay
    }
}
