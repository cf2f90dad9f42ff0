//! Inputs: what comes from outside and may be refused.

use std::fmt::Display;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::activity::Withdrawal;
use crate::attribution::Touch;
use crate::consent::{SuppressionReason, Visitor};
use crate::traits::Traits;
use crate::{CampaignId, EmailAddress, InputId, LeadId, LeadKey, Locale, SendId, TopicId};

/// Something that reached Sillon about one lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// What makes a repetition the same input.
    pub id: InputId,
    /// When it happened, by the clock of whoever saw it first.
    pub at: Timestamp,
    /// What it is.
    pub body: InputBody,
}

impl Input {
    /// Whom the input creates if nobody heard of them before.
    pub fn new_lead(&self) -> Option<&NewLead> {
        match &self.body {
            InputBody::SubmitForm(submission) => Some(&submission.lead),
            InputBody::Track(track) => track.new_lead.as_ref(),
            _ => None,
        }
    }

    /// The same input of a lead whose address is known to be suppressed.
    #[must_use]
    pub fn of_suppressed_lead(mut self) -> Self {
        match &mut self.body {
            InputBody::SubmitForm(submission) => submission.lead.suppressed = true,
            InputBody::Track(Track { new_lead: Some(lead), .. }) => lead.suppressed = true,
            _ => {}
        }
        self
    }

    /// The same input of a lead of whose address another one was erased before.
    #[must_use]
    pub fn of_erased_before(mut self, erased_at: Timestamp) -> Self {
        match &mut self.body {
            InputBody::SubmitForm(submission) => submission.lead.erased_before = Some(erased_at),
            InputBody::Track(Track { new_lead: Some(lead), .. }) => lead.erased_before = Some(erased_at),
            _ => {}
        }
        self
    }

    /// The same input of a lead whose mailbox has no room for a confirmation when it was believed to have.
    #[must_use]
    pub fn of_full_mailbox(mut self) -> Self {
        if let InputBody::SubmitForm(submission) = &mut self.body {
            submission.lead.room = match submission.lead.room {
                MailboxRoom::Now => MailboxRoom::Later,
                MailboxRoom::Later | MailboxRoom::None => MailboxRoom::None,
            };
        }
        self
    }
}

/// What reached Sillon.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "inputs are few at a time, and most of them are forms")]
pub enum InputBody {
    /// A form was posted.
    SubmitForm(Submission),
    /// The button behind a confirmation link was pressed.
    Confirm {
        /// The request that the link names.
        request: u32,
        /// What the page said is asked for, and no more begins: somebody may have posted the address to another form meanwhile.
        /// None if the answer names nothing: then all that is asked for begins.
        seen: Option<std::collections::BTreeSet<CampaignId>>,
        /// Who pressed it.
        visitor: Visitor,
    },
    /// The lead leaves altogether.
    Leave {
        /// How.
        through: Withdrawal,
        /// Who.
        visitor: Visitor,
    },
    /// The lead says what it wants.
    ChangePreferences {
        /// The topics it leaves; all others it takes.
        left_topics: std::collections::BTreeSet<TopicId>,
        /// The language it wants.
        locale: Option<Locale>,
        /// Nothing is to be sent before.
        paused_until: Option<Timestamp>,
    },
    /// The lead asks for a link to its data.
    AskAccess {
        /// Who asked.
        visitor: Visitor,
    },
    /// The magnet's link was followed.
    DownloadMagnet {
        /// Whose magnet.
        campaign: CampaignId,
        /// Whether no person did it.
        machine: bool,
    },
    /// SES tells of an e-mail.
    Feedback(Feedback),
    /// A website, shop or CRM tells of the lead.
    Track(Track),
    /// Time passed.
    Tick {
        /// Who would send what is due.
        worker: String,
    },
    /// What anybody can have us send, and is due, waits.
    HoldConfirmation(Hold),
    /// The carrier's answer to an e-mail that was claimed.
    SendResult {
        /// Which e-mail.
        send_id: SendId,
        /// The answer.
        result: SendResult,
    },
}

