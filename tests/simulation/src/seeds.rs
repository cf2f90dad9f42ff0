//! Many seeds, on all cores; and those that are kept since they once told of a fault.

use std::fmt;
use std::num::NonZero;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Mutation, Simulation, Violation};

/// `seed  why it is kept`, one a line.
const KEPT: &str = include_str!("../seeds.txt");

/// A seed whose world breaks an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub seed: u64,
    pub mutation: Option<Mutation>,
    pub violation: Violation,
}

impl fmt::Display for Failure {
    /// What happened, what does not hold, and how to see it again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, mutation, violation: Violation { rule, what } } = self;
        for line in Simulation::new(*mutation).tell(*seed).0 {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "\nseed {seed} breaks the rule {rule:?}: {what}")?;
        writeln!(f, "To see it again:  tests/simulation/run --seed {seed}")?;
        write!(f, "Once it is mended, keep it: add the seed and why to tests/simulation/seeds.txt")
    }
}

/// The seeds that are always run, and why.
pub fn kept() -> Vec<(u64, &'static str)> {
    let lines = KEPT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(seed, why)| Some((seed.parse().ok()?, why)))
        .collect()
}

/// Runs seeds on all cores until one breaks an invariant; of those that were begun, answers the first. `done` hears now and
/// then how many were run.
pub fn first_failure(
    seeds: Range<u64>,
    mutation: Option<Mutation>,
    done: impl Fn(u64) + Sync,
) -> Option<Failure> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (next, ran) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    let first: Mutex<Option<Failure>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut simulation = Simulation::new(mutation);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    if let Some(violation) = simulation.run(seed) {
                        next.store(seeds.end, Ordering::Relaxed);
                        let mut first = first.lock().expect("no thread panics while it holds this");
                        if first.as_ref().is_none_or(|first| seed < first.seed) {
                            *first = Some(Failure { seed, mutation, violation });
                        }
                    }
                    done(ran.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    first.into_inner().expect("no thread panicked")
}
