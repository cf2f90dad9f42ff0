//! The local carrier: every e-mail lands in a file and is read in the browser.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use app::ports::{Clock, Mailer};
use domain::input::SendResult;
use domain::{CampaignId, LeadId, LeadKey, SendId};
use email::Message;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::DevClock;
use super::forget;
use super::kept::Kept;

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
pub struct Inbox(Kept<Mail>);

impl Inbox {
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        Kept::open(data.join("inbox.jsonl"), "an inbox").map(Self)
    }

    /// Takes out every e-mail to the lead, or about it.
    pub fn forget(&self, key: &LeadKey, lead: &LeadId) -> std::io::Result<()> {
        self.0.forget(|mail| {
            mail.lead().as_ref() == Some(lead)
                || forget::names(key, lead, &mail.to)
                || forget::names(key, lead, &mail.text)
        })
    }

    pub fn mails(&self) -> Vec<Arc<Mail>> {
        self.0.all()
    }

    pub fn mail(&self, id: &str) -> Option<Arc<Mail>> {
        self.mails().into_iter().find(|mail| mail.id == id)
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
        if message.unproven {
            tags.insert("unproven".to_owned(), "true".to_owned());
        }
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
        match self.inbox.0.put(mail) {
            Ok(()) => SendResult::Accepted { message_id },
            Err(error) => SendResult::Uncertain { code: error.kind().to_string() },
        }
    }
}

fn reply_to(message: &Message) -> Option<(String, String)> {
    message.reply_to.clone().map(|address| ("Reply-To".to_owned(), address))
}
