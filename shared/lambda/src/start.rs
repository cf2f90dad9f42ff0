//! Makes the app of a function's environment, once per cold start.

use std::fmt;
use std::path::PathBuf;

use aws_config::SdkConfig;
use domain::Bundle;
use turnstile::Turnstile;

use crate::settings::InvalidSettings;
use crate::{App, Settings, SystemClock};

/// What a function starts with.
pub struct Function {
    /// The use cases.
    pub app: App,
    /// What notifications are signed with.
    pub webhook_secrets: webhook::Secrets,
    turnstile_secret: Option<turnstile::Secret>,
    turnstile_url: String,
    /// For clients of further services.
    pub aws: SdkConfig,
}

impl Function {
    /// Who is asked whether a person posts; none if the campaigns ask nobody. A function that is to ask and cannot does not
    /// start: it would have to refuse every form.
    pub fn challenge(&self) -> Result<Option<Turnstile>, StartError> {
        match (&self.app.bundle.organisation.turnstile, &self.turnstile_secret) {
            (None, _) => Ok(None),
            (Some(_), None) => Err(StartError::NoTurnstileSecret),
            (Some(_), Some(secret)) => {
                if secret.is_for_tests() {
                    lambda_http::tracing::warn!(
                        "Turnstile's secret key is one for tests: no robot is told from a person"
                    );
                }
                Ok(Some(Turnstile::new(secret.clone(), self.turnstile_url.as_str())))
            }
        }
    }
}

/// Why a function cannot start.
#[derive(thiserror::Error)]
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
    /// Forms ask Turnstile, and nobody gave its secret key.
    #[error(
        "`turnstile` stands in sillon.yaml, but SILLON_TURNSTILE_SECRET is not set: deploy with the parameter \
         TurnstileSecret, or take `turnstile` out of the file"
    )]
    NoTurnstileSecret,
}

/// What a `main` that ends with an error prints.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads the environment and the bundle, and makes the clients. Starts the log, too.
pub async fn start() -> Result<Function, StartError> {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let variable = |name: &str| std::env::var(name).ok();
    crate::log::start(variable);
    let settings = Settings::read(variable)?;
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
    Ok(Function {
        app,
        webhook_secrets: settings.webhook_secrets,
        turnstile_secret: settings.turnstile_secret,
        turnstile_url: settings.turnstile_url,
        aws,
    })
}

fn load_bundle(path: PathBuf) -> Result<Bundle, StartError> {
    match std::fs::read(&path) {
        Err(source) => Err(StartError::NoBundle { path, source }),
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map_err(|source| StartError::OtherBundle { path, source })
        }
    }
}
