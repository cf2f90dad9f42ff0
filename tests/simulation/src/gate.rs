//! The gate that all workers share, as the store keeps it, and the carrier's account.

use std::collections::BTreeMap;

use app::gate::{BETWEEN_TRIALS, DAYS_COUNTED, GateState, Reservation, Reserved, Stop};
use app::ports::{AccountError, Quota, StoreError};
use domain::deliverability::{Deliveries, Told};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::agenda::{Event, Job, Late, hours, millis, secs};
use crate::mutations::Mutation;
use crate::world::{REST, World};

/// A worker acts on what it saw within its own life.
pub const ACTED_ON: SignedDuration = secs(90);
/// Somebody sees the alarm and resumes within this, at the desk or the next morning.
const RESUMED_WITHIN: [i64; 2] = [600, 10 * 3600];

/// What the store keeps of the gate.
#[derive(Debug, Default)]
pub struct Gate {
    next_at: Option<Timestamp>,
    trial_at: Option<Timestamp>,
    pub stopped: Option<Stop>,
    confirmations_stopped: Option<Stop>,
    /// By no machine's clock.
    confirmations_stopped_at: Option<Timestamp>,
    days: BTreeMap<Date, Told>,
    confirmations: BTreeMap<Timestamp, u32>,
}

/// What the carrier grants this account.
#[derive(Debug)]
pub struct Account {
    pub per_second: f64,
    pub per_day: Option<f64>,
    pub enabled: bool,
}

impl Default for Account {
    fn default() -> Self {
        Self { per_second: 14.0, per_day: None, enabled: true }
    }
}

impl Gate {
    fn reserve(&mut self, wish: &Reservation) -> Reserved {
        if let Some(stop) = &self.stopped {
            return Reserved::Stopped(stop.clone());
        }
        if let Some(trial_at) = self.trial_at {
            let moment = trial_at.max(wish.now).max(self.next_at.unwrap_or(wish.now));
            if moment >= wish.latest {
                return Reserved::Full(moment);
            }
            self.trial_at = Some(moment + BETWEEN_TRIALS);
            self.next_at = Some(moment + wish.interval);
            return Reserved::Trial(moment);
        }
        let ahead = self.next_at.filter(|next_at| *next_at >= wish.now);
        if let Some(next_at) = ahead.filter(|next_at| *next_at >= wish.latest) {
            return Reserved::Full(next_at);
        }
        let first = ahead.unwrap_or(wish.now);
        self.next_at = Some(first + wish.interval * i32::try_from(wish.count).unwrap_or(i32::MAX));
        Reserved::From(first)
    }

    pub fn are_confirmations_stopped(&self) -> bool {
        self.confirmations_stopped.is_some()
    }

    /// Whether confirmations are stopped, and nobody is at work any more who began before.
    pub fn has_stopped_confirmations(&self, now: Timestamp) -> bool {
        self.confirmations_stopped_at.is_some_and(|at| at + ACTED_ON < now)
    }

    /// What was told on the days that count.
    pub fn told(&self, now: Timestamp) -> Told {
        let today = now.to_zoned(TimeZone::UTC).date();
        let first = today.saturating_sub((DAYS_COUNTED - 1).days());
        let mut sum = Told::default();
        self.days.range(first..=today).for_each(|(_, of_day)| sum += *of_day);
        sum
    }
}

impl World {
    /// Carries out a write of one item, or does not, and answers, or does not.
    pub fn carry_out<T>(
        &mut self,
        effect: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.store_throttles()?;
        let rate = self.faults.conflict;
        if self.fault(rate) {
            self.tell(|| "another writer is at the same item".to_owned());
            return Err(StoreError::Conflict);
        }
        let rate = self.faults.lost_answer;
        if !self.fault(rate) {
            return Ok(effect(self));
        }
        self.tell(|| "the answer to a write of one item is lost".to_owned());
        match self.draw.between(0, 3) {
            0 => {}
            1 => {
                effect(self);
            }
            _ => {
                let at = self.now + millis(self.draw.between(0, 2_000));
                let late = Late(Box::new(move |world| {
                    effect(world);
                }));
                self.agenda.note(at, Event::Late(late));
            }
        }
        Err(StoreError::Ambiguous("no answer".into()))
    }