/// What a confirmation waits for, or whatever else anybody can have us send ([`crate::Lead::is_unproven`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The account sends no more of them in this hour.
    Hour {
        /// The place in a later one.
        until: Timestamp,
        /// Whether that one was charged with it.
        has_place: bool,
    },
    /// The account sends none of them until somebody says so; the same holds for a link to a lead's data.
    Stop {
        /// When that is looked at again.
        until: Timestamp,
    },
    /// Its mailbox has no room for it on the day on which it would leave, which is another one than it was asked for.
    Mailbox {
        /// When there may be room; none if it waits until the address is posted again.
        until: Option<Timestamp>,
    },
}

/// Whom an input creates if nobody heard of them before.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLead {
    /// The keyed hash of the address.
    pub id: LeadId,
    /// The address.
    pub email: EmailAddress,
    /// Whether the address was suppressed before its profile was erased.
    pub suppressed: bool,
    /// When the lead of that address was erased that was there before, as far as is known.
    pub erased_before: Option<Timestamp>,
    /// When the mailbox may get a confirmation.
    pub room: MailboxRoom,
}

/// When a mailbox has room for one more confirmation, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxRoom {
    /// At once.
    Now,
    /// Not now, but when the span of the shortest limit is over.
    Later,
    /// Neither.
    None,
}

impl NewLead {
    /// An address of whose suppression nothing is known.
    pub fn of(key: &LeadKey, email: EmailAddress) -> Self {
        Self {
            id: LeadId::of(key, &email),
            email,
            suppressed: false,
            erased_before: None,
            room: MailboxRoom::Now,
        }
    }
}

/// A valid post of a campaign's form.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Who posted it.
    pub lead: NewLead,
    /// Whose form.
    pub campaign: CampaignId,
    /// The other fields.
    pub traits: Traits,
    /// The topics that were chosen, where the form lets a visitor choose.
    pub topics: std::collections::BTreeSet<TopicId>,
    /// The language the visitor read the form in.
    pub locale: Locale,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Where the visitor came from.
    pub touch: Touch,
    /// What the request told of its maker.
    pub visitor: Visitor,
}

/// What SES tells of one e-mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Feedback {
    /// From the e-mail's `send` tag.
    pub send_id: SendId,
    /// Whether anybody can have us send such an e-mail: see [`crate::Lead::is_unproven`].
    pub of_confirmation: bool,
    /// What happened.
    pub kind: FeedbackKind,
    /// Whether no person did it.
    pub machine: bool,
    /// The link, or what the receiving server said.
    pub detail: Option<String>,
}

impl Feedback {
    /// Why nothing may be sent to the address any more, if so.
    pub fn suppression(&self) -> Option<SuppressionReason> {
        match self.kind {
            FeedbackKind::Bounce { permanent: true } | FeedbackKind::Suppressed => {
                Some(SuppressionReason::Bounce)
            }
            FeedbackKind::Complaint => Some(SuppressionReason::Complaint),
            _ => None,
        }
    }
}

/// SES event types (SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of SES")]
pub enum FeedbackKind {
    Send,
    Delivery,
    Open,
    Click,
    Bounce {
        permanent: bool,
    },
    Complaint,
    /// SES took it and did not try to deliver it, since the address is on the account's own suppression list.
    Suppressed,
    DeliveryDelay,
    Reject,
    RenderingFailure,
}

/// One event of Segment's kinds `identify`, `page` and `track`.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Given by a server that has the write key, for a lead that is not known yet.
    pub new_lead: Option<NewLead>,
    /// What it tells.
    pub kind: TrackKind,
}

