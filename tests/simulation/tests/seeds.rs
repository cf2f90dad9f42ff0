//! Ten thousand worlds, and every promise kept in each.

use simulation::{Mutation, Simulation, first_failure, kept};

const SEEDS: u64 = 10_000;

#[test]
fn every_promise_is_kept_in_every_world() {
    if let Some(failure) = first_failure(0..SEEDS, None, |_| {}) {
        panic!("{failure}");
    }
}

#[test]
fn seeds_that_once_told_of_a_fault_tell_of_none_any_more() {
    for (seed, why) in kept() {
        if let Some(failure) = first_failure(seed..seed + 1, None, |_| {}) {
            panic!("{why}\n{failure}");
        }
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let mut used = Simulation::new(None);
    for seed in 0..40 {
        let story = used.tell(seed).0;
        assert_eq!(story, Simulation::new(None).tell(seed).0, "seed {seed}");
    }
    assert_ne!(used.tell(1).0, used.tell(2).0);
}

#[test]
fn a_seed_that_fails_tells_what_happened_and_how_to_see_it_again() {
    let failure = first_failure(0..100, Some(Mutation::CarrierRetries), |_| {}).expect("a failure");
    let told = failure.to_string();
    let place = |part: &str| told.find(part).unwrap_or_else(|| panic!("{part:?} is not in:\n{told}"));
    let story = ["clocks ahead by", "send_claimed", "hands ", "VIOLATION of", "breaks the rule", "--seed"];
    let places: Vec<usize> = story.into_iter().map(place).collect();
    assert!(places.is_sorted(), "{told}");
}

/// Invariants hold easily where nothing happens.
#[test]
fn everything_that_may_happen_does() {
    let mut simulation = Simulation::new(None);
    let story: String = (0..300).flat_map(|seed| simulation.tell(seed).0).map(|line| line + "\n").collect();
    let missing: Vec<&str> =
        HAPPENINGS.iter().copied().filter(|happening| !story.contains(happening)).collect();
    assert!(missing.is_empty(), "none of 300 worlds tells: {missing:#?}");
}

const HAPPENINGS: &[&str] = &[
    "dies before a write",
    "dies after a write",
    "dies before it calls the carrier",
    "dies while it waits for the carrier's answer",
    "dies after the carrier's answer",
    "dies before it reads who is due",
    "is stopped: its time is over",
    "the store is not to be had",
    "another transaction is at the same items",
    "the write is lost, and so is the answer",
    "the write is on its way, and no answer comes",
    "has changed: v",
    "has recorded [",
    "to nobody, and no answer comes",
    ", and no answer comes",
    "which arrives late",
    "refused for now",
    "refused for good",
    "takes nothing at the moment",
    "send_throttled",
    "version 1 of the campaigns is deployed",
    "version 2 of the campaigns is deployed",
    "version 3 of the campaigns is deployed",
    "form: Ok(Recorded)",
    "form: Ok(Duplicate)",
    "opens a page that names",
    "to nobody: the carrier is out",
    "doubts the carrier",
    "is to try the carrier at",
    "trusts the carrier again",
    "is not written: Ok(MailboxTaken)",
    "is given place 3 of the hour",
    "confirm: Ok(Now)",
    "confirm: Ok(Before)",
    "confirm: Ok(Spent)",
    "send_claimed reminder",
    "send_claimed case",
    "send_claimed extra",
    "send_claimed voices",
    "send_claimed long",
    "send_claimed still-there",
    "send_claimed remember",
    "(the sequence is at its end)",
    "(consent was withdrawn)",
    "(the address is suppressed)",
    "(it is one of the control group)",
    "(bought)",
    "exit_when",
    "step_skipped",
    "step_deferred",
    "send_uncertain",
    "round_began",
    "magnet_downloaded",
    "dies after it reserved",
    "queues the turns of",
    "comes to a turn that is over",
    "the queue takes nothing",
    "finds no room before",
    "finds sending stopped: SES has paused",
    "e-mails bounced",
    "were called spam",
    "sending goes on",
    "over the account's limit (Paused)",
    "holds the gate until",
    "the carrier does not tell its quota",
    "the answer to a write of one item is lost",
    "another writer is at the same item",
    "step_deferred confirm",
    "backed_off",
    "begins to erase",
    "is erased",
    "came_back",
    "is told that nothing arrives there",
    "confirmations are stopped",
    "dies after it deleted records",
    "access_requested",
    "reads its own data",
    "retention_scheduled",
    "look_scheduled",
    "is looked at",
];
