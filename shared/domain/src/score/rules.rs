//! The rules that make a score, as the files state them.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Grade;
use crate::Condition;

/// The scoring model of the organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scoring {
    /// Rules over traits and the address.
    pub fit: Vec<FitRule>,
    /// Fit as a letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grades: Option<Grades>,
    /// How engagement fades; without it, it stays.
    #[serde(flatten)]
    pub decay: Option<Decay>,
    /// What an activity is worth, by its kind.
    pub points: BTreeMap<String, PointRule>,
    /// What several rules count together at most, by the name that they bear as `group`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, PointCap>,
    /// The bands of the total.
    pub temperature: Bands,
}

/// What a campaign adds for the leads that ever entered it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CampaignScoring {
    /// Rules over traits and the address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fit: Vec<FitRule>,
    /// What an activity is worth that happens after the lead first entered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub points: BTreeMap<String, PointRule>,
}

impl CampaignScoring {
    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        self.fit.is_empty() && self.points.is_empty()
    }
}

/// How a point of engagement fades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// After each such time it is worth half of what it was.
    HalfLife(SignedDuration),
    /// Evenly; after this time it is worth nothing.
    Linear(SignedDuration),
}

/// Points for what a lead is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FitRule {
    /// Over traits and the address.
    pub when: Condition,
    /// May be negative.
    pub points: f64,
    /// What sales reads.
    pub because: String,
}

/// Points for what a lead does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PointRule {
    /// For one activity; may be negative.
    pub points: f64,
    /// The most that counts.
    pub at_most: Option<PointCap>,
    /// The group whose cap holds, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// At most so many points in each run of UTC days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PointCap {
    /// Before decay, in absolute value.
    pub points: f64,
    /// The length of a run, counted from 1970-01-01.
    pub days: i64,
}

/// The fit from which each grade holds; below `C` it is D.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Grades {
    /// From this fit on.
    #[serde(rename = "A")]
    pub a: f64,
    /// From this fit on.
    #[serde(rename = "B")]
    pub b: f64,
    /// From this fit on.
    #[serde(rename = "C")]
    pub c: f64,
}

impl Grades {
    /// The letter of a fit.
    pub fn of(&self, fit: f64) -> Grade {
        if fit >= self.a {
            Grade::A
        } else if fit >= self.b {
            Grade::B
        } else if fit >= self.c {
            Grade::C
        } else {
            Grade::D
        }
    }
}

/// Where warm and hot begin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    /// From this total on.
    pub warm: f64,
    /// From this total on.
    pub hot: f64,
}
