//! The carrier's rate, which all workers share, and the stop that holds for all of them.
//!
//! What is promised: moments are handed out at the rate that the carrier tells, each once, and none while sending is stopped.
//! Each e-mail that leaves uses up one of them, not before it, and soon after it. So within any span no more e-mails leave
//! than the rate allows for that span, longer by what clocks differ and by what one worker's calls take.

use std::collections::BTreeMap;

use app::gate::{Reservation, Stop};
use domain::deliverability::{Deliveries, Told};
use domain::input::SendResult;
use domain::lead::{Enrolment, EnrolmentState};
use domain::{CampaignId, Fact, Lead, SendId};
use jiff::{SignedDuration, Timestamp};

use super::{Found, Rule, broken, hold};
use crate::agenda::{hours, secs};
use crate::gate::{ACTED_ON, Account, OF_USE};
use crate::world::{REST, World};

/// A quota is believed for five minutes, by whoever read it; and calls take a while.
const BELIEVED: SignedDuration = secs(300 + 90);
/// While nobody knows whether e-mails leave, one tries it in so long.
const BETWEEN_TRIALS: SignedDuration = secs(60);
const MOST_BOUNCES: f64 = 0.04;
const MOST_COMPLAINTS: f64 = 0.0008;

/// What was granted, and why sending may stop.
#[derive(Debug, Default)]
pub struct Pace {
    /// Since when the carrier grants which rate.
    rates: Vec<(Timestamp, f64)>,
    /// The last moment that was granted, and how long it lasts.
    last: Option<(Timestamp, SignedDuration)>,
    /// What each process was granted and has not used.
    unused: BTreeMap<u64, Vec<Timestamp>>,
    paused: bool,
    /// Until when the carrier took nothing.
    paused_until: Option<Timestamp>,
    /// When too few e-mails had arrived.
    alarmed_at: Option<Timestamp>,
    stopped_at: Option<Timestamp>,
    /// Whether nobody knows that the carrier takes anything; and the moment at which somebody tries it.
    in_doubt: bool,
    tried_at: Option<Timestamp>,
    /// When the carrier answered all the same, and nothing went wrong.
    answered_at: Option<Timestamp>,
    resumed_at: Option<Timestamp>,
}

impl Pace {
    pub fn quota(&mut self, now: Timestamp, account: &Account) {
        self.rates.push((now, account.per_second));
        if self.paused {
            self.paused_until = Some(now);
        }
        self.paused = !account.enabled;
    }

    pub fn counted(&mut self, told: &Told, now: Timestamp) {
        if is_too_much(&told.all) {
            self.alarmed_at = Some(now);
        }
    }

    pub fn doubted(&mut self) {
        if !std::mem::replace(&mut self.in_doubt, true) {
            self.answered_at = None;
        }
    }

    fn answered(&mut self, now: Timestamp) {
        self.answered_at.get_or_insert(now);
    }

    /// Whether the carrier is doubted still, though it answered long ago.
    pub fn doubts_too_long(&self, now: Timestamp) -> bool {
        self.in_doubt && self.answered_at.is_some_and(|at| at + ACTED_ON < now)
    }

    pub fn trusted(&mut self) {
        (self.in_doubt, self.tried_at, self.answered_at) = (false, None, None);
    }

    /// Somebody is to try the carrier, which nobody else does within a minute.
    fn tries(&mut self, wish: &Reservation, moment: Timestamp) -> Found {
        let before = self.tried_at.replace(moment);
        let alone = wish.count == 1 && before.is_none_or(|before| before + BETWEEN_TRIALS <= moment);
        hold(alone, Rule::Doubt, || {
            format!("{} may leave from {moment} on, after a trial at {before:?}", wish.count)
        })
    }

    pub fn resumed(&mut self, now: Timestamp) {
        self.resumed_at = Some(now);
    }

    pub fn resumed_since(&self, then: Timestamp) -> bool {
        self.resumed_at.is_some_and(|at| at >= then)
    }

    /// Whether sending has been stopped for longer than anybody takes to resume.
    pub fn is_stopped_too_long(&self, now: Timestamp) -> bool {
        self.stopped_at.is_some_and(|at| at + hours(12) < now)
    }

    /// The highest rate that somebody may believe in.
    fn rate(&self, now: Timestamp) -> f64 {
        let until = self.rates.iter().skip(1).map(|(since, _)| *since).chain([Timestamp::MAX]);
        let believed = self.rates.iter().zip(until).filter(|(_, until)| *until > now - BELIEVED);
        believed.map(|((_, rate), _)| *rate).fold(0.0, f64::max)
    }

    fn grant(&mut self, wish: &Reservation, first: Timestamp, now: Timestamp) -> Found {
        if self.in_doubt {
            self.tries(wish, first)?;
        }
        let next = self.last.map(|(last, lasts)| last + lasts);
        let place = i32::try_from(wish.count).unwrap_or(1) - 1;
        self.last = Some((first + wish.interval * place, wish.interval));
        hold(next.is_none_or(|next| next <= first), Rule::Pace, || {
            format!("{first} is granted, and the moments up to {next:?} were before")
        })?;
        let rate = self.rate(now);
        hold(wish.interval.as_secs_f64() * rate >= 0.999_999, Rule::Pace, || {
            format!("moments are {:#} apart, and the carrier takes {rate} a second", wish.interval)
        })
    }

