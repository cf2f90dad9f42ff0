//! An e-mail or notification from its claim on, as the lead remembers it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CampaignId, EmailName, SendId, StepId, WebhookId};

/// What an e-mail is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Purpose {
    /// Asks the address to confirm request `request`.
    Confirmation {
        /// The request's number.
        request: u32,
    },
    /// A step's e-mail.
    Nurture {
        /// Which one.
        email: EmailName,
        /// Whether it ignores cap and quiet hours, as the first one with the magnet does.
        exempt: bool,
    },
    /// Leads the lead to its own data.
    Access,
    /// Tells sales.
    Alert,
    /// Tells another system, and is no e-mail.
    Notify {
        /// Which one.
        webhook: WebhookId,
    },
}

impl Purpose {
    /// Whether it is an e-mail; else, it is a notification.
    pub fn is_email(&self) -> bool {
        !matches!(self, Self::Notify { .. })
    }

    /// Whether the lead itself asked for it, and waits.
    pub fn was_asked_for(&self) -> bool {
        matches!(self, Self::Confirmation { .. } | Self::Access)
    }
}

/// One e-mail or notification, from its claim on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Send {
    /// Whose campaign.
    pub campaign: CampaignId,
    /// `confirm`, `access`, or a step of its sequence.
    pub step: StepId,
    /// The enrolment it belongs to; 0 for what belongs to none.
    pub enrolment: u32,
    /// The round of an `every` that it belongs to; 0 before any.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub round: u32,
    /// What it is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// When it was claimed.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: SendOutcome,
    /// When the recipient's server took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// The clicks that came soon after it was sent, and count as a person's so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub early_clicks: Vec<EarlyClick>,
    /// Whether a scanner followed its links.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_scanned: bool,
}

/// A click, as long as it may turn out to be a scanner's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlyClick {
    /// When.
    pub at: Timestamp,
    /// On what, as a short hash; or [`MAGNET`](Self::MAGNET).
    pub link: String,
}

impl EarlyClick {
    /// The link to the magnet, which tells of itself.
    pub(crate) const MAGNET: &str = "magnet";

    /// The activity that the click was counted as.
    pub(crate) fn counted_as(&self) -> &'static str {
        if self.link == Self::MAGNET { "magnet_downloaded" } else { "email_clicked" }
    }
}

/// What became of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendOutcome {
    /// A worker is at it.
    Claimed,
    /// The carrier took it.
    Sent,
    /// The carrier refused it: it did not leave.
    Rejected,
    /// Nobody knows, until an event that carries its tag says so.
    Uncertain,
}

/// The open claim: one worker's promise to send one e-mail before the lease ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// What is sent.
    pub send_id: SendId,
    /// After this, the e-mail counts as uncertain.
    pub lease_ends_at: Timestamp,
    /// Which worker.
    pub by: String,
}
