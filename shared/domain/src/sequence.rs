//! A sequence: steps by id, each knowing the one that follows, so that enrolments hold ids and never positions.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::experiment::Experiment;
use crate::organisation::Localised;
use crate::schedule::Window;
use crate::{Condition, EmailName, StepId, TopicId};

/// The steps of a campaign. A branch's last step leads on to what stands after the branch.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Sequence {
    /// Where a new enrolment begins; none for a campaign that only collects leads.
    pub first: Option<StepId>,
    /// Every step.
    pub steps: BTreeMap<StepId, Step>,
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
    },
    /// Lets time pass.
    Wait {
        /// How much.
        #[serde(rename = "for")]
        length: SignedDuration,
    },
    /// Goes on to the next step when something happens, and takes a detour when it does not.
    WaitFor {
        /// The kind of activity, counted since the step began; e-mail events only of this enrolment's e-mails.
        kind: String,
        /// For how long.
        within: SignedDuration,
        /// The detour's first step.
        otherwise: Option<StepId>,
    },
    /// Chooses a way.
    Branch {
        /// By this condition.
        when: Condition,
        /// The first step when it holds.
        then: Option<StepId>,
        /// The first step when it does not, or is unknown.
        otherwise: Option<StepId>,
    },
    /// Gives each lead one of several ways, by lot.
    Experiment(Experiment),
    /// Tells sales.
    Alert,
    /// Ends the enrolment.
    Exit,
}