/// What an event tells.
#[derive(Debug, Clone, PartialEq)]
pub enum TrackKind {
    /// `identify`: facts.
    Identify {
        /// Stated facts.
        traits: Traits,
        /// IANA name.
        time_zone: Option<String>,
    },
    /// `page`: a page was seen.
    Page {
        /// Its address, without query.
        url: Option<String>,
        /// Its title.
        title: Option<String>,
    },
    /// `track`: something happened.
    Event {
        /// In snake case.
        name: String,
        /// What it bears.
        properties: Map<String, Value>,
    },
}

/// What came of calling the carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendResult {
    /// It took the e-mail.
    Accepted {
        /// The carrier's id of it.
        message_id: String,
    },
    /// It refused the e-mail, which therefore did not leave.
    Rejected {
        /// The carrier's error code; or why the e-mail could not be written, see [`unwritten`]; or that it is about an identity,
        /// see [`identity_refused`].
        code: String,
        /// Whether the same e-mail may be taken later.
        retryable: bool,
    },
    /// It takes no e-mail at the moment, whichever. The e-mail did not leave, and is not at fault.
    Throttled {
        /// The carrier's error code.
        code: String,
        /// Which of its limits was reached.
        limit: CarrierLimit,
    },
    /// Nobody knows.
    Uncertain {
        /// What went wrong.
        code: String,
    },
}

/// What codes of e-mails begin with that no carrier was asked to take, since they could not be written.
const UNWRITTEN: &str = "template: ";

impl SendResult {
    /// The result of an e-mail or notification that could not be written: it never will be, for this lead.
    pub fn unwritten(why: impl Display) -> Self {
        Self::Rejected { code: format!("{UNWRITTEN}{why}"), retryable: false }
    }
}

/// Why it could not be written, if that is what a code of [`SendResult::Rejected`] says.
pub fn unwritten(code: &str) -> Option<&str> {
    code.strip_prefix(UNWRITTEN)
}

/// What codes of e-mails begin with whose sender, or while the account is in the sandbox whose recipient, the carrier does not
/// take: it is not verified, or our role may not use it.
const IDENTITY: &str = "identity not allowed: ";

impl SendResult {
    /// The result of an e-mail that is taken once somebody has verified an address or a domain, or has let us send from it.
    pub fn identity_refused(code: impl Display) -> Self {
        Self::Rejected { code: format!("{IDENTITY}{code}"), retryable: true }
    }
}

/// The carrier's error code, if a code of [`SendResult::Rejected`] says that it is about an identity.
pub fn identity_refused(code: &str) -> Option<&str> {
    code.strip_prefix(IDENTITY)
}

/// What keeps a carrier from taking any e-mail at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarrierLimit {
    /// E-mails per second.
    Rate,
    /// E-mails within 24 hours.
    Day,
    /// Our permission or our credentials.
    Access,
    /// The carrier, or somebody in its console, stopped the account's sending.
    Paused,
}

/// Why an input makes no activity. An outcome, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No lead has that id.
    #[error("no such lead")]
    UnknownLead,
    /// The campaign is gone from the bundle.
    #[error("no such campaign")]
    UnknownCampaign,
    /// The link names a request that was answered or withdrawn.
    #[error("the link was used before, or another one replaced it")]
    LinkSpent,
    /// Nothing is due, or somebody else is at it.
    #[error("nothing to do")]
    NothingToDo,
    /// The result of an e-mail that is not claimed.
    #[error("the e-mail is not claimed")]
    NotClaimed,
    /// The event has the name of one of our own activities.
    #[error("the event's name is reserved")]
    ReservedName,
    /// The lead has more kinds of events than anybody declares.
    #[error("too many kinds of events")]
    TooManyKinds,
    /// A trait that is declared is stated with a value of another type.
    #[error("a trait's value is not of the declared type")]
    WrongType,
    /// A link in an e-mail was used for as much on this day as a person wants.
    #[error("enough for today")]
    EnoughForToday,
    /// The lead would have more traits than its profile holds.
    #[error("too many traits")]
    TooManyTraits,
}
