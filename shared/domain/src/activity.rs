//! Activities: the facts that a lead's state is folded from. They are also its timeline, its export and its audit trail.

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::attribution::Touch;
use crate::consent::{Proof, SuppressionReason, Visitor};
use crate::lead::{EnrolmentState, Purpose, Round};
use crate::score::Score;
use crate::traits::Traits;
use crate::{CampaignId, EmailAddress, LeadId, Locale, SendId, Stage, StepId, Tag, TopicId, VariantId};

/// One fact and its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// When it happened, by the clock of whoever saw it first.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened. The `kind`s of the outside contract are all here; an event that a campaign declares has its own
/// name as kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "facts are made one at a time, and most of them are large")]
#[allow(missing_docs, reason = "the variants' names are the documentation that readers of the log have, too")]
pub enum Fact {
    /// Always the first.
    LeadCreated {
        lead: LeadId,
        email: EmailAddress,
    },
    /// A lead of the same address was erased before.
    LeadCameBack {
        erased_at: Timestamp,
    },
    FormSubmitted {
        campaign: CampaignId,
        traits: Traits,
        /// Stated otherwise than known, by somebody who may be a stranger: they are not the lead's.
        #[serde(default, skip_serializing_if = "Traits::is_empty")]
        passed_over: Traits,
        locale: Locale,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_zone: Option<String>,
        #[serde(default, skip_serializing_if = "Touch::is_empty")]
        touch: Touch,
        /// Of those that the form lets a visitor choose.
        #[serde(default, skip_serializing_if = "std::collections::BTreeSet::is_empty")]
        topics: std::collections::BTreeSet<TopicId>,
        /// All topics that the lead has left from now on; none if the form lets nobody choose, or an answer is awaited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_topics: Option<std::collections::BTreeSet<TopicId>>,
        proof: Proof,
    },
    /// Opens a request, adds a campaign to the open one, or asks again.
    ConfirmationRequested {
        campaign: CampaignId,
        request: u32,
        /// When its e-mail is to leave; none when enough have left already.
        mail_due: Option<Timestamp>,
        /// Topics that the lead left before, and takes again with its answer.
        #[serde(default, skip_serializing_if = "std::collections::BTreeSet::is_empty")]
        topics: std::collections::BTreeSet<TopicId>,
    },
    OptInConfirmed {
        request: u32,
        visitor: Visitor,
        /// What the page named of the request, and begins; none if that is all of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaigns: Option<std::collections::BTreeSet<CampaignId>>,
    },
    /// By a form that needs no confirmation; the proof stands in `form_submitted`.
    ConsentGranted {
        campaign: CampaignId,
    },
    ConsentWithdrawn {
        through: Withdrawal,
        visitor: Visitor,
    },
    PreferencesChanged {
        left_topics: std::collections::BTreeSet<TopicId>,
        locale: Option<Locale>,
        paused_until: Option<Timestamp>,
    },
    Suppressed {
        reason: SuppressionReason,
    },
    /// The lead asks for its data, or for their erasure: a link to them is to be mailed.
    AccessRequested {
        /// Whose sender writes.
        campaign: CampaignId,
        mail_due: Timestamp,
        visitor: Visitor,
    },
    /// When to see whether the lead has been inactive for so long that it is erased; none if leads are kept for ever.
    RetentionScheduled {
        until: Option<Timestamp>,
    },
    /// A person looked at the lead.
    LeadRead {
        /// Who, as the machine or they themselves say.
        by: String,
        /// By which command, or page.
        how: String,
    },
    /// A person put the lead back, which had been set aside since it could not be served.
    LeadPutBack {
        /// Who, as the machine or they themselves say.
        by: String,
    },
    Identified {
        traits: Traits,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_zone: Option<String>,
    },
    PageViewed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    MagnetDownloaded {
        campaign: CampaignId,
        machine: bool,
        /// The e-mail that brought the link just before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        send_id: Option<SendId>,
    },

