//! Whether an experiment has told enough: a winner, no difference that matters, or how many more leads it needs.

use serde::Serialize;

use crate::confidence::Bounds;

/// The chance that a winner which is told is none, however often one looks.
pub const ALPHA: f64 = 0.05;
/// It is not worth saying how many more leads are needed beyond so many times those that came.
const MOST_TIMES: f64 = 1024.0;

/// The leads of one variant. Fractions, for what is only expected.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// How many had all the time to succeed.
    pub leads: f64,
    /// How many of them did.
    pub successes: f64,
}

/// Why one may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// The variant in this place is better than all others.
    Winner(usize),
    /// Whatever difference there is, it is too small to matter.
    NoDifference,
}

/// What the leads of an experiment tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Those of each variant, in their order.
    pub bounds: Vec<Bounds>,
    /// The largest difference between two true rates that can be left.
    pub largest_difference: f64,
    /// None as long as nobody knows.
    pub outcome: Option<Outcome>,
}

/// Judges variants by their leads. The bounds of all of them hold at once with a chance of 1 - [`ALPHA`] (union bound),
/// so whoever's lower bound is above all others' upper bounds is the best. A difference of at most `smallest` does not
/// matter.
pub fn judge(counts: &[Counts], smallest: f64) -> Judged {
    let alpha = ALPHA / counts.len().max(1) as f64;
    let bounds_of = |counts: &Counts| Bounds::of(counts.successes, counts.leads - counts.successes, alpha);
    let bounds: Vec<Bounds> = counts.iter().map(bounds_of).collect();
    let others = |place: usize| {
        let others = bounds.iter().enumerate().filter(move |(other, _)| *other != place);
        others.map(|(_, bounds)| *bounds)
    };
    let beats_all = |place: &usize| others(*place).all(|other| other.upper < bounds[*place].lower);
    let winner = (0..bounds.len()).filter(|_| bounds.len() > 1).find(beats_all);
    let largest_difference = (0..bounds.len())
        .flat_map(|place| others(place).map(move |other| (place, other)))
        .map(|(place, other)| bounds[place].upper - other.lower)
        .fold(0.0, f64::max);
    let outcome = match winner {
        Some(place) => Some(Outcome::Winner(place)),
        None => (largest_difference <= smallest).then_some(Outcome::NoDifference),
    };
    Judged { bounds, largest_difference, outcome }
}

/// About how many leads more it takes to know, if the rates stay as they are; none if there is no telling.
pub fn more_leads(counts: &[Counts], smallest: f64) -> Option<u64> {
    let known = |times: f64| {
        let grown =
            |counts: &Counts| Counts { leads: counts.leads * times, successes: counts.successes * times };
        judge(&counts.iter().map(grown).collect::<Vec<_>>(), smallest).outcome.is_some()
    };
    if counts.iter().any(|counts| counts.leads == 0.0) {
        return None;
    }
    let (mut too_few, mut enough) = (1.0, 2.0);
    while !known(enough) {
        (too_few, enough) = (enough, enough * 2.0);
        if enough > MOST_TIMES {
            return None;
        }
    }
    for _ in 0..20 {
        let middle = f64::midpoint(too_few, enough);
        if known(middle) { enough = middle } else { too_few = middle }
    }
    let leads: f64 = counts.iter().map(|counts| counts.leads).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, far below 2^53")]
    Some((leads * (enough - 1.0)).ceil() as u64)
}
