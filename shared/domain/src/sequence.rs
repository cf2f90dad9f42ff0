//! A sequence: steps by id, each knowing the one that follows, so that enrolments hold ids and never positions.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize};

use crate::calendar::Period;
use crate::experiment::Experiment;
use crate::organisation::Localised;
use crate::schedule::Window;
use crate::{CampaignId, Condition, EmailName, LeadId, StepId, Tag, TopicId, Traits, WebhookId, lot};

/// The steps of a campaign. A branch's last step leads on to what stands after the branch.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Sequence {
    /// Where a new enrolment begins; none for a campaign that only collects leads.
    pub first: Option<StepId>,
    /// Every step.
    pub steps: BTreeMap<StepId, Step>,
}

impl Sequence {
    /// The steps that follow this one, the next first, without the detours of branches: at most `most`, and none twice.
    pub fn ahead_of(&self, step: &StepId, most: usize) -> Vec<StepId> {
        let mut ahead = Vec::new();
        let mut at = self.steps.get(step);
        while let Some(Step { act, next: Some(next) }) = at {
            if matches!(act, Act::Exit) || ahead.len() == most || next == step || ahead.contains(next) {
                break;
            }
            ahead.push(next.clone());
            at = self.steps.get(next);
        }
        ahead
    }
}

impl Act {
    /// Whether something leaves by it, to the lead or to others.
    pub fn reaches_out(&self) -> bool {
        matches!(self, Self::Send { .. } | Self::Alert | Self::Notify { .. })
    }

    /// Where it may lead besides the next step: the first steps of its branches.
    pub fn ways(&self) -> Vec<&StepId> {
        match self {
            Self::WaitFor { otherwise, .. } | Self::WaitUntil { otherwise, .. } => otherwise.iter().collect(),
            Self::Every { first, .. } => first.iter().collect(),
            Self::Branch { cases, otherwise } => {
                cases.iter().filter_map(|case| case.first.as_ref()).chain(otherwise).collect()
            }
            Self::Experiment(experiment) => {
                experiment.variants.iter().filter_map(|variant| variant.first.as_ref()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// One step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    /// What it does.
    #[serde(flatten)]
    pub act: Act,
    /// What follows it; at the end, the enrolment is completed.
    pub next: Option<StepId>,
}

/// What a step does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Sends an e-mail.
    Send {
        /// Which one.
        email: EmailName,
        /// When it may leave, in the lead's time zone.
        between: Option<Window>,
        /// What it is about, if not what the campaign is about.
        topic: Option<TopicId>,
        /// Its subject in some languages, in place of the e-mail's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Localised>,
        /// The moment after which it does not leave any more: who would get it later goes on without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Until>,
    },
    /// Lets time pass.
    Wait {
        /// How much.
        #[serde(rename = "for")]
        length: SignedDuration,
    },
    /// Goes on to the next step when something happens, and takes a detour when it does not.
    WaitFor {
        /// The kinds of activity, any of which ends the wait; counted since the step began, e-mail events only of this
        /// enrolment's e-mails.
        kinds: Vec<String>,
        /// For how long.
        within: SignedDuration,
        /// The detour's first step.
        otherwise: Option<StepId>,
    },
    /// Goes on to the next step on a date, in the lead's time zone.
    WaitUntil {
        /// Which one.
        until: Until,
        /// The first step of the detour that is taken when the date is past or not known. Without one, the lead goes on.
        otherwise: Option<StepId>,
    },
    /// Gives each lead one of several ways, by lot.
    Experiment(Experiment),
    /// Runs its block on each anniversary of a date, for ever. The block's last step leads back here.
    Every {
        /// How often.
        each: Period,
        /// The trait that holds the date.
        on: String,
        /// At this time of the lead's day.
        at: Time,
        /// The block's first step.
        first: Option<StepId>,
    },
    /// Chooses a way: that of the first case that holds.
    Branch {
        /// In their order.
        cases: Vec<Case>,
        /// The first step when none holds.
        otherwise: Option<StepId>,
    },
    /// States traits.
    Set {
        /// Their values, of the types that are declared.
        traits: Traits,
    },
    /// Gives the lead a tag.
    Tag {
        /// Which one.
        tag: Tag,
    },
    /// Takes a tag away.
    Untag {
        /// Which one.
        tag: Tag,
    },
    /// Enters the lead in another campaign.
    Enrol {
        /// Which one.
        campaign: CampaignId,
    },
    /// Ends the enrolment of some, who are the control group.
    Holdout {
        /// How many of [`LOTS`].
        lots: u64,
    },
    /// Tells sales.
    Alert,
    /// Tells another system.
    Notify {
        /// Which one.
        webhook: WebhookId,
    },
    /// Ends the enrolment.
    Exit,
}

/// Of so many lots a holdout takes some: 10 % are 100.
pub const LOTS: u64 = 1_000;

/// Whether a holdout of so many lots keeps a lead. The same lead always draws the same lot.
pub fn holds_out(lots: u64, lead: &LeadId, campaign: &CampaignId, step: &StepId) -> bool {
    lot::below(LOTS, &["holdout", lead.as_str(), campaign.as_str(), step.as_str()]) < lots
}

/// One case of a branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    /// When it is taken.
    pub when: Condition,
    /// Its first step; none for a case without steps at the sequence's end.
    pub first: Option<StepId>,
}

/// The moment that a wait waits for, or until which an e-mail leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum Until {
    /// The same for all, by each lead's own clock.
    Date {
        /// Date and time of day.
        moment: DateTime,
    },
    /// Each lead's own.
    Trait {
        /// The trait that holds the date.
        name: String,
        /// So much before the date or after it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shift: Option<Shift>,
        /// At this time of the day.
        at: Time,
    },
}

/// How far a moment lies from a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// Before it.
    Before(Period),
    /// After it.
    After(Period),
}
