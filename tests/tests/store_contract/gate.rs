//! The gate that all workers share: no moment twice, none too late, none while it is shut.

use app::gate::{DAYS_COUNTED, Gate, Reservation, Reserved, Stop};
use domain::deliverability::{Deliveries, Told};
use jiff::{SignedDuration, Timestamp};

use super::Ground;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a time")
}

/// `count` e-mails, ten a second, wanted at that second and not after a minute.
fn wish(count: u32, second: i64) -> Reservation {
    let now = at(second);
    Reservation {
        count,
        interval: SignedDuration::from_millis(100),
        now,
        latest: now + SignedDuration::from_mins(1),
    }
}

pub async fn moments_follow_one_another_and_start_anew_after_a_rest(ground: Ground) {
    let store = &ground.store;
    let reserve = async |count, second| store.reserve(&wish(count, second)).await.expect("an answer");
    assert_eq!(reserve(10, 0).await, Reserved::From(at(0)));
    assert_eq!(reserve(20, 0).await, Reserved::From(at(1)), "after those of the first");
    assert_eq!(reserve(1, 2).await, Reserved::From(at(3)), "after those of the second, though it asks later");
    assert_eq!(reserve(1, 60).await, Reserved::From(at(60)), "what nobody used is not made up for");
}

pub async fn workers_that_ask_at_once_share_the_rate(ground: Ground) {
    let asks = (0..30).map(|_| {
        let store = ground.store.clone();
        tokio::spawn(async move { store.reserve(&wish(5, 0)).await.expect("an answer") })
    });
    let mut moments = Vec::new();
    for ask in asks.collect::<Vec<_>>() {
        let Reserved::From(first) = ask.await.expect("no panic") else { panic!("there is room for all") };
        moments.push(first);
    }
    moments.sort();
    let expected: Vec<Timestamp> =
        (0..30).map(|place| at(0) + SignedDuration::from_millis(500 * place)).collect();
    assert_eq!(moments, expected);
}

pub async fn what_would_be_too_late_is_not_reserved(ground: Ground) {
    let store = &ground.store;
    store.hold(at(90)).await.expect("held");
    assert_eq!(store.reserve(&wish(1, 0)).await.expect("an answer"), Reserved::Full(at(90)));
    assert_eq!(store.reserve(&wish(1, 31)).await.expect("an answer"), Reserved::From(at(90)));
    store.hold(at(5)).await.expect("a hold never moves it back");
    assert_eq!(
        store.state().await.expect("a state").next_at,
        Some(at(90) + SignedDuration::from_millis(100))
    );
}

pub async fn while_the_carrier_is_in_doubt_one_email_a_minute_passes(ground: Ground) {
    let store = &ground.store;
    let reserve = async |count, second| store.reserve(&wish(count, second)).await.expect("an answer");
    assert_eq!(reserve(10, 0).await, Reserved::From(at(0)));
    store.doubt(at(90)).await.expect("told");
    store.doubt(at(120)).await.expect("told already");
    assert_eq!(store.state().await.expect("a state").trial_at, Some(at(90)));
    assert_eq!(reserve(10, 5).await, Reserved::Full(at(90)));
    assert_eq!(reserve(10, 40).await, Reserved::Trial(at(90)), "as soon as it is in time");
    assert_eq!(reserve(10, 90).await, Reserved::Full(at(150)), "a minute after that one");
    assert_eq!(reserve(10, 200).await, Reserved::Trial(at(200)), "what nobody tried is not made up for");
    store.hold(at(300)).await.expect("held");
    assert_eq!(reserve(10, 270).await, Reserved::Trial(at(300)), "no earlier than anything else");
    let stop = Stop { because: "complaints".into(), since: at(1) };
    store.stop(&stop).await.expect("stopped");
    assert_eq!(reserve(10, 400).await, Reserved::Stopped(stop));
    store.resume().await.expect("resumed");
    assert!(matches!(reserve(10, 400).await, Reserved::From(_)), "who resumes trusts the carrier");
    store.doubt(at(500)).await.expect("told");
    assert_eq!(reserve(10, 500).await, Reserved::Trial(at(500)));
    store.trust().await.expect("told");
    let after_the_trial = at(500) + SignedDuration::from_millis(100);
    assert_eq!(reserve(10, 500).await, Reserved::From(after_the_trial), "at once, at the whole rate");
    store.trust().await.expect("told already");
}

