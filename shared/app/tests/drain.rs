//! Many due leads, several workers, one carrier with a strict rate: they share it, use nearly all of it, and overrun it
//! hardly ever. Time is tokio's own, which jumps to the next moment at which anything happens.

mod support;

#[path = "support/gate.rs"]
mod gate;
#[path = "support/drain.rs"]
mod ground;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::gate::{Gate, Stop};
use app::ports::{
    Account, AccountError, Clock, Commit, Due, Erasure, LeadStore, Quota, Record, StoreError, Stored, Timer,
    Write,
};
use app::{App, Pace, Pass, SharedPace};
use domain::LeadId;
use domain::consent::SuppressionReason;
use domain::input::{CarrierLimit, SendResult};
use domain::organisation::Limits;
use futures_util::future::join;
use gate::Shared;
use ground::{AT_ONCE, Queue, Strict, TokioClock, WORKERS, drain};
use jiff::{SignedDuration, Timestamp};
use support::*;
use tokio::time::sleep;

/// The memory, a few milliseconds away.
struct Distant(Memory);

impl LeadStore for Distant {
    async fn load(&self, lead: &LeadId) -> Result<Option<Stored>, StoreError> {
        sleep(Duration::from_millis(4)).await;
        self.0.load(lead).await
    }

    async fn commit(&self, write: &Write<'_>) -> Result<Commit, StoreError> {
        sleep(Duration::from_millis(8)).await;
        self.0.commit(write).await
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.0.due(until, limit).await
    }

    async fn begin_erasure(
        &self,
        lead: &LeadId,
        erasure: Erasure<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.begin_erasure(lead, erasure, now).await
    }

    async fn suppress_erased(
        &self,
        lead: &LeadId,
        reason: SuppressionReason,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.suppress_erased(lead, reason, at).await
    }

    async fn finish_erasure(&self, lead: &LeadId) -> Result<bool, StoreError> {
        self.0.finish_erasure(lead).await
    }

    async fn records(&self, lead: &LeadId) -> Result<Vec<Record>, StoreError> {
        self.0.records(lead).await
    }

    async fn reads_of_all(&self, since: Timestamp) -> Result<Vec<domain::Activity>, StoreError> {
        self.0.reads_of_all(since).await
    }
}

/// Leads of whom each has one e-mail due, and the app around them.
async fn crowd(clock: TokioClock, leads: usize) -> App<Distant, TokioClock> {
    crowd_of(clock, leads, "guide").await
}

async fn crowd_of(clock: TokioClock, leads: usize, campaign: &str) -> App<Distant, TokioClock> {
    let world = ground();
    for place in 0..leads {
        submit_to(&world, &format!("lead{place}"), campaign).await;
    }
    distant(world, clock)
}

/// An account that may confirm as many addresses as there are.
fn ground() -> World {
    let mut world = world();
    let confirmations_per_hour = u32::MAX;
    world.bundle.organisation.limits = Limits { confirmations_per_hour, ..Limits::default() };
    write_news(&mut world);
    world
}

fn distant(world: World, clock: TokioClock) -> App<Distant, TokioClock> {
    let App { bundle, store, lead_key, token_keys, public_url, files, .. } = world;
    App { bundle, store: Distant(store), clock, lead_key, token_keys, public_url, files }
}

fn start() -> Timestamp {
    "2026-11-23T11:00:00Z".parse().unwrap()
}

/// Until nobody is due, at most for half an hour.
async fn drain_all(app: &App<Distant, TokioClock>, carrier: &Strict, gate: &Shared) {
    drain(app, carrier, gate, usize::MAX, start() + SignedDuration::from_mins(30)).await;
}

#[tokio::test(start_paused = true)]
async fn several_workers_use_the_carriers_rate_to_the_end_of_a_long_drain_and_do_not_overrun_it() {
    for (rate, leads) in [(2, 2_500), (14, 20_000), (50, 6_000), (100, 10_000)] {
        let clock = TokioClock::begin(start());
        let (app, gate) = (crowd(clock, leads).await, Shared::default());
        let carrier = Strict::new(clock, rate);
        drain_all(&app, &carrier, &gate).await;
        assert_eq!(carrier.answers.lock().unwrap().len(), leads, "each is written to once");
        let refused = *carrier.refused.lock().unwrap();
        assert!(refused * 1_000 <= leads, "{refused} of {leads} calls were refused at {rate} a second");
        // As long as enough leads are due to keep all workers busy.
        let used = carrier.used(leads * 98 / 100, start());
        assert!(used >= 0.95, "{:.1}% of {rate} a second was used", used * 100.0);
    }
}

