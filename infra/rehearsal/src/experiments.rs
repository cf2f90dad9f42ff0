//! What experiments tell so far, by the logs of leads: rates with their bounds, and whether one may stop.

mod verdict;

use std::collections::BTreeSet;

use domain::experiment::{Experiment, Measure};
use domain::sequence::{Act, Sequence};
use domain::{Activity, Bundle, CampaignId, Fact, StepId, VariantId};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::clicks::Disowned;
use crate::confidence::Bounds;
pub use verdict::{ALPHA, Counts, Judged, Outcome, judge, more_leads};

/// What one experiment tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whose.
    pub campaign: CampaignId,
    /// Its name.
    pub experiment: StepId,
    /// What counts as a success.
    pub measure: Measure,
    /// How long a success counts, and hence how long a lead is waited for.
    pub within: SignedDuration,
    /// The variant that everybody new takes already.
    pub settled: Option<VariantId>,
    /// In the order of the file.
    pub variants: Vec<VariantReport>,
    /// The largest difference between two true rates that can be left.
    pub largest_difference: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows from an experiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Verdict {
    /// One variant is better than all others.
    Winner {
        /// Which one.
        variant: VariantId,
    },
    /// Whatever difference there is, it is too small to matter.
    NoDifference,
    /// Nobody knows yet.
    Open {
        /// About so many leads more, if the rates stay as they are; none if there is no telling.
        more_leads: Option<u64>,
    },
}

/// What one variant tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VariantReport {
    /// Its name.
    pub variant: VariantId,
    /// The leads that drew it, and had all the time to succeed.
    pub leads: u64,
    /// Those of them that did.
    pub successes: u64,
    /// The leads that drew it too lately to count.
    pub too_recent: u64,
    /// Successes of leads; none without leads.
    pub rate: Option<f64>,
    /// Between them lies the true rate.
    #[serde(flatten)]
    pub bounds: Bounds,
}

/// Counts leads, one after the other.
pub struct Tally<'a> {
    experiments: Vec<Watched<'a>>,
    /// The latest time that any log tells.
    latest: Timestamp,
}

struct Watched<'a> {
    campaign: &'a CampaignId,
    goal: Option<&'a str>,
    step: &'a StepId,
    experiment: &'a Experiment,
    /// The steps of each variant.
    steps: Vec<BTreeSet<&'a StepId>>,
    draws: Vec<Draw>,
}

/// One lead that drew a variant.
struct Draw {
    /// Its place among the variants.
    variant: usize,
    at: Timestamp,
    succeeded: bool,
}

impl<'a> Tally<'a> {
    /// Watches every experiment of these campaigns.
    pub fn new(bundle: &'a Bundle) -> Self {
        let mut experiments = Vec::new();
        for (id, campaign) in &bundle.campaigns {
            for (step_id, step) in &campaign.sequence.steps {
                let Act::Experiment(experiment) = &step.act else { continue };
                let steps = experiment.variants.iter();
                let steps = steps
                    .map(|variant| block(&campaign.sequence, variant.first.as_ref(), step.next.as_ref()));
                experiments.push(Watched {
                    campaign: id,
                    goal: campaign.goal.as_deref(),
                    step: step_id,
                    experiment,
                    steps: steps.collect(),
                    draws: Vec::new(),
                });
            }
        }
        Self { experiments, latest: Timestamp::MIN }
    }

    /// Counts one lead, by everything that happened to it. Each experiment counts a lead once at most: for its first lot.
    pub fn count(&mut self, activities: &[Activity]) {
        self.latest = activities.iter().map(|activity| activity.at).fold(self.latest, Timestamp::max);
        for watched in &mut self.experiments {
            let draw = watched.draw(activities);
            watched.draws.extend(draw);
        }
    }

    /// What all of them tell at `now`, or at the latest time of the logs if that is later: a store whose clock was moved.
    /// A difference of at most `smallest` does not matter.
    pub fn reports(&self, now: Timestamp, smallest: f64) -> Vec<Report> {
        let now = now.max(self.latest);
        self.experiments.iter().map(|watched| watched.report(now, smallest)).collect()
    }
}