pub async fn workers_that_ask_at_once_get_one_trial(ground: Ground) {
    ground.store.doubt(at(0)).await.expect("told");
    let asks = (0..10).map(|_| {
        let store = ground.store.clone();
        tokio::spawn(async move { store.reserve(&wish(5, 1)).await.expect("an answer") })
    });
    let mut trials = 0;
    for ask in asks.collect::<Vec<_>>() {
        match ask.await.expect("no panic") {
            Reserved::Trial(moment) => trials += usize::from(moment == at(1)),
            other => assert_eq!(other, Reserved::Full(at(61))),
        }
    }
    assert_eq!(trials, 1);
}

pub async fn a_gate_that_is_shut_lets_nothing_pass_until_somebody_resumes(ground: Ground) {
    let store = &ground.store;
    assert_eq!(store.state().await.expect("a state").stopped, None, "a gate that nobody ever used is open");
    let stop = Stop { because: "complaints".into(), since: at(1) };
    store.stop(&stop).await.expect("stopped");
    store.stop(&Stop { because: "another".into(), since: at(2) }).await.expect("stopped already");
    assert_eq!(store.reserve(&wish(1, 3)).await.expect("an answer"), Reserved::Stopped(stop.clone()));
    assert_eq!(store.state().await.expect("a state").stopped, Some(stop));
    store.resume().await.expect("resumed");
    assert_eq!(store.reserve(&wish(1, 4)).await.expect("an answer"), Reserved::From(at(4)));
}

pub async fn confirmations_are_stopped_apart_and_other_emails_pass(ground: Ground) {
    let store = &ground.store;
    let stop = Stop { because: "too many bounced".into(), since: at(1) };
    store.stop_confirmations(&stop).await.expect("stopped");
    store
        .stop_confirmations(&Stop { because: "another".into(), since: at(2) })
        .await
        .expect("stopped already");
    let state = store.state().await.expect("a state");
    assert_eq!((state.stopped, state.confirmations_stopped), (None, Some(stop)));
    assert_eq!(store.reserve(&wish(1, 3)).await.expect("an answer"), Reserved::From(at(3)));
    store.resume().await.expect("resumed");
    assert_eq!(store.state().await.expect("a state").confirmations_stopped, None);
}

pub async fn deliveries_are_counted_by_day_and_anew_after_somebody_resumes(ground: Ground) {
    let store = &ground.store;
    let deliveries = |delivered, bounced, complained| Deliveries { delivered, bounced, complained };
    let told = |delivered, bounced, complained| Told {
        all: deliveries(delivered, bounced, complained),
        confirmations: deliveries(delivered / 5, bounced, complained),
    };
    let day = |day: i64| at(0) + SignedDuration::from_hours(24 * day);
    let count = async |deliveries, at| store.count(deliveries, at).await.expect("counted");
    assert_eq!(count(told(5, 1, 0), day(0)).await, told(5, 1, 0));
    assert_eq!(count(told(5, 0, 1), day(0)).await, told(10, 1, 1));
    assert_eq!(count(told(10, 0, 0), day(1)).await, told(20, 1, 1));
    assert_eq!(count(told(5, 0, 0), day(DAYS_COUNTED)).await, told(15, 0, 0), "the first day is over");
    store.resume().await.expect("resumed");
    assert_eq!(count(told(0, 1, 0), day(DAYS_COUNTED)).await, told(0, 1, 0));
}

pub async fn confirmations_are_counted_hour_by_hour(ground: Ground) {
    let store = &ground.store;
    let (hour, next) = (at(0), at(3600));
    assert_eq!(store.confirmations(hour).await.expect("an answer"), 0);
    for (hour, expected) in [(hour, 1), (hour, 2), (next, 1), (hour, 3), (next, 2)] {
        assert_eq!(store.count_confirmation(hour).await.expect("an answer"), expected, "{hour}");
        assert_eq!(store.confirmations(hour).await.expect("an answer"), expected, "{hour}");
    }
    assert_eq!(
        store.state().await.expect("an answer"),
        app::gate::GateState::default(),
        "the gate stands apart"
    );
}
