//! Another time for programs: libfaketime shifts what they see of the system's clock.
#![expect(
    clippy::disallowed_methods,
    reason = "tests are told where the library is, and compare with the real clock"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The time that programs see which were started in its [`environment`](Self::environment).
pub struct Clock {
    file: PathBuf,
    ahead: AtomicI64,
}

impl Clock {
    /// A clock that shows real time until it is moved. It keeps a file in the folder.
    pub fn real(folder: &Path) -> Self {
        let clock = Self { file: folder.join("faketime"), ahead: AtomicI64::new(0) };
        clock.write();
        clock
    }

    /// What a program must find in its environment to see this clock.
    pub fn environment(&self) -> Vec<(String, String)> {
        let library = std::env::var("SILLON_TEST_FAKETIME").unwrap_or_else(|_| {
            panic!("SILLON_TEST_FAKETIME must name libfaketime: run the tests with `tests/run`")
        });
        [
            ("LD_PRELOAD", library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.to_str().expect("a path")),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.ahead.load(Ordering::SeqCst))
    }

    /// Whole seconds ahead of real time, never less than asked for, and never back.
    pub fn move_to(&self, moment: Timestamp) {
        let ahead = moment.duration_since(Timestamp::now()).as_secs() + 1;
        self.ahead.fetch_max(ahead, Ordering::SeqCst);
        self.write();
    }

    fn write(&self) {
        let fresh = self.file.with_extension("new");
        std::fs::write(&fresh, format!("+{}s\n", self.ahead.load(Ordering::SeqCst))).expect("a file");
        std::fs::rename(fresh, &self.file).expect("a file");
    }
}
