//! The pace: when the next e-mail may leave, by the carrier's own quota and the gate that all workers share.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::input::{CarrierLimit, Hold, SendResult};
use futures_util::future::{Either, select};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, Notify};

use crate::doubt::{Change, Doubt};
use crate::gate::{BETWEEN_TRIALS, Gate, GateState, Reservation, Reserved, Stop};
use crate::hour::{find_place, hour_of};
use crate::ports::{Account, AccountError, Clock, Quota, StoreError, Timer};
use crate::room::Room;

/// The part of the carrier's rate that is used: the network delays one e-mail more than the next, and what leaves a little
/// late must not meet what leaves on time. Whatever the rate, a second's e-mails have 25 ms to spare.
const SHARE: f64 = 0.975;
/// So much of a second's e-mails a worker reserves at once, but no more than wait in its line: few requests, and little is lost
/// when it ends.
const RESERVED_AHEAD: f64 = 0.5;
/// A moment that was missed by more is not made up for: e-mails that all leave late would leave at once.
const LATE: SignedDuration = SignedDuration::from_millis(20);
/// How long a quota that was read is believed. AWS raises it now and then; `GetAccount` may be asked once a second.
const BELIEVED: SignedDuration = SignedDuration::from_mins(5);

/// Whether an e-mail may leave.
#[derive(Debug, Clone, PartialEq)]
pub enum Pass {
    /// Now. This is its moment, which may be over for a little.
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
    /// Waits in line until one e-mail may leave, if any may before `stop_at`.
    fn pass(&self, stop_at: Timestamp) -> impl Future<Output = Result<Pass, PaceError>> + Send;

    /// What a confirmation would have to wait for if it passed, asked before that: what does not leave is to use up no moment, and
    /// no try of a carrier in doubt. Whoever has to wait for a later hour has taken a place in it.
    fn foresee_hold(
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

    /// One who passed, for that moment, had nothing to send after all: it is the next one's, if it is hardly over.
    fn give_back(&self, moment: Timestamp) -> impl Future<Output = ()> + Send;

    /// What the carrier said of an e-mail that passed.
    fn answered(&self, result: &SendResult) -> impl Future<Output = Result<(), PaceError>> + Send;
}

/// No pace at all: for carriers that take everything.
#[derive(Debug, Clone, Copy)]
pub struct Unlimited;

impl Pace for Unlimited {
    async fn pass(&self, _: Timestamp) -> Result<Pass, PaceError> {
        Ok(Pass::At(Timestamp::MIN))
    }

    async fn foresee_hold(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
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
    /// Whoever has it is next. Moments belong to nobody before they come, since others may serve a lead that waits for one.
    line: Mutex<()>,
    /// How many wait there.
    in_line: AtomicUsize,
    /// Tells who is next that the moments are others than before.
    changed: Notify,
    own: Mutex<Own>,
}

/// What this worker knows and holds.
#[derive(Default)]
struct Own {
    quota: Option<(Quota, Timestamp)>,
    /// Reserved and not used, the earliest first.
    moments: VecDeque<Timestamp>,
    /// No moment is to be had before.
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
        Self {
            gate,
            account,
            clock,
            timer,
            line: Mutex::default(),
            in_line: AtomicUsize::new(0),
            changed: Notify::new(),
            own: Mutex::default(),
        }
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

    /// The next moment, reserved if need be. If it is no trial, it stays among the moments until somebody takes it.
    async fn find_moment(&self, stop_at: Timestamp) -> Result<Reserved, PaceError> {
        let mut own = self.own.lock().await;
        let now = self.clock.now();
        if let Some(trial) = own.spared.take()
            && now < trial + BETWEEN_TRIALS
            && self.gate.state().await?.is_last_trial(trial)
        {
            return Ok(Reserved::Trial(trial));
        }
        while let Some(&moment) = own.moments.front() {
            if moment >= stop_at {
                own.moments.clear();
            } else if moment + LATE < now {
                own.moments.pop_front();
            } else {
                return Ok(Reserved::From(moment));
            }
        }
        if own.full_until >= Some(stop_at) {
            return Ok(Reserved::Full(stop_at));
        }
        let quota = self.quota(&mut own, now).await?;
        if !quota.sending_enabled {
            let stop = Stop { because: PAUSED.to_owned(), since: now };
            self.gate.stop(&stop).await?;
            return Ok(Reserved::Stopped(stop));
        }
        if quota.left_today() < 1.0 {
            own.full_until = Some(now + DAY_IS_FULL);
            return Ok(Reserved::Full(now + DAY_IS_FULL));
        }
        // The account may have been slow to answer.
        let now = self.clock.now();
        if now >= stop_at {
            return Ok(Reserved::Full(stop_at));
        }
        let wish = reservation(
            &quota,
            SHARE * own.room.share(now),
            self.in_line.load(Ordering::Relaxed),
            now,
            stop_at,
        );
        let reserved = self.gate.reserve(&wish).await?;
        match reserved {
            Reserved::Stopped(_) => {}
            // Later runs ask anew: somebody may have resumed.
            Reserved::Full(_) => own.full_until = Some(stop_at),
            Reserved::Trial(moment) => {
                own.doubt.learn(true);
                own.trial = Some(moment);
            }
            Reserved::From(first) => {
                own.doubt.learn(false);
                let after = |place: u32| {
                    first + SignedDuration::from_micros(micros(wish.interval) * i64::from(place))
                };
                own.moments.extend((0..wish.count).map(after));
            }
        }
        Ok(reserved)
    }

