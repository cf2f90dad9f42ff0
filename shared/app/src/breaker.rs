//! The circuit breaker: too many bounces or complaints shut the gate.

use domain::deliverability::{Alarm, Told};

use crate::App;
use crate::gate::{Gate, Stop};
use crate::ports::{Clock, StoreError};

impl<S, C: Clock> App<S, C> {
    /// Counts what was told of e-mails, and stops sending if too few arrive: all of it, or that of confirmations. Answers what
    /// it stopped, if it did. Inputs count once, when they are first recorded; what a crash keeps from being counted is left
    /// out.
    pub async fn watch(&self, gate: &impl Gate, told: Told) -> Result<Option<Alarm>, StoreError> {
        if told.is_empty() {
            return Ok(None);
        }
        let now = self.clock.now();
        let Some(alarm) = gate.count(told, now).await?.alarm() else { return Ok(None) };
        let state = gate.state().await?;
        let stop = |because: &str| Stop { because: because.to_owned(), since: now };
        match &alarm {
            _ if state.stopped.is_some() => return Ok(None),
            Alarm::All(because) => gate.stop(&stop(because)).await?,
            Alarm::Confirmations(_) if state.confirmations_stopped.is_some() => return Ok(None),
            Alarm::Confirmations(because) => gate.stop_confirmations(&stop(because)).await?,
        }
        Ok(Some(alarm))
    }
}
