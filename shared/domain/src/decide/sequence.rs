//! A lead's way through a campaign's sequence.

use jiff::Timestamp;

use super::Draft;
use super::step::Then;
use crate::activity::{Activity, Entry, Fact};
use crate::campaign::ReEntry;
use crate::computed::trait_of;
use crate::experiment::Experiment;
use crate::lead::{Enrolment, EnrolmentState};
use crate::sequence::Act;
use crate::{Bundle, Campaign, CampaignId, Lead, StepId};

/// More steps than this at once are a circle, which `check` lets nobody write.
const MOST_STEPS: usize = 1_000;
/// For more values than this `re_entry: once per` enrols nobody anew: it is a machine that states them.
const MOST_VALUES: usize = 50;

impl Draft<'_> {
    /// Begins the sequence, if the lead may enter it.
    pub(super) fn enrol(&mut self, campaign: &Campaign, through: Entry) {
        if !may_enter(self.bundle, &self.lead, campaign, self.now) {
            return;
        }
        let value = entry_value(self.bundle, &self.lead, campaign);
        let before = self.lead.enrolments.get(&campaign.id);
        let number = before.map_or(1, |enrolment| enrolment.number + 1);
        let (campaign_id, through) = (campaign.id.clone(), Some(through));
        self.record(self.now, Fact::Enrolled { campaign: campaign_id, number, value, through });
        self.begin(campaign, campaign.sequence.first.clone());
    }

    /// Enters the campaigns that `enrol` steps named. One after the other, so that no chain of them grows the stack, and
    /// none for ever: who is under way in a campaign does not enter it again, and entering again takes time.
    pub(super) fn enter_campaigns(&mut self) {
        for _ in 0..MOST_STEPS {
            if self.to_enter.is_empty() {
                return;
            }
            let id = self.to_enter.remove(0);
            if let Some(campaign) = self.bundle.campaign(&id) {
                self.enrol(campaign, Entry::Sequence);
            }
        }
    }

    /// Goes to a step, and on through those that take no time. `None` is the sequence's end.
    pub(super) fn begin(&mut self, campaign: &Campaign, step: Option<StepId>) {
        let mut next = step;
        for _ in 0..MOST_STEPS {
            let Some(id) = next else {
                return self.end(&campaign.id, EnrolmentState::Completed, "the sequence is at its end");
            };
            let Some(step) = campaign.sequence.steps.get(&id) else {
                return self.end(&campaign.id, EnrolmentState::Exited, "its step is gone from the campaign");
            };
            match self.enter(campaign, &id, step) {
                Then::GoTo(following) => next = following,
                Then::Stay => return,
            }
        }
        self.end(&campaign.id, EnrolmentState::Exited, "its steps go in a circle");
    }

    /// What waited for the end of a pause waits no longer than it must, now that the pause ends earlier.
    pub(super) fn end_pause(&mut self, paused_before: Option<Timestamp>) {
        if let Some(before) = paused_before.filter(|end| self.lead.preferences.paused_until < Some(*end)) {
            self.wait_no_longer(before, "the pause was ended");
        }
    }

    /// E-mails that wait until `before`, or longer, leave as soon as they may.
    pub(super) fn wait_no_longer(&mut self, before: Timestamp, because: &str) {
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
                let because = because.to_owned();
                self.record(
                    self.now,
                    Fact::StepDeferred { campaign: id, step: step_id, due_at, because, has_place: false },
                );
            }
        }
    }

    /// Gives the lead its variant and answers its first step. Who comes by again takes the one it has.
    pub(super) fn take_variant(
        &mut self,
        campaign: &Campaign,
        id: &StepId,
        experiment: &Experiment,
    ) -> Option<StepId> {
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

    pub(super) fn end(&mut self, campaign: &CampaignId, state: EnrolmentState, because: &str) {
        self.record(
            self.now,
            Fact::EnrolmentEnded { campaign: campaign.clone(), state, because: because.to_owned() },
        );
    }

    /// The campaigns in which the lead is under way.
    pub(super) fn under_way(&self) -> Vec<CampaignId> {
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
}

/// Whether the lead may begin the sequence: it never did; or not now, and as `re_entry` says, or because consent was
/// withdrawn since and given again.
pub(super) fn may_enter(bundle: &Bundle, lead: &Lead, campaign: &Campaign, at: Timestamp) -> bool {
    let Some(before) = lead.enrolments.get(&campaign.id) else { return true };
    if before.state == EnrolmentState::Waiting {
        return false;
    }
    if lead.consent.withdrawn_at.is_some_and(|withdrawn_at| before.began_at <= withdrawn_at) {
        return true;
    }
    match &campaign.re_entry {
        ReEntry::Never => false,
        ReEntry::After(span) => before.began_at + *span <= at,
        ReEntry::OncePer(_) => entry_value(bundle, lead, campaign).is_some_and(|value| {
            before.values.len() < MOST_VALUES && !before.values.contains(&Enrolment::value_hash(&value))
        }),
    }
}

/// The value that an entry uses up, with `re_entry: once per`.
fn entry_value(bundle: &Bundle, lead: &Lead, campaign: &Campaign) -> Option<String> {
    match &campaign.re_entry {
        ReEntry::OncePer(name) => trait_of(bundle, lead, name).map(|value| value.to_string()),
        ReEntry::Never | ReEntry::After(_) => None,
    }
}
