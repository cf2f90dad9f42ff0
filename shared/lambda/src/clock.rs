//! The machine's clock.

use std::time::Duration;

use app::ports::{Clock, Timer};
use jiff::{Timestamp, Unit};

/// The one place of the functions that asks what time it is.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.round(Unit::Millisecond).unwrap_or(now)
    }
}

impl Timer for SystemClock {
    async fn sleep_until(&self, moment: Timestamp) {
        if let Ok(span) = Duration::try_from(moment.duration_since(self.now())) {
            tokio::time::sleep(span).await;
        }
    }
}
