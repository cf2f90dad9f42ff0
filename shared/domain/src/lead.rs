//! A lead: the fold of its activities.

mod send;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::activity::Fact;
use crate::attribution::Attribution;
use crate::consent::{Consent, Preferences, SuppressionReason};
use crate::history::History;
use crate::traits::Traits;
use crate::{CampaignId, EmailAddress, LeadId, Locale, SendId, Stage, StepId, Tag, VariantId};
pub use send::{Claim, EarlyClick, Purpose, Send, SendOutcome};

/// Everything that decisions about a person need to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    /// The keyed hash of the address.
    pub id: LeadId,
    /// The normalised address.
    pub email: EmailAddress,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// When the lead of the same address was erased that was there before it. It tells this lead's e-mails and links from those
    /// of the other, which may still come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_before: Option<Timestamp>,
    /// The stated facts.
    pub traits: Traits,
    /// What steps marked it with.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Tag>,
    /// When it last stated one.
    pub stated_at: Timestamp,
    /// The language it is written to in.
    pub locale: Option<Locale>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Where it came from.
    pub attribution: Attribution,
    /// What it agreed to.
    pub consent: Consent,
    /// Outranks consent.
    pub suppression: Option<SuppressionReason>,
    /// Narrows consent.
    pub preferences: Preferences,
    /// How far it has come.
    pub stage: Stage,
    /// What happened, counted.
    pub history: History,
    /// Its place in each campaign's sequence.
    pub enrolments: BTreeMap<CampaignId, Enrolment>,
    /// The e-mails to it, or about it to sales.
    pub sends: BTreeMap<SendId, Send>,
    /// The e-mail that a worker is about to send.
    pub claim: Option<Claim>,
    /// The rest that its mailbox is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_off: Option<BackOff>,
    /// When to see whether it belongs to an audience by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
    /// The e-mail with a link to its own data that is to be sent: which campaign's sender writes it, and when it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_due: Option<(CampaignId, Timestamp)>,
    /// When it last asked for its data: what was sent before belongs to another request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_asked_at: Option<Timestamp>,
    /// When to see whether it has been inactive for so long that it is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Timestamp>,
}

/// A lead's place in a campaign's sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Counts the lead's enrolments in this campaign: after a withdrawal and a new consent, it begins anew.
    pub number: u32,
    /// How it stands.
    pub state: EnrolmentState,
    /// When it began.
    pub began_at: Timestamp,
    /// When the first one in this campaign began, if this is a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_began_at: Option<Timestamp>,
    /// The step it stands at, or last stood at.
    pub step: Option<StepId>,
    /// When that step began.
    pub step_began_at: Timestamp,
    /// When something is to be done about it.
    pub due_at: Option<Timestamp>,
    /// How often the e-mail of this step was refused.
    pub refusals: u32,
    /// The bundle in which that step began: the first digits of its content hash.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bundle: String,
    /// The steps that followed it there: where to go on once it is gone from the campaign. None once the enrolment is over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ahead: Vec<StepId>,
    /// The variant it was given of each experiment on its way, by the experiment's step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<StepId, VariantId>,
    /// How often an `every` came round, and on which day it last did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// For which values of the trait that `re_entry` names the lead was enrolled so far, as short hashes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub values: BTreeSet<String>,
}

/// The round of an `every`: each anniversary begins one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// From 1 on.
    pub number: u32,
    /// The anniversary.
    pub on: Date,
}

impl Enrolment {
    /// When the lead first entered this campaign.
    pub fn first_began_at(&self) -> Timestamp {
        self.first_began_at.unwrap_or(self.began_at)
    }
}

/// How an enrolment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentState {
    /// Under way.
    Waiting,
    /// At the sequence's end.
    Completed,
    /// Ended by a conversion.
    GoalReached,
    /// Ended by a step, a condition, a withdrawal or a suppression.
    Exited,
}

impl EnrolmentState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Completed, Self::GoalReached, Self::Exited];

    /// As the outside contract spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::GoalReached => "goal_reached",
            Self::Exited => "exited",
        }
    }
}

/// A mailbox that takes nothing for now (RFC 3463, class 4: persistent transient failure).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackOff {
    /// How many e-mails came back since it last took one.
    pub bounces: u32,
    /// Nothing is sent before.
    pub until: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde wants")]
pub(crate) fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Enrolment {
    /// The number of the round that it is in; 0 before any.
    pub fn round_number(&self) -> u32 {
        self.round.map_or(0, |round| round.number)
    }
}

