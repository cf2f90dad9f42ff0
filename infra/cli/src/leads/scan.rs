//! Reads the leads of a store: all segments at once, one lead at a time.

use std::path::Path;

use anyhow::Context;
use dynamodb::{Scan, Store};
use rehearsal::log::Log;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::{WrongUse, dev};

/// So many parts of a table are read at once: enough to keep the line busy, and few enough for a small table's capacity.
const SEGMENTS: u16 = 8;
/// Leads that wait to be taken; a lead is at most some hundred KB.
const AHEAD: usize = 32;

/// What the segments bring, in no order.
pub struct Feed {
    logs: mpsc::Receiver<Result<Log, String>>,
    /// Ends the reading when it is dropped.
    _runtime: Runtime,
}

impl Feed {
    pub fn of(Opened { runtime, store }: Opened) -> Self {
        let (put, logs) = mpsc::channel(AHEAD);
        for segment in store.scan(SEGMENTS) {
            runtime.spawn(read(segment, put.clone()));
        }
        Self { logs, _runtime: runtime }
    }

    pub fn next(&mut self) -> Option<Result<Log, String>> {
        self.logs.blocking_recv()
    }
}

async fn read(mut segment: Scan, put: mpsc::Sender<Result<Log, String>>) {
    while let Some(log) = segment.next().await {
        let whole = log.map(|log| Log {
            lead: log.lead,
            activities: log.records.into_iter().flat_map(|record| record.activities).collect(),
        });
        if put.send(whole.map_err(|error| error.to_string())).await.is_err() {
            return; // nobody listens any more
        }
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// A store, and what runs its requests.
pub struct Opened {
    pub runtime: Runtime,
    pub store: Store,
}

impl Opened {
    /// The leads of `sillon dev`, which may be running meanwhile.
    pub fn of_dev(folder: &Path) -> anyhow::Result<Self> {
        if !dev::store::file(folder).exists() {
            let message = format!("{}: there are no leads of `sillon dev` here", folder.display());
            return Err(WrongUse(message).into());
        }
        let runtime = runtime()?;
        let store = runtime.block_on(dev::store::open(folder))?;
        Ok(Self { runtime, store })
    }

    /// The leads of a table on AWS.
    pub fn of_table(table: &str) -> anyhow::Result<Self> {
        let runtime = runtime()?;
        let client = aws_sdk_dynamodb::Client::new(&runtime.block_on(crate::aws::load()));
        // A name that is wrong, or a right that lacks, is told before anything else is done.
        runtime
            .block_on(client.scan().table_name(table).limit(1).send())
            .map_err(|error| anyhow::Error::new(error.into_service_error()))
            .with_context(|| {
                format!("table {table} cannot be read: check its name, AWS_REGION and your credentials")
            })?;
        Ok(Self { runtime, store: Store::new(client, table, dynamodb::DEFAULT_SHARDS.to_vec()) })
    }
}