    /// Reserves moments.
    pub fn reserve(&mut self, wish: &Reservation) -> Reserved {
        let reserved = match self.mutation {
            // Each worker takes the rate for its own.
            Some(Mutation::MomentsGrantedTwice) if self.gate.stopped.is_none() => Reserved::From(wish.now),
            Some(Mutation::DoubtUnseen) => {
                let trial_at = self.gate.trial_at.take();
                let reserved = self.gate.reserve(wish);
                self.gate.trial_at = trial_at;
                reserved
            }
            Some(Mutation::StopUnseen) => {
                let stopped = self.gate.stopped.take();
                let reserved = self.gate.reserve(wish);
                self.gate.stopped = stopped;
                reserved
            }
            _ => self.gate.reserve(wish),
        };
        self.tell(|| match &reserved {
            Reserved::From(first) => format!("reserves {} from {first:.3} on", wish.count),
            Reserved::Trial(moment) => format!("is to try the carrier at {moment:.3}"),
            Reserved::Full(next_at) => format!("finds no room before {next_at:.3}"),
            Reserved::Stopped(stop) => format!("finds sending stopped: {}", stop.because),
        });
        match reserved {
            Reserved::From(first) => self.observe_grant(wish, first),
            Reserved::Trial(moment) => self.observe_grant(&Reservation { count: 1, ..*wish }, moment),
            Reserved::Full(_) | Reserved::Stopped(_) => {}
        }
        reserved
    }

    /// Lets nothing new leave before.
    pub fn hold(&mut self, until: Timestamp) {
        self.tell(|| format!("holds the gate until {until:.3}"));
        self.gate.next_at = self.gate.next_at.max(Some(until));
    }

    /// Lets one e-mail a minute pass, to try the carrier.
    pub fn doubt(&mut self, trial_at: Timestamp) {
        self.tell(|| format!("doubts the carrier, and lets an e-mail try it at {trial_at:.3}"));
        self.gate.trial_at.get_or_insert(trial_at);
        self.oracle.pace.doubted();
    }

    /// The carrier answers again.
    pub fn trust(&mut self) {
        self.tell(|| "trusts the carrier again".to_owned());
        if self.mutation == Some(Mutation::DoubtForEver) {
            return;
        }
        self.gate.trial_at = None;
        self.oracle.pace.trusted();
    }

    /// Stops all sending. Somebody will see the alarm.
    pub fn stop(&mut self, stop: Stop) {
        if self.gate.stopped.is_some() || self.mutation == Some(Mutation::BreakerNeverOpens) {
            return;
        }
        self.tell(|| format!("sending is stopped: {}", stop.because));
        self.observe_stop(&stop);
        self.gate.stopped = Some(stop);
        let within = self.draw.pick(&RESUMED_WITHIN);
        let later = secs(self.draw.between(20, within));
        self.start_in(later, Job::Resume);
    }

    /// Stops confirmations alone.
    pub fn stop_confirmations(&mut self, stop: Stop) {
        if self.gate.confirmations_stopped.is_some() {
            return;
        }
        self.tell(|| format!("confirmations are stopped: {}", stop.because));
        self.gate.confirmations_stopped = Some(stop);
        self.gate.confirmations_stopped_at = Some(self.now);
        let within = self.draw.pick(&RESUMED_WITHIN);
        let later = secs(self.draw.between(20, within));
        self.start_in(later, Job::Resume);
    }

    /// Opens the gate, and begins to count anew.
    pub fn resume(&mut self) {
        self.tell(|| "sending goes on".to_owned());
        self.gate.days.clear();
        if self.mutation != Some(Mutation::ResumeForgets) {
            self.trust();
            self.gate.stopped = None;
            self.gate.confirmations_stopped = None;
            self.gate.confirmations_stopped_at = None;
        }
        self.oracle.pace.resumed(self.now);
    }

    /// Counts what was told of e-mails.
    pub fn count(&mut self, told: Told, now: Timestamp) -> Told {
        let today = now.to_zoned(TimeZone::UTC).date();
        *self.gate.days.entry(today).or_default() += told;
        let sum = self.gate.told(now);
        self.tell(|| format!("counts {told:?}, which makes {sum:?}"));
        self.oracle.pace.counted(&sum, self.now);
        if let Some(running) = self.running.get_mut(&self.current) {
            running.counted = sum;
        }
        sum
    }