impl Watched<'_> {
    fn draw(&self, activities: &[Activity]) -> Option<Draw> {
        let drawn = |fact: &Fact| match fact {
            Fact::VariantChosen { campaign, step, variant, settled }
                if campaign == self.campaign && step == self.step =>
            {
                Some((variant.clone(), *settled))
            }
            _ => None,
        };
        let (place, (variant, settled)) = activities
            .iter()
            .enumerate()
            .find_map(|(place, activity)| Some((place, drawn(&activity.fact)?)))?;
        // Who was given the settled variant came later than those who drew, and is not to be compared with them.
        let variant = self.experiment.variants.iter().position(|known| known.id == variant);
        let variant = variant.filter(|_| !settled)?;
        let at = activities[place].at;
        let until = at + self.experiment.within;
        let disowned = Disowned::of(activities);
        let succeeded = activities[place..].iter().any(|activity| {
            activity.at <= until && !disowned.has(activity) && self.is_success(&activity.fact, variant)
        });
        Some(Draw { variant, at, succeeded })
    }

    fn is_success(&self, fact: &Fact, variant: usize) -> bool {
        match (self.experiment.measure, fact) {
            (Measure::Goal, fact) => self.goal.is_some() && fact.counted_kind() == self.goal,
            (Measure::EmailClicked, Fact::EmailClicked(event)) => {
                !event.machine
                    && event.campaign.as_ref() == Some(self.campaign)
                    && event.step.as_ref().is_some_and(|step| self.steps[variant].contains(step))
            }
            (Measure::EmailClicked, _) => false,
        }
    }

    fn report(&self, now: Timestamp, smallest: f64) -> Report {
        // A success may come as late as `within`. Were it counted when it comes, those who succeed early would count
        // before those who do not.
        let ripe = |draw: &&Draw| draw.at + self.experiment.within <= now;
        let mut counts = vec![Counts::default(); self.experiment.variants.len()];
        for draw in self.draws.iter().filter(ripe) {
            counts[draw.variant].leads += 1.0;
            counts[draw.variant].successes += f64::from(u8::from(draw.succeeded));
        }
        let judged = judge(&counts, smallest);
        let verdict = match judged.outcome {
            Some(Outcome::Winner(place)) => {
                Verdict::Winner { variant: self.experiment.variants[place].id.clone() }
            }
            Some(Outcome::NoDifference) => Verdict::NoDifference,
            None => Verdict::Open { more_leads: more_leads(&counts, smallest) },
        };
        let variants = self.experiment.variants.iter().enumerate().map(|(place, variant)| {
            let drawn = |draw: &&Draw| draw.variant == place;
            let (all, ripe) = (self.draws.iter().filter(drawn), self.draws.iter().filter(drawn).filter(ripe));
            let (all, leads) = (all.count() as u64, ripe.clone().count() as u64);
            let successes = ripe.filter(|draw| draw.succeeded).count() as u64;
            VariantReport {
                variant: variant.id.clone(),
                leads,
                successes,
                too_recent: all - leads,
                rate: (leads > 0).then(|| successes as f64 / leads as f64),
                bounds: judged.bounds[place],
            }
        });
        Report {
            campaign: self.campaign.clone(),
            experiment: self.step.clone(),
            measure: self.experiment.measure,
            within: self.experiment.within,
            settled: self.experiment.settled.clone(),
            variants: variants.collect(),
            largest_difference: judged.largest_difference,
            verdict,
        }
    }
}

/// The steps from `first` on, by all ways, up to but without `end`.
fn block<'a>(
    sequence: &'a Sequence,
    first: Option<&'a StepId>,
    end: Option<&StepId>,
) -> BTreeSet<&'a StepId> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&StepId> = first.into_iter().collect();
    while let Some(id) = open.pop() {
        let Some(step) = sequence.steps.get(id).filter(|_| Some(id) != end && found.insert(id)) else {
            continue;
        };
        open.extend(step.next.iter().chain(step.act.ways()));
    }
    found
}
