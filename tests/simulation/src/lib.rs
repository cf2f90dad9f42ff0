//! A simulated world in which everything goes wrong, and the use cases that must keep their promises in it.
//!
//! One seed is one world: people who post forms, read, click, complain and leave; campaigns that are edited while leads are
//! on their way; machines whose clocks differ; a store, a carrier and a queue that fail in every way that the real ones may.
//! The use cases are the real ones. Whatever is not certain is drawn from the seed, so that a seed tells the same story
//! each time, and a seed that breaks an invariant is a test.

mod agenda;
mod carrier;
mod deployments;
mod draw;
mod erase;
mod gate;
mod invariants;
mod jobs;
mod mutations;
mod people;
mod port;
mod queue;
mod scheduler;
mod seeds;
mod table;
mod world;

pub use invariants::{Rule, Violation};
pub use mutations::Mutation;
pub use seeds::{Failure, first_failure, kept};

use std::panic::{AssertUnwindSafe, catch_unwind};

use scheduler::Scheduler;

/// Runs worlds, one after the other, with a deliberate fault in them or none.
pub struct Simulation {
    mutation: Option<Mutation>,
    scheduler: Scheduler,
}

impl Simulation {
    /// With that fault, or none.
    pub fn new(mutation: Option<Mutation>) -> Self {
        Self { mutation, scheduler: Scheduler::new(mutation) }
    }

    /// Runs the world of a seed. Answers what does not hold.
    pub fn run(&mut self, seed: u64) -> Option<Violation> {
        self.told(seed, false).1
    }

    /// The same, and what happened, one line an event.
    pub fn tell(&mut self, seed: u64) -> (Vec<String>, Option<Violation>) {
        self.told(seed, true)
    }

    fn told(&mut self, seed: u64, with_log: bool) -> (Vec<String>, Option<Violation>) {
        let ran = catch_unwind(AssertUnwindSafe(|| self.scheduler.run(seed, with_log)));
        let log = self.scheduler.log();
        let violation = ran.unwrap_or_else(|panic| {
            // Whatever it left behind is half done.
            *self = Self::new(self.mutation);
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Some(Violation { rule: Rule::Panic, what: text.to_owned() })
        });
        (log, violation)
    }
}
