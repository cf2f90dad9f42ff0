//! The pace: when the next e-mail may leave, by the carrier's own quota and the gate that all workers share.

use std::collections::VecDeque;
use std::future::Future;

use domain::input::{CarrierLimit, Hold, SendResult};
use domain::organisation::FrequencyCap;
use futures_util::lock::Mutex;
use jiff::{SignedDuration, Timestamp};

use crate::doubt::{Doubt, Turn};
use crate::gate::{BETWEEN_TRIALS, Gate, GateState, Reservation, Reserved, Stop};
use crate::ports::{Account, AccountError, Clock, Quota, StoreError, Timer};
use crate::room::Room;

/// The part of the carrier's rate that is used: the network delays one e-mail more than the next, and what leaves a little
/// late must not meet what leaves on time. Whatever the rate, a second's e-mails have 25 ms to spare.
const SHARE: f64 = 0.975;
/// So much of a second's e-mails a worker reserves at once: few requests, and little is lost when it ends.
const RESERVED_AHEAD: f64 = 0.5;
/// A moment that was missed by more is not made up for: e-mails that all leave late would leave at once.
const LATE: SignedDuration = SignedDuration::from_millis(20);
/// How long a quota that was read is believed. AWS raises it now and then; `GetAccount` may be asked once a second.
const BELIEVED: SignedDuration = SignedDuration::from_mins(5);

/// Whether an e-mail may leave.
#[derive(Debug, Clone, PartialEq)]
pub enum Pass {
    /// At that moment, which may be over.
    At(Timestamp),
    /// Not within the time that is left: others go first, or the day's quota is used up.
    Full,
    /// Not before somebody resumes.
    Stopped(Stop),
}

/// Why a confirmation does not leave, though other e-mails may.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// The account sends no more of them in this hour.
    Until(Hold),
    /// None leaves before somebody resumes.
    Stopped(Stop),
}

