//! An experiment: several ways on from one step, of which each lead is given one by lot, to learn which serves best.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{CampaignId, LeadId, StepId, VariantId, lot};

/// The ways, and what tells the better from the worse.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Experiment {
    /// In the order of the file; at least two.
    pub variants: Vec<Variant>,
    /// What counts as a success.
    pub measure: Measure,
    /// How long after the lot a success counts. All leads are given the same time, or the early would seem better.
    pub within: SignedDuration,
    /// The variant that everybody new takes, once a winner is known.
    pub settled: Option<VariantId>,
}

/// One of the ways.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Variant {
    /// Its name.
    pub id: VariantId,
    /// Its share is this, out of the weights of all.
    pub weight: u32,
    /// Its first step; without any, it goes on after the experiment.
    pub first: Option<StepId>,
}

/// What counts as a success of a variant, at most once for each lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The lead reaches the campaign's goal.
    Goal,
    /// The lead, and no machine, clicks in one of the variant's e-mails.
    EmailClicked,
}

impl Measure {
    /// As files spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Goal => "goal",
            Self::EmailClicked => "email_clicked",
        }
    }
}

impl Experiment {
    /// The variant of that name.
    pub fn variant(&self, id: &VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == *id)
    }

    /// The variant that falls to a lead. The same lead always draws the same one, and what it draws in one experiment
    /// tells nothing about what it draws in another. None only of an experiment without variants.
    pub fn draw(&self, lead: &LeadId, campaign: &CampaignId, step: &StepId) -> Option<&Variant> {
        let weights: u64 = self.variants.iter().map(|variant| u64::from(variant.weight)).sum();
        let mut place = lot::below(weights, &["variant", lead.as_str(), campaign.as_str(), step.as_str()]);
        self.variants.iter().find(|variant| {
            let taken = place < u64::from(variant.weight);
            place = place.saturating_sub(u64::from(variant.weight));
            taken
        })
    }
}
