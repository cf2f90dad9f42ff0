//! What becomes of leads on their way when the campaign's file changes: steps that are gone, and pauses.

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::Fact;
use crate::lead::{EnrolmentState, Purpose, SendOutcome};
use crate::{Campaign, CampaignId, EmailName, StepId};

/// So many of the steps ahead are remembered with each step; an edit that takes away more at once is rare.
const MOST_AHEAD: usize = 16;

/// While a campaign is paused, a lead that is due looks again after as long as its step has lasted, within these bounds:
/// some four writes a day for each lead, and a sequence that goes on within six hours of the pause's end, not all at once.
const LOOK_AGAIN: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(15), SignedDuration::from_hours(6));

/// What began this lately may have begun in a newer bundle than this one, which a function of before a deployment does not know.
const MAY_BE_NEWER: SignedDuration = SignedDuration::from_mins(15);
/// Whoever may be in such a campaign comes due again after this.
const KNOWN_BY_THEN: SignedDuration = SignedDuration::from_mins(5);

impl Draft<'_> {
    /// Ends an enrolment in a campaign that is gone, if it is not one that is yet to come.
    pub(super) fn leave_gone_campaign(&mut self, campaign: &CampaignId) {
        let Some(enrolment) = self.lead.enrolments.get(campaign) else { return };
        match &enrolment.step {
            Some(step) if self.may_be_newer(enrolment.began_at) => {
                self.wait_until_known(campaign.clone(), step.clone(), false);
            }
            _ => self.end(campaign, EnrolmentState::Exited, "the campaign is gone"),
        }
    }

    /// Whether what began then may belong to a campaign that is yet to come.
    pub(super) fn may_be_newer(&self, began_at: Timestamp) -> bool {
        self.now < began_at + MAY_BE_NEWER
    }

    /// When a form was last posted for the lead.
    pub(super) fn last_posted(&self) -> Timestamp {
        self.lead.history.last("form_submitted").unwrap_or(self.lead.created_at)
    }

    /// Puts off a step of a campaign that is yet to come.
    pub(super) fn wait_until_known(&mut self, campaign: CampaignId, step: StepId, has_place: bool) {
        let because = "the campaign is not known yet, or gone".to_owned();
        let due_at = self.now + KNOWN_BY_THEN;
        self.record(self.now, Fact::StepDeferred { campaign, step, due_at, because, has_place });
    }

    /// What an enrolment remembers with a step for the day that the step is gone: the bundle, and what followed in it.
    pub(super) fn signpost(&self, campaign: &Campaign, step: &StepId) -> (String, Vec<StepId>) {
        (self.bundle.short_hash().to_owned(), campaign.sequence.ahead_of(step, MOST_AHEAD))
    }

    /// Goes on where the step that the lead stands on is gone: as `removed_steps` says, else at the first step that stood
    /// after it and is still there. What stood after it and is gone, too, is asked in the same way.
    pub(super) fn leave_gone_step(&mut self, campaign: &Campaign) {
        let Some(enrolment) = self.lead.enrolments.get(&campaign.id) else { return };
        let Some(gone) = enrolment.step.clone() else {
            return self.begin(campaign, campaign.sequence.first.clone());
        };
        let steps = &campaign.sequence.steps;
        let told = |id: &StepId| match campaign.removed_steps.get(id) {
            Some(Some(to)) if !steps.contains_key(to) => None,
            told => told.cloned(),
        };
        let onward = std::iter::once(&gone)
            .chain(&enrolment.ahead)
            .find_map(|id| if steps.contains_key(id) { Some(Some(id.clone())) } else { told(id) });
        let (onward, because) = match onward {
            Some(Some(to)) => {
                let because = format!("it is gone from the campaign, which goes on at `{to}`");
                (Ok(to), because)
            }
            Some(None) => {
                (Err(EnrolmentState::Exited), "it is gone, and `removed_steps` says `exit`".to_owned())
            }
            None => (Err(EnrolmentState::Completed), "it is gone, and all that stood after it".to_owned()),
        };
        let (id, step) = (campaign.id.clone(), gone);
        self.record(self.now, Fact::StepSkipped { campaign: id, step, because: because.clone() });
        match onward {
            Ok(to) => self.begin(campaign, Some(to)),
            Err(state) => self.end(&campaign.id, state, &format!("its step: {because}")),
        }
    }

    /// Whether a step that is gone by now sent this e-mail in this enrolment and round: a step with another name is no reason to
    /// send it again.
    pub(super) fn was_sent_by_gone_step(&self, campaign: &Campaign, email: &EmailName) -> bool {
        let Some(enrolment) = self.lead.enrolments.get(&campaign.id) else { return false };
        let current = (enrolment.number, enrolment.round_number());
        self.lead.sends.values().any(|send| {
            send.campaign == campaign.id
                && (send.enrolment, send.round) == current
                && send.outcome != SendOutcome::Rejected
                && !campaign.sequence.steps.contains_key(&send.step)
                && matches!(&send.purpose, Purpose::Nurture { email: sent, .. } if sent == email)
        })
    }

    /// Keeps the lead where it is until the campaign goes on. Only what would leave waits: the time that waits and
    /// deadlines take passes as it always does.
    pub(super) fn wait_while_paused(&mut self, campaign: &Campaign, step: &StepId) {
        let Some(enrolment) = self.lead.enrolments.get(&campaign.id) else { return };
        let lasted = self.now.duration_since(enrolment.step_began_at);
        let due_at = self.now + lasted.clamp(LOOK_AGAIN.0, LOOK_AGAIN.1);
        let (campaign, step) = (campaign.id.clone(), step.clone());
        let because = "the campaign is paused".to_owned();
        self.record(self.now, Fact::StepDeferred { campaign, step, due_at, because, has_place: false });
    }
}