#[tokio::test(start_paused = true)]
async fn who_else_sends_from_the_account_is_left_room_and_few_calls_are_refused() {
    const LEADS: usize = 6_000;
    let clock = TokioClock::begin(start());
    let (app, gate) = (crowd(clock, LEADS).await, Shared::default());
    let mut carrier = Strict::new(clock, 50);
    carrier.others = 25;
    drain_all(&app, &carrier, &gate).await;
    let answers = carrier.answers.lock().unwrap().clone();
    assert_eq!(answers.len(), LEADS, "each is written to once");
    let refused = *carrier.refused.lock().unwrap();
    assert!(refused * 25 <= LEADS, "{refused} of {LEADS} calls were refused");
    // Half of the rate is left.
    let used = carrier.used(LEADS * 98 / 100, start()) * 2.0;
    assert!(used >= 0.65, "{:.1}% of what was left", used * 100.0);
}

#[tokio::test(start_paused = true)]
async fn when_the_carrier_pauses_the_account_all_stop_and_go_on_where_they_stood() {
    let clock = TokioClock::begin(start());
    let (app, gate) = (crowd(clock, 300).await, Shared::default());
    let mut paused = Strict::new(clock, 50);
    paused.paused = true;
    drain_all(&app, &paused, &gate).await;
    let stop = gate.state().await.unwrap().stopped.expect("the gate is shut");
    assert!(stop.because.contains("paused"), "{}", stop.because);
    assert_eq!(app.store.due(clock.now(), 1_000).await.unwrap().len(), 300, "nobody lost their place");

    gate.resume().await.unwrap();
    let later = TokioClock::begin(start());
    let app = App { clock: later, ..app };
    let carrier = Strict::new(later, 50);
    drain_all(&app, &carrier, &gate).await;
    assert_eq!(carrier.answers.lock().unwrap().len(), 300);
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_carrier_costs_few_emails_and_all_others_leave_when_it_is_over() {
    const OUTAGE: SignedDuration = SignedDuration::from_hours(1);
    // Those that are on their way when it begins, and one a minute.
    const MOST_LOST: usize = WORKERS * (AT_ONCE + 2) + 60;
    for time_out in [Duration::from_millis(5), Duration::from_secs(10)] {
        let clock = TokioClock::begin(start());
        let (app, gate) = (crowd_of(clock, 1_000, "news").await, Shared::default());
        let mut carrier = Strict::new(clock, 50);
        carrier.outage = Some((start() + OUTAGE, time_out));
        drain(&app, &carrier, &gate, usize::MAX, start() + OUTAGE * 2).await;
        let lost = *carrier.lost.lock().unwrap();
        assert!((60..=MOST_LOST).contains(&lost), "{lost} were lost by time-outs of {time_out:?}");
        let taken = carrier.answers.lock().unwrap().clone();
        assert_eq!(taken.len() + lost, 1_000, "each is tried once");
        let back = taken.iter().max().unwrap().duration_since(start() + OUTAGE);
        assert!(back < SignedDuration::from_mins(4), "the last leaves {back:#} after its end");
        assert_eq!(gate.state().await.unwrap().trial_at, None);
    }
}

#[tokio::test(start_paused = true)]
async fn confirmations_that_are_held_do_not_use_up_the_tries_of_a_carrier_in_doubt() {
    const OUTAGE: SignedDuration = SignedDuration::from_mins(5);
    let clock = TokioClock::begin(start());
    let mut world = ground();
    world.bundle.organisation.limits.confirmations_per_hour = 2;
    for place in 0..3_000 {
        submit_to(&world, &format!("stranger{place}"), "guide").await;
    }
    world.clock.advance(SignedDuration::from_secs(1));
    for place in 0..100 {
        let lead = submit_to(&world, &format!("lead{place}"), "news").await;
        world.store.change(&lead, |lead| lead.consent.confirmed = true);
    }
    let (app, gate) = (distant(world, clock), Shared::default());
    for _ in 0..2 {
        gate.count_confirmation(start()).await.expect("counted");
    }
    gate.doubt(start()).await.expect("told");
    let mut carrier = Strict::new(clock, 50);
    carrier.outage = Some((start() + OUTAGE, Duration::from_secs(10)));
    drain(&app, &carrier, &gate, usize::MAX, start() + OUTAGE * 6).await;
    let (lost, taken) = (*carrier.lost.lock().unwrap(), carrier.answers.lock().unwrap().clone());
    assert!(lost >= 3, "some try it in the outage: {lost}");
    assert_eq!(taken.len() + lost, 100, "and no confirmation is tried");
    let back = taken.iter().max().unwrap().duration_since(start() + OUTAGE);
    assert!(back < SignedDuration::from_mins(4), "the last leaves {back:#} after the outage");
}

#[tokio::test(start_paused = true)]
async fn confirmations_that_are_held_use_up_little_of_the_rate() {
    let clock = TokioClock::begin(start());
    let mut world = ground();
    world.bundle.organisation.limits.confirmations_per_hour = 2;
    for place in 0..1_000 {
        submit_to(&world, &format!("stranger{place}"), "guide").await;
    }
    for place in 0..140 {
        let lead = submit_to(&world, &format!("lead{place}"), "news").await;
        world.store.change(&lead, |lead| lead.consent.confirmed = true);
    }
    let (app, gate, carrier) = (distant(world, clock), Shared::default(), Strict::new(clock, 14));
    drain(&app, &carrier, &gate, 142, start() + SignedDuration::from_mins(10)).await;
    assert_eq!(carrier.answers.lock().unwrap().len(), 142);
    // Only those that lined up before the hour was full.
    assert!(clock.passed() < SignedDuration::from_secs(25), "{:#}", clock.passed());
}

#[tokio::test(start_paused = true)]
async fn one_answer_of_the_carrier_lets_its_worker_go_on_at_the_whole_rate_at_once() {
    let (clock, gate) = (TokioClock::begin(start()), Shared::default());
    let carrier = Strict::new(clock, 14);
    let [first, other] = [(); 2].map(|()| SharedPace::new(gate.clone(), &carrier, clock, clock));
    let pass = async |pace: &SharedPace<_, _, _, _>, after: i64| {
        clock.sleep_until(start() + SignedDuration::from_secs(after)).await;
        pace.pass(clock.now() + SignedDuration::from_secs(30)).await.expect("an answer")
    };
    let lost = SendResult::Uncertain { code: "Timeout".into() };
    for _ in 0..3 {
        assert!(matches!(pass(&first, 0).await, Pass::At(_)));
        first.answered(&lost).await.expect("told");
    }
    assert_eq!(pass(&first, 1).await, Pass::Full, "what it had reserved is given up");
    assert_eq!(pass(&other, 1).await, Pass::Full, "who begins just now need not find out anew");
    assert!(matches!(pass(&other, 61).await, Pass::At(_)), "one tries");
    assert_eq!(pass(&first, 62).await, Pass::Full, "and nobody else");
    other.answered(&SendResult::Accepted { message_id: "m".into() }).await.expect("told");
    for _ in 0..14 {
        assert!(matches!(pass(&other, 62).await, Pass::At(_)), "it is over");
    }
    assert!(clock.now() < start() + SignedDuration::from_secs(64), "{}", clock.now());
}

#[tokio::test(start_paused = true)]
async fn a_try_of_a_carrier_in_doubt_that_somebody_did_not_need_is_the_next_ones() {
    let (clock, gate) = (TokioClock::begin(start()), Shared::default());
    let carrier = Strict::new(clock, 14);
    let pace = SharedPace::new(gate.clone(), &carrier, clock, clock);
    let pass = async || pace.pass(clock.now() + SignedDuration::from_secs(30)).await.expect("an answer");
    gate.doubt(start()).await.expect("told");
    let Pass::At(trial) = pass().await else { panic!("one tries") };
    assert_eq!(pass().await, Pass::Full);
    pace.give_back(trial).await;
    sleep(Duration::from_secs(5)).await;
    assert_eq!(pass().await, Pass::At(trial));
    assert_eq!(pass().await, Pass::Full, "and nobody else's");

    pace.give_back(trial).await;
    let other = SharedPace::new(gate.clone(), &carrier, clock, clock);
    sleep(Duration::from_secs(55)).await;
    let later = other.pass(clock.now() + SignedDuration::from_secs(30)).await.expect("an answer");
    assert!(matches!(later, Pass::At(_)), "the next minute's: {later:?}");
    assert_eq!(pass().await, Pass::Full, "no two in a minute");

    let stop = Stop { because: "somebody said so".into(), since: clock.now() };
    sleep(Duration::from_secs(60)).await;
    let Pass::At(third) = pass().await else { panic!("one tries") };
    pace.give_back(third).await;
    gate.stop(&stop).await.expect("stopped");
    assert_eq!(pass().await, Pass::Stopped(stop));
}

#[tokio::test(start_paused = true)]
async fn while_the_carrier_is_in_doubt_a_tick_says_so_and_queues_many() {
    let clock = TokioClock::begin(start());
    let (app, gate, queue) = (crowd(clock, 2_100).await, Shared::default(), Queue::default());
    gate.doubt(clock.now()).await.expect("told");
    let queued = app.queue_due(&gate, &&Strict::new(clock, 500), &queue).await.expect("a tick");
    assert_eq!((queued.leads, queued.in_doubt), (2_000, true), "among them whoever may try the carrier");
}

#[tokio::test(start_paused = true)]
async fn a_moment_is_whose_turn_it_is_when_it_comes() {
    let (clock, gate) = (TokioClock::begin(start()), Shared::default());
    let carrier = Strict::new(clock, 1);
    let pace = SharedPace::new(gate.clone(), &carrier, clock, clock);
    let at = |seconds| start() + SignedDuration::from_secs(seconds);
    let pass = async || {
        let pass = pace.pass(at(30)).await.expect("an answer");
        (pass, clock.now().duration_since(start()).as_secs())
    };
    gate.hold(at(10)).await.expect("held");
    let (first, (second, third)) = join(pass(), async {
        let second = pass().await;
        let Pass::At(moment) = second.0 else { panic!("there is room") };
        // Somebody else had served it meanwhile.
        let served = async {
            sleep(Duration::from_millis(12)).await;
            pace.give_back(moment).await;
        };
        (second, join(pass(), served).await.0)
    })
    .await;
    assert_eq!((first, second.1, third.1), ((Pass::At(at(10)), 10), 11, 11));

    let (in_doubt, ()) = join(pass(), async {
        for _ in 0..3 {
            pace.answered(&SendResult::Uncertain { code: "Timeout".into() }).await.expect("told");
        }
    })
    .await;
    assert_eq!(in_doubt, (Pass::Full, 11), "nobody waits for what is given up");
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_the_account_lets_go_of_all_who_wait_for_their_moment() {
    let (clock, gate) = (TokioClock::begin(start()), Shared::default());
    let carrier = Strict::new(clock, 10);
    let pace = SharedPace::new(gate.clone(), &carrier, clock, clock);
    gate.hold(start() + SignedDuration::from_secs(10)).await.expect("held");
    let pass = async || pace.pass(start() + SignedDuration::from_secs(30)).await.expect("an answer");
    let paused = SendResult::Throttled { code: "SendingPaused".into(), limit: CarrierLimit::Paused };
    let told = async {
        sleep(Duration::from_secs(1)).await;
        pace.answered(&paused).await.expect("told");
    };
    let (passes, ()) = join(join(pass(), pass()), told).await;
    assert!(matches!(passes, (Pass::Stopped(_), Pass::Stopped(_))), "{passes:?}");
    assert_eq!(clock.now().duration_since(start()).as_secs(), 1);
}

/// An account whose rate SES raises.
#[derive(Clone)]
struct Raised(Arc<Mutex<f64>>);

impl Account for Raised {
    async fn quota(&self) -> Result<Quota, AccountError> {
        let per_second = *self.0.lock().unwrap();
        Ok(Quota { per_second, per_day: None, sent_last_day: 0.0, sending_enabled: true })
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_is_raised_is_used_within_minutes_and_the_account_is_asked_no_more_often() {
    let (clock, gate) = (TokioClock::begin(start()), Shared::default());
    let rate = Arc::new(Mutex::new(1.0));
    let pace = SharedPace::new(gate, Raised(rate.clone()), clock, clock);
    let between = async || {
        let mut moments = Vec::new();
        for _ in 0..4 {
            let stop_at = clock.now() + SignedDuration::from_mins(1);
            let Pass::At(moment) = pace.pass(stop_at).await.unwrap() else { panic!("there is room") };
            moments.push(moment);
        }
        moments[3].duration_since(moments[2]).as_secs_f64()
    };
    assert!((0.9..1.2).contains(&between().await));
    *rate.lock().unwrap() = 10.0;
    assert!((0.9..1.2).contains(&between().await), "what was read is believed for a while");
    sleep(Duration::from_secs(5 * 60)).await;
    assert!((0.09..0.12).contains(&between().await));
}

/// An account that SES pauses and lets go on.
#[derive(Clone, Default)]
struct Pausable(Arc<AtomicBool>);

impl Account for Pausable {
    async fn quota(&self) -> Result<Quota, AccountError> {
        let sending_enabled = !self.0.load(Ordering::Relaxed);
        Ok(Quota { per_second: 14.0, per_day: None, sent_last_day: 0.0, sending_enabled })
    }
}

#[tokio::test(start_paused = true)]
async fn one_resume_is_enough_for_workers_that_saw_the_account_paused() {
    let (clock, gate, account) = (TokioClock::begin(start()), Shared::default(), Pausable::default());
    let pace = SharedPace::new(gate.clone(), account.clone(), clock, clock);
    let pass = async || pace.pass(clock.now() + SignedDuration::from_secs(30)).await.expect("an answer");
    account.0.store(true, Ordering::Relaxed);
    assert!(matches!(pass().await, Pass::Stopped(_)));
    account.0.store(false, Ordering::Relaxed);
    assert!(matches!(pass().await, Pass::Stopped(_)), "until somebody resumes");
    gate.resume().await.expect("resumed");
    assert!(matches!(pass().await, Pass::At(_)));
}

#[tokio::test(start_paused = true)]
async fn while_sending_is_stopped_only_the_first_of_those_who_are_due_get_a_turn() {
    let clock = TokioClock::begin(start());
    let (app, gate, queue) = (crowd(clock, 300).await, Shared::default(), Queue::default());
    gate.stop(&Stop { because: "somebody said so".into(), since: clock.now() }).await.expect("stopped");
    let queued = app.queue_due(&gate, &&Strict::new(clock, 50), &queue).await.expect("a tick");
    assert!(queued.stopped.is_some());
    let turns = queue.0.lock().unwrap();
    assert_eq!(
        turns.iter().map(|turn| turn.leads.len()).sum::<usize>(),
        50,
        "erasures stand first among them"
    );
}

#[tokio::test(start_paused = true)]
async fn each_tick_mixes_who_is_due_but_whoever_is_waited_for_comes_first() {
    let clock = TokioClock::begin(start());
    let world = ground();
    for place in 0..300 {
        let lead = submit_to(&world, &format!("lead{place}"), "news").await;
        world.store.change(&lead, |lead| lead.consent.confirmed = true);
    }
    world.clock.advance(SignedDuration::from_secs(1));
    for place in 0..200 {
        submit_to(&world, &format!("stranger{place}"), "guide").await;
    }
    let (app, gate) = (distant(world, clock), Shared::default());
    sleep(Duration::from_secs(2)).await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        let queue = Queue::default();
        app.queue_due(&gate, &&Strict::new(clock, 50), &queue).await.expect("a tick");
        let turns = queue.0.into_inner().unwrap();
        orders.push(turns.into_iter().flat_map(|turn| turn.leads).collect::<Vec<_>>());
        sleep(Duration::from_secs(60)).await;
    }
    let due = app.store.due(clock.now(), 1_000).await.unwrap();
    let due: Vec<LeadId> = due.into_iter().map(|due| due.lead).collect();
    for part in [0..200, 200..500] {
        let [of_all, first, second] = [&due, &orders[0], &orders[1]].map(|order| &order[part.clone()]);
        let set = |leads: &[LeadId]| leads.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!((set(first), set(second)), (set(of_all), set(of_all)));
        assert_eq!((&first[..50], &second[..50]), (&of_all[..50], &of_all[..50]), "who has waited longest");
        let meet = first[50..].iter().zip(&second[50..]).filter(|(one, other)| one == other).count();
        assert!(meet < 10, "{meet} stand at the same place");
    }
}