/// Nobody can say whether an e-mail may leave; so none does.
#[derive(Debug, thiserror::Error)]
pub enum PaceError {
    /// The gate was not to be had.
    #[error(transparent)]
    Gate(#[from] StoreError),
    /// The quota was not.
    #[error(transparent)]
    Account(#[from] AccountError),
}

/// Says when e-mails may leave.
pub trait Pace: Send + Sync {
    /// When one e-mail may leave, before `stop_at`. `ahead` is how many the caller may still have to send, this one among
    /// them, those that have their moment not.
    fn pass(&self, ahead: usize, stop_at: Timestamp) -> impl Future<Output = Result<Pass, PaceError>> + Send;

    /// Waits for the moment of a pass.
    fn wait_for(&self, moment: Timestamp) -> impl Future<Output = ()> + Send;

    /// What a confirmation would have to wait for if it passed, asked before that while the carrier is in doubt: the one e-mail of
    /// a minute that tries it must be one that leaves. None at any other time.
    fn spare_trial(
        &self,
        most: u32,
        has_place: bool,
    ) -> impl Future<Output = Result<Option<Held>, PaceError>> + Send;

    /// What a confirmation that passed has to wait for all the same, since no more than `most` leave in an hour; none if it
    /// need not. Whoever was given a place in an hour has it, and takes no other.
    fn hold_confirmation(
        &self,
        most: u32,
        has_place: bool,
    ) -> impl Future<Output = Result<Option<Held>, PaceError>> + Send;

    /// One who passed, for that moment, had nothing to send after all.
    fn give_back(&self, moment: Timestamp) -> impl Future<Output = ()> + Send;

    /// What the carrier said of an e-mail that passed.
    fn answered(&self, result: &SendResult) -> impl Future<Output = Result<(), PaceError>> + Send;
}

/// No pace at all: for carriers that take everything.
#[derive(Debug, Clone, Copy)]
pub struct Unlimited;

impl Pace for Unlimited {
    async fn pass(&self, _: usize, _: Timestamp) -> Result<Pass, PaceError> {
        Ok(Pass::At(Timestamp::MIN))
    }

    async fn wait_for(&self, _: Timestamp) {}

    async fn spare_trial(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(None)
    }

    async fn hold_confirmation(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(None)
    }

    async fn give_back(&self, _: Timestamp) {}

    async fn answered(&self, _: &SendResult) -> Result<(), PaceError> {
        Ok(())
    }
}

/// The pace of one of several workers. It lives as long as its process, which serves one run after the other.
pub struct SharedPace<G, A, C, T> {
    gate: G,
    account: A,
    clock: C,
    timer: T,
    own: Mutex<Own>,
}

/// What this worker knows and holds.
#[derive(Default)]
struct Own {
    quota: Option<(Quota, Timestamp)>,
    /// Reserved and not used, the earliest first.
    moments: VecDeque<Timestamp>,
    /// Nobody need ask the gate before.
    full_until: Option<Timestamp>,
    /// The last moment at which an e-mail of its own was to try a carrier in doubt.
    trial: Option<Timestamp>,
    /// That moment, if no e-mail did.
    spared: Option<Timestamp>,
    /// What others leave of the rate.
    room: Room,
    /// Whether the carrier answers.
    doubt: Doubt,
}

impl<G: Gate, A: Account, C: Clock, T: Timer> SharedPace<G, A, C, T> {
    /// The pace that `account` allows, shared through `gate`.
    pub fn new(gate: G, account: A, clock: C, timer: T) -> Self {
        Self { gate, account, clock, timer, own: Mutex::default() }
    }

    async fn quota(&self, own: &mut Own, now: Timestamp) -> Result<Quota, AccountError> {
        if let Some((quota, read_at)) = own.quota
            && now < read_at + BELIEVED
            && quota.sending_enabled
            && quota.left_today() >= 1.0
        {
            return Ok(quota);
        }
        let quota = self.account.quota().await?;
        own.quota = Some((quota, now));
        Ok(quota)
    }

    async fn throttled(&self, code: &str, limit: CarrierLimit) -> Result<(), PaceError> {
        let now = self.clock.now();
        let until = match limit {
            CarrierLimit::Paused => {
                let because = format!("{PAUSED} ({code})");
                return Ok(self.gate.stop(&Stop { because, since: now }).await?);
            }
            // Whose moments are reserved keeps them: one e-mail met another that was late, or somebody else's.
            CarrierLimit::Rate => {
                self.own.lock().await.room.refuse(now);
                return Ok(self.gate.hold(now + RATE_IS_FULL).await?);
            }
            CarrierLimit::Day => now + DAY_IS_FULL,
            CarrierLimit::Access => now + ACCESS_IS_MENDED,
        };
        *self.own.lock().await = Own::default();
        Ok(self.gate.hold(until).await?)
    }

    /// Counts one more confirmation in that hour; if the hour is full, in a later one, which it has to wait for.
    async fn find_place(&self, hour: Timestamp, most: u32) -> Result<Option<Held>, PaceError> {
        let mut place = self.gate.count_confirmation(hour).await?;
        if place <= most {
            return Ok(None);
        }
        let mut hours = 0;
        while place > most && hours < MOST_HOURS {
            hours = (hours + hours_to_wait(place, most)).min(MOST_HOURS);
            place = self.gate.count_confirmation(hour + HOUR * hours).await?;
        }
        let until = moment_of(hour + HOUR * hours, place, most);
        Ok(Some(Held::Until(Hold::Hour { until, has_place: place <= most })))
    }
}

/// "Wait for an interval of up to 10 minutes" (SES Developer Guide, "Errors related to the sending quotas"). The day is a
/// sliding one, so room comes back little by little.
const DAY_IS_FULL: SignedDuration = SignedDuration::from_mins(5);
const RATE_IS_FULL: SignedDuration = SignedDuration::from_secs(1);
/// Somebody changes a permission, or new credentials are on their way.
const ACCESS_IS_MENDED: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// No confirmation is put off by more at once: by then somebody has seen the alarm, and raised the limit or stopped the flood.
const MOST_HOURS: i32 = 24;
const PAUSED: &str = "SES has paused sending for this account";

fn reservation(quota: &Quota, share: f64, ahead: usize, now: Timestamp, latest: Timestamp) -> Reservation {
    let rate = (quota.per_second * share).max(0.01);
    let most = (rate * RESERVED_AHEAD).min(quota.left_today()).max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "both are small and positive"
    )]
    let (count, interval) = (most as u32, SignedDuration::from_micros((1e6 / rate).ceil() as i64));
    Reservation { count: count.min(u32::try_from(ahead.max(1)).unwrap_or(u32::MAX)), interval, now, latest }
}

/// How many hours later it would be somebody's turn, if all waited in line who asked in one hour and take up `most` places
/// in each.
fn hours_to_wait(place: u32, most: u32) -> i32 {
    i32::try_from(place.saturating_sub(1) / most.max(1)).unwrap_or(MOST_HOURS).min(MOST_HOURS)
}

