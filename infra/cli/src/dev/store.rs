//! The embedded DynamoDB: the engine in this process, its data in a SQLite file, and the store that AWS has, too.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use dynoxide::Database;

const TABLE: &str = "sillon";

/// Keeps a second `sillon dev` off the same data, until the file is closed.
pub fn lock(data: &Path) -> anyhow::Result<File> {
    let path = data.join("lock");
    let file = File::create(&path).with_context(|| format!("{}: cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => {
            bail!("{} is in use by another `sillon dev`; choose another folder with --data", data.display())
        }
    }
}

/// Where the leads of that folder are.
pub fn file(data: &Path) -> PathBuf {
    data.join("leads.sqlite")
}

/// Overwrites what was deleted: a database keeps the bytes until it needs their place, and its journal longer.
pub fn purge(data: &Path) -> anyhow::Result<()> {
    let path = file(data);
    let purged = rusqlite::Connection::open(&path).and_then(|connection| {
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.execute_batch("VACUUM")?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    });
    purged.with_context(|| format!("{}: what was deleted could not be overwritten", path.display()))
}

/// Opens the leads of that folder. Whoever only reads needs no [`lock`].
pub async fn open(data: &Path) -> anyhow::Result<dynamodb::Store> {
    let path = file(data);
    let name = path.to_str().context("--data must be a path in UTF-8")?;
    let database = Database::new(name)
        .map_err(|error| anyhow::anyhow!("{}: {error}; is it a file of Sillon?", path.display()))?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let store = dynamodb::Store::new(
        aws_sdk_dynamodb::Client::from_conf(config),
        TABLE,
        dynamodb::DEFAULT_SHARDS.to_vec(),
    );
    store.create_table().await?;
    Ok(store)
}
