//! Simulation: many leads, made up by lot, go through a campaign in simulated time.
//!
//! Leads for whom the same is true are one *cohort*, for which `decide` is asked once. Where lots fall apart (one opens,
//! another clicks, most do nothing) the cohort is divided, by a draw from the multinomial distribution. What no rule asks about
//! is forgotten, and cohorts that thereby become alike are one again. So the figures are those of a draw for each single lead,
//! and a million leads cost what their lives cost, as far as these differ in what matters.

mod arrivals;
mod cohorts;
mod cost;
mod counts;
mod draw;
mod file;
mod learn;
mod rates;
mod reactions;
mod under_way;

use domain::{Bundle, Campaign};
use jiff::Timestamp;

pub use cost::{Cost, CostLine, Prices};
pub use counts::{Counts, Ended, StepCounts};
pub use file::{prices, rates};
pub use learn::Learnt;
pub use rates::{EmailRates, Rates};

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Simulation<'a> {
    /// All campaigns; those beside the simulated one act as they do for its leads.
    pub bundle: &'a Bundle,
    /// Whose form the leads post.
    pub campaign: &'a Campaign,
    /// What leads are like, and what they do.
    pub rates: &'a Rates,
    /// How many leads.
    pub leads: u64,
    /// The first of them arrive on this day.
    pub from: Timestamp,
    /// They arrive evenly over so many days.
    pub days: u32,
    /// How many days are simulated after the last arrival.
    pub days_after: u32,
    /// The same seed gives the same result, to the byte.
    pub seed: u64,
}

impl Simulation<'_> {
    /// Runs it. `progress` is told how many leads have reached their end so far.
    pub fn run(&self, progress: &mut dyn FnMut(u64)) -> Counts {
        cohorts::Run::new(self).run(progress)
    }
}
