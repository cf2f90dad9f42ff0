//! The leads on their way, each rehearsed under the edited campaigns, and under the deployed ones to tell the difference.

use std::collections::BTreeMap;

use domain::lead::EnrolmentState;
use domain::{Bundle, CampaignId, Fact, Lead, Stage, StepId};
use jiff::Timestamp;
use serde::Serialize;

use super::caused::{AT_ONCE, Caused, Due, Future};
use crate::Rehearsal;

/// Leads are added one at a time; only sums are kept.
#[derive(Debug)]
pub struct Flight<'a> {
    deployed: &'a Bundle,
    edited: &'a Bundle,
    now: Timestamp,
    stages_may_change: bool,
    leads: usize,
    standing: BTreeMap<(CampaignId, StepId), Standing>,
    caused: Caused,
    stages: BTreeMap<(Stage, Stage), usize>,
}

/// What an edit does to leads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weighed {
    /// How many there are.
    pub leads: usize,
    /// Where those on their way stand.
    pub standing: Vec<Standing>,
    /// What leaves within a day.
    pub due: Vec<Due>,
    /// How many enter a campaign within a day because of the edit.
    pub entering: BTreeMap<CampaignId, usize>,
    /// How many reach another stage than they do now, the next time that anything happens to them.
    pub stages: Vec<StageChange>,
}

/// The leads that stand on a step, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Whose step.
    pub campaign: CampaignId,
    /// The step, in what is deployed.
    pub step: StepId,
    /// How many.
    pub leads: usize,
    /// They stay.
    pub keep: usize,
    /// They go on at another step, when theirs would have ended.
    pub move_to: BTreeMap<StepId, usize>,
    /// They leave the sequence.
    pub exit: usize,
    /// They have come to its end.
    pub complete: usize,
}

/// Leads whose stage the edit changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageChange {
    /// What they reach as deployed.
    pub from: Stage,
    /// What they reach after the edit.
    pub to: Stage,
    /// How many.
    pub leads: usize,
}

enum Fate {
    Keep,
    MoveTo(StepId),
    Exit,
    Complete,
}

impl<'a> Flight<'a> {
    /// Begins with nobody, at `now`.
    pub fn new(deployed: &'a Bundle, edited: &'a Bundle, now: Timestamp) -> Self {
        let changes = super::Changes::between(deployed, edited);
        let scores = |change: &super::CampaignChange| change.keys.iter().any(|key| key == "score");
        let stages_may_change = !changes.organisation.is_empty() || changes.changed.values().any(scores);
        Self {
            deployed,
            edited,
            now,
            stages_may_change,
            leads: 0,
            standing: BTreeMap::new(),
            caused: Caused::default(),
            stages: BTreeMap::new(),
        }
    }

    /// Adds a lead.
    pub fn add(&mut self, lead: &Lead) {
        self.leads += 1;
        for (campaign, enrolment) in &lead.enrolments {
            let (EnrolmentState::Waiting, Some(step)) = (enrolment.state, &enrolment.step) else { continue };
            let fate = self.fate(lead, campaign, step, enrolment.due_at);
            let key = (campaign.clone(), step.clone());
            let standing = self.standing.entry(key).or_insert_with(|| Standing::at(campaign, step));
            standing.leads += 1;
            match fate {
                Fate::Keep => standing.keep += 1,
                Fate::MoveTo(to) => *standing.move_to.entry(to).or_default() += 1,
                Fate::Exit => standing.exit += 1,
                Fate::Complete => standing.complete += 1,
            }
        }
        // Nothing happens to whom nothing is due.
        if lead.due_at().is_some_and(|due| due <= self.now + AT_ONCE) {
            let until = self.now + AT_ONCE;
            let [before, after] =
                [self.deployed, self.edited].map(|bundle| Future::of(bundle, lead, self.now, until));
            self.caused.add(&before, &after);
        }
        if self.stages_may_change {
            let reached =
                |bundle| domain::decide::stage_reached(bundle, lead, self.now).unwrap_or(lead.stage);
            let (from, to) = (reached(self.deployed), reached(self.edited));
            if from != to {
                *self.stages.entry((from, to)).or_default() += 1;
            }
        }
    }

    /// What becomes of a lead's place in a campaign.
    fn fate(&self, lead: &Lead, campaign: &CampaignId, step: &StepId, due_at: Option<Timestamp>) -> Fate {
        let edited = self.edited.campaign(campaign);
        let stays = edited.is_some_and(|campaign| campaign.sequence.steps.contains_key(step));
        let Some(due_at) = due_at.filter(|_| !stays) else { return Fate::Keep };
        // Alone, so that its other campaigns do not come first.
        let mut alone = lead.clone();
        alone.enrolments.retain(|id, _| id == campaign);
        alone.consent.request = None;
        let until = alone.due_at().map_or(due_at, |due| due.max(due_at));
        let mut rehearsal = Rehearsal::of_lead(self.edited, alone, self.now);
        // A lead that is stuck has no fate but to stay; the log tells what happened before.
        let _ = rehearsal.pass_until(until);
        let told = rehearsal.log().iter().find_map(|activity| match &activity.fact {
            Fact::StepBegan { campaign: of, step, .. } if of == campaign => Some(Fate::MoveTo(step.clone())),
            Fact::EnrolmentEnded { campaign: of, state, .. } if of == campaign => Some(match state {
                EnrolmentState::Completed => Fate::Complete,
                _ => Fate::Exit,
            }),
            _ => None,
        });
        told.unwrap_or(Fate::Keep)
    }

    pub(super) fn weighed(self) -> Weighed {
        let stages = self.stages.into_iter().map(|((from, to), leads)| StageChange { from, to, leads });
        Weighed {
            leads: self.leads,
            standing: self.standing.into_values().collect(),
            due: self.caused.due.into_values().collect(),
            entering: self.caused.entering,
            stages: stages.collect(),
        }
    }
}

impl Standing {
    fn at(campaign: &CampaignId, step: &StepId) -> Self {
        Self {
            campaign: campaign.clone(),
            step: step.clone(),
            leads: 0,
            keep: 0,
            move_to: BTreeMap::new(),
            exit: 0,
            complete: 0,
        }
    }
}
