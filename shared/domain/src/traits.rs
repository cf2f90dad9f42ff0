//! Traits: the stated facts about a lead.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{calendar, zone};

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
    /// A day, `2026-12-01`; kept as text.
    Date,
    /// A country's two letters (ISO 3166-1), `FR`; kept as text.
    Country,
    /// The IANA name of a time zone, `Europe/Paris`; kept as text.
    TimeZone,
}

/// A value that is not of the type that its trait is declared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not {}", .0.describe())]
pub struct WrongType(pub TraitType);

impl TraitType {
    /// Each with the name that files give it.
    pub const ALL: [(&'static str, Self); 6] = [
        ("text", Self::Text),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("date", Self::Date),
        ("country", Self::Country),
        ("time_zone", Self::TimeZone),
    ];

    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind)
    }

    /// In a sentence: `it is a number`.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date such as `2026-12-01`",
            Self::Country => "a country's two letters such as `FR`",
            Self::TimeZone => "a time zone such as `Europe/Paris`",
        }
    }

    /// The value as it is kept: a country in capitals, a zone by its own name. Fails for a value of another type.
    pub fn read(self, value: &TraitValue) -> Result<TraitValue, WrongType> {
        let kept = match (self, value) {
            (Self::Boolean, TraitValue::Boolean(_))
            | (Self::Number, TraitValue::Number(_))
            | (Self::Text, TraitValue::Text(_)) => Some(value.clone()),
            (Self::Date, TraitValue::Text(text)) => {
                calendar::date(text).map(|date| TraitValue::Text(date.to_string()))
            }
            (Self::Country, TraitValue::Text(text)) => {
                zone::country(text).map(|country| TraitValue::Text(country.to_owned()))
            }
            (Self::TimeZone, TraitValue::Text(text)) => zone::canonical(text).map(TraitValue::Text),
            _ => None,
        };
        kept.ok_or(WrongType(self))
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
