//! Links steps: branches become pointers, and a branch's last step leads to what stands after the branch.

use domain::StepId;
use domain::experiment::{Experiment, Variant};
use domain::sequence::{self, Sequence};

use super::{Act, Step};

/// None if a part of a step could not be read, which has been told by then.
pub(super) fn link(steps: Vec<Step>) -> Option<Sequence> {
    let mut sequence = Sequence::default();
    sequence.first = link_before(steps, None, &mut sequence)?;
    Some(sequence)
}

/// Links the steps, the last one to `after`, and gives where they begin: at `after`, if there are none.
fn link_before(steps: Vec<Step>, after: Option<StepId>, sequence: &mut Sequence) -> Option<Option<StepId>> {
    let mut next = after;
    for step in steps.into_iter().rev() {
        let id = StepId::parse(step.id).ok()?;
        let act = match step.act {
            Act::Send { email, between, topic, subject, until, .. } => {
                let between = between.map(|(window, _)| window);
                sequence::Act::Send { email, between, topic, subject, until }
            }
            Act::Wait(length) => sequence::Act::Wait { length },
            Act::WaitFor { kinds, within, otherwise } => {
                let otherwise = link_before(otherwise, next.clone(), sequence)?;
                sequence::Act::WaitFor { kinds, within, otherwise }
            }
            Act::WaitUntil { until, otherwise } => {
                let otherwise = link_before(otherwise, next.clone(), sequence)?;
                sequence::Act::WaitUntil { until: until?, otherwise }
            }
            // Each round ends where it began: with the wait for the next one.
            Act::Every { recurrence, block } => {
                let first = link_before(block, Some(id.clone()), sequence)?;
                let (each, on, at) = recurrence?;
                sequence::Act::Every { each, on, at, first }
            }
            Act::Branch { cases, otherwise, .. } => {
                let mut linked = Vec::new();
                for case in cases {
                    let first = link_before(case.steps, next.clone(), sequence)?;
                    linked.push(sequence::Case { when: case.when?, first });
                }
                let otherwise = link_before(otherwise, next.clone(), sequence)?;
                sequence::Act::Branch { cases: linked, otherwise }
            }
            Act::Experiment(experiment) => {
                let mut variants = Vec::new();
                for super::experiment::Variant { id, weight, steps } in experiment.variants {
                    let first = link_before(steps, next.clone(), sequence)?;
                    variants.push(Variant { id, weight, first });
                }
                sequence::Act::Experiment(Experiment {
                    variants,
                    measure: experiment.measure,
                    within: experiment.within,
                    settled: experiment.settled,
                })
            }
            Act::Set(traits) => sequence::Act::Set { traits },
            Act::Tag(tag) => sequence::Act::Tag { tag },
            Act::Untag(tag) => sequence::Act::Untag { tag },
            Act::Enrol(campaign) => sequence::Act::Enrol { campaign },
            Act::Holdout(lots) => sequence::Act::Holdout { lots },
            Act::Alert => sequence::Act::Alert,
            Act::Notify(webhook) => sequence::Act::Notify { webhook: webhook? },
            Act::Exit => sequence::Act::Exit,
        };
        sequence.steps.insert(id.clone(), sequence::Step { act, next });
        next = Some(id);
    }
    Some(next)
}
