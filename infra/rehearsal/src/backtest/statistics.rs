//! How well a number separates those who converted from those who did not.

use serde::Serialize;

/// One lead: its score, and whether it converted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The total.
    pub score: f64,
    /// Whether it reached the goal.
    pub converted: bool,
}

/// How well scores separated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Separation {
    /// The chance that a lead that converted scored above one that did not, a tie counting half (Mann and Whitney 1947):
    /// 0.5 is guessing, 1 is perfect. None if nobody converted, or everybody did.
    pub auc: Option<f64>,
    /// The leads in ten equal parts, the highest scores first.
    pub deciles: Vec<Decile>,
    /// How many converted in each band of ten points.
    pub bands: Vec<Band>,
}

/// A tenth of the leads. Leads that score alike and straddle its edge are shared out evenly, so counts may be broken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decile {
    /// How many leads.
    pub leads: f64,
    /// How many of them converted.
    pub converted: f64,
    /// How often they converted compared with all leads: 2 is twice as often. None if nobody converted.
    pub lift: Option<f64>,
}

/// A band of the score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// From this score on; none for the lowest band.
    pub from: Option<f64>,
    /// Below this score; none for the highest band.
    pub below: Option<f64>,
    /// How many leads.
    pub leads: usize,
    /// How many of them converted.
    pub converted: usize,
    /// The share that converted.
    pub rate: f64,
}

/// Leads of one score.
struct Tie {
    leads: f64,
    converted: f64,
}

impl Separation {
    /// Of all leads, in any order.
    pub fn of(samples: &[Sample]) -> Self {
        let ties = ties(samples);
        Self { auc: auc(&ties), deciles: deciles(&ties), bands: bands(samples) }
    }
}

/// The leads by score, the highest first.
fn ties(samples: &[Sample]) -> Vec<Tie> {
    let mut sorted: Vec<&Sample> = samples.iter().collect();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let alike = sorted.chunk_by(|a, b| a.score == b.score);
    alike.map(|tie| Tie { leads: count(tie.len()), converted: count(converted(tie)) }).collect()
}

fn auc(ties: &[Tie]) -> Option<f64> {
    let all: f64 = ties.iter().map(|tie| tie.leads).sum();
    let converted: f64 = ties.iter().map(|tie| tie.converted).sum();
    let pairs = converted * (all - converted);
    let mut above = 0.0;
    let mut wins = 0.0;
    for tie in ties {
        let others = tie.leads - tie.converted;
        wins += others * (above + tie.converted / 2.0);
        above += tie.converted;
    }
    (pairs > 0.0).then(|| wins / pairs)
}

fn deciles(ties: &[Tie]) -> Vec<Decile> {
    let all: f64 = ties.iter().map(|tie| tie.leads).sum();
    let converted: f64 = ties.iter().map(|tie| tie.converted).sum();
    let decile = |number: usize| {
        let (from, to) = (all * count(number) / 10.0, all * count(number + 1) / 10.0);
        let (mut place, mut leads, mut hits) = (0.0, 0.0, 0.0);
        for tie in ties {
            let within = (to.min(place + tie.leads) - from.max(place)).max(0.0);
            leads += within;
            hits += within * tie.converted / tie.leads;
            place += tie.leads;
        }
        let lift = (converted > 0.0 && leads > 0.0).then(|| (hits / leads) / (converted / all));
        Decile { leads, converted: hits, lift }
    };
    (0..10).map(decile).collect()
}

/// Below 0, ten bands of ten points, and from 100 on; those without a lead are left out.
fn bands(samples: &[Sample]) -> Vec<Band> {
    let edges: Vec<Option<f64>> =
        [None].into_iter().chain((0..=10).map(|edge| Some(count(edge) * 10.0))).chain([None]).collect();
    let band = |edges: &[Option<f64>]| {
        let (from, below) = (edges[0], edges[1]);
        let within = |sample: &&Sample| {
            from.is_none_or(|from| sample.score >= from) && below.is_none_or(|below| sample.score < below)
        };
        let leads: Vec<&Sample> = samples.iter().filter(within).collect();
        let converted = converted(&leads);
        let rate = if leads.is_empty() { 0.0 } else { count(converted) / count(leads.len()) };
        Band { from, below, leads: leads.len(), converted, rate }
    };
    edges.windows(2).map(band).filter(|band| band.leads > 0).collect()
}

fn converted(samples: &[&Sample]) -> usize {
    samples.iter().filter(|sample| sample.converted).count()
}

#[expect(clippy::cast_precision_loss, reason = "leads are far fewer than 2^53")]
fn count(number: usize) -> f64 {
    number as f64
}
