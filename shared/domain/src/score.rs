//! The score: fit (who a lead is) and engagement (what it does). Both are views of the lead, computed when asked
//! for, so that a changed rule holds for the past too and the order of arrival plays no part.

mod engagement;
mod rules;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::condition::Facts;
use crate::{Bundle, Campaign, CampaignId, Lead};
pub use rules::{Bands, CampaignScoring, Decay, FitRule, Grades, PointCap, PointRule, Scoring};

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
    /// Every band, in ascending order.
    pub const ALL: [Self; 3] = [Self::Cold, Self::Warm, Self::Hot];

    /// As conditions and pages spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::Hot => "hot",
        }
    }
}

/// How well a lead fits, as a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// The best.
    A,
    /// Below `A`.
    B,
    /// Below `B`.
    C,
    /// Below `C`.
    D,
}

impl Grade {
    /// Every grade, the best first.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// As conditions and pages spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
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
    /// The fit as a letter; none without `grades`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
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
    /// Whose rule it is; none for the organisation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
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
    /// The score of a lead at `now`, by the rules of the organisation and of the campaigns that it ever entered.
    pub fn of(bundle: &Bundle, lead: &Lead, now: Timestamp) -> Self {
        let facts = Facts::without_score(bundle, lead, now);
        let scoring = &bundle.organisation.score;
        let of_campaigns = entered(bundle, lead)
            .flat_map(|(campaign, _)| campaign.score.fit.iter().map(move |rule| (rule, Some(&campaign.id))));
        let fit: Vec<Reason> = scoring
            .fit
            .iter()
            .map(|rule| (rule, None))
            .chain(of_campaigns)
            .filter(|(rule, _)| rule.when.holds(&facts))
            .map(|(rule, campaign)| Reason {
                part: Part::Fit,
                points: rule.points,
                because: rule.because.clone(),
                at: lead.stated_at,
                campaign: campaign.cloned(),
            })
            .collect();
        let engagement = engagement::engagement(bundle, lead, now);
        let fit_sum = tenth(fit.iter().map(|reason| reason.points).sum());
        let engagement_sum = tenth(engagement.iter().map(|reason| reason.points).sum());
        let mut reasons: Vec<Reason> = fit.into_iter().chain(engagement).collect();
        reasons.iter_mut().for_each(|reason| reason.points = tenth(reason.points));
        // What has faded to nothing is no reason any more.
        reasons.retain(|reason| reason.points != 0.0);
        reasons.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()).then(b.at.cmp(&a.at)));
        Self {
            fit: fit_sum,
            engagement: engagement_sum,
            total: tenth(fit_sum + engagement_sum),
            grade: scoring.grades.map(|grades| grades.of(fit_sum)),
            reasons,
        }
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

/// The campaigns with rules of their own that the lead ever entered, and when it first did.
fn entered<'a>(bundle: &'a Bundle, lead: &'a Lead) -> impl Iterator<Item = (&'a Campaign, Timestamp)> {
    lead.enrolments.iter().filter_map(|(id, enrolment)| {
        let campaign = bundle.campaign(id).filter(|campaign| !campaign.score.is_empty())?;
        Some((campaign, enrolment.first_began_at()))
    })
}

fn tenth(points: f64) -> f64 {
    let rounded = (points * 10.0).round() / 10.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}