    Enrolled {
        campaign: CampaignId,
        number: u32,
        /// The value of the trait that `re_entry: once per` names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// How it came about; none in logs older than this member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        through: Option<Entry>,
    },
    /// When to see whether an audience holds by time alone; none if there is nothing to see any more.
    LookScheduled {
        look_at: Option<Timestamp>,
    },
    StepBegan {
        campaign: CampaignId,
        step: StepId,
        /// None while nobody knows: an `every` on a date that the lead has not told.
        due_at: Option<Timestamp>,
        /// Why it is due later than now, if a limit says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
        /// The bundle in which it began: the first digits of its content hash.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        bundle: String,
        /// The steps that followed it there, for the day that this one is gone from the campaign.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ahead: Vec<StepId>,
    },
    /// What was due must wait longer; or less long, since a pause was ended or a date moved.
    StepDeferred {
        campaign: CampaignId,
        step: StepId,
        due_at: Timestamp,
        because: String,
        /// Of a confirmation: whether the hour of `due_at` has a place for it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        has_place: bool,
    },
    /// What is not wanted or makes no sense: an e-mail whose topic was left or that was sent before, a date that is past, a
    /// step that is gone from the campaign.
    StepSkipped {
        campaign: CampaignId,
        step: StepId,
        because: String,
    },
    /// Which way a branch or a wait took: `then`, `else`, `happened` or `otherwise`.
    BranchTaken {
        campaign: CampaignId,
        step: StepId,
        way: Way,
        /// Which case of a branch held, the first being 0.
        #[serde(default, skip_serializing_if = "crate::lead::is_zero")]
        case: u32,
        /// Why a `wait_until` did not wait; none for what the way tells itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
    },
    /// An anniversary on which an `every` runs its block.
    RoundBegan {
        campaign: CampaignId,
        step: StepId,
        #[serde(flatten)]
        round: Round,
    },
    /// A step stated traits.
    TraitsSet {
        campaign: CampaignId,
        step: StepId,
        traits: Traits,
    },
    Tagged {
        campaign: CampaignId,
        step: StepId,
        tag: Tag,
    },
    Untagged {
        campaign: CampaignId,
        step: StepId,
        tag: Tag,
    },
    /// The lot made the lead one of the control group.
    HeldOut {
        campaign: CampaignId,
        step: StepId,
    },
    /// Which way of an experiment the lead was given.
    VariantChosen {
        campaign: CampaignId,
        step: StepId,
        variant: VariantId,
        /// Whether everybody takes it, since the experiment is settled; else it fell by lot.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        settled: bool,
    },
    EnrolmentEnded {
        campaign: CampaignId,
        state: EnrolmentState,
        because: String,
    },
    StageChanged {
        from: Stage,
        to: Stage,
        score: Score,
    },

    SendClaimed {
        send_id: SendId,
        campaign: CampaignId,
        step: StepId,
        enrolment: u32,
        #[serde(default, skip_serializing_if = "crate::lead::is_zero")]
        round: u32,
        #[serde(flatten)]
        purpose: Purpose,
        lease_ends_at: Timestamp,
        by: String,
    },
    EmailSent {
        send_id: SendId,
        campaign: CampaignId,
        step: StepId,
        /// The carrier's; none when only its events told us that the e-mail left.
        message_id: Option<String>,
    },
    /// The webhook took a notification.
    Notified {
        send_id: SendId,
        campaign: CampaignId,
        step: StepId,
    },
    SendRejected {
        send_id: SendId,
        campaign: CampaignId,
        step: StepId,
        /// The carrier's error code.
        code: String,
        /// When it is tried again; none when it is given up.
        retry_at: Option<Timestamp>,
    },
    /// The carrier took nothing at that moment: as if it had not been claimed, so that neither its turn nor an attempt is
    /// lost.
    SendThrottled {
        send_id: SendId,
        campaign: CampaignId,
        step: StepId,
        /// The carrier's error code.
        code: String,
    },
    SendUncertain {
        send_id: SendId,
        campaign: CampaignId,
        step: StepId,
        code: String,
        /// When a confirmation or an alert is tried again, as a new e-mail; or a notification, as the same one.
        retry_at: Option<Timestamp>,
    },
    /// E-mails came back from a mailbox that may take them another day: nothing more is sent before.
    BackedOff {
        /// How many came back since it last took one.
        bounces: u32,
        until: Timestamp,
    },
    /// The links of an e-mail were followed as only a scanner does: these clicks of it, and downloads, taken for a
    /// person's before, weigh nothing; nor does what is told later of those seconds.
    ClicksDisowned {
        send_id: SendId,
        clicked_at: Vec<Timestamp>,
    },
    /// SES accepted it: settles an uncertain send.
    SendSettled(EmailEvent),
    EmailDelivered(EmailEvent),
    EmailOpened(EmailEvent),
    EmailClicked(EmailEvent),
    EmailBounced(EmailEvent),
    EmailComplained(EmailEvent),
    EmailDelayed(EmailEvent),
    /// SES accepted it first and refused it then, for a virus.
    EmailRejected(EmailEvent),
    /// SES could not render it.
    EmailFailed(EmailEvent),

    /// An event of the website, the shop or the CRM. Its name is its kind; [`crate::activity::RESERVED`] names are refused.
    #[serde(untagged)]
    Occurred {
        #[serde(deserialize_with = "of_others")]
        kind: String,
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        properties: Map<String, Value>,
    },
}

/// What SES tells of one of our e-mails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmailEvent {
    /// Which one.
    pub send_id: SendId,
    /// Whose campaign, as long as the e-mail is remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// `confirm`, or the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// Whether no person did it: a scanner, a privacy proxy. Such an event weighs nothing and moves no step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub machine: bool,
    /// The link that was clicked, or what the receiving server said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a lead came into a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// By its form.
    Form,
    /// By itself, since the campaign's `audience` held.
    Audience,
    /// By an `enrol` step of another campaign.
    Sequence,
}

