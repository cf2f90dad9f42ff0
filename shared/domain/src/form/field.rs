//! One field of a form, and what it takes.

use serde::{Deserialize, Serialize};

use super::Pattern;
use crate::organisation::Localised;
use crate::traits::TraitType;

/// One field of a form. Its name is the trait it states, save for `email`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// As in the HTML form.
    pub name: String,
    /// What it takes.
    #[serde(flatten)]
    pub kind: FieldKind,
    /// Whether a post without it is refused.
    pub required: bool,
    /// Whether it is asked only of those who have sent the form before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub later: bool,
    /// What the visitor reads before it.
    pub label: Localised,
    /// What the visitor reads when the field is filled in wrongly; empty: our own words.
    #[serde(default, skip_serializing_if = "Localised::is_empty")]
    pub message: Localised,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldKind {
    /// An address.
    Email,
    /// Free text, in characters.
    Text {
        /// At most so many characters.
        max_length: usize,
        /// At least so many, unless it is left empty.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_length: Option<usize>,
        /// What the whole text must look like.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<Pattern>,
    },
    /// One of a list.
    Choice {
        /// What may be chosen.
        options: Vec<ChoiceOption>,
    },
    /// A finite number.
    Number {
        /// At least.
        min: Option<f64>,
        /// At most.
        max: Option<f64>,
    },
    /// A telephone number, kept as E.164.
    Phone,
    /// A day, kept as `2026-12-01`.
    Date,
    /// A country, kept as its two letters (ISO 3166-1 alpha-2).
    Country,
    /// A box to tick.
    Checkbox,
    /// What no visitor sees: a page tells it, within what the file allows.
    Hidden {
        /// What it is when the page tells nothing, or something else than the file allows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// What else a page may tell.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        options: Vec<String>,
    },
}

/// One choice of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// What is posted.
    pub value: String,
    /// What the visitor reads; empty: the value itself.
    pub label: Localised,
}

impl Field {
    /// Whether a visitor sees it.
    pub fn is_visible(&self) -> bool {
        !matches!(self.kind, FieldKind::Hidden { .. })
    }
}

impl FieldKind {
    /// The type of the trait that the field states.
    pub fn trait_type(&self) -> TraitType {
        match self {
            Self::Number { .. } => TraitType::Number,
            Self::Checkbox => TraitType::Boolean,
            Self::Email | Self::Text { .. } | Self::Choice { .. } | Self::Phone | Self::Hidden { .. } => {
                TraitType::Text
            }
            Self::Date => TraitType::Date,
            Self::Country => TraitType::Country,
        }
    }

    /// What a hidden field states when that was posted for it. A visitor who posts what the file does not allow sees no such
    /// field, so that a fault could not be mended: the file's value counts then.
    pub fn hidden_value<'a>(&'a self, posted: Option<&'a str>) -> Option<&'a str> {
        let Self::Hidden { value, options } = self else { return None };
        posted.filter(|posted| options.iter().any(|option| option == posted)).or(value.as_deref())
    }
}
