//! A campaign: a goal, a form, an optional magnet, and a sequence.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use crate::form::{
    ChoiceOption, ConsentTerms, Field, FieldKind, Form, FormStep, Pattern, Thanks, ThanksText,
};
use crate::organisation::Localised;
use crate::score::CampaignScoring;
use crate::sequence::Sequence;
use crate::{CampaignId, Condition, EmailName, Locale, SenderId, StepId, TopicId};

/// `infra/campaigns/<id>/campaign.yaml`, with its e-mails.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Campaign {
    /// The folder's name.
    pub id: CampaignId,
    /// What visitors see above the form.
    pub title: Localised,
    /// Who its e-mails come from.
    pub sender: SenderId,
    /// What its e-mails are about, unless a step says otherwise.
    pub topic: Option<TopicId>,
    /// The event that counts as a conversion and ends the sequence.
    pub goal: Option<String>,
    /// What the campaign may cost.
    pub budget: Option<Budget>,
    /// What visitors fill in; none for a campaign that leads enter by its `audience` or from another campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Who enters it without a form, if consent is granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Condition>,
    /// What a lead gets for it.
    pub magnet: Option<Magnet>,
    /// What it adds to the score of those who ever entered it.
    #[serde(default, skip_serializing_if = "CampaignScoring::is_empty")]
    pub score: CampaignScoring,
    /// What nurtures it.
    pub sequence: Sequence,
    /// Ends an enrolment as soon as it holds.
    pub exit_when: Option<Condition>,
    /// Of several campaigns that are due for a lead, the one with the highest goes first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub priority: i32,
    /// Whether who was enrolled before may be enrolled anew.
    #[serde(default, skip_serializing_if = "ReEntry::is_never")]
    pub re_entry: ReEntry,
    /// Sends nothing until this is taken away; leads keep their places.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// Steps that are gone, and where those who stand on them go on; none: they leave the sequence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub removed_steps: BTreeMap<StepId, Option<StepId>>,
    /// The e-mails by name and language.
    pub emails: BTreeMap<EmailName, BTreeMap<Locale, EmailSource>>,
    /// The e-mails that carry `magnet_url`: the first of them ignores cap and quiet hours.
    pub magnet_emails: BTreeSet<EmailName>,
}

impl Campaign {
    /// The fields of its form, if it has one.
    pub fn fields(&self) -> &[Field] {
        self.form.as_ref().map_or(&[], |form| &form.fields)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde wants")]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

/// Whether a lead whose enrolment ended may be enrolled anew, when something enrols it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReEntry {
    /// Once and for all.
    #[default]
    Never,
    /// When so much time has passed since the last enrolment began.
    After(SignedDuration),
    /// Once for each value of this trait.
    OncePer(String),
}

impl ReEntry {
    fn is_never(&self) -> bool {
        *self == Self::Never
    }
}

/// Money to be spent on a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// How much.
    pub amount: f64,
    /// ISO 4217.
    pub currency: String,
    /// `day`, `week`, `month`, `year` or `campaign`.
    pub per: String,
}

/// The guide one gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Magnet {
    /// A file of the campaign's folder, by its path in it; at most 4 MB, since an API Gateway answer holds no more.
    File(String),
    /// A page elsewhere.
    Url(String),
}

/// One e-mail in one language, as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmailSource {
    /// A template.
    pub subject: String,
    /// A template: the line that mail clients show after the subject.
    pub preheader: Option<String>,
    /// A template of Markdown.
    pub body: String,
}