impl Lead {
    /// A lead of whom nothing is known but the address.
    pub fn new(id: LeadId, email: EmailAddress, at: Timestamp) -> Self {
        Self {
            id,
            email,
            created_at: at,
            erased_before: None,
            traits: Traits::new(),
            tags: BTreeSet::new(),
            stated_at: at,
            locale: None,
            time_zone: None,
            attribution: Attribution::default(),
            consent: Consent::default(),
            suppression: None,
            preferences: Preferences::default(),
            stage: Stage::default(),
            history: History::default(),
            enrolments: BTreeMap::new(),
            sends: BTreeMap::new(),
            claim: None,
            back_off: None,
            look_at: None,
            access_due: None,
            access_asked_at: None,
            kept_until: None,
        }
    }

    /// When something is to be done next. While a claim is open that is the end of its lease and nothing earlier, so
    /// that a crashed worker's claim comes due by itself and no second worker takes the lead meanwhile.
    pub fn due_at(&self) -> Option<Timestamp> {
        if let Some(claim) = &self.claim {
            return Some(claim.lease_ends_at);
        }
        let confirmation = self.consent.request.iter().filter_map(|request| request.mail_due.as_ref());
        let enrolments = self.enrolments.values().filter_map(|enrolment| enrolment.due_at);
        let look = self.look_at.filter(|_| self.may_be_nurtured());
        let access = self.access_due.iter();
        let mails = confirmation.chain(access).map(|(_, at)| *at);
        mails.chain(enrolments).chain(look).chain(self.kept_until).min()
    }

    /// Whether what is due next is an e-mail that the lead itself asked for, or the end of an attempt to send one: a
    /// confirmation, or its own data.
    pub fn is_waited_for(&self) -> bool {
        let next = self.due_at();
        let request = self.consent.request.iter().filter_map(|request| request.mail_due.as_ref());
        let asked = request.chain(&self.access_due).any(|(_, at)| Some(*at) == next);
        let claimed = self.claim.as_ref().and_then(|claim| self.sends.get(&claim.send_id));
        asked || claimed.is_some_and(|send| send.purpose.was_asked_for())
    }

    /// Whether anybody can have us send such an e-mail, since anybody can post anybody's address: what asks for an answer, and
    /// all else that goes where nobody has given one.
    pub fn is_unproven(&self, purpose: &Purpose) -> bool {
        match purpose {
            Purpose::Confirmation { .. } | Purpose::Access => true,
            Purpose::Nurture { .. } => !self.consent.confirmed,
            Purpose::Alert | Purpose::Notify { .. } => false,
        }
    }

    /// Whether nothing less than a confirmed address grants consent: it was withdrawn, or the lead erased, and anybody can post
    /// anybody's address.
    pub fn needs_confirmation(&self) -> bool {
        (self.consent.withdrawn_at.is_some() || self.erased_before.is_some()) && !self.consent.confirmed
    }

    /// Whether it was ever sent more than what asks for an answer.
    pub fn was_sent_nurture(&self) -> bool {
        let left = |send: &Send| !matches!(send.outcome, SendOutcome::Claimed | SendOutcome::Rejected);
        self.sends.values().any(|send| matches!(send.purpose, Purpose::Nurture { .. }) && left(send))
    }

    /// Whether something is due at `now` and nobody is at it.
    pub fn wants_nudge(&self, now: Timestamp) -> bool {
        self.claim.is_none() && self.due_at().is_some_and(|due| due <= now)
    }

    /// When the lead itself last did something, as far as that is known.
    pub fn last_active(&self) -> Option<Timestamp> {
        let by_lead = self.history.kinds().filter(|kind| Fact::is_by_lead(kind));
        by_lead.filter_map(|kind| self.history.last(kind)).max()
    }

    /// The id of an e-mail to this lead.
    pub(crate) fn send_id(
        &self,
        campaign: &CampaignId,
        step: &StepId,
        occurrence: impl std::fmt::Display,
    ) -> SendId {
        match self.erased_before {
            None => SendId::of(&self.id, campaign, step, occurrence),
            Some(before) => SendId::of(&self.id, campaign, step, format_args!("{occurrence} after {before}")),
        }
    }

    /// How many e-mails were claimed for that step so far, in all enrolments.
    pub fn sends_of(&self, campaign: &CampaignId, step: &StepId) -> u32 {
        let same = |send: &&Send| send.campaign == *campaign && send.step == *step;
        u32::try_from(self.sends.values().filter(same).count()).unwrap_or(u32::MAX)
    }

    /// How many confirmations left, or may have left, from the first moment to before the second.
    pub fn confirmations_in(&self, (from, until): (Timestamp, Timestamp)) -> usize {
        let within = |send: &&Send| send.at >= from && send.at < until;
        self.confirmations().filter(within).count()
    }

    /// Whether a confirmation of that request left, or may have left.
    pub fn was_asked(&self, request: u32) -> bool {
        self.confirmations().any(|send| send.purpose == Purpose::Confirmation { request })
    }

    fn confirmations(&self) -> impl Iterator<Item = &Send> {
        self.sends.values().filter(|send| {
            matches!(send.purpose, Purpose::Confirmation { .. }) && send.outcome != SendOutcome::Rejected
        })
    }
}
