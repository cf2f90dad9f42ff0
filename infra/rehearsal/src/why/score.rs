//! Where each point of a lead's score comes from, and which rules gave none.

use domain::score::Part;
use domain::{Facts, Score};
use serde::Serialize;

use super::Question;
use super::condition::{self, ConditionTold};
use crate::words;

/// A score with its points.
#[derive(Debug, Clone, Serialize)]
pub struct ScoreTold {
    /// Both together.
    pub total: f64,
    /// Who they are.
    pub fit: f64,
    /// What they do.
    pub engagement: f64,
    /// The fit as a letter; none without `grades`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<&'static str>,
    /// The band.
    pub temperature: &'static str,
    /// The weightiest first.
    pub points: Vec<PointTold>,
}

/// Points, or a rule that gave none.
#[derive(Debug, Clone, Serialize)]
pub struct PointTold {
    /// What is left of them.
    pub points: f64,
    /// How often.
    pub times: usize,
    /// In a sentence.
    pub because: String,
    /// The rule's condition; of an activity there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionTold>,
    /// Where the rule stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Question<'_> {
    pub(super) fn score(&self) -> ScoreTold {
        let scoring = &self.bundle.organisation.score;
        let score = Score::of(self.bundle, &self.lead, self.now);
        let facts = Facts::without_score(self.bundle, &self.lead, self.now);
        let mut points: Vec<PointTold> = Vec::new();
        for reason in &score.reasons {
            let campaign = reason.campaign.as_ref().and_then(|id| self.bundle.campaign(id));
            let fit = campaign.map_or(&scoring.fit, |campaign| &campaign.score.fit);
            let rule = fit.iter().find(|rule| {
                reason.part == Part::Fit && rule.because == reason.because && rule.when.holds(&facts)
            });
            if let Some(rule) = rule {
                let place = self.places.condition(reason.campaign.as_ref(), rule.when.source());
                let condition = condition::told(&rule.when, &facts, place.clone());
                let because = reason.because.clone();
                points.push(PointTold {
                    points: reason.points,
                    times: 1,
                    because,
                    condition: Some(condition),
                    place,
                });
                continue;
            }
            let (kind, at) = (&reason.because, self.moment(reason.at));
            let rules = campaign.map_or(&scoring.points, |campaign| &campaign.score.points);
            let whole = rules.get(kind).map(|rule| rule.points);
            let faded = whole.filter(|whole| (whole - reason.points).abs() >= 0.05);
            let told = faded.map_or_else(String::new, |whole| format!(" (of {whole} then)"));
            let because = format!("{} {at}{told}", kind.replace('_', " "));
            // The same at the same time, as when a visitor looks at many pages, stands there once.
            match points.iter_mut().find(|point| point.because == because && point.condition.is_none()) {
                Some(same) => {
                    same.points = ((same.points + reason.points) * 10.0).round() / 10.0;
                    same.times += 1;
                }
                None => points.push(PointTold {
                    points: reason.points,
                    times: 1,
                    because,
                    condition: None,
                    place: match &reason.campaign {
                        Some(id) => self.places.campaign_key(id, "score"),
                        None => self.places.key(&["score", "engagement", "points", kind]),
                    },
                }),
            }
        }
        for rule in scoring.fit.iter().filter(|rule| !rule.when.holds(&facts)) {
            let place = self.places.condition(None, rule.when.source());
            let condition = condition::told(&rule.when, &facts, place.clone());
            let because = format!("{} (would be {})", rule.because, signed(rule.points));
            points.push(PointTold { points: 0.0, times: 1, because, condition: Some(condition), place });
        }
        points.extend(self.capped());
        let temperature = score.temperature(scoring.temperature).as_str();
        let Score { total, fit, engagement, .. } = score;
        let grade = score.grade.map(|grade| grade.as_str());
        ScoreTold { total, fit, engagement, grade, temperature, points }
    }

    /// Kinds of which some occurrences give no points, since a cap is reached.
    fn capped(&self) -> Vec<PointTold> {
        let scoring = &self.bundle.organisation.score;
        let mut told = Vec::new();
        for (kind, rule) in &scoring.points {
            let Some(cap) = rule.at_most else { continue };
            let moments: Vec<_> = self.lead.history.moments(kind).collect();
            let mut runs = std::collections::BTreeMap::<i64, f64>::new();
            for at in &moments {
                let run = at.as_second().div_euclid(86_400).div_euclid(cap.days.max(1));
                *runs.entry(run).or_default() += rule.points.abs();
            }
            if runs.values().any(|points| *points > cap.points) {
                let span = words::span(jiff::SignedDuration::from_hours(24 * cap.days));
                told.push(PointTold {
                    points: 0.0,
                    times: moments.len(),
                    because: format!(
                        "{} (more than {} points per {span} do not count)",
                        kind.replace('_', " "),
                        cap.points
                    ),
                    condition: None,
                    place: self.places.key(&["score", "engagement", "points", kind]),
                });
            }
        }
        told
    }
}

/// `+20`, `-5`.
pub(super) fn signed(points: f64) -> String {
    if points >= 0.0 { format!("+{points}") } else { points.to_string() }
}
