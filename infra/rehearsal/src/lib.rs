//! Rehearsals: what a campaign will do, in simulated time, by the very `decide` that production runs.
//!
//! Nothing here has a rule of its own about what a campaign does. A [`Rehearsal`] plays the store, the clock and the
//! carrier for one lead; the verbs of the `sillon` command build on it.

pub mod backtest;
mod carrier;
mod clicks;
pub mod confidence;
pub mod draw;
pub mod experiments;
pub mod log;
mod mail;
pub mod outline;
pub mod plan;
mod rehearsal;
pub mod scenario;
pub mod simulation;
pub mod why;
pub mod words;

pub use carrier::Answer;
pub use mail::{Mail, links};
pub use rehearsal::{Rehearsal, Stuck};
