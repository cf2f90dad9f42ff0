//! What a part of a condition is: true or false, a number, a text.

use domain::traits::TraitType;

/// The kind of a value, as far as it can be known beforehand.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Boolean,
    /// CEL's `int`.
    Whole,
    /// CEL's `double`; scores and traits are of this kind.
    Decimal,
    Text,
    /// A text that can only be one of some.
    OneOf(Choice),
    List,
    /// It depends, or something within it is wrong already.
    Unknown,
}

/// A text that can only be one of some.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    /// Whose values these are.
    pub of: String,
    pub values: Vec<String>,
}

impl Kind {
    /// In a sentence.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Whole | Self::Decimal => "a number",
            Self::Text | Self::OneOf(_) => "a text",
            Self::List => "a list",
            Self::Unknown => "unknown",
        }
    }

    /// Whether values of the two kinds can be equal at all.
    pub fn compares_with(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Unknown, _) | (_, Self::Unknown))
            || self.describe() == other.describe()
    }

    /// Whether it is a number, or may be.
    pub fn may_be_number(&self) -> bool {
        matches!(self, Self::Whole | Self::Decimal | Self::Unknown)
    }

    /// Whether it is true or false, or may be.
    pub fn may_be_boolean(&self) -> bool {
        matches!(self, Self::Boolean | Self::Unknown)
    }

    /// Whether it is a text, or may be.
    pub fn may_be_text(&self) -> bool {
        matches!(self, Self::Text | Self::OneOf(_) | Self::Unknown)
    }
}

impl From<TraitType> for Kind {
    fn from(kind: TraitType) -> Self {
        match kind {
            TraitType::Boolean => Self::Boolean,
            TraitType::Number => Self::Decimal,
            TraitType::Text | TraitType::Date | TraitType::Country | TraitType::TimeZone => Self::Text,
        }
    }
}