    /// An e-mail leaves a process, by whose clock it is `now`.
    fn leave(&mut self, process: u64, now: Timestamp) -> Found {
        let unused = self.unused.entry(process).or_default();
        unused.retain(|moment| *moment + OF_USE >= now);
        match unused.iter().position(|moment| *moment <= now) {
            Some(place) => {
                unused.remove(place);
                Ok(())
            }
            None => broken(Rule::Pace, format!("an e-mail leaves at {now}; unused moments: {unused:?}")),
        }
    }

    fn may_stop(&self, stop: &Stop, now: Timestamp) -> Found {
        let lately = |at: Option<Timestamp>| at.is_some_and(|at| at + ACTED_ON >= now);
        let told = if stop.because.starts_with("SES has paused") {
            self.paused || lately(self.paused_until)
        } else {
            lately(self.alarmed_at)
        };
        hold(told, Rule::Stop, || format!("sending is stopped for no cause: {}", stop.because))
    }
}

fn is_too_much(told: &Deliveries) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "counts of e-mails")]
    let share = |part: u64| part as f64 / (told.delivered + told.bounced) as f64;
    told.delivered + told.bounced >= 100
        && (share(told.bounced) >= MOST_BOUNCES
            || told.complained >= 2 && share(told.complained) >= MOST_COMPLAINTS)
}

impl World {
    /// Moments are taken.
    pub fn observe_grant(&mut self, wish: &Reservation, first: Timestamp) {
        let found = hold(self.gate.stopped.is_none(), Rule::Stop, || {
            format!("{first} was granted while sending is stopped")
        });
        let found = found.and_then(|()| self.oracle.pace.grant(wish, first, self.now));
        self.judge(found);
    }

    /// The current program hears that they are its own.
    pub fn granted(&mut self, wish: &Reservation, first: Timestamp) {
        let Some(running) = self.running.get(&self.current) else { return };
        let moments = (0..).take(wish.count as usize).map(|place: i32| first + wish.interval * place);
        self.oracle.pace.unused.entry(running.process).or_default().extend(moments);
    }

    /// The current program hands an e-mail to the carrier.
    pub fn observe_leaving(&mut self) {
        let Some(running) = self.running.get(&self.current) else { return };
        let now = self.now + self.skews[running.machine];
        let found = self.oracle.pace.leave(running.process, now);
        self.judge(found);
    }

    /// A program hears what became of an e-mail.
    pub fn observe_answer(&mut self, result: &SendResult) {
        // Whoever has moments from before the doubt does not know of it; nor does who began before nothing went wrong.
        let calm = self.now > self.ends_at - REST + OF_USE;
        let says_nothing =
            matches!(result, SendResult::Uncertain { .. } | SendResult::Rejected { retryable: true, .. });
        if calm && !says_nothing {
            self.oracle.pace.answered(self.now);
        }
    }

    /// Sending stops.
    pub fn observe_stop(&mut self, stop: &Stop) {
        let found = self.oracle.pace.may_stop(stop, self.now);
        self.oracle.pace.stopped_at = Some(self.now);
        self.judge(found);
    }

    /// A program that counts what is told of e-mails has done so, and nothing went wrong for it since it began.
    pub fn observe_watched(&mut self, began: Timestamp) {
        let Some(told) = self.running.get(&self.current).map(|running| running.counted) else { return };
        let stopped = self.gate.stopped.is_some() || self.oracle.pace.resumed_since(began);
        let Told { all, confirmations } = told;
        let others = Deliveries {
            delivered: all.delivered - confirmations.delivered,
            bounced: all.bounced - confirmations.bounced,
            complained: all.complained - confirmations.complained,
        };
        let halted = self.gate.are_confirmations_stopped() && !is_too_much(&others);
        let found = hold(stopped || halted || !is_too_much(&all), Rule::Stop, || {
            format!("sending goes on after {told:?}")
        });
        self.judge(found);
    }
}

/// An e-mail that the carrier throttles keeps its turn and its attempts.
#[derive(Debug, Default)]
pub struct Turns {
    claimed: Option<(SendId, CampaignId, Option<Enrolment>)>,
}

impl Turns {
    /// After all of a record, which made the lead what it is.
    pub fn after(&mut self, record: &app::ports::Record, lead: &Lead) -> Found {
        let before = self.claimed.take();
        for activity in &record.activities {
            if let Fact::SendClaimed { send_id, campaign, .. } = &activity.fact {
                let enrolment = lead.enrolments.get(campaign).cloned();
                self.claimed = Some((send_id.clone(), campaign.clone(), enrolment));
            }
        }
        let throttled = record.activities.iter().find_map(|activity| match &activity.fact {
            Fact::SendThrottled { send_id, .. } => Some(send_id),
            _ => None,
        });
        let Some((send_id, campaign, Some(before))) = before else { return Ok(()) };
        let after = lead.enrolments.get(&campaign).filter(|it| it.state == EnrolmentState::Waiting);
        let (Some(after), true) = (after, throttled == Some(&send_id)) else { return Ok(()) };
        let place = |it: &Enrolment| (it.number, it.step.clone(), it.due_at, it.refusals);
        hold(place(&before) == place(after) && !lead.sends.contains_key(&send_id), Rule::Turn, || {
            format!("{send_id} was throttled, and {before:?} became {after:?}")
        })
    }
}
