//! Reads `sequence`: steps and branches as written, then named, checked and linked.

mod case;
mod experiment;
mod ids;
mod link;
mod mark;
mod reach;
mod step;
mod timed;

use std::collections::BTreeSet;

use domain::organisation::Localised;
use domain::sequence::{Sequence, Until};
use domain::{CampaignId, Condition, EmailName, Locale, Tag, TopicId, Traits, WebhookId};
use jiff::SignedDuration;

use crate::partial::Partials;
use crate::reader::Reader;
use crate::source::Span;
use crate::yaml::Node;

pub(crate) use step::topic;
pub(crate) use timed::written_moment;

/// What the rest of the campaign has to do with its steps.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The names of the e-mails that have files.
    pub emails: &'a BTreeSet<String>,
    /// Those of them that carry the magnet, and hence ignore quiet hours.
    pub magnet_emails: &'a BTreeSet<EmailName>,
    pub goal: Option<&'a str>,
    /// The campaign itself.
    pub campaign: &'a str,
    pub has_magnet: bool,
    /// The languages that each e-mail is written in.
    pub languages: &'a BTreeSet<(EmailName, Locale)>,
    /// What subjects may include.
    pub partials: &'a Partials<'a>,
}

/// A sequence, and where it sends which e-mail.
pub(crate) struct Read {
    pub sequence: Option<Sequence>,
    pub sends: Vec<(EmailName, Span)>,
}

/// A step as written.
struct Step {
    /// Its key: `send`, `wait`, ….
    place: Span,
    /// Given or derived; empty until then.
    id: String,
    /// Where its `id` stands, if it has one.
    id_place: Option<Span>,
    act: Act,
}

/// What a step does, with its branches as lists.
enum Act {
    Send {
        email: EmailName,
        email_place: Span,
        between: Option<(domain::schedule::Window, Span)>,
        until: Option<Until>,
        topic: Option<TopicId>,
        subject: Option<Localised>,
    },
    Wait(SignedDuration),
    WaitFor {
        kinds: Vec<String>,
        within: SignedDuration,
        otherwise: Vec<Step>,
    },
    /// Without its date if that cannot be read, which has been told.
    WaitUntil {
        until: Option<Until>,
        otherwise: Vec<Step>,
    },
    Every {
        recurrence: Option<timed::Recurrence>,
        block: Vec<Step>,
    },
    Branch {
        /// How it is written: `if` or `branch`.
        word: &'static str,
        cases: Vec<Case>,
        otherwise: Vec<Step>,
    },
    Experiment(experiment::Experiment),
    Set(Traits),
    Tag(Tag),
    Untag(Tag),
    Enrol(CampaignId),
    Holdout(u64),
    Alert,
    Notify(Option<WebhookId>),
    Exit,
}

/// One case of a branch.
struct Case {
    /// None if it cannot be read, which has been told.
    when: Option<Condition>,
    steps: Vec<Step>,
}

impl Step {
    /// What the step leads to besides the next one.
    fn branches(&self) -> Vec<&[Step]> {
        match &self.act {
            Act::WaitFor { otherwise, .. } | Act::WaitUntil { otherwise, .. } => vec![otherwise],
            Act::Every { block, .. } => vec![block],
            Act::Branch { cases, otherwise, .. } => {
                cases.iter().map(|case| case.steps.as_slice()).chain([otherwise.as_slice()]).collect()
            }
            Act::Experiment(experiment) => {
                experiment.variants.iter().map(|variant| variant.steps.as_slice()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Reads the section.
pub(crate) fn read<'a>(reader: Reader<'a>, node: &'a Node, surroundings: Surroundings<'_>) -> Read {
    let mut steps = step::list(reader, node, surroundings);
    let named = ids::name(reader, &mut steps);
    reach::check(reader, &steps, surroundings);
    timed::check_order(reader, &steps, None);
    let mut sends = Vec::new();
    gather_sends(&steps, &mut sends);
    Read { sequence: named.then(|| link::link(steps)).flatten(), sends }
}

fn gather_sends(steps: &[Step], sends: &mut Vec<(EmailName, Span)>) {
    for step in steps {
        if let Act::Send { email, email_place, .. } = &step.act {
            sends.push((email.clone(), email_place.clone()));
        }
        for branch in step.branches() {
            gather_sends(branch, sends);
        }
    }
}
