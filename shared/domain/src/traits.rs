//! Traits: the stated facts about a lead.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The facts by name.
pub type Traits = BTreeMap<String, TraitValue>;

/// One stated fact. JSON's scalars, and nothing else: a condition must be able to compare it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TraitValue {
    /// Yes or no.
    Boolean(bool),
    /// A finite number.
    Number(f64),
    /// Anything else.
    Text(String),
}

/// The type that a form field or `traits:` declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraitType {
    /// Free text.
    Text,
    /// A finite number.
    Number,
    /// Yes or no.
    Boolean,
}

impl TraitValue {
    /// Whether the value is of the declared type.
    pub fn is(&self, declared: TraitType) -> bool {
        matches!(
            (self, declared),
            (Self::Boolean(_), TraitType::Boolean)
                | (Self::Number(_), TraitType::Number)
                | (Self::Text(_), TraitType::Text)
        )
    }
}

impl std::fmt::Display for TraitValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

impl From<&str> for TraitValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
