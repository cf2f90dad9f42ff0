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
    /// Nobody knows whether the carrier takes anything: this moment alone, for an e-mail that tries it.
    Trial(Timestamp),
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
    /// While nobody knows whether the carrier takes anything: when the next e-mail may try it.
    pub trial_at: Option<Timestamp>,
    /// Whether it is shut.
    pub stopped: Option<Stop>,
    /// Whether it is shut for confirmations, and for links to one's data.
    pub confirmations_stopped: Option<Stop>,
}

impl GateState {
    /// Whether the trial of that moment is the last that was granted, in a doubt that lasts.
    pub(crate) fn is_last_trial(&self, trial: Timestamp) -> bool {
        self.stopped.is_none() && self.trial_at == Some(trial + BETWEEN_TRIALS)
    }
}

/// While nobody knows whether the carrier takes anything, one e-mail tries it in so long: what tries it is lost if it does not.
pub const BETWEEN_TRIALS: SignedDuration = SignedDuration::from_mins(1);

/// So many UTC days, today among them, are looked at together: enough for a sample, and no longer than what went wrong is
/// worth knowing.
pub const DAYS_COUNTED: i64 = 3;

/// Keeps the gate where all workers see it.
pub trait Gate: Send + Sync {
    /// Reserves all the moments asked for, or none; while the carrier is in doubt, one, the trial. No moment is ever granted twice.
    fn reserve(&self, wish: &Reservation) -> impl Future<Output = Result<Reserved, StoreError>> + Send;

    /// Lets nothing new leave before that moment.
    fn hold(&self, until: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets one e-mail alone pass at that moment, and one in each [`BETWEEN_TRIALS`] after it, until somebody trusts the carrier
    /// again. A doubt that stands already keeps its moment.
    fn doubt(&self, trial_at: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends the doubt.
    fn trust(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

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

    /// How many confirmations were counted in the hour that begins then.
    fn confirmations(&self, hour: Timestamp) -> impl Future<Output = Result<u32, StoreError>> + Send;

    /// How it stands.
    fn state(&self) -> impl Future<Output = Result<GateState, StoreError>> + Send;
}
