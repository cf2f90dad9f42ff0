//! A lead's way through a campaign's sequence.

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::{Activity, EmailEvent, Fact, Way};
use crate::experiment::Experiment;
use crate::lead::{Enrolment, EnrolmentState};
use crate::sequence::Act;
use crate::{Campaign, CampaignId, StepId};

/// Clocks differ, and many tell whole seconds: what is dated this little before a step still counts as since it began.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

impl Draft<'_> {
    /// Begins the sequence, unless it began before and consent was not withdrawn since.
    pub(super) fn enrol(&mut self, campaign: &Campaign) {
        let before = self.lead.enrolments.get(&campaign.id);
        let withdrawn_at = self.lead.consent.withdrawn_at;
        let anew = |enrolment: &Enrolment| {
            enrolment.state != EnrolmentState::Waiting
                && withdrawn_at.is_some_and(|at| enrolment.began_at <= at)
        };
        if before.is_some_and(|enrolment| !anew(enrolment)) {
            return;
        }
        let number = before.map_or(1, |enrolment| enrolment.number + 1);
        self.record(self.now, Fact::Enrolled { campaign: campaign.id.clone(), number });
        self.begin(campaign, campaign.sequence.first.clone());
    }

    /// Goes to a step, through branches, until one takes time. `None` is the sequence's end.
    pub(super) fn begin(&mut self, campaign: &Campaign, step: Option<StepId>) {
        let mut next = step;
        while let Some(id) = next {
            let Some(step) = campaign.sequence.steps.get(&id) else {
                return self.end(&campaign.id, EnrolmentState::Exited, "its step is gone from the campaign");
            };
            next = match &step.act {
                Act::Branch { when, then, otherwise } => {
                    let holds = when.holds(&self.facts());
                    let (way, first) = if holds { (Way::Then, then) } else { (Way::Else, otherwise) };
                    self.take_way(campaign, &id, way);
                    first.clone().or_else(|| step.next.clone())
                }
                Act::Experiment(experiment) => {
                    let first = self.take_variant(campaign, &id, experiment);
                    first.or_else(|| step.next.clone())
                }
                Act::Exit => return self.end(&campaign.id, EnrolmentState::Exited, "the sequence says so"),
                Act::Wait { length } => return self.rest(campaign, id, self.now + *length, None),
                Act::WaitFor { within, .. } => return self.rest(campaign, id, self.now + *within, None),
                Act::Alert => return self.rest(campaign, id, self.now, None),
                Act::Send { .. } => {
                    let (due_at, because) = self.may_leave_at(campaign, step);
                    return self.rest(campaign, id, due_at, because);
                }
            };
        }
        self.end(&campaign.id, EnrolmentState::Completed, "the sequence is at its end");
    }

    /// What waited for the end of a pause waits no longer than it must, now that the pause ends earlier.
    pub(super) fn end_pause(&mut self, paused_before: Option<Timestamp>) {
        let Some(before) = paused_before.filter(|end| self.lead.preferences.paused_until < Some(*end)) else {
            return;
        };
        for id in self.under_way() {
            let Some(campaign) = self.bundle.campaign(&id) else { continue };
            let enrolment = &self.lead.enrolments[&id];
            let Some(due) = enrolment.due_at.filter(|due| *due >= before) else { continue };
            let Some(step_id) = enrolment.step.clone() else { continue };
            let Some(step) = campaign.sequence.steps.get(&step_id) else { continue };
            if !matches!(step.act, Act::Send { .. }) {
                continue;
            }
            let due_at = self.may_leave_at(campaign, step).0;
            if due_at < due {
                let because = "the pause was ended".to_owned();
                self.record(self.now, Fact::StepDeferred { campaign: id, step: step_id, due_at, because });
            }
        }
    }

    /// Gives the lead its variant and answers its first step. Who comes by again takes the one it has.
    fn take_variant(&mut self, campaign: &Campaign, id: &StepId, experiment: &Experiment) -> Option<StepId> {
        let enrolment = self.lead.enrolments.get(&campaign.id)?;
        let kept = enrolment.variants.get(id).and_then(|variant| experiment.variant(variant));
        if let Some(variant) = kept {
            return variant.first.clone();
        }
        let settled = experiment.settled.as_ref().and_then(|variant| experiment.variant(variant));
        let variant = settled.or_else(|| experiment.draw(&self.lead.id, &campaign.id, id))?;
        self.record(
            self.now,
            Fact::VariantChosen {
                campaign: campaign.id.clone(),
                step: id.clone(),
                variant: variant.id.clone(),
                settled: settled.is_some(),
            },
        );
        variant.first.clone()
    }

    fn rest(&mut self, campaign: &Campaign, step: StepId, due_at: Timestamp, because: Option<&str>) {
        let because = because.map(str::to_owned);
        self.record(self.now, Fact::StepBegan { campaign: campaign.id.clone(), step, due_at, because });
    }

    pub(super) fn take_way(&mut self, campaign: &Campaign, step: &StepId, way: Way) {
        self.record(self.now, Fact::BranchTaken { campaign: campaign.id.clone(), step: step.clone(), way });
    }

    pub(super) fn end(&mut self, campaign: &CampaignId, state: EnrolmentState, because: &str) {
        self.record(
            self.now,
            Fact::EnrolmentEnded { campaign: campaign.clone(), state, because: because.to_owned() },
        );
    }

    /// The campaigns in which the lead is under way.
    fn under_way(&self) -> Vec<CampaignId> {
        let waiting = |enrolment: &Enrolment| enrolment.state == EnrolmentState::Waiting;
        let enrolments = self.lead.enrolments.iter();
        enrolments.filter(|(_, enrolment)| waiting(enrolment)).map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn exit_all(&mut self, because: &str) {
        for campaign in self.under_way() {
            self.end(&campaign, EnrolmentState::Exited, because);
        }
    }

    /// Ends the enrolments whose goal is among this decision's activities, whatever time it tells: who has converted is
    /// nurtured no further.
    pub(super) fn reach_goals(&mut self) {
        for id in self.under_way() {
            let Some(goal) = self.bundle.campaign(&id).and_then(|campaign| campaign.goal.as_deref()) else {
                continue;
            };
            let reached = |activity: &Activity| activity.fact.counted_kind() == Some(goal);
            if self.activities.iter().any(reached) {
                self.end(&id, EnrolmentState::GoalReached, goal);
            }
        }
    }

    /// Ends the enrolments whose `exit_when` holds.
    pub(super) fn exit_enrolments(&mut self) {
        for id in self.under_way() {
            let condition = self.bundle.campaign(&id).and_then(|campaign| campaign.exit_when.as_ref());
            let Some(condition) = condition else { continue };
            if condition.holds(&self.facts()) {
                let because = format!("exit_when: {}", condition.source());
                self.end(&id, EnrolmentState::Exited, &because);
            }
        }
    }

    /// Goes on where one of the first `seen` activities is what a `wait_for` waits for.
    pub(super) fn end_waits(&mut self, seen: usize) {
        for id in self.under_way() {
            let Some(campaign) = self.bundle.campaign(&id) else { continue };
            let enrolment = &self.lead.enrolments[&id];
            let Some(step_id) = enrolment.step.clone() else { continue };
            let Some(step) = campaign.sequence.steps.get(&step_id) else { continue };
            let Act::WaitFor { kind, .. } = &step.act else { continue };
            let happened = self.activities[..seen].iter().any(|activity| {
                activity.fact.counted_kind() == Some(kind)
                    && activity.at + SKEW >= enrolment.step_began_at
                    && self.belongs_to(&activity.fact, &id, enrolment.number)
            });
            if happened {
                let next = step.next.clone();
                self.take_way(campaign, &step_id, Way::Happened);
                self.begin(campaign, next);
            }
        }
    }

    /// Whether an e-mail event is about one of this enrolment's e-mails; other facts belong to every enrolment.
    fn belongs_to(&self, fact: &Fact, campaign: &CampaignId, enrolment: u32) -> bool {
        let send_id = match fact {
            Fact::EmailDelivered(EmailEvent { send_id, .. })
            | Fact::EmailOpened(EmailEvent { send_id, .. })
            | Fact::EmailClicked(EmailEvent { send_id, .. })
            | Fact::EmailBounced(EmailEvent { send_id, .. })
            | Fact::EmailComplained(EmailEvent { send_id, .. })
            | Fact::EmailSent { send_id, .. } => send_id,
            Fact::MagnetDownloaded { campaign: other, .. } => return other == campaign,
            _ => return true,
        };
        let send = self.lead.sends.get(send_id);
        send.is_some_and(|send| send.campaign == *campaign && send.enrolment == enrolment)
    }
}
