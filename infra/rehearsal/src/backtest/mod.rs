//! A backtest: what scoring rules would have said about leads whose outcome is known.
//!
//! A score must be judged by what was known before the outcome. So a lead that converted is scored at the moment of its
//! goal, by what the log holds before the goal: neither the goal's own points nor what follows it count. A lead that
//! did not convert is scored at the same age: that at which the median lead converted, or at the end of all logs if it
//! is younger. Were it scored at the end of the log, its points would have faded longer than those of the others, and
//! every rule that fades would look better than it is.
//!
//! Stages that the log tells are facts of the past and are not replayed: rules say anew, after each activity, which
//! stage a lead reaches.

mod statistics;

use std::collections::BTreeMap;

use domain::evolve::BrokenLog;
use domain::{Activity, Bundle, Fact, Facts, Lead, LeadId, Score, Stage, evolve};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::log::Log;
pub use statistics::{Band, Decile, Sample, Separation};

/// What counts as a conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// An activity of this kind.
    Event(String),
    /// A `stage_changed` to this stage, as the log tells it.
    Stage(Stage),
    /// The goal of any campaign.
    OfCampaigns,
}

/// Old rules beside new ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// How many leads.
    pub leads: usize,
    /// How many of them reached the goal.
    pub converted: usize,
    /// How well the edited rules separate.
    pub new: Separation,
    /// How well the rules do that they are compared with.
    pub old: Option<Separation>,
    /// Which leads stand elsewhere under the edited rules.
    pub changes: Vec<Change>,
}

/// A lead that stands elsewhere under the edited rules, at the moment at which it is scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Who.
    pub lead: LeadId,
    /// Whether it converted.
    pub converted: bool,
    /// Under the old rules.
    pub old: Standing,
    /// Under the edited ones.
    pub new: Standing,
}

/// Where rules put a lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The total.
    pub score: f64,
    /// The furthest stage that the rules gave so far.
    pub stage: &'static str,
    /// The band of the total.
    pub temperature: &'static str,
    /// The letter of the fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<&'static str>,
}

/// When leads are scored: what must be known of all logs before the first is replayed. It keeps a number for each lead that
/// converted, and no log.
#[derive(Debug, Clone, Default)]
pub struct Moments {
    ages: Vec<SignedDuration>,
    end: Option<Timestamp>,
}

impl Moments {
    /// Looks at a log.
    pub fn see(&mut self, log: &Log, bundle: &Bundle, goal: &Goal) {
        self.end = self.end.max(log.activities.iter().map(|activity| activity.at).max());
        if let (Some(first), Some(place)) = (log.activities.first(), goal.place_in(log, bundle)) {
            self.ages.push(log.activities[place].at.duration_since(first.at).max(SignedDuration::ZERO));
        }
    }

    /// The age at which the median lead of those that converted did so.
    fn median_age(&mut self) -> Option<SignedDuration> {
        self.ages.sort();
        self.ages.get(self.ages.len() / 2).copied()
    }
}

/// Replays logs one at a time, under the new rules and, if there are any, under the old ones.
#[derive(Debug)]
pub struct Replay<'a> {
    new: &'a Bundle,
    old: Option<&'a Bundle>,
    goal: &'a Goal,
    age: Option<SignedDuration>,
    end: Option<Timestamp>,
    new_samples: Vec<Sample>,
    old_samples: Vec<Sample>,
    changes: Vec<Change>,
}

impl<'a> Replay<'a> {
    /// Begins, once all logs were seen.
    pub fn new(new: &'a Bundle, old: Option<&'a Bundle>, goal: &'a Goal, mut moments: Moments) -> Self {
        let (age, end) = (moments.median_age(), moments.end);
        let (new_samples, old_samples, changes) = (Vec::new(), Vec::new(), Vec::new());
        Self { new, old, goal, age, end, new_samples, old_samples, changes }
    }

    /// Scores a lead.
    ///
    /// # Errors
    /// A log whose activities do not fold.
    pub fn add(&mut self, log: &Log) -> Result<(), BrokenLog> {
        let Some(first) = log.activities.first() else { return Ok(()) };
        let place = self.goal.place_in(log, self.new);
        let moment = match place {
            Some(place) => log.activities[place].at,
            None => {
                let of_age = self.age.map_or(Timestamp::MAX, |age| first.at + age);
                self.end.unwrap_or(first.at).min(of_age)
            }
        };
        let known: Vec<&Activity> = match place {
            Some(place) => log.activities[..place].iter().collect(),
            None => log.activities.iter().filter(|activity| activity.at <= moment).collect(),
        };
        let converted = place.is_some();
        let standing = standing(self.new, &known, moment)?;
        self.new_samples.push(Sample { score: standing.score, converted });
        let Some(old) = self.old else { return Ok(()) };
        let before = self::standing(old, &known, moment)?;
        self.old_samples.push(Sample { score: before.score, converted });
        if before.moved_to(&standing) {
            self.changes.push(Change { lead: log.lead.clone(), converted, old: before, new: standing });
        }
        Ok(())
    }