/// The moment of a place within its hour, so that those who wait neither come back all at once nor stand in the way of
/// other e-mails.
fn moment_of(hour: Timestamp, place: u32, most: u32) -> Timestamp {
    let (before, most) = (i64::from(place.saturating_sub(1)), i64::from(most.max(1)));
    hour + SignedDuration::from_secs(HOUR.as_secs() * (before % most) / most)
}

/// The UTC hour of a moment.
fn hour_of(moment: Timestamp) -> Timestamp {
    FrequencyCap { count: 1, per: HOUR }.window(moment).0
}

fn micros(span: SignedDuration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

impl<G: Gate, A: Account, C: Clock, T: Timer> Pace for SharedPace<G, A, C, T> {
    async fn pass(&self, ahead: usize, stop_at: Timestamp) -> Result<Pass, PaceError> {
        let mut own = self.own.lock().await;
        let now = self.clock.now();
        while let Some(moment) = own.moments.pop_front() {
            if moment >= stop_at {
                own.moments.clear();
            } else if moment + LATE >= now {
                return Ok(Pass::At(moment));
            }
        }
        if let Some(trial) = own.spared.take()
            && now < trial + BETWEEN_TRIALS
            && self.gate.state().await?.is_last_trial(trial)
        {
            return Ok(Pass::At(trial));
        }
        if own.full_until.is_some_and(|until| until > now) {
            return Ok(Pass::Full);
        }
        let quota = self.quota(&mut own, now).await?;
        if !quota.sending_enabled {
            let stop = Stop { because: PAUSED.to_owned(), since: now };
            self.gate.stop(&stop).await?;
            return Ok(Pass::Stopped(stop));
        }
        if quota.left_today() < 1.0 {
            own.full_until = Some(now + DAY_IS_FULL);
            return Ok(Pass::Full);
        }
        let wish = reservation(&quota, SHARE * own.room.share(now), ahead, now, stop_at);
        match self.gate.reserve(&wish).await? {
            Reserved::Stopped(stop) => Ok(Pass::Stopped(stop)),
            Reserved::Full(next_at) => {
                own.full_until = Some(next_at.min(stop_at));
                Ok(Pass::Full)
            }
            Reserved::Trial(moment) => {
                own.doubt.learn(true);
                own.trial = Some(moment);
                Ok(Pass::At(moment))
            }
            Reserved::From(first) => {
                own.doubt.learn(false);
                let after = |place: u32| {
                    first + SignedDuration::from_micros(micros(wish.interval) * i64::from(place))
                };
                own.moments.extend((1..wish.count).map(after));
                Ok(Pass::At(first))
            }
        }
    }

    async fn wait_for(&self, moment: Timestamp) {
        self.timer.sleep_until(moment).await;
    }

    async fn spare_trial(&self, most: u32, has_place: bool) -> Result<Option<Held>, PaceError> {
        let GateState { stopped, trial_at, confirmations_stopped, .. } = self.gate.state().await?;
        if stopped.is_some() || trial_at.is_none() {
            return Ok(None);
        }
        if let Some(stop) = confirmations_stopped {
            return Ok(Some(Held::Stopped(stop)));
        }
        let hour = hour_of(self.clock.now());
        if has_place || self.gate.confirmations(hour).await? < most {
            return Ok(None);
        }
        self.find_place(hour, most).await
    }

    async fn hold_confirmation(&self, most: u32, has_place: bool) -> Result<Option<Held>, PaceError> {
        if let Some(stop) = self.gate.state().await?.confirmations_stopped {
            return Ok(Some(Held::Stopped(stop)));
        }
        if has_place { Ok(None) } else { self.find_place(hour_of(self.clock.now()), most).await }
    }

    async fn give_back(&self, moment: Timestamp) {
        let (mut own, now) = (self.own.lock().await, self.clock.now());
        if own.trial == Some(moment) {
            own.spared = Some(moment);
        } else {
            own.moments.push_front(now);
        }
    }

    async fn answered(&self, result: &SendResult) -> Result<(), PaceError> {
        let mut own = self.own.lock().await;
        // Nobody of this worker reserves more before the gate knows.
        if let Some(turn) = own.doubt.hear(result) {
            own.moments.clear();
            own.full_until = None;
            match turn {
                Turn::Began => self.gate.doubt(self.clock.now() + BETWEEN_TRIALS).await?,
                Turn::Ended => self.gate.trust().await?,
            }
            own.doubt.learn(turn == Turn::Began);
        }
        drop(own);
        match result {
            SendResult::Throttled { code, limit } => self.throttled(code, *limit).await,
            _ => Ok(()),
        }
    }
}