    /// Counts a confirmation.
    pub fn count_confirmation(&mut self, hour: Timestamp) -> u32 {
        let count = self.gate.confirmations.entry(hour).or_default();
        *count += 1;
        let place = if self.mutation == Some(Mutation::PlacesGrantedTwice) { 1 } else { *count };
        self.tell(|| format!("is given place {place} of the hour from {hour}"));
        place
    }

    /// How many confirmations were counted in an hour.
    pub fn confirmations(&mut self, hour: Timestamp) -> Result<u32, StoreError> {
        self.store_throttles()?;
        Ok(self.gate.confirmations.get(&hour).copied().unwrap_or_default())
    }

    /// How the gate stands.
    pub fn gate_state(&mut self) -> Result<GateState, StoreError> {
        self.store_throttles()?;
        Ok(GateState {
            next_at: self.gate.next_at,
            trial_at: self.gate.trial_at,
            stopped: self.gate.stopped.clone(),
            confirmations_stopped: self
                .gate
                .confirmations_stopped
                .clone()
                .filter(|_| self.mutation != Some(Mutation::ConfirmationsStopUnseen)),
        })
    }

    /// What the carrier tells of the account.
    pub fn quota(&mut self) -> Result<Quota, AccountError> {
        let rate = self.faults.throttle;
        if self.fault(rate) {
            self.tell(|| "the carrier does not tell its quota".to_owned());
            return Err(AccountError("throttled".into()));
        }
        let Account { per_second, per_day, enabled } = self.account;
        #[expect(clippy::cast_precision_loss, reason = "a count of e-mails")]
        let sent_last_day = self.carrier.taken_since(self.now - hours(24)) as f64;
        let quota = Quota { per_second, per_day, sent_last_day, sending_enabled: enabled };
        self.tell(|| format!("reads {quota:?}"));
        Ok(quota)
    }

    /// The carrier grants something else from now on.
    pub fn change_account(&mut self, account: Account) {
        self.tell(|| format!("the carrier changes the account: {account:?}"));
        self.oracle.pace.quota(self.now, &account);
        self.account = account;
    }
}

impl World {
    /// The carrier takes nothing any more, until it has had a look at the account.
    pub fn pause_account(&mut self) {
        let Account { per_second, per_day, .. } = self.account;
        self.change_account(Account { per_second, per_day, enabled: false });
        let calm_at = self.ends_at - REST;
        let within = self.draw.pick(&[300, 20 * 3600]);
        let later = self.now + secs(self.draw.between(20, within));
        let again = Account { per_second, per_day, enabled: true };
        self.agenda.note(later.min(calm_at - secs(1)), Event::Account(again));
    }
}

/// How the account changes, until the calm.
pub fn plan(world: &mut World, calm_at: Timestamp) {
    let span = calm_at.duration_since(world.now).as_secs();
    let begin = drawn(world);
    world.change_account(begin);
    for _ in 0..world.draw.between(0, 4) {
        let at = world.now + secs(world.draw.between(0, span));
        let account = drawn(world);
        world.agenda.note(at, Event::Account(account));
    }
    let per_second = drawn(world).per_second;
    world.agenda.note(calm_at, Event::Account(Account { per_second, ..Account::default() }));
    crowd(world, span);
}

/// In some worlds the account's quota is so small that a handful of people feel it.
fn drawn(world: &mut World) -> Account {
    let per_second = world.draw.pick(&[0.02, 0.1, 1.0, 14.0, 200.0]);
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let per_day = world.draw.chance(120).then(|| world.draw.between(1, 15) as f64);
    Account { per_second, per_day, enabled: true }
}

/// What is told of e-mails to others than the people of this world, who are too few for a sample.
fn crowd(world: &mut World, span: i64) {
    if !world.draw.chance(400) {
        return;
    }
    for _ in 0..world.draw.between(1, 8) {
        let all = Deliveries {
            delivered: u64::try_from(world.draw.between(20, 120)).unwrap_or(0),
            bounced: u64::try_from(world.draw.between(-4, 8)).unwrap_or(0),
            complained: u64::try_from(world.draw.between(-4, 3)).unwrap_or(0),
        };
        let at = secs(world.draw.between(0, span));
        let confirmations = if world.draw.chance(300) { all } else { Deliveries::default() };
        world.start_in(at, Job::Watch(Told { all, confirmations }));
    }
}

/// So long a moment may be of use that was reserved: a worker waits for it, and then for its own calls.
pub const OF_USE: SignedDuration = secs(180);
