//! Arrivals: who posts the form, and when.

use std::collections::BTreeMap;

use domain::campaign::FieldKind;
use domain::schedule;
use domain::sequence::{Act, LOTS, holds_out};
use domain::{Campaign, EmailAddress, LeadId, LeadKey, TraitValue, Traits};
use jiff::{SignedDuration, Timestamp};

use super::Simulation;

/// The times of day at which leads arrive, in the organisation's zone: within quiet hours and without.
const HOURS: [i64; 2] = [10, 20];
/// Ids that are looked through for one of each way that lots can fall.
const CANDIDATES: usize = 5_000;
const KEY: &str = "the key of simulations";

/// Leads that are alike when they arrive.
pub(super) struct Arrival {
    pub share: f64,
    pub at: Timestamp,
    pub traits: Traits,
    pub email: EmailAddress,
}

/// The key by which simulated leads get their ids. It guards nothing.
pub(super) fn key() -> Option<LeadKey> {
    LeadKey::new(KEY).ok()
}

/// Everybody, by what they hold, how lots fall for them, and when they come.
pub(super) fn of(simulation: &Simulation<'_>) -> Vec<Arrival> {
    let kinds = kinds(simulation);
    let identities = identities(simulation.campaign);
    let zone = schedule::zone(None, &simulation.bundle.organisation.time_zone);
    let first = simulation.from.to_zoned(zone).start_of_day().map_or(simulation.from, |day| day.timestamp());
    let mut arrivals = Vec::new();
    for day in 0..i64::from(simulation.days.max(1)) {
        for hour in HOURS {
            let at = first + SignedDuration::from_hours(24 * day + hour);
            for (traits, kind_share) in &kinds {
                for (email, lot_share) in &identities {
                    let share = kind_share * lot_share;
                    arrivals.push(Arrival { share, at, traits: traits.clone(), email: email.clone() });
                }
            }
        }
    }
    arrivals
}

/// Each combination of what the form's fields may hold. A field that no rule asks about always holds the same.
fn kinds(simulation: &Simulation<'_>) -> Vec<(Traits, f64)> {
    let written = serde_json::to_string(simulation.bundle).unwrap_or_default();
    let mut kinds = vec![(Traits::new(), 1.0)];
    for field in simulation.campaign.form.iter().flat_map(|form| &form.fields) {
        if field.kind == FieldKind::Email {
            continue;
        }
        let given = simulation.rates.traits.get(&field.name).cloned();
        let mut values = given.unwrap_or_else(|| values(&field.kind));
        if !written.contains(&format!("lead.{}", field.name)) {
            values.truncate(1);
        }
        let all: f64 = values.iter().map(|(_, weight)| weight).sum();
        kinds = kinds
            .iter()
            .flat_map(|(traits, share)| {
                values.iter().map(move |(value, weight)| {
                    let mut traits = traits.clone();
                    traits.insert(field.name.clone(), value.clone());
                    (traits, share * weight / all)
                })
            })
            .collect();
        if values.is_empty() {
            return vec![(Traits::new(), 1.0)];
        }
    }
    kinds
}

/// What a field holds if nobody says more: each option alike, or three numbers within its bounds.
fn values(kind: &FieldKind) -> Vec<(TraitValue, f64)> {
    match kind {
        FieldKind::Choice { options } => {
            options.iter().map(|option| (option.value.as_str().into(), 1.0)).collect()
        }
        FieldKind::Number { min, max } => {
            let min = min.unwrap_or(0.0);
            let max = max.unwrap_or(min + 100.0);
            [0.25, 0.5, 0.75]
                .into_iter()
                .map(|part| (TraitValue::Number((min + (max - min) * part).round()), 1.0))
                .collect()
        }
        FieldKind::Checkbox => vec![(TraitValue::Boolean(true), 1.0), (TraitValue::Boolean(false), 1.0)],
        FieldKind::Date => vec![("2026-12-01".into(), 1.0)],
        FieldKind::Country => vec![("FR".into(), 1.0)],
        _ => vec![("Ada".into(), 1.0)],
    }
}

/// An address for each way in which the lots of the campaign's steps can fall, with its probability.
fn identities(campaign: &Campaign) -> Vec<(EmailAddress, f64)> {
    let Some(key) = key() else { return Vec::new() };
    let mut found: BTreeMap<Vec<usize>, (EmailAddress, f64)> = BTreeMap::new();
    for candidate in 0..CANDIDATES {
        let Ok(email) = EmailAddress::parse(&format!("lead-{candidate}@example.com")) else { continue };
        let lots = lots(campaign, &LeadId::of(&key, &email));
        let probability = lots.iter().map(|(_, probability)| probability).product();
        let ways: Vec<usize> = lots.into_iter().map(|(way, _)| way).collect();
        let simple = ways.is_empty();
        found.entry(ways).or_insert((email, probability));
        if simple {
            break;
        }
    }
    found.into_values().collect()
}

/// The way that each lot falls for a lead, and how likely that is.
fn lots(campaign: &Campaign, lead: &LeadId) -> Vec<(usize, f64)> {
    let of_step = |(id, step): (&domain::StepId, &domain::sequence::Step)| match &step.act {
        Act::Experiment(experiment) if experiment.settled.is_none() => {
            let all: u32 = experiment.variants.iter().map(|variant| variant.weight).sum();
            let drawn = experiment.draw(lead, &campaign.id, id)?;
            let place = experiment.variants.iter().position(|variant| variant.id == drawn.id)?;
            Some((place, f64::from(drawn.weight) / f64::from(all.max(1))))
        }
        Act::Holdout { lots } => {
            let share = *lots as f64 / LOTS as f64;
            let kept = holds_out(*lots, lead, &campaign.id, id);
            Some((usize::from(kept), if kept { share } else { 1.0 - share }))
        }
        _ => None,
    };
    campaign.sequence.steps.iter().filter_map(of_step).collect()
}
