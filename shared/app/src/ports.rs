//! What the use cases need from outside: a clock, a store of leads, and a carrier of e-mails.

use std::future::Future;

use domain::consent::SuppressionReason;
use domain::input::SendResult;
use domain::{Activity, InputId, Lead, LeadId};
use email::Message;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Notification;
use crate::limit::Limit;

/// Tells the time, in whole milliseconds.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Lets time pass.
pub trait Timer: Send + Sync {
    /// Waits until that moment; not at all if it is over.
    fn sleep_until(&self, moment: Timestamp) -> impl Future<Output = ()> + Send;
}

/// A lead as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The state.
    pub lead: Lead,
    /// Grows by one with each record.
    pub version: u64,
}

/// The activities of one input: immutable, and put only once.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What makes a repetition the same.
    pub input_id: InputId,
    /// The profile version that it made; versions order the fold.
    pub version: u64,
    /// What the input made happen.
    pub activities: Vec<Activity>,
}

/// One transaction: the profile, if it is still as it was read, and the records that lead to it.
#[derive(Debug, Clone)]
pub struct Write<'a> {
    /// The version that was read; none for a lead that was not there.
    pub expected: Option<u64>,
    /// The new state. Its version is that of the last record.
    pub lead: &'a Lead,
    /// At most [`MOST_RECORDS`]; versions without a gap after `expected` (or 0).
    pub records: &'a [Record],
    /// Counts that the write raises, each by one; none may be full.
    pub limits: &'a [Limit],
    /// When the write happens: decides whether the profile asks for a nudge.
    pub now: Timestamp,
}

/// DynamoDB takes 100 items in a transaction; the profile is one, and a suppression may be another. Limits go off it.
pub const MOST_RECORDS: usize = 98;

/// What came of a write. Only `Committed` changed anything.
#[derive(Debug, Clone, PartialEq)]
pub enum Commit {
    /// All of it is stored.
    Committed,
    /// The profile is not what was expected; this is what it is.
    Changed(Box<Stored>),
    /// Some of the inputs are recorded already; or were to insert a lead that was erased since they happened, as they know, and
    /// count as erased with it.
    Duplicate {
        /// Which ones.
        inputs: Vec<InputId>,
        /// The profile, when it is known to be other than expected.
        current: Option<Box<Stored>>,
    },
    /// A lead that was to be inserted has an address that was suppressed before. A write whose lead bears a
    /// suppression of its own is not refused.
    Suppressed,
    /// A lead that was to be inserted and does not say so comes after one of the same address that asked to be erased.
    ErasedBefore {
        /// When.
        at: Timestamp,
    },
    /// The visitor's network has posted enough until then.
    TooMany {
        /// When its count begins anew.
        until: Timestamp,
    },
    /// The mailbox has no room for the confirmation that would fall due.
    MailboxTaken,
}

/// Why a lead is erased. It decides what remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure<'a> {
    /// The lead wants it, or an operator on its behalf: its mark stays, without address.
    Asked {
        /// When.
        at: Timestamp,
        /// Which operator; none if the lead does it itself.
        by: Option<&'a str>,
    },
    /// It was inactive for so long; nothing remains but a suppression, if there was one.
    Retention {
        /// The version by which that was judged.
        read: u64,
    },
}

/// What remains of a lead that asked to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The keyed hash of its address.
    pub lead: LeadId,
    /// When.
    pub erased_at: Timestamp,
    /// Who erased it on its behalf, as they said; none if it did so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why nothing is ever sent to its address, if that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<SuppressionReason>,
}

/// A lead that is due, or that is being erased.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Since when.
    pub at: Timestamp,
    /// Who.
    pub lead: LeadId,
    /// Whether somebody waits for it: for a confirmation, a link to one's data, an erasure.
    pub is_waited_for: bool,
}

