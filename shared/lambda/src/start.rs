//! Makes the app of a function's environment, once per cold start.

use std::path::PathBuf;

use aws_config::SdkConfig;
use domain::Bundle;

use crate::settings::InvalidSettings;
use crate::{App, Settings, SystemClock};

/// What a function starts with.
pub struct Function {
    /// The use cases.
    pub app: App,
    /// What notifications are signed with.
    pub webhook_secrets: webhook::Secrets,
    /// For clients of further services.
    pub aws: SdkConfig,
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The environment is faulty.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// The layer is missing.
    #[error("{path}: {source}; is the bundle's layer attached, and built by `sillon bundle`?")]
    NoBundle {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The layer was built by another version.
    #[error("{path} is not a bundle of this version: {source}; build it anew with `sillon bundle`")]
    OtherBundle {
        /// Where it was found.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Reads the environment and the bundle, and makes the clients. Starts the log, too.
pub async fn start() -> Result<Function, StartError> {
    lambda_http::tracing::init_default_subscriber();
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    let bundle = load_bundle(settings.bundle.join("bundle.json"))?;
    lambda_http::tracing::info!(bundle = %bundle.content_hash, "started");
    let aws = crate::load_aws().await;
    let store =
        dynamodb::Store::new(aws_sdk_dynamodb::Client::new(&aws), settings.table, settings.due_shards);
    let app = App {
        bundle,
        store,
        clock: SystemClock,
        lead_key: settings.lead_key,
        token_keys: settings.token_keys,
        public_url: settings.public_url,
        files: settings.bundle.join("files"),
    };
    Ok(Function { app, webhook_secrets: settings.webhook_secrets, aws })
}

fn load_bundle(path: PathBuf) -> Result<Bundle, StartError> {
    match std::fs::read(&path) {
        Err(source) => Err(StartError::NoBundle { path, source }),
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map_err(|source| StartError::OtherBundle { path, source })
        }
    }
}
