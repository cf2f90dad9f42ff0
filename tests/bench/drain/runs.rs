//! The runs, each in a process of its own: it tells on standard output how far it is, then its figures.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::gate::Gate;
use app::ports::Clock;
use aws_sdk_dynamodb::Client;
use dynamodb::Store;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tests::dynamodb::{Requests, client, of_file};
use tokio::runtime::{Builder, Runtime};

use crate::crowd::{self, TABLE};
use crate::engine;
use crate::ground::{Strict, TokioClock, drain};

/// More than this machine does with the embedded engine; the carrier refuses nobody then.
const PLENTY: usize = 400;
const DAYS: SignedDuration = SignedDuration::from_hours(24 * 30);

#[derive(Serialize, Deserialize)]
pub enum Run {
    /// Writes a table with so many leads who are due.
    Seed { file: PathBuf, leads: usize },
    /// Serves the table, and tells its address.
    Table { file: PathBuf },
    /// Sends as fast as it can, for so long by the clock on the wall.
    Fast { endpoint: String, seconds: i64 },
    /// Sends so many at that rate, in a time that jumps to where anything happens.
    Paced { file: PathBuf, rate: usize, others: usize, emails: usize },
}

#[derive(Serialize, Deserialize)]
pub struct Figures {
    pub accepted: usize,
    pub refused: usize,
    pub seconds: f64,
    pub peak_mib: f64,
}

impl Run {
    /// How far it goes.
    pub fn length(&self) -> u64 {
        let length = match self {
            Self::Seed { leads, .. } => *leads,
            Self::Table { .. } => 0,
            Self::Fast { seconds, .. } => usize::try_from(*seconds).unwrap() * PLENTY,
            Self::Paced { emails, .. } => *emails,
        };
        length as u64
    }

    pub fn run(&self) {
        match self {
            Self::Seed { file, leads } => crowd::seed(file, *leads),
            Self::Table { file } => Runtime::new().unwrap().block_on(async {
                println!("{}", of_file(file).await);
                std::future::pending::<()>().await;
            }),
            Self::Fast { endpoint, seconds } => {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                let client = client(endpoint, Requests::default());
                let until = SignedDuration::from_secs(*seconds);
                runtime.block_on(work(client, PLENTY, 0, usize::MAX, until));
            }
            Self::Paced { file, rate, others, emails } => {
                let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
                runtime.block_on(work(engine::client(file), *rate, *others, *emails, DAYS));
            }
        }
    }
}

async fn work(client: Client, rate: usize, others: usize, emails: usize, until: SignedDuration) {
    let store = Store::new(client, TABLE, vec![crowd::SHARDS]);
    // The run before may have reserved moments far ahead, in a time that jumped.
    let reserved = store.state().await.unwrap().next_at;
    let clock = TokioClock::begin(Timestamp::now().max(reserved.unwrap_or(Timestamp::MIN)));
    let app = crowd::app(store.clone(), clock);
    let mut carrier = Strict::new(clock, rate);
    carrier.others = others;
    let carrier = Arc::new(carrier);
    let seen = Arc::clone(&carrier);
    // By the clock on the wall, whatever the runtime's does.
    std::thread::spawn(move || {
        loop {
            println!("{}", seen.answers.lock().unwrap().len());
            std::thread::sleep(Duration::from_millis(500));
        }
    });
    drain(&app, &carrier, &store, emails, app.clock.now() + until).await;
    let answers = carrier.answers.lock().unwrap();
    let figures = Figures {
        accepted: answers.len(),
        refused: *carrier.refused.lock().unwrap(),
        seconds: clock.passed().as_secs_f64(),
        peak_mib: peak_mib(),
    };
    println!("{}", serde_json::to_string(&figures).unwrap());
}

/// The most memory that this process had, as the kernel counts it (`proc(5)`).
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}