    /// What came of it.
    pub fn weighed(self) -> Backtest {
        Backtest {
            leads: self.new_samples.len(),
            converted: self.new_samples.iter().filter(|sample| sample.converted).count(),
            new: Separation::of(&self.new_samples),
            old: self.old.map(|_| Separation::of(&self.old_samples)),
            changes: self.changes,
        }
    }
}

/// Replays logs that are at hand.
///
/// # Errors
/// A log whose activities do not fold.
pub fn backtest(
    logs: &[Log],
    new: &Bundle,
    old: Option<&Bundle>,
    goal: &Goal,
) -> Result<Backtest, BrokenLog> {
    let mut moments = Moments::default();
    logs.iter().for_each(|log| moments.see(log, new, goal));
    let mut replay = Replay::new(new, old, goal, moments);
    logs.iter().try_for_each(|log| replay.add(log))?;
    Ok(replay.weighed())
}

impl Backtest {
    /// How many leads go from one place to another, by what changes: `stage`, `temperature` or `grade`.
    pub fn moves(&self) -> BTreeMap<(&'static str, &'static str, &'static str), usize> {
        let mut moves = BTreeMap::new();
        for Change { old, new, .. } in &self.changes {
            let parts = [
                ("stage", old.stage, new.stage),
                ("temperature", old.temperature, new.temperature),
                ("grade", old.grade.unwrap_or("none"), new.grade.unwrap_or("none")),
            ];
            for part in parts.into_iter().filter(|(_, from, to)| from != to) {
                *moves.entry(part).or_default() += 1;
            }
        }
        moves
    }
}

impl Goal {
    /// Where in the log it was first reached.
    fn place_in(&self, log: &Log, bundle: &Bundle) -> Option<usize> {
        let is_goal = |fact: &Fact| match self {
            Self::Event(kind) => fact.counted_kind() == Some(kind),
            Self::Stage(stage) => matches!(fact, Fact::StageChanged { to, .. } if to == stage),
            Self::OfCampaigns => {
                let goals = bundle.campaigns.values().filter_map(|campaign| campaign.goal.as_deref());
                fact.counted_kind().is_some_and(|kind| goals.into_iter().any(|goal| goal == kind))
            }
        };
        // The first activity makes the lead; without it there is nothing to score.
        let later = log.activities.iter().enumerate().skip(1);
        later.into_iter().find(|(_, activity)| is_goal(&activity.fact)).map(|(place, _)| place)
    }
}

impl Standing {
    fn moved_to(&self, other: &Self) -> bool {
        (self.stage, self.temperature, self.grade) != (other.stage, other.temperature, other.grade)
    }
}

fn standing(bundle: &Bundle, known: &[&Activity], moment: Timestamp) -> Result<Standing, BrokenLog> {
    let mut lead: Option<Lead> = None;
    let mut stage = Stage::default();
    for activity in known.iter().filter(|activity| !matches!(activity.fact, Fact::StageChanged { .. })) {
        let mut next = evolve(lead, activity)?;
        if activity.fact.counted_kind().is_some() {
            stage = stage_of(bundle, &mut next, stage, activity.at);
        }
        lead = Some(next);
    }
    let mut lead = lead.ok_or(BrokenLog)?;
    let stage = stage_of(bundle, &mut lead, stage, moment);
    let score = Score::of(bundle, &lead, moment);
    Ok(Standing {
        score: score.total,
        stage: stage.as_str(),
        temperature: score.temperature(bundle.organisation.score.temperature).as_str(),
        grade: score.grade.map(|grade| grade.as_str()),
    })
}

/// The stage that the rules give now; never an earlier one than before.
fn stage_of(bundle: &Bundle, lead: &mut Lead, before: Stage, now: Timestamp) -> Stage {
    lead.stage = before;
    let facts = Facts::new(bundle, lead, now);
    let rules = &bundle.organisation.stages;
    let further = Stage::BY_RULE.into_iter().filter(|stage| *stage > before);
    let reached = further.into_iter().find(|stage| rules.get(stage).is_some_and(|rule| rule.holds(&facts)));
    drop(facts);
    lead.stage = reached.unwrap_or(before);
    lead.stage
}
