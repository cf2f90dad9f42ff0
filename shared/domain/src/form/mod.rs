//! A campaign's form: what a visitor fills in, chooses and agrees to, and what follows.

mod field;
mod pattern;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::organisation::Localised;
use crate::{Locale, TopicId};

pub use field::{ChoiceOption, Field, FieldKind};
pub use pattern::{InvalidPattern, Pattern};

/// So many fields that are asked later are asked at once, unless the file says otherwise.
const ASKED_AT_ONCE: usize = 2;

/// So many bytes the id of a campaign may take together with the names of the fields that are asked later, each with a space
/// before it: more would make the script of its forms longer than 3 KB.
pub const SCRIPT_ROOM: usize = 200;

/// What a visitor posts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Origins (scheme, host, port) whose pages may post here and be gone back to. Empty: only the hosted page.
    pub allowed_origins: Vec<String>,
    /// What a visitor sees after posting; without it, a page of our own.
    pub thanks: Option<Thanks>,
    /// The fields in the order of the file.
    pub fields: Vec<Field>,
    /// Its pages, one after the other. Empty: all fields stand on one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<FormStep>,
    /// How many of the fields that are asked later are asked at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_at_once: Option<usize>,
    /// Whether addresses that are thrown away are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refuse_disposable: bool,
    /// The topics that the visitor chooses among; those not chosen are left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<TopicId>,
    /// What a lead agrees to.
    pub consent: ConsentTerms,
}

/// One page of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormStep {
    /// What it asks about.
    pub title: Localised,
    /// The names of its fields.
    pub fields: Vec<String>,
}

/// What a visitor sees after posting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Thanks {
    /// A page elsewhere.
    Page(String),
    /// A page of ours with the campaign's own text.
    Text(BTreeMap<Locale, ThanksText>),
}

/// A text of thanks in one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThanksText {
    /// Its first heading; empty if it has none.
    pub title: String,
    /// What follows, as HTML that was made of its Markdown.
    pub html: String,
    /// The same without markup.
    pub text: String,
}

/// What a lead agrees to, word for word.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsentTerms {
    /// Whether the address must confirm before anything else is sent.
    pub double_opt_in: bool,
    /// The sentence beside the button.
    pub wording: Localised,
}

impl Form {
    /// Whether whoever posts may write there what reaches people: a text of their own, or a number that somebody calls.
    pub fn is_free_text(&self, name: &str) -> bool {
        let field = self.fields.iter().find(|field| field.name == name);
        field.is_none_or(|field| matches!(field.kind, FieldKind::Text { .. } | FieldKind::Phone))
    }

    /// The names of the fields that are asked later.
    pub fn later_fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|field| field.later).map(|field| field.name.as_str())
    }

    /// How many of the fields that are asked later are asked at once.
    pub fn asked_at_once(&self) -> usize {
        self.ask_at_once.unwrap_or(ASKED_AT_ONCE)
    }
}

impl ConsentTerms {
    /// A short hash of the wording, kept as proof of which version was agreed to.
    pub fn version(&self) -> String {
        let parts: Vec<&str> = self.wording.values().map(String::as_str).collect();
        crate::InputId::of("v", &parts).as_str()[..10].to_owned()
    }
}
