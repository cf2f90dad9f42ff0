//! Consent: what a lead agreed to, how we know, and how it stops.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{CampaignId, TopicId};

/// How long the link in a confirmation works.
pub const CONFIRMATION_LIVES: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Where a lead's consent stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// Never asked.
    #[default]
    None,
    /// Asked by e-mail, not answered yet.
    Pending,
    /// Given, and not taken back.
    Granted,
    /// Taken back.
    Withdrawn,
}

impl ConsentState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::None, Self::Pending, Self::Granted, Self::Withdrawn];

    /// As the outside contract spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The proof of an agreement (GDPR, article 7(1)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The sentence as the visitor read it.
    pub wording: String,
    /// Of the wording, in all languages.
    pub wording_version: String,
    /// Whose form.
    pub form: CampaignId,
    /// Where the request came from.
    pub visitor: Visitor,
}

/// What a request tells of who made it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Visitor {
    /// As the gateway saw it.
    pub ip: Option<String>,
    /// As the browser told it, cut to 300 characters.
    pub user_agent: Option<String>,
}

/// A question that awaits its answer by e-mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Counts a lead's requests; a confirmation link names it.
    pub number: u32,
    /// What begins when the answer is yes.
    pub campaigns: BTreeSet<CampaignId>,
    /// The confirmation that is to be sent: which campaign's form asked last, and when it is due.
    pub mail_due: Option<(CampaignId, Timestamp)>,
    /// The moment for which its mailbox was counted: the spans of the limits that hold it have a place for this confirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_for: Option<Timestamp>,
    /// Whether an hour of the account has a place for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_place: bool,
    /// By campaign, topics that were left before, and are taken again when the answer is yes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub topics_of: BTreeMap<CampaignId, BTreeSet<TopicId>>,
}

impl Request {
    /// The moment for which its mailbox was counted. In profiles that do not tell, that is when the confirmation is due.
    pub fn counted_for(&self) -> Option<Timestamp> {
        self.counted_for.or_else(|| self.mail_due.as_ref().map(|(_, due)| *due))
    }
}

/// A lead's consent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// Where it stands.
    pub state: ConsentState,
    /// The open request, if any. A lead whose consent is granted has one when a second campaign wants the address confirmed.
    pub request: Option<Request>,
    /// How many requests there have been.
    pub requests: u32,
    /// Whether somebody who reads the mailbox has said yes since consent was last withdrawn.
    pub confirmed: bool,
    /// Whether somebody who reads the mailbox said yes before consent was last withdrawn.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_confirmed: bool,
    /// When it was last withdrawn. An enrolment that began before may begin anew.
    pub withdrawn_at: Option<Timestamp>,
    /// Whether an hour of the account has, or had, a place for the first e-mail to an address that nobody has confirmed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_place: bool,
}

impl Consent {
    /// Whether somebody who reads the mailbox has ever said yes: what is known of the lead since then is its own.
    pub fn was_ever_confirmed(&self) -> bool {
        self.confirmed || self.was_confirmed
    }
}

/// Why nothing is ever sent to an address again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// The mailbox does not exist.
    Bounce,
    /// The mailbox took nothing, time after time.
    SoftBounces,
    /// The reader called it spam.
    Complaint,
    /// It was suppressed before this lead's profile was erased.
    Earlier,
}

impl SuppressionReason {
    /// In a word or two.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::SoftBounces => "soft bounces",
            Self::Complaint => "complaint",
            Self::Earlier => "earlier",
        }
    }
}

/// What a granted consent is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Preferences {
    /// The topics that the lead left.
    pub left_topics: BTreeSet<TopicId>,
    /// Nothing is sent before.
    pub paused_until: Option<Timestamp>,
}
