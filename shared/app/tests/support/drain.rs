//! A carrier with a strict rate, a clock that goes by tokio's time, and workers that drain who is due, ticks included.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use app::gate::Gate;
use app::ports::{
    Account, AccountError, Clock, DueQueue, LeadStore, Mailer, Notifier, QueueError, Quota, Timer, Turn,
};
use app::{App, Notification, Nurture, SharedPace};
use domain::input::{CarrierLimit, SendResult};
use email::Message;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

pub const WORKERS: usize = 6;
pub const AT_ONCE: usize = 20;
/// How long a worker serves a turn, and how often a tick comes.
const TURN: SignedDuration = SignedDuration::from_secs(35);
const TICK: Duration = Duration::from_secs(60);

/// Tokio's time as a clock, for some workers a little wrong. Where it is paused, it jumps to the next moment at which
/// anything happens.
#[derive(Clone, Copy)]
pub struct TokioClock {
    start: Timestamp,
    began: Instant,
    skew: SignedDuration,
}

impl TokioClock {
    #[expect(clippy::disallowed_methods, reason = "it may be paused")]
    pub fn begin(start: Timestamp) -> Self {
        Self { start, began: Instant::now(), skew: SignedDuration::ZERO }
    }

    /// How long it has gone.
    pub fn passed(&self) -> SignedDuration {
        SignedDuration::try_from(self.began.elapsed()).unwrap()
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let now = self.start + self.passed() + self.skew;
        Timestamp::from_millisecond(now.as_millisecond()).unwrap()
    }
}

impl Timer for TokioClock {
    async fn sleep_until(&self, moment: Timestamp) {
        if let Ok(span) = Duration::try_from(moment.duration_since(self.now())) {
            sleep(span).await;
        }
    }
}

/// Takes at most `rate` in any second, after some ten to thirty milliseconds, and answers after some more.
pub struct Strict {
    pub clock: TokioClock,
    pub rate: usize,
    pub paused: bool,
    /// Until when nobody hears what became of an e-mail, and how long whoever asks waits for that.
    pub outage: Option<(Timestamp, Duration)>,
    /// So many e-mails met that.
    pub lost: Mutex<usize>,
    /// So many a second somebody else sends from the same account, evenly.
    pub others: usize,
    taken: Mutex<VecDeque<Timestamp>>,
    others_next: Mutex<Timestamp>,
    pub refused: Mutex<usize>,
    /// When e-mails were taken.
    pub answers: Mutex<Vec<Timestamp>>,
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

impl Strict {
    pub fn new(clock: TokioClock, rate: usize) -> Self {
        Self {
            clock,
            rate,
            paused: false,
            outage: None,
            lost: Mutex::default(),
            others: 0,
            taken: Mutex::default(),
            others_next: Mutex::new(clock.now()),
            refused: Mutex::default(),
            answers: Mutex::default(),
        }
    }

    /// The part of the rate that the first `emails` used, counted from `start`.
    pub fn used(&self, emails: usize, start: Timestamp) -> f64 {
        let mut answers = self.answers.lock().unwrap().clone();
        answers.sort();
        #[expect(clippy::cast_precision_loss, reason = "they are small")]
        let possible = answers[emails - 1].duration_since(start).as_secs_f64() * self.rate as f64;
        emails as f64 / possible
    }

    fn take(&self, taken: &mut VecDeque<Timestamp>, now: Timestamp) -> bool {
        while taken.front().is_some_and(|at| *at + SECOND <= now) {
            taken.pop_front();
        }
        let has_room = taken.len() < self.rate;
        if has_room {
            taken.push_back(now);
        }
        has_room
    }

    fn verdict(&self, now: Timestamp) -> SendResult {
        let throttled = |limit| SendResult::Throttled { code: "ThrottlingException".into(), limit };
        if self.paused {
            return throttled(CarrierLimit::Paused);
        }
        let mut taken = self.taken.lock().unwrap();
        let mut others_next = self.others_next.lock().unwrap();
        while self.others > 0 && *others_next <= now {
            self.take(&mut taken, *others_next);
            *others_next += SECOND / i32::try_from(self.others).unwrap();
        }
        if !self.take(&mut taken, now) {
            *self.refused.lock().unwrap() += 1;
            return throttled(CarrierLimit::Rate);
        }
        self.answers.lock().unwrap().push(now);
        SendResult::Accepted { message_id: "m".into() }
    }
}

impl Mailer for Strict {
    async fn send(&self, message: &Message) -> SendResult {
        if let Some((_, time_out)) = self.outage.filter(|(until, _)| self.clock.now() < *until) {
            *self.lost.lock().unwrap() += 1;
            sleep(time_out).await;
            return SendResult::Uncertain { code: "Timeout".into() };
        }
        let odd = u64::from(message.send_id.as_str().as_bytes()[0]);
        sleep(Duration::from_millis(10 + odd % 17)).await;
        let verdict = self.verdict(self.clock.now());
        sleep(Duration::from_millis(20 + odd % 90)).await;
        verdict
    }
}

impl Account for &Strict {
    async fn quota(&self) -> Result<Quota, AccountError> {
        #[expect(clippy::cast_precision_loss, reason = "it is small")]
        let per_second = self.rate as f64;
        Ok(Quota { per_second, per_day: None, sent_last_day: 0.0, sending_enabled: true })
    }
}

/// Nobody has webhooks here.
struct Nobody;

impl Notifier for Nobody {
    async fn post(&self, _: &Notification) -> SendResult {
        unreachable!("there are no webhooks here")
    }
}

/// Turns in memory.
#[derive(Default)]
pub struct Queue(pub Mutex<VecDeque<Turn>>);

impl DueQueue for Queue {
    async fn put(&self, turns: &[Turn]) -> Result<(), QueueError> {
        self.0.lock().unwrap().extend(turns.iter().cloned());
        Ok(())
    }
}

/// Ticks each minute and works the queue off until nobody is due, that many e-mails have left, or that moment.
pub async fn drain<S: LeadStore, G: Gate + Clone>(
    app: &App<S, TokioClock>,
    carrier: &Strict,
    gate: &G,
    emails: usize,
    until: Timestamp,
) {
    let queue = Queue::default();
    let ended = || app.clock.now() >= until || carrier.answers.lock().unwrap().len() >= emails;
    let worker = async |number: usize| {
        // Clocks of machines differ by some milliseconds.
        let skew = SignedDuration::from_millis(i64::try_from(number).unwrap() - 3);
        let clock = TokioClock { skew, ..app.clock };
        let pace = SharedPace::new(gate.clone(), carrier, clock, clock);
        let name = format!("w{number}");
        let nurture =
            Nurture { app, mailer: carrier, notifier: &Nobody, pace: &pace, worker: &name, at_once: AT_ONCE };
        while !ended() {
            let turn = queue.0.lock().unwrap().pop_front();
            match turn {
                Some(turn) if turn.good_until > app.clock.now() => {
                    let report = nurture.send_to(&turn.leads, (app.clock.now() + TURN).min(until)).await;
                    assert_eq!(report.failed, []);
                }
                Some(_) => {}
                None if app.store.due(app.clock.now(), 1).await.unwrap().is_empty() => break,
                None => sleep(Duration::from_secs(1)).await,
            }
        }
    };
    let ticks = async {
        loop {
            app.queue_due(gate, &carrier, &queue).await.expect("a tick");
            sleep(TICK).await;
        }
    };
    let workers = futures_util::future::join_all((0..WORKERS).map(worker));
    tokio::select! { _ = workers => {}, () = ticks => {} }
}
