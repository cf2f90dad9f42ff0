//! The circuit breaker: too many bounces or complaints shut the gate.

use domain::deliverability::Deliveries;

use crate::App;
use crate::gate::{Gate, Stop};
use crate::ports::{Clock, StoreError};

impl<S, C: Clock> App<S, C> {
    /// Counts what was told of e-mails, and stops all sending if too few arrive. Answers why, if this did. Inputs count once,
    /// when they are first recorded; what a crash keeps from being counted is left out.
    pub async fn watch(&self, gate: &impl Gate, told: Deliveries) -> Result<Option<Stop>, StoreError> {
        if told.is_empty() {
            return Ok(None);
        }
        let now = self.clock.now();
        let Some(because) = gate.count(told, now).await?.alarm() else { return Ok(None) };
        if gate.state().await?.stopped.is_some() {
            return Ok(None);
        }
        let stop = Stop { because, since: now };
        gate.stop(&stop).await?;
        Ok(Some(stop))
    }
}
