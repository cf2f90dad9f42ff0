//! Gives every step its id. Enrolments hold these, so the same file must always give the same ones.

use std::collections::BTreeMap;

use domain::{ACCESS_STEP, ALERT_STEP, CONFIRM_STEP, StepId};

use super::{Act, Step};
use crate::reader::Reader;
use crate::rule::Rule;
use crate::source::Span;

/// Names the steps in the order of the file. A step without an `id` takes its e-mail's name, or else the name of the
/// named step before it with what it does added; steps before the first named one begin with `start`.
///
/// False if there is a step whose id cannot stand.
pub(super) fn name(reader: Reader<'_>, steps: &mut [Step]) -> bool {
    let mut ids = Ids {
        reader,
        base: "start".to_owned(),
        derived: BTreeMap::new(),
        taken: BTreeMap::new(),
        good: true,
    };
    ids.derive(steps);
    ids.check(steps);
    ids.good
}

struct Ids<'a> {
    reader: Reader<'a>,
    /// The name of the last step that has one of its own.
    base: String,
    /// How often a name was derived.
    derived: BTreeMap<String, usize>,
    taken: BTreeMap<String, Span>,
    good: bool,
}

impl Ids<'_> {
    fn derive(&mut self, steps: &mut [Step]) {
        for step in steps {
            let what = match &step.act {
                Act::Send { email, .. } => {
                    if step.id.is_empty() {
                        step.id = email.as_str().to_owned();
                    }
                    ""
                }
                Act::Wait(_) => "wait",
                Act::WaitFor { .. } => "wait-for",
                Act::WaitUntil { .. } => "wait-until",
                Act::Every { .. } => "every",
                Act::Branch { word, .. } => word,
                Act::Set(_) => "set",
                Act::Tag(_) => "tag",
                Act::Untag(_) => "untag",
                Act::Enrol(_) => "enrol",
                Act::Holdout(_) => "holdout",
                Act::Experiment(_) => "experiment",
                Act::Alert => "alert",
                Act::Notify(_) => "notify",
                Act::Exit => "exit",
            };
            if step.id.is_empty() {
                let name = format!("{}-{what}", self.base);
                let count = self.derived.entry(name.clone()).or_default();
                *count += 1;
                step.id = if *count == 1 { name } else { format!("{name}-{count}") };
            } else if StepId::parse(step.id.as_str()).is_ok() {
                self.base.clone_from(&step.id);
            }
            match &mut step.act {
                Act::WaitFor { otherwise, .. } | Act::WaitUntil { otherwise, .. } => self.derive(otherwise),
                Act::Every { block, .. } => self.derive(block),
                Act::Branch { cases, otherwise, .. } => {
                    for case in cases {
                        self.derive(&mut case.steps);
                    }
                    self.derive(otherwise);
                }
                Act::Experiment(experiment) => {
                    for variant in &mut experiment.variants {
                        self.base = format!("{}-{}", step.id, variant.id);
                        self.derive(&mut variant.steps);
                    }
                    if StepId::parse(step.id.as_str()).is_ok() {
                        self.base.clone_from(&step.id);
                    }
                }
                _ => {}
            }
        }
    }

    fn check(&mut self, steps: &[Step]) {
        for step in steps {
            let place = step.id_place.as_ref().unwrap_or(&step.place);
            let error =
                |rule: Rule, message: String, help: &str| self.reader.error(place, message, help).rule(rule);
            if [CONFIRM_STEP, ACCESS_STEP, ALERT_STEP].contains(&step.id.as_str()) {
                error(
                    Rule::ReservedName,
                    format!("`{}` is an id of Sillon's own", step.id),
                    "give the step another `id`",
                );
                self.good = false;
            } else if let Err(fault) = StepId::parse(step.id.as_str()) {
                error(Rule::InvalidName, fault.to_string(), "give the step a short `id`");
                self.good = false;
            } else if let Some(first) = self.taken.get(&step.id) {
                error(
                    Rule::DuplicateKey,
                    format!("two steps have the id `{}`", step.id),
                    "give one of them an `id` of its own",
                );
                self.reader.findings.relate(self.reader.source, first, "the other one");
                self.good = false;
            } else {
                self.taken.insert(step.id.clone(), place.clone());
            }
            for branch in step.branches() {
                self.check(branch);
            }
        }
    }
}
