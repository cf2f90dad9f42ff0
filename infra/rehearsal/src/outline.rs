//! A sequence as its author nested it: steps in order, each with its ways.

use std::collections::BTreeSet;

use domain::StepId;
use domain::experiment::Variant;
use domain::sequence::{Act, Case, Sequence, Step};

/// A step in its block.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// Its id.
    pub id: &'a StepId,
    /// What it does.
    pub step: &'a Step,
    /// The blocks within it; none for a step that leads to the next one alone.
    pub ways: Vec<Way<'a>>,
}

/// A block within a step.
#[derive(Debug, Clone)]
pub struct Way<'a> {
    /// When it is taken.
    pub name: Name<'a>,
    /// Its steps; none if it leads straight on.
    pub items: Vec<Item<'a>>,
}

/// When a way is taken.
#[derive(Debug, Clone, Copy)]
pub enum Name<'a> {
    /// The case of that number holds, the first being 0.
    Case(usize, &'a Case),
    /// No case holds.
    Else,
    /// What is waited for happened in time, or the date came.
    Happened,
    /// It did not, or the date is past or not known.
    Otherwise,
    /// The lot fell on it.
    Variant(&'a Variant),
    /// An anniversary came round.
    Round,
}

/// The sequence from its first step on.
pub fn outline(sequence: &Sequence) -> Vec<Item<'_>> {
    Outline { sequence, seen: BTreeSet::new() }.block(sequence.first.as_ref(), None)
}

/// All its steps as the file has them, blocks after the step that they belong to.
pub fn in_order(sequence: &Sequence) -> Vec<&StepId> {
    fn gather<'a>(items: &[Item<'a>], order: &mut Vec<&'a StepId>) {
        for item in items {
            order.push(item.id);
            item.ways.iter().for_each(|way| gather(&way.items, order));
        }
    }
    let mut order = Vec::new();
    gather(&outline(sequence), &mut order);
    order
}

struct Outline<'a> {
    sequence: &'a Sequence,
    /// Every step stands in one block; a bundle in which that is not so is drawn all the same.
    seen: BTreeSet<&'a StepId>,
}

impl<'a> Outline<'a> {
    /// The steps from `first` on, up to but without `end`.
    fn block(&mut self, first: Option<&'a StepId>, end: Option<&'a StepId>) -> Vec<Item<'a>> {
        let mut items = Vec::new();
        let mut next = first;
        while let Some((id, step)) =
            next.filter(|id| Some(*id) != end).and_then(|id| self.sequence.steps.get_key_value(id))
        {
            if !self.seen.insert(id) {
                break;
            }
            items.push(Item { id, step, ways: self.ways(id, step) });
            next = step.next.as_ref();
        }
        items
    }

    fn ways(&mut self, id: &'a StepId, step: &'a Step) -> Vec<Way<'a>> {
        let end = step.next.as_ref();
        match &step.act {
            Act::Branch { cases, otherwise } => {
                let mut ways = Vec::new();
                for (place, case) in cases.iter().enumerate() {
                    ways.push(Way {
                        name: Name::Case(place, case),
                        items: self.block(case.first.as_ref(), end),
                    });
                }
                ways.push(Way { name: Name::Else, items: self.block(otherwise.as_ref(), end) });
                ways
            }
            Act::WaitFor { otherwise, .. } | Act::WaitUntil { otherwise, .. } => {
                let items = self.block(otherwise.as_ref(), end);
                if items.is_empty() {
                    return Vec::new();
                }
                let happened = Way { name: Name::Happened, items: Vec::new() };
                vec![happened, Way { name: Name::Otherwise, items }]
            }
            Act::Experiment(experiment) => {
                let variants = experiment.variants.iter();
                variants
                    .map(|variant| Way {
                        name: Name::Variant(variant),
                        items: self.block(variant.first.as_ref(), end),
                    })
                    .collect()
            }
            Act::Every { first, .. } => {
                vec![Way { name: Name::Round, items: self.block(first.as_ref(), Some(id)) }]
            }
            _ => Vec::new(),
        }
    }
}
