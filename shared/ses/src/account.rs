//! The account: how much SES takes.

use app::ports::{self, AccountError, Quota};
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;

/// SES says -1 for no limit (SES API v2 reference, `SendQuota`).
const NO_LIMIT: f64 = 0.0;

/// What SES knows of this account in this region.
#[derive(Debug, Clone)]
pub struct Account {
    client: Client,
}

impl Account {
    /// The account that `config` (an `&SdkConfig` will do) has credentials of. Asking repeats itself, since it changes nothing.
    pub fn new(config: impl Into<Builder>) -> Self {
        Self { client: Client::from_conf(config.into().build()) }
    }
}

impl ports::Account for Account {
    async fn quota(&self) -> Result<Quota, AccountError> {
        let told = self.client.get_account().send().await.map_err(|error| AccountError(Box::new(error)))?;
        let quota = told.send_quota().ok_or_else(|| AccountError("SES told no quota".into()))?;
        Ok(Quota {
            per_second: quota.max_send_rate(),
            per_day: Some(quota.max24_hour_send()).filter(|most| *most >= NO_LIMIT),
            sent_last_day: quota.sent_last24_hours(),
            sending_enabled: told.sending_enabled() && told.enforcement_status() != Some("SHUTDOWN"),
        })
    }
}
