//! The webhooks of `sillon dev`: what they would be told is kept, one JSON object a line. A webhook on this machine is told
//! in fact.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use app::Notification;
use app::ports::{Clock, Notifier};
use domain::input::SendResult;
use domain::{Bundle, SendId, WebhookId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webhook::{Poster, Reach, Secrets, is_loopback};

use super::clock::{DevClock, RealClock};

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
    file: PathBuf,
    told: Mutex<Vec<Told>>,
    poster: Poster<RealClock>,
}

impl Notifications {
    pub fn open(data: &Path, bundle: &Bundle) -> anyhow::Result<Self> {
        let file = data.join("notifications.jsonl");
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        // A line without an end was being written when the process was killed.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            OpenOptions::new().write(true).open(&file)?.set_len(whole as u64)?;
        }
        let told = text[..whole].lines().map(serde_json::from_str).collect::<Result<_, _>>();
        let told = told.with_context(|| format!("{}: no list of notifications of Sillon", file.display()))?;
        let secrets: Vec<String> =
            bundle.organisation.webhooks.keys().map(|webhook| format!("{webhook}:{SECRET}")).collect();
        let poster = Poster::new(Secrets::parse(&secrets.join(","))?, RealClock, Reach::ThisMachine);
        Ok(Self { file, told: Mutex::new(told), poster })
    }

    pub fn all(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, told: Told) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(&told)?;
        line.push(b'\n');
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        OpenOptions::new().create(true).append(true).open(&self.file)?.write_all(&line)?;
        all.push(told);
        Ok(())
    }
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
            SendResult::Rejected { code, .. } | SendResult::Uncertain { code } => code,
        };
        let told = Told {
            id: notification.id.clone(),
            webhook: notification.webhook.clone(),
            url: notification.url.clone(),
            body: serde_json::from_str(&notification.body).unwrap_or_default(),
            at: self.clock.now(),
            answer: answer.to_owned(),
        };
        match self.notifications.put(told) {
            Ok(()) => result,
            Err(error) => SendResult::Uncertain { code: error.kind().to_string() },
        }
    }
}
