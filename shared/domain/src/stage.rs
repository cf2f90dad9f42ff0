//! The stage: how far a lead has come on its way to being a customer.

use serde::{Deserialize, Serialize};

/// In ascending order; `disqualified` stands apart, and no rule leads there or away from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Where everybody begins.
    #[default]
    Subscriber,
    /// Shows interest.
    Lead,
    /// Marketing-qualified.
    Mql,
    /// Sales-qualified.
    Sql,
    /// In talks.
    Opportunity,
    /// Bought.
    Customer,
    /// Will not buy.
    Disqualified,
}

impl Stage {
    /// Every stage, in ascending order.
    pub const ALL: [Self; 7] = [
        Self::Subscriber,
        Self::Lead,
        Self::Mql,
        Self::Sql,
        Self::Opportunity,
        Self::Customer,
        Self::Disqualified,
    ];

    /// Every stage that a rule may lead to, from the furthest down.
    pub const BY_RULE: [Self; 5] = [Self::Customer, Self::Opportunity, Self::Sql, Self::Mql, Self::Lead];

    /// As files, conditions and answers spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscriber => "subscriber",
            Self::Lead => "lead",
            Self::Mql => "mql",
            Self::Sql => "sql",
            Self::Opportunity => "opportunity",
            Self::Customer => "customer",
            Self::Disqualified => "disqualified",
        }
    }
}
