//! A gate in memory, which answers after a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::gate::{BETWEEN_TRIALS, Gate, GateState, Reservation, Reserved, Stop};
use app::ports::StoreError;
use domain::deliverability;
use jiff::Timestamp;
use tokio::time::sleep;

/// How it stands, and the confirmations of each hour.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<GateState>>, Arc<Mutex<HashMap<Timestamp, u32>>>);

impl Gate for Shared {
    async fn reserve(&self, wish: &Reservation) -> Result<Reserved, StoreError> {
        sleep(Duration::from_millis(5)).await;
        let mut state = self.0.lock().unwrap();
        if let Some(stop) = &state.stopped {
            return Ok(Reserved::Stopped(stop.clone()));
        }
        let first = wish.now.max(state.next_at.unwrap_or(wish.now)).max(state.trial_at.unwrap_or(wish.now));
        if first >= wish.latest {
            return Ok(Reserved::Full(first));
        }
        if state.trial_at.is_some() {
            state.trial_at = Some(first + BETWEEN_TRIALS);
            state.next_at = Some(first + wish.interval);
            return Ok(Reserved::Trial(first));
        }
        state.next_at = Some(first + wish.interval * i32::try_from(wish.count).unwrap());
        Ok(Reserved::From(first))
    }

    async fn hold(&self, until: Timestamp) -> Result<(), StoreError> {
        let mut state = self.0.lock().unwrap();
        state.next_at = state.next_at.max(Some(until));
        Ok(())
    }

    async fn doubt(&self, trial_at: Timestamp) -> Result<(), StoreError> {
        self.0.lock().unwrap().trial_at.get_or_insert(trial_at);
        Ok(())
    }

    async fn trust(&self) -> Result<(), StoreError> {
        self.0.lock().unwrap().trial_at = None;
        Ok(())
    }

    async fn stop(&self, stop: &Stop) -> Result<(), StoreError> {
        self.0.lock().unwrap().stopped.get_or_insert(stop.clone());
        Ok(())
    }

    async fn stop_confirmations(&self, _: &Stop) -> Result<(), StoreError> {
        Ok(())
    }

    async fn resume(&self) -> Result<(), StoreError> {
        let mut state = self.0.lock().unwrap();
        (state.stopped, state.trial_at) = (None, None);
        Ok(())
    }

    async fn count(&self, _: deliverability::Told, _: Timestamp) -> Result<deliverability::Told, StoreError> {
        unreachable!("nobody tells of deliveries here")
    }

    async fn count_confirmation(&self, hour: Timestamp) -> Result<u32, StoreError> {
        let mut hours = self.1.lock().unwrap();
        let count = hours.entry(hour).or_default();
        *count += 1;
        Ok(*count)
    }

    async fn confirmations(&self, hour: Timestamp) -> Result<u32, StoreError> {
        Ok(self.1.lock().unwrap().get(&hour).copied().unwrap_or_default())
    }

    async fn state(&self) -> Result<GateState, StoreError> {
        Ok(self.0.lock().unwrap().clone())
    }
}
