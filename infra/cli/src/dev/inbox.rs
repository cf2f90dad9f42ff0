//! The local carrier: every e-mail lands in a file, one JSON object a line, and is read in the browser.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use app::ports::{Clock, Mailer};
use domain::input::SendResult;
use domain::{CampaignId, LeadId, SendId};
use email::Message;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::DevClock;

/// One e-mail, as `/dev/inbox.json` shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mail {
    /// The carrier's id of it.
    pub id: String,
    pub to: String,
    pub from: String,
    pub subject: String,
    pub html: String,
    pub text: String,
    pub headers: BTreeMap<String, String>,
    /// As SES would know it.
    pub tags: BTreeMap<String, String>,
    pub campaign: CampaignId,
    pub step: String,
    pub send_id: SendId,
    pub sent_at: Timestamp,
}

impl Mail {
    /// Whom it concerns; none for an alert.
    pub fn lead(&self) -> Option<LeadId> {
        self.tags.get("lead").and_then(|id| LeadId::parse(id.as_str()).ok())
    }
}

/// All e-mails, oldest first.
pub struct Inbox {
    file: PathBuf,
    mails: Mutex<Vec<Arc<Mail>>>,
}

impl Inbox {
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let file = data.join("inbox.jsonl");
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        // A line without an end was being written when the process was killed: that e-mail did not arrive.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            OpenOptions::new().write(true).open(&file)?.set_len(whole as u64)?;
        }
        let mails = text[..whole].lines().map(|line| serde_json::from_str(line).map(Arc::new));
        let mails = mails
            .collect::<Result<_, _>>()
            .with_context(|| format!("{}: not an inbox of Sillon", file.display()))?;
        Ok(Self { file, mails: Mutex::new(mails) })
    }

    pub fn mails(&self) -> Vec<Arc<Mail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn mail(&self, id: &str) -> Option<Arc<Mail>> {
        self.mails().into_iter().find(|mail| mail.id == id)
    }

    fn put(&self, mail: Mail) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(&mail)?;
        line.push(b'\n');
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        OpenOptions::new().create(true).append(true).open(&self.file)?.write_all(&line)?;
        mails.push(Arc::new(mail));
        Ok(())
    }
}

/// The inbox as a carrier at a given time.
pub struct Carrier<'a> {
    pub inbox: &'a Inbox,
    pub clock: &'a DevClock,
}

impl Mailer for Carrier<'_> {
    async fn send(&self, message: &Message) -> SendResult {
        let sent_at = self.clock.now();
        let message_id = format!("{}-{}", message.send_id, sent_at.as_millisecond());
        let mut tags = BTreeMap::from([
            ("send".to_owned(), message.send_id.to_string()),
            ("campaign".to_owned(), message.campaign.to_string()),
            ("step".to_owned(), message.step.clone()),
        ]);
        tags.extend(message.lead.iter().map(|lead| ("lead".to_owned(), lead.to_string())));
        let mail = Mail {
            id: message_id.clone(),
            to: message.to.join(", "),
            from: message.from.clone(),
            subject: message.subject.clone(),
            html: message.html.clone(),
            text: message.text.clone(),
            headers: message.headers.iter().cloned().chain(reply_to(message)).collect(),
            tags,
            campaign: message.campaign.clone(),
            step: message.step.clone(),
            send_id: message.send_id.clone(),
            sent_at,
        };
        match self.inbox.put(mail) {
            Ok(()) => SendResult::Accepted { message_id },
            Err(error) => SendResult::Uncertain { code: error.kind().to_string() },
        }
    }
}

fn reply_to(message: &Message) -> Option<(String, String)> {
    message.reply_to.clone().map(|address| ("Reply-To".to_owned(), address))
}
