//! Confirmations beyond the hour's wait in line, and whoever has a place in it keeps it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use app::gate::{Gate, GateState, Reservation, Reserved, Stop};
use app::ports::{Account, AccountError, Clock, Quota, StoreError, Timer};
use app::{Held, Pace, SharedPace};
use domain::deliverability::Told;
use domain::input::Hold;
use jiff::Timestamp;

/// What the gate counted in each hour, and how it stands.
#[derive(Default)]
struct Hours(Mutex<BTreeMap<Timestamp, u32>>, GateState);

impl Gate for &Hours {
    async fn reserve(&self, wish: &Reservation) -> Result<Reserved, StoreError> {
        Ok(Reserved::From(wish.now))
    }

    async fn hold(&self, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn doubt(&self, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn trust(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn stop(&self, _: &Stop) -> Result<(), StoreError> {
        Ok(())
    }

    async fn stop_confirmations(&self, _: &Stop) -> Result<(), StoreError> {
        Ok(())
    }

    async fn resume(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn count(&self, told: Told, _: Timestamp) -> Result<Told, StoreError> {
        Ok(told)
    }

    async fn count_confirmation(&self, hour: Timestamp) -> Result<u32, StoreError> {
        let mut hours = self.0.lock().unwrap();
        let count = hours.entry(hour).or_default();
        *count += 1;
        Ok(*count)
    }

    async fn confirmations(&self, hour: Timestamp) -> Result<u32, StoreError> {
        Ok(self.0.lock().unwrap().get(&hour).copied().unwrap_or_default())
    }

    async fn state(&self) -> Result<GateState, StoreError> {
        Ok(self.1.clone())
    }
}

#[derive(Clone)]
struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl Timer for At {
    async fn sleep_until(&self, _: Timestamp) {}
}

struct Endless;

impl Account for Endless {
    async fn quota(&self) -> Result<Quota, AccountError> {
        Ok(Quota { per_second: 1e6, per_day: None, sent_last_day: 0.0, sending_enabled: true })
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What one who asks at that moment is told, where an hour has room for `most`.
async fn ask(hours: &Hours, now: &str, most: u32) -> Option<Held> {
    let clock = At(at(now));
    SharedPace::new(hours, Endless, clock.clone(), clock).hold_confirmation(most, false).await.unwrap()
}

fn place(until: &str) -> Option<Held> {
    Some(Held::Until(Hold::Hour { until: at(until), has_place: true }))
}

#[tokio::test]
async fn who_is_put_off_has_a_place_in_a_later_hour_and_newcomers_stand_behind() {
    let hours = Hours::default();
    for (now, expected) in [
        ("2027-03-10T09:05:00Z", None),
        ("2027-03-10T09:06:00Z", None),
        ("2027-03-10T09:07:00Z", place("2027-03-10T10:00:00Z")),
        ("2027-03-10T09:08:00Z", place("2027-03-10T10:30:00Z")),
        ("2027-03-10T09:09:00Z", place("2027-03-10T11:00:00Z")),
        ("2027-03-10T10:00:00Z", place("2027-03-10T11:30:00Z")),
        ("2027-03-10T10:01:00Z", place("2027-03-10T12:00:00Z")),
    ] {
        assert_eq!(ask(&hours, now, 2).await, expected, "who asks at {now}");
    }
}

#[tokio::test]
async fn nobody_waits_for_more_than_a_day_without_asking_again() {
    let hours = Hours::default();
    hours.0.lock().unwrap().insert(at("2027-03-10T09:00:00Z"), 1_000_000);
    let tomorrow = at("2027-03-11T09:00:00Z");
    for expected in
        [("2027-03-11T09:00:00Z", true), ("2027-03-11T09:30:00Z", true), ("2027-03-11T09:00:00Z", false)]
    {
        let until = at(expected.0);
        let hold = Some(Held::Until(Hold::Hour { until, has_place: expected.1 }));
        assert_eq!(ask(&hours, "2027-03-10T09:30:00Z", 2).await, hold);
    }
    assert_eq!(hours.0.lock().unwrap()[&tomorrow], 3);
}

/// A place is taken before a confirmation passes only where the hour has none: then one in another.
#[tokio::test]
async fn what_is_held_before_it_uses_up_a_moment() {
    let (hour, now) = (at("2027-03-10T09:00:00Z"), "2027-03-10T09:05:00Z");
    let stop = Stop { because: "too many bounced".into(), since: hour };
    let stopped = || Some(Held::Stopped(stop.clone()));
    let later = || place("2027-03-10T10:00:00Z");
    let (full, room) = (2, 1);
    for (all_stopped, confirmations_stopped, counted, has_place, held) in [
        (false, false, room, false, None),
        (false, false, full, false, later()),
        (false, false, full, true, None),
        (false, true, full, false, stopped()),
        (false, true, room, true, stopped()),
        (true, true, full, false, None),
    ] {
        let stop_if = |is_stopped: bool| is_stopped.then(|| stop.clone());
        let state = GateState {
            next_at: None,
            trial_at: None,
            stopped: stop_if(all_stopped),
            confirmations_stopped: stop_if(confirmations_stopped),
        };
        let hours = Hours(Mutex::new(BTreeMap::from([(hour, counted)])), state);
        let clock = At(at(now));
        let pace = SharedPace::new(&hours, Endless, clock.clone(), clock);
        let told = pace.foresee_hold(2, has_place).await.unwrap();
        let case = format!("stopped {all_stopped}, {confirmations_stopped}, {counted}, {has_place}");
        assert_eq!(told, held, "{case}");
        let takes = u32::from(held == later());
        assert_eq!(hours.0.lock().unwrap()[&hour], counted + takes, "{case}");
    }
}
