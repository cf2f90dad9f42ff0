//! The simulation bites: every deliberate fault is noticed, and by a rule that it breaks.

use simulation::{Mutation, first_failure};

/// A fault is noticed within so many seeds.
const SEEDS: u64 = 2_000;

#[test]
fn every_deliberate_fault_is_noticed() {
    let mut unnoticed = Vec::new();
    for mutation in Mutation::ALL {
        match first_failure(0..SEEDS, Some(*mutation), |_| {}) {
            Some(failure) => {
                let (rule, what) = (failure.violation.rule, failure.violation.what);
                let told: String = what.chars().take(90).collect();
                println!("{mutation:?}: seed {}, {rule:?}: {told}", failure.seed);
                if !mutation.noticed_by().contains(&rule) {
                    unnoticed.push(format!("{mutation:?} by {rule:?} alone: {told}"));
                }
            }
            None => unnoticed.push(format!("{mutation:?} not at all")),
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}