/// What went wrong between us and the store, by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another transaction was at the same items; nothing was written.
    #[error("another writer was at the same lead")]
    Conflict,
    /// Nothing was written, and the same write may succeed later.
    #[error("the store is not to be had right now: {0}")]
    Transient(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Nobody knows whether it was written; writing the same again is safe, since records are put only once.
    #[error("the store did not answer: {0}")]
    Ambiguous(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It will not succeed later either.
    #[error("the store refuses: {0}")]
    Permanent(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Keeps leads. Its guarantee, on which all others rest: a write is whole or not there, is refused if the lead changed since it
/// was read, and stores no input twice.
pub trait LeadStore: Send + Sync {
    /// The lead as of now (a consistent read).
    fn load(&self, lead: &LeadId) -> impl Future<Output = Result<Option<Stored>, StoreError>> + Send;

    /// Writes all or nothing, in one request.
    fn commit(&self, write: &Write<'_>) -> impl Future<Output = Result<Commit, StoreError>> + Send;

    /// Leads whose `due_at` is not after `until`, those who are waited for first, of each the earliest first, at most `limit`. May
    /// lag behind writes.
    fn due(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Due>, StoreError>> + Send;

    /// Every record of a lead, by version.
    fn records(&self, lead: &LeadId) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// What people read of all leads at once since then, in order: noted once and not with each lead.
    fn reads_of_all(
        &self,
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<Activity>, StoreError>> + Send;

    /// Takes the profile away and marks the lead as being erased, in one step. From then on nobody knows the lead, no write
    /// of whoever read it before succeeds, and none that inserts it anew, which meets a conflict. The lead stands in `due`
    /// until [`LeadStore::finish_erasure`] has done the rest. False, with nothing done, if the profile is not the one that
    /// the retention was judged by.
    fn begin_erasure(
        &self,
        lead: &LeadId,
        erasure: Erasure<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Tells the mark of a lead that was erased, or is being erased, that its address is suppressed. False, with nothing done,
    /// if there is no mark, or it tells that already.
    fn suppress_erased(
        &self,
        lead: &LeadId,
        reason: SuppressionReason,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes what is left of a lead that is being erased. False if it is not, or if somebody else was faster. May be
    /// repeated, and go on side by side.
    fn finish_erasure(&self, lead: &LeadId) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Carries e-mails.
pub trait Mailer: Send + Sync {
    /// Tries once. Never fails otherwise than by its answer: what is neither accepted nor refused is uncertain.
    fn send(&self, message: &Message) -> impl Future<Output = SendResult> + Send;
}

/// What the carrier takes from this account (SES API v2 reference, `GetAccount`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// E-mails per second.
    pub per_second: f64,
    /// E-mails within 24 hours; none for as many as one likes.
    pub per_day: Option<f64>,
    /// How many it took within the last 24 hours.
    pub sent_last_day: f64,
    /// Whether it takes any.
    pub sending_enabled: bool,
}

impl Quota {
    /// How many more it takes for now.
    pub fn left_today(&self) -> f64 {
        self.per_day.map_or(f64::INFINITY, |most| most - self.sent_last_day)
    }
}

/// Knows the carrier's quota.
pub trait Account: Send + Sync {
    /// As of now.
    fn quota(&self) -> impl Future<Output = Result<Quota, AccountError>> + Send;
}

/// The carrier did not tell its quota.
#[derive(Debug, thiserror::Error)]
#[error("the carrier does not tell how much it takes: {0}")]
pub struct AccountError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Takes due leads to the workers that send.
pub trait DueQueue: Send + Sync {
    /// Takes some. It is a hint only: what is due stands in the store, and is found again.
    fn put(&self, turns: &[Turn]) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// Leads whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Who, the longest due first.
    pub leads: Vec<LeadId>,
    /// After that, they are found anew, and nobody need look at this any more.
    pub good_until: Timestamp,
}

/// Posts notifications to webhooks.
pub trait Notifier: Send + Sync {
    /// Tries once. Never fails otherwise than by its answer, as [`Mailer`].
    fn post(&self, notification: &Notification) -> impl Future<Output = SendResult> + Send;
}

/// Takes authorised events to where they are applied.
pub trait EventQueue: Send + Sync {
    /// Takes one request's events. Once this answers, they are not lost.
    fn put(&self, body: String) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// The queue did not take something; it is to be tried again.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not answer: {0}")]
pub struct QueueError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Asks whoever set a challenge to a visitor whether it was solved.
pub trait Challenge: Send + Sync {
    /// Whether a person solved it. A solution serves one attempt: the same attempt may ask again and is told the same, another
    /// is told that the solution is spent.
    fn is_solved(
        &self,
        solution: &str,
        attempt: &str,
    ) -> impl Future<Output = Result<bool, ChallengeError>> + Send;
}

/// Nobody to ask: then nobody knows.
impl<T: Challenge> Challenge for Option<T> {
    async fn is_solved(&self, solution: &str, attempt: &str) -> Result<bool, ChallengeError> {
        match self {
            Some(challenge) => challenge.is_solved(solution, attempt).await,
            None => Err(ChallengeError::new("there is nobody to ask")),
        }
    }
}

/// Nobody said whether a challenge was solved. What it guards is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nobody tells whether the challenge was solved: {0}")]
pub struct ChallengeError(String);

impl ChallengeError {
    /// `why` goes to the log: it holds nothing of what was sent.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}
