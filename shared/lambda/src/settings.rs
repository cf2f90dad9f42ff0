//! The settings that the stack gives its functions in the environment.

use std::path::PathBuf;

use app::token::TokenKeys;
use domain::LeadKey;
use webhook::Secrets;

const BUNDLE_FOLDER: &str = "/opt/sillon";

/// What every function is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SILLON_TABLE`
    pub table: String,
    /// `SILLON_BUNDLE`: the folder that `sillon bundle` wrote.
    pub bundle: PathBuf,
    /// `SILLON_PUBLIC_URL`, without a slash at the end.
    pub public_url: String,
    /// `SILLON_LEAD_KEY`
    pub lead_key: LeadKey,
    /// `SILLON_TOKEN_KEYS`
    pub token_keys: TokenKeys,
    /// `SILLON_DUE_SHARDS`: shard counts of the due index; the first is written, all of them are read.
    pub due_shards: Vec<u32>,
    /// `SILLON_WEBHOOK_SECRETS`: `webhook:whsec_...` pairs; only `send-nurture` is given them.
    pub webhook_secrets: Secrets,
    /// `SILLON_TURNSTILE_SECRET`; only `submit-form` is given it.
    pub turnstile_secret: Option<turnstile::Secret>,
    /// `SILLON_TURNSTILE_URL`: who is asked about solutions, if it is not Cloudflare.
    pub turnstile_url: String,
}

/// Everything that is wrong with the settings.
#[derive(Debug, thiserror::Error)]
#[error("the function's environment is faulty: {}", .0.join("; "))]
pub struct InvalidSettings(Vec<String>);

impl Settings {
    /// Reads settings by name; reports all faults at once.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let mut faults = Vec::new();
        let mut required = |name: &str| {
            let value = variable(name).filter(|value| !value.is_empty());
            if value.is_none() {
                faults.push(format!("{name} is not set"));
            }
            value
        };
        let table = required("SILLON_TABLE");
        let public_url = required("SILLON_PUBLIC_URL");
        let lead_key = required("SILLON_LEAD_KEY");
        let token_keys = required("SILLON_TOKEN_KEYS");
        let lead_key = lead_key.and_then(|secret| {
            LeadKey::new(secret)
                .map_err(|_| faults.push("SILLON_LEAD_KEY is shorter than 16 bytes".into()))
                .ok()
        });
        let token_keys = token_keys.and_then(|keys| {
            TokenKeys::parse(&keys).map_err(|error| faults.push(format!("SILLON_TOKEN_KEYS: {error}"))).ok()
        });
        let webhook_secrets = Secrets::parse(&variable("SILLON_WEBHOOK_SECRETS").unwrap_or_default())
            .map_err(|error| faults.push(format!("SILLON_WEBHOOK_SECRETS: {error}")))
            .unwrap_or_default();
        let secret = variable("SILLON_TURNSTILE_SECRET").filter(|secret| !secret.is_empty());
        let turnstile_secret = secret.and_then(|secret| {
            turnstile::Secret::parse(&secret)
                .map_err(|error| faults.push(format!("SILLON_TURNSTILE_SECRET {error}")))
                .ok()
        });
        let count = |count: &str| count.trim().parse().ok().filter(|count| (1..=1000).contains(count));
        let due_shards: Option<Vec<u32>> = match variable("SILLON_DUE_SHARDS") {
            None => Some(dynamodb::DEFAULT_SHARDS.to_vec()),
            Some(shards) => shards.split(',').map(count).collect::<Option<_>>().or_else(|| {
                let fault = "not a list of counts such as `4` or `8,4`";
                faults.push(format!("SILLON_DUE_SHARDS is `{shards}`, {fault}"));
                None
            }),
        };
        match (table, public_url, lead_key, token_keys, due_shards) {
            (Some(table), Some(public_url), Some(lead_key), Some(token_keys), Some(due_shards))
                if faults.is_empty() =>
            {
                Ok(Self {
                    table,
                    bundle: variable("SILLON_BUNDLE").unwrap_or_else(|| BUNDLE_FOLDER.into()).into(),
                    public_url: public_url.trim_end_matches('/').to_owned(),
                    lead_key,
                    token_keys,
                    due_shards,
                    webhook_secrets,
                    turnstile_secret,
                    turnstile_url: variable("SILLON_TURNSTILE_URL")
                        .unwrap_or_else(|| turnstile::CLOUDFLARE.into()),
                })
            }
            _ => Err(InvalidSettings(faults)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &'static str) -> Result<Settings, String> {
        let variable = move |name: &str| {
            text.lines()
                .filter_map(|line| line.trim().split_once('='))
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.to_owned())
        };
        Settings::read(variable).map_err(|error| error.to_string())
    }

    #[test]
    fn a_complete_environment_is_read() {
        let settings = settings(
            "SILLON_TABLE=leads
             SILLON_PUBLIC_URL=https://hello.example/
             SILLON_LEAD_KEY=0123456789abcdef
             SILLON_TOKEN_KEYS=k2:0123456789abcdef,k1:fedcba9876543210
             SILLON_DUE_SHARDS=8,4
             SILLON_WEBHOOK_SECRETS=crm:whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        );
        let settings = settings.expect("complete");
        assert_eq!(settings.public_url, "https://hello.example");
        assert_eq!(settings.bundle, PathBuf::from("/opt/sillon"));
        assert_eq!(settings.due_shards, [8, 4]);
    }

    #[test]
    fn every_fault_is_told_at_once_and_no_secret_with_it() {
        let error = settings(
            "SILLON_LEAD_KEY=short
             SILLON_TOKEN_KEYS=hunter2
             SILLON_DUE_SHARDS=many
             SILLON_WEBHOOK_SECRETS=crm:swordfish
             SILLON_TURNSTILE_SECRET=open sesame",
        );
        let error = error.expect_err("faulty");
        for part in [
            "SILLON_TABLE",
            "SILLON_PUBLIC_URL",
            "SILLON_LEAD_KEY",
            "SILLON_TOKEN_KEYS",
            "SILLON_DUE_SHARDS",
            "SILLON_WEBHOOK_SECRETS",
            "SILLON_TURNSTILE_SECRET",
        ] {
            assert!(error.contains(part), "{part} is missing in: {error}");
        }
        let secret = ["hunter2", "swordfish", "sesame"].iter().any(|secret| error.contains(secret));
        assert!(!secret, "a secret shows in: {error}");
    }
}
