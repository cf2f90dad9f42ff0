//! The simulation bites: every deliberate fault is noticed, and by a rule that it breaks.

use std::collections::BTreeSet;

use simulation::{Mutation, Rule, first_failure};

/// A fault is noticed within so many seeds.
const SEEDS: u64 = 2_000;

#[test]
fn every_deliberate_fault_is_noticed_by_a_rule_that_it_breaks() {
    let (mut unnoticed, mut biting) = (Vec::new(), BTreeSet::new());
    for mutation in Mutation::ALL {
        let mut seeds = 0..SEEDS;
        // Faults have further consequences, which other rules notice in other worlds.
        let mut failures = std::iter::from_fn(|| {
            let failure = first_failure(seeds.clone(), Some(*mutation), |_| {})?;
            seeds.start = failure.seed + 1;
            Some(failure)
        });
        match failures.find(|failure| mutation.noticed_by().contains(&failure.violation.rule)) {
            Some(failure) => {
                let (rule, what) = (failure.violation.rule, failure.violation.what);
                let told: String = what.chars().take(90).collect();
                println!("{mutation:?}: seed {}, {rule:?}: {told}", failure.seed);
                biting.insert(rule);
            }
            None => unnoticed.push(mutation),
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
    let named: BTreeSet<Rule> = Mutation::ALL.iter().flat_map(|it| it.noticed_by()).copied().collect();
    let idle: Vec<_> = named.difference(&biting).collect();
    assert!(idle.is_empty(), "these rules noticed nothing: {idle:?}");
}
