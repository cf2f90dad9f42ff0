//! The rule behind a cause: what a step waits for, which way it takes, why a campaign begins or ends.

use domain::activity::{Entry, Way};
use domain::lead::EnrolmentState;
use domain::organisation::FrequencyCap;
use domain::sequence::{Act, Step};
use domain::{Activity, CampaignId, Fact, Facts, Lead, StepId};
use jiff::Timestamp;

use super::condition::{self, ConditionTold};
use super::trace::Target;
use super::{Cause, Question};
use crate::words::{self, span};

/// What keeps a confirmation from its mailbox.
pub(super) const FULL_MAILBOX: &str = "the mailbox got as many confirmations as it may";

impl Question<'_> {
    /// What the audience of a campaign says of a lead that never entered it.
    pub(super) fn outside(&self, campaign: &CampaignId) -> Option<Cause> {
        if self.lead.enrolments.contains_key(campaign) {
            return None;
        }
        let audience = self.audience(campaign, &self.lead, self.now)?;
        let holds = if audience.holds { "holds now" } else { "does not hold" };
        let text = format!("The audience of `{campaign}` {holds}.");
        Some(Cause { at: self.moment(self.now), text, condition: Some(audience), place: None })
    }

    fn audience(&self, campaign: &CampaignId, lead: &Lead, at: Timestamp) -> Option<ConditionTold> {
        let audience = self.bundle.campaign(campaign)?.audience.as_ref()?;
        let place = self.places.condition(Some(campaign), audience.source());
        Some(condition::told(audience, &Facts::new(self.bundle, lead, at), place))
    }

    /// How it came into the campaign.
    pub(super) fn entry(
        &self,
        campaign: &CampaignId,
        through: Option<Entry>,
        activity: &Activity,
        lead: &Lead,
    ) -> Cause {
        let (how, condition) = match through {
            Some(Entry::Audience) => {
                (": its audience came to hold", self.audience(campaign, lead, activity.at))
            }
            Some(Entry::Sequence) => (": an `enrol` step of another campaign said so", None),
            Some(Entry::Form) | None => ("", None),
        };
        Cause { condition, ..self.cause(activity, format!("It entered `{campaign}`{how}.")) }
    }

    /// A step that takes time, or is made to wait.
    pub(super) fn waits(&self, target: Target<'_>, activity: &Activity, step: &StepId) -> Vec<Cause> {
        let (due_at, because) = match &activity.fact {
            Fact::StepBegan { due_at, because, .. } => (*due_at, because.as_deref()),
            Fact::StepDeferred { due_at, because, .. } => (Some(*due_at), Some(because.as_str())),
            _ => return Vec::new(),
        };
        let until = due_at.map_or_else(|| "nobody knows when".to_owned(), |due| self.moment(due).to_string());
        if let Some(because) = because {
            let (sentence, place) = self.limit(target.campaign, because);
            let text = format!("`{step}` waits until {until}: {sentence}.");
            return vec![Cause { place, ..self.cause(activity, text) }];
        }
        let act = self.step(target.campaign, step).map(|step| &step.act);
        let text = match act {
            Some(Act::Wait { length }) => format!("`{step}` waits {}, until {until}.", span(*length)),
            Some(Act::WaitFor { kinds, within, .. }) => {
                let kinds = kinds.join("` or `");
                format!("`{step}` waits for `{kinds}`, at most {}, until {until}.", span(*within))
            }
            Some(Act::WaitUntil { .. } | Act::Every { .. }) => format!("`{step}` waits until {until}."),
            // It is due at once, and what becomes of it follows.
            _ => return Vec::new(),
        };
        vec![self.cause(activity, text)]
    }

    /// A limit in words that say what it is, and where it stands.
    pub(super) fn limit(&self, campaign: &CampaignId, because: &str) -> (String, Option<String>) {
        let limits = &self.bundle.organisation.limits;
        let key = |name: &str| self.places.key(&["limits", name]);
        match because {
            "quiet hours" => {
                let hours = limits.quiet_hours.as_ref().map_or_else(String::new, |quiet| {
                    format!(" ({}-{})", quiet.from.strftime("%H:%M"), quiet.to.strftime("%H:%M"))
                });
                (format!("these are quiet hours{hours}"), key("quiet_hours"))
            }
            "the frequency cap" => {
                let cap = limits.per_lead.map_or_else(String::new, |cap| {
                    format!(" (the most is {} in {})", cap.count, span(cap.per))
                });
                (format!("the lead has had enough e-mails{cap}"), key("per_lead"))
            }
            FULL_MAILBOX => {
                let cap = |cap: &FrequencyCap| format!("{} in {}", cap.count, span(cap.per));
                let caps: Vec<String> = limits.confirmations.iter().map(cap).collect();
                (format!("a mailbox gets at most {}", caps.join(" and ")), key("confirmations"))
            }
            "a closed day" => ("this is a closed day".to_owned(), key("closed_days")),
            "the campaign is paused" => (because.to_owned(), self.places.campaign_key(campaign, "paused")),
            "its window" => ("its window (`between`) is not open".to_owned(), None),
            "the lead left its topic" => (because.to_owned(), self.places.campaign_key(campaign, "topic")),
            other => (other.to_owned(), None),
        }
    }

    /// Which way a branch or a wait took, with the conditions that were asked.
    #[allow(clippy::too_many_arguments, reason = "what one activity tells, and its surroundings")]
    pub(super) fn way(
        &self,
        campaign: &CampaignId,
        step: &StepId,
        way: Way,
        case: usize,
        place: usize,
        activity: &Activity,
        lead: &Lead,
    ) -> Vec<Cause> {
        let cause = |text: String| vec![self.cause(activity, text)];
        match (self.step(campaign, step).map(|step| &step.act), way) {
            (Some(Act::Branch { cases, .. }), Way::Then | Way::Else) => {
                let asked = if way == Way::Then { case + 1 } else { cases.len() };
                let facts = Facts::new(self.bundle, lead, activity.at);
                let several = cases.len() > 1;
                let told = cases.iter().take(asked).enumerate().map(|(number, case)| {
                    let at = self.places.condition(Some(campaign), case.when.source());
                    let condition = condition::told(&case.when, &facts, at);
                    let holds = if condition.holds { "holds" } else { "does not hold" };
                    let which =
                        if several { format!("case {}", number + 1) } else { "the condition".to_owned() };
                    let text = format!("At `{step}`, {which} {holds}.");
                    Cause { condition: Some(condition), ..self.cause(activity, text) }
                });
                told.collect()
            }
            (Some(Act::WaitFor { kinds, .. }), Way::Happened) => {
                let earlier = self.log[..place].iter().rev();
                let kind = earlier.filter_map(|activity| activity.fact.counted_kind());
                let kind = kind.into_iter().find(|kind| kinds.iter().any(|wanted| wanted == kind));
                cause(format!("`{step}` waited for `{}`, and it happened.", kind.unwrap_or("an event")))
            }
            (Some(Act::WaitFor { kinds, within, .. }), Way::Otherwise) => {
                let kinds = kinds.join("` or `");
                cause(format!("`{step}` waited for `{kinds}`, which did not happen in {}.", span(*within)))
            }
            (Some(Act::WaitUntil { .. }), Way::Otherwise) => {
                cause(format!("`{step}` takes its `otherwise`: the date is past or not known."))
            }
            _ => cause(format!("At `{step}`: {}.", words::way_taken(way))),
        }
    }

    pub(super) fn end(
        &self,
        campaign: &CampaignId,
        state: EnrolmentState,
        because: &str,
        activity: &Activity,
        lead: &Lead,
    ) -> Cause {
        let exit_when = self.bundle.campaign(campaign).and_then(|campaign| campaign.exit_when.as_ref());
        if let Some(exit_when) = exit_when.filter(|_| because.starts_with("exit_when: ")) {
            let facts = Facts::new(self.bundle, lead, activity.at);
            let place = self.places.condition(Some(campaign), exit_when.source());
            let condition = Some(condition::told(exit_when, &facts, place));
            let text = format!("`{campaign}` ended: its `exit_when` holds.");
            return Cause { condition, ..self.cause(activity, text) };
        }
        if state == EnrolmentState::GoalReached {
            let text = format!("`{campaign}` ended: `{because}` happened, which is its goal.");
            let place = self.places.campaign_key(campaign, "goal");
            return Cause { place, ..self.cause(activity, text) };
        }
        self.cause(activity, format!("`{campaign}` ended: {because}."))
    }

    pub(super) fn step(&self, campaign: &CampaignId, step: &StepId) -> Option<&Step> {
        self.bundle.campaign(campaign).and_then(|campaign| campaign.sequence.steps.get(step))
    }
}