    async fn pass_in_line(&self, stop_at: Timestamp) -> Result<Pass, PaceError> {
        let line = self.line.lock().await;
        loop {
            match self.find_moment(stop_at).await? {
                Reserved::From(moment) if self.take(moment).await => return Ok(Pass::At(moment)),
                Reserved::From(_) => {}
                Reserved::Full(_) => return Ok(Pass::Full),
                Reserved::Stopped(stop) => return Ok(Pass::Stopped(stop)),
                // The others need not wait for that: there is none for them.
                Reserved::Trial(moment) => {
                    drop(line);
                    self.timer.sleep_until(moment).await;
                    return Ok(Pass::At(moment));
                }
            }
        }
    }

    /// Waits for a moment, and takes it; but not if the moments change before it comes.
    async fn take(&self, moment: Timestamp) -> bool {
        let (comes, changes) = (pin!(self.timer.sleep_until(moment)), pin!(self.changed.notified()));
        if let Either::Right(_) = select(comes, changes).await {
            return false;
        }
        let mut own = self.own.lock().await;
        own.moments.pop_front_if(|first| *first == moment).is_some()
    }

    async fn throttled(&self, code: &str, limit: CarrierLimit) -> Result<(), PaceError> {
        let now = self.clock.now();
        let until = match limit {
            CarrierLimit::Paused => {
                let because = format!("{PAUSED} ({code})");
                // Nobody of this worker reserves more before the gate knows.
                let mut own = self.own.lock().await;
                own.moments.clear();
                self.changed.notify_one();
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
        *self.own.lock().await = Own { full_until: Some(until), ..Own::default() };
        self.changed.notify_one();
        Ok(self.gate.hold(until).await?)
    }
}

/// "Wait for an interval of up to 10 minutes" (SES Developer Guide, "Errors related to the sending quotas"). The day is a
/// sliding one, so room comes back little by little.
const DAY_IS_FULL: SignedDuration = SignedDuration::from_mins(5);
const RATE_IS_FULL: SignedDuration = SignedDuration::from_secs(1);
/// Somebody changes a permission, or new credentials are on their way.
const ACCESS_IS_MENDED: SignedDuration = SignedDuration::from_mins(1);
const PAUSED: &str = "SES has paused sending for this account";

fn reservation(quota: &Quota, share: f64, in_line: usize, now: Timestamp, latest: Timestamp) -> Reservation {
    let rate = (quota.per_second * share).max(0.01);
    let most = (rate * RESERVED_AHEAD).min(quota.left_today()).max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "both are small and positive"
    )]
    let (count, interval) = (most as u32, SignedDuration::from_micros((1e6 / rate).ceil() as i64));
    Reservation { count: count.min(u32::try_from(in_line.max(1)).unwrap_or(u32::MAX)), interval, now, latest }
}

fn micros(span: SignedDuration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

impl<G: Gate, A: Account, C: Clock, T: Timer> Pace for SharedPace<G, A, C, T> {
    async fn pass(&self, stop_at: Timestamp) -> Result<Pass, PaceError> {
        self.in_line.fetch_add(1, Ordering::Relaxed);
        let pass = self.pass_in_line(stop_at).await;
        self.in_line.fetch_sub(1, Ordering::Relaxed);
        pass
    }

    async fn foresee_hold(&self, most: u32, has_place: bool) -> Result<Option<Held>, PaceError> {
        let GateState { stopped, confirmations_stopped, .. } = self.gate.state().await?;
        if stopped.is_some() {
            return Ok(None);
        }
        if let Some(stop) = confirmations_stopped {
            return Ok(Some(Held::Stopped(stop)));
        }
        let hour = hour_of(self.clock.now());
        if has_place || self.gate.confirmations(hour).await? < most {
            return Ok(None);
        }
        Ok(find_place(&self.gate, hour, most).await?)
    }

    async fn hold_confirmation(&self, most: u32, has_place: bool) -> Result<Option<Held>, PaceError> {
        if let Some(stop) = self.gate.state().await?.confirmations_stopped {
            return Ok(Some(Held::Stopped(stop)));
        }
        if has_place {
            return Ok(None);
        }
        Ok(find_place(&self.gate, hour_of(self.clock.now()), most).await?)
    }

    async fn give_back(&self, moment: Timestamp) {
        let mut own = self.own.lock().await;
        if own.trial == Some(moment) {
            own.spared = Some(moment);
        } else if !own.doubt.is_told() {
            own.moments.push_front(moment);
        }
        self.changed.notify_one();
    }

    async fn answered(&self, result: &SendResult) -> Result<(), PaceError> {
        let mut own = self.own.lock().await;
        // Nobody of this worker reserves more before the gate knows.
        if let Some(change) = own.doubt.hear(result) {
            own.moments.clear();
            own.full_until = None;
            self.changed.notify_one();
            match change {
                Change::Began => self.gate.doubt(self.clock.now() + BETWEEN_TRIALS).await?,
                Change::Ended => self.gate.trust().await?,
            }
            own.doubt.learn(change == Change::Began);
        }
        drop(own);
        match result {
            SendResult::Throttled { code, limit } => self.throttled(code, *limit).await,
            _ => Ok(()),
        }
    }
}
