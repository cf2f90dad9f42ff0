//! The score: fit (who a lead is) and engagement (what it does). Both are views of the lead, computed when asked
//! for, so that a changed rule holds for the past too and the order of arrival plays no part.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::condition::Facts;
use crate::{Bundle, Condition, Lead};

/// The scoring model of the organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scoring {
    /// Rules over traits and the address.
    pub fit: Vec<FitRule>,
    /// After this time a point of engagement is worth half.
    pub half_life: Option<SignedDuration>,
    /// What an activity is worth, by its kind.
    pub points: BTreeMap<String, PointRule>,
    /// The bands of the total.
    pub temperature: Bands,
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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PointRule {
    /// For one activity; may be negative.
    pub points: f64,
    /// The most that counts.
    pub at_most: Option<PointCap>,
}

/// At most so many points in each run of UTC days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PointCap {
    /// Before decay, in absolute value.
    pub points: f64,
    /// The length of a run, counted from 1970-01-01.
    pub days: i64,
}

/// Where warm and hot begin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    /// From this total on.
    pub warm: f64,
    /// From this total on.
    pub hot: f64,
}

/// A band of the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Temperature {
    /// Below `warm`.
    Cold,
    /// From `warm` on.
    Warm,
    /// From `hot` on.
    Hot,
}

impl Temperature {
    /// As conditions and pages spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::Hot => "hot",
        }
    }
}

/// A lead's score at one moment. Sums are rounded to a tenth, so that a threshold is not missed by a second's decay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Who they are.
    pub fit: f64,
    /// What they do.
    pub engagement: f64,
    /// Both.
    pub total: f64,
    /// Where every point comes from, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// Why a lead has some of its points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// `fit` or `engagement`.
    pub part: Part,
    /// What is left of the points now, to a tenth.
    pub points: f64,
    /// The rule's own words, or the kind of activity.
    pub because: String,
    /// When it happened; for fit, when the lead last stated something.
    pub at: Timestamp,
}

/// The half of the score that a reason adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Who they are.
    Fit,
    /// What they do.
    Engagement,
}

impl Score {
    /// The score of a lead at `now`.
    pub fn of(bundle: &Bundle, lead: &Lead, now: Timestamp) -> Self {
        let scoring = &bundle.organisation.score;
        let fit_facts = Facts::without_score(bundle, lead, now);
        let fit: Vec<Reason> = scoring
            .fit
            .iter()
            .filter(|rule| rule.when.holds(&fit_facts))
            .map(|rule| Reason {
                part: Part::Fit,
                points: rule.points,
                because: rule.because.clone(),
                at: lead.stated_at,
            })
            .collect();
        let engagement = engagement(scoring, lead, now);
        let fit_sum = tenth(fit.iter().map(|reason| reason.points).sum());
        let engagement_sum = tenth(engagement.iter().map(|reason| reason.points).sum());
        let mut reasons: Vec<Reason> = fit.into_iter().chain(engagement).collect();
        reasons.iter_mut().for_each(|reason| reason.points = tenth(reason.points));
        reasons.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()).then(b.at.cmp(&a.at)));
        Self { fit: fit_sum, engagement: engagement_sum, total: tenth(fit_sum + engagement_sum), reasons }
    }

    /// The band of the total.
    pub fn temperature(&self, bands: Bands) -> Temperature {
        if self.total >= bands.hot {
            Temperature::Hot
        } else if self.total >= bands.warm {
            Temperature::Warm
        } else {
            Temperature::Cold
        }
    }
}

/// One reason for each activity that counts, by kind and then by time: the same order, hence the same sum, however
/// the activities arrived.
fn engagement(scoring: &Scoring, lead: &Lead, now: Timestamp) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (kind, rule) in &scoring.points {
        let mut spent: BTreeMap<i64, f64> = BTreeMap::new();
        for at in lead.history.moments(kind) {
            let points = match rule.at_most {
                None => rule.points,
                Some(cap) => {
                    let run = at.as_second().div_euclid(86_400).div_euclid(cap.days.max(1));
                    let spent = spent.entry(run).or_default();
                    let left = (cap.points.abs() - *spent).max(0.0);
                    let points = rule.points.clamp(-left, left);
                    *spent += points.abs();
                    points
                }
            };
            if points != 0.0 {
                reasons.push(Reason {
                    part: Part::Engagement,
                    points: points * decay(scoring.half_life, at, now),
                    because: kind.clone(),
                    at,
                });
            }
        }
    }
    reasons
}

/// What is left of a point: one half after each half-life.
fn decay(half_life: Option<SignedDuration>, at: Timestamp, now: Timestamp) -> f64 {
    match half_life {
        Some(half_life) if half_life.is_positive() => {
            let age = now.duration_since(at).as_secs_f64().max(0.0);
            (-age / half_life.as_secs_f64()).exp2()
        }
        _ => 1.0,
    }
}

fn tenth(points: f64) -> f64 {
    let rounded = (points * 10.0).round() / 10.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}
