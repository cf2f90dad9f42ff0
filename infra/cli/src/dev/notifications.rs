//! The webhooks of `sillon dev`: what they would be told is kept. A webhook on this machine is told in fact.

use std::path::Path;
use std::sync::Arc;

use app::Notification;
use app::ports::{Clock, Notifier};
use domain::input::SendResult;
use domain::{Bundle, LeadId, LeadKey, SendId, WebhookId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webhook::{Poster, Reach, Secrets, is_loopback};

use super::clock::{DevClock, RealClock};
use super::forget;
use super::kept::Kept;

/// Signs what is posted on this machine. Not secret: see the other keys of `dev`.
pub const SECRET: &str = "whsec_c2lsbG9uIGRldiB3ZWJob29rIHNlY3JldA==";

/// One try, as `/dev/notifications.json` shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    /// The header `webhook-id`: the same for each try.
    pub id: SendId,
    pub webhook: WebhookId,
    pub url: String,
    pub body: Value,
    pub at: Timestamp,
    /// `kept` if nothing left this machine, else `accepted` or what went wrong.
    pub answer: String,
}

/// All tries, oldest first.
pub struct Notifications {
    told: Arc<Kept<Told>>,
    poster: Poster<RealClock>,
}

impl Notifications {
    pub fn open(data: &Path, bundle: &Bundle) -> anyhow::Result<Self> {
        Ok(Self { told: Arc::new(kept(data)?), poster: poster(bundle)? })
    }

    /// The same list, for the webhooks of other campaigns.
    pub fn of(&self, bundle: &Bundle) -> anyhow::Result<Self> {
        Ok(Self { told: Arc::clone(&self.told), poster: poster(bundle)? })
    }

    /// Takes out whatever was told of the lead.
    pub fn forget(&self, key: &LeadKey, lead: &LeadId) -> std::io::Result<()> {
        of_nobody(&self.told, key, lead)
    }

    /// The same in a folder in which no `sillon dev` runs.
    pub fn forget_in(data: &Path, key: &LeadKey, lead: &LeadId) -> anyhow::Result<()> {
        Ok(of_nobody(&kept(data)?, key, lead)?)
    }

    pub fn all(&self) -> Vec<Arc<Told>> {
        self.told.all()
    }
}

fn kept(data: &Path) -> anyhow::Result<Kept<Told>> {
    Kept::open(data.join("notifications.jsonl"), "a list of notifications")
}

fn of_nobody(told: &Kept<Told>, key: &LeadKey, lead: &LeadId) -> std::io::Result<()> {
    told.forget(|told| forget::names(key, lead, &told.body.to_string()))
}

fn poster(bundle: &Bundle) -> anyhow::Result<Poster<RealClock>> {
    let webhooks = bundle.organisation.webhooks.keys();
    let secrets: Vec<String> = webhooks.map(|webhook| format!("{webhook}:{SECRET}")).collect();
    Ok(Poster::new(Secrets::parse(&secrets.join(","))?, RealClock, Reach::ThisMachine))
}

/// The list as a carrier at a given time.
pub struct Postbox<'a> {
    pub notifications: &'a Notifications,
    pub clock: &'a DevClock,
}

impl Notifier for Postbox<'_> {
    async fn post(&self, notification: &Notification) -> SendResult {
        let here = is_loopback(&notification.url);
        let result = if here {
            self.notifications.poster.post(notification).await
        } else {
            SendResult::Accepted { message_id: String::new() }
        };
        let answer = match &result {
            SendResult::Accepted { .. } if here => "accepted",
            SendResult::Accepted { .. } => "kept",
            SendResult::Rejected { code, .. }
            | SendResult::Throttled { code, .. }
            | SendResult::Uncertain { code } => code,
        };
        let told = Told {
            id: notification.id.clone(),
            webhook: notification.webhook.clone(),
            url: notification.url.clone(),
            body: serde_json::from_str(&notification.body).unwrap_or_default(),
            at: self.clock.now(),
            answer: answer.to_owned(),
        };
        match self.notifications.told.put(told) {
            Ok(()) => result,
            Err(error) => SendResult::Uncertain { code: error.kind().to_string() },
        }
    }
}
