//! The gate that every e-mail passes: one for all workers, so that together they keep the carrier's pace, and one word
//! stops them all.

use std::future::Future;

use domain::deliverability::Told;
use jiff::{SignedDuration, Timestamp};

use crate::ports::StoreError;

/// A wish for moments at which e-mails may leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reservation {
    /// How many.
    pub count: u32,
    /// How far apart: the inverse of the carrier's rate.
    pub interval: SignedDuration,
    /// When it is asked; no moment lies before.
    pub now: Timestamp,
    /// Moments that begin later are of no use.
    pub latest: Timestamp,
}

/// What the gate grants.
#[derive(Debug, Clone, PartialEq)]
pub enum Reserved {
    /// All of them: the first moment; the others follow at the interval.
    From(Timestamp),
    /// Others were there before: the next moment is this one, and too late.
    Full(Timestamp),
    /// Nothing leaves until somebody resumes.
    Stopped(Stop),
}

/// Why nothing leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// For the person who has to mend it.
    pub because: String,
    /// Since when.
    pub since: Timestamp,
}

/// How the gate stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GateState {
    /// The first moment that nobody has reserved; none if nobody ever did.
    pub next_at: Option<Timestamp>,
    /// Whether it is shut.
    pub stopped: Option<Stop>,
    /// Whether it is shut for confirmations, and for links to one's data.
    pub confirmations_stopped: Option<Stop>,
}

/// So many UTC days, today among them, are looked at together: enough for a sample, and no longer than what went wrong is
/// worth knowing.
pub const DAYS_COUNTED: i64 = 3;

/// Keeps the gate where all workers see it.
pub trait Gate: Send + Sync {
    /// Reserves all the moments asked for, or none. No moment is ever granted twice.
    fn reserve(&self, wish: &Reservation) -> impl Future<Output = Result<Reserved, StoreError>> + Send;

    /// Lets nothing new leave before that moment.
    fn hold(&self, until: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Shuts it, until somebody resumes. A gate that is shut keeps its first reason.
    fn stop(&self, stop: &Stop) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Shuts it for confirmations alone.
    fn stop_confirmations(&self, stop: &Stop) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Opens it, and begins to count anew.
    fn resume(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Adds what was told today, and answers what was told within the last days.
    fn count(&self, told: Told, now: Timestamp) -> impl Future<Output = Result<Told, StoreError>> + Send;

    /// Counts one more confirmation in the hour that begins then, and answers how many that makes.
    fn count_confirmation(&self, hour: Timestamp) -> impl Future<Output = Result<u32, StoreError>> + Send;

    /// How it stands.
    fn state(&self) -> impl Future<Output = Result<GateState, StoreError>> + Send;
}