/// How consent was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// By the mail client's own button (RFC 8058).
    OneClick,
    /// By the page behind the footer's link.
    Page,
}

/// The way that a branch or a wait took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The condition held.
    Then,
    /// It did not.
    Else,
    /// What was waited for happened.
    Happened,
    /// It did not happen in time.
    Otherwise,
}

/// The kinds that only Sillon itself may record: a web event of such a name is refused.
pub const RESERVED: [&str; 50] = [
    "lead_created",
    "lead_came_back",
    "form_submitted",
    "confirmation_requested",
    "opt_in_confirmed",
    "consent_granted",
    "consent_withdrawn",
    "preferences_changed",
    "suppressed",
    "identified",
    "page_viewed",
    "magnet_downloaded",
    "enrolled",
    "step_began",
    "step_deferred",
    "step_skipped",
    "branch_taken",
    "variant_chosen",
    "round_began",
    "traits_set",
    "tagged",
    "untagged",
    "held_out",
    "look_scheduled",
    "enrolment_ended",
    "stage_changed",
    "send_claimed",
    "email_sent",
    "notified",
    "send_rejected",
    "send_throttled",
    "send_uncertain",
    "send_settled",
    "email_delivered",
    "email_opened",
    "email_clicked",
    "email_bounced",
    "email_complained",
    "email_delayed",
    "email_rejected",
    "email_failed",
    "backed_off",
    "clicks_disowned",
    "goal_reached",
    "lead_erased",
    "lead_read",
    "lead_put_back",
    "access_requested",
    "retention_scheduled",
    "occurred",
];

/// The kinds of [`RESERVED`] that tell something about the lead, so that points, conditions and waits may name them.
pub const COUNTED: [&str; 14] = [
    "form_submitted",
    "opt_in_confirmed",
    "consent_withdrawn",
    "preferences_changed",
    "identified",
    "page_viewed",
    "magnet_downloaded",
    "email_sent",
    "email_delivered",
    "email_opened",
    "email_clicked",
    "email_bounced",
    "email_complained",
    "stage_changed",
];

/// One of our own activities that cannot be read is a fault, and no event that happens to bear its name.
fn of_others<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let kind = String::deserialize(deserializer)?;
    if RESERVED.contains(&kind.as_str()) {
        return Err(D::Error::custom(format_args!("`{kind}` lacks a member, or has one of another type")));
    }
    Ok(kind)
}

impl Fact {
    /// The kind under which the history counts it; none for what tells nothing about the lead.
    pub fn counted_kind(&self) -> Option<&str> {
        let kind = match self {
            Self::FormSubmitted { .. } => "form_submitted",
            Self::OptInConfirmed { .. } => "opt_in_confirmed",
            Self::ConsentWithdrawn { .. } => "consent_withdrawn",
            Self::PreferencesChanged { .. } => "preferences_changed",
            Self::Identified { .. } => "identified",
            Self::PageViewed { .. } => "page_viewed",
            Self::MagnetDownloaded { machine: false, .. } => "magnet_downloaded",
            Self::EmailSent { .. } => "email_sent",
            Self::EmailDelivered(_) => "email_delivered",
            Self::EmailOpened(event) if !event.machine => "email_opened",
            Self::EmailClicked(event) if !event.machine => "email_clicked",
            Self::EmailBounced(_) => "email_bounced",
            Self::EmailComplained(_) => "email_complained",
            Self::StageChanged { .. } => "stage_changed",
            Self::Occurred { kind, .. } => kind,
            _ => return None,
        };
        Some(kind)
    }

    /// What SES told of an e-mail, if it is that.
    pub fn email_event(&self) -> Option<&EmailEvent> {
        match self {
            Self::SendSettled(event)
            | Self::EmailDelivered(event)
            | Self::EmailOpened(event)
            | Self::EmailClicked(event)
            | Self::EmailBounced(event)
            | Self::EmailComplained(event)
            | Self::EmailDelayed(event)
            | Self::EmailRejected(event)
            | Self::EmailFailed(event) => Some(event),
            _ => None,
        }
    }

    /// Whether no person did it: a scanner's click, a privacy proxy's opening, and what either is known by.
    pub fn is_by_machine(&self) -> bool {
        match self {
            Self::EmailOpened(event) | Self::EmailClicked(event) => event.machine,
            Self::MagnetDownloaded { machine, .. } => *machine,
            Self::ClicksDisowned { clicked_at, .. } => clicked_at.is_empty(),
            _ => false,
        }
    }

    /// Whether the lead itself did it.
    pub fn is_by_lead(kind: &str) -> bool {
        !matches!(kind, "email_sent" | "email_delivered" | "email_bounced" | "stage_changed")
    }
}

impl Activity {
    /// The `kind` of the outside contract.
    pub fn kind(&self) -> String {
        let value = serde_json::to_value(&self.fact).unwrap_or_default();
        value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}
