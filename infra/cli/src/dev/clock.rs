//! A clock that runs with real time from an offset, which is kept, so that a restart does not turn time back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context;
use app::ports::Clock;
use jiff::{Timestamp, Unit};

/// The machine's clock, for programs that look at it, too.
#[derive(Debug, Clone, Copy)]
pub struct RealClock;

impl Clock for RealClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.round(Unit::Millisecond).unwrap_or(now)
    }
}

/// Milliseconds ahead of real time. Clones are the same clock.
#[derive(Clone)]
pub struct DevClock {
    offset: Arc<AtomicI64>,
    file: PathBuf,
}

impl DevClock {
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let file = data.join("clock.json");
        let offset = match std::fs::read_to_string(&file) {
            Ok(text) => text.trim().parse().with_context(|| {
                format!("{}: not a number of milliseconds; delete it to reset the clock", file.display())
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        Ok(Self { offset: Arc::new(AtomicI64::new(offset)), file })
    }

    /// Moves on to that moment; never back.
    pub fn move_to(&self, moment: Timestamp) -> anyhow::Result<()> {
        let ahead = moment.as_millisecond() - self.now().as_millisecond();
        if ahead <= 0 {
            return Ok(());
        }
        let offset = self.offset.fetch_add(ahead, Ordering::SeqCst) + ahead;
        let fresh = self.file.with_extension("json.new");
        std::fs::write(&fresh, offset.to_string())
            .and_then(|()| std::fs::rename(&fresh, &self.file))
            .with_context(|| format!("{}: the clock's offset cannot be kept", self.file.display()))
    }
}

impl Clock for DevClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
    fn now(&self) -> Timestamp {
        let real = Timestamp::now().as_millisecond();
        let moved = real.saturating_add(self.offset.load(Ordering::SeqCst));
        Timestamp::from_millisecond(moved).unwrap_or(Timestamp::MAX)
    }
}
