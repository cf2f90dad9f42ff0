//! When an audience may next hold by time alone, so that the lead is looked at then.
//!
//! The days are counted from the lead's creation, so that the same day is found whenever it is looked for, and leads are
//! looked at all around the clock. An audience is asked only for those days on which the answer may be another one: what
//! it compares with a number passes that number at a moment that can be worked out.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::sequence::may_enter;
use crate::campaign::ReEntry;
use crate::expression::Reading;
use crate::{Bundle, Campaign, Condition, Facts, Lead, Score};

/// So many days ahead are looked through; who enters nowhere by then is looked at again after them.
const HORIZON: i32 = 35;
const DAY: i64 = 86_400;

/// The first day on which an audience would hold if nothing else happened; the end of the horizon if there is none; never if
/// neither an audience that the lead may yet enter changes with time, nor a `re_entry` runs out. What is `known` already
/// bounds the search.
pub(super) fn next_look(
    bundle: &Bundle,
    lead: &Lead,
    now: Timestamp,
    known: Option<Timestamp>,
) -> Option<Timestamp> {
    let audiences: Vec<Audience<'_>> =
        bundle.campaigns.values().filter_map(|campaign| Audience::of(bundle, lead, campaign)).collect();
    if audiences.is_empty() {
        return known;
    }
    let days = Days::of(bundle, lead, now);
    let mut asked: BTreeSet<i32> = BTreeSet::new();
    audiences.iter().for_each(|audience| days.add_turns(audience, &mut asked));
    for ahead in asked {
        let at = days.at(ahead);
        if let Some(known) = known.filter(|known| *known <= at) {
            return Some(known);
        }
        let facts = Facts::new(bundle, lead, at);
        let enters = |audience: &Audience<'_>| {
            let exits = || audience.campaign.exit_when.as_ref().is_some_and(|exits| exits.holds(&facts));
            may_enter(bundle, lead, audience.campaign, at) && audience.condition.holds(&facts) && !exits()
        };
        if audiences.iter().any(enters) {
            return Some(at);
        }
    }
    known.or_else(|| Some(days.at(HORIZON)))
}

/// An audience that time alone can make a lead belong to.
struct Audience<'a> {
    campaign: &'a Campaign,
    condition: &'a Condition,
    /// What it and the campaign's `exit_when` read of the clock, since who would leave at once does not enter; none if one of
    /// them may turn on any day.
    readings: Option<Vec<&'a Reading>>,
    /// When `re_entry` lets the lead enter again.
    opens: Option<Timestamp>,
}

impl<'a> Audience<'a> {
    fn of(bundle: &'a Bundle, lead: &Lead, campaign: &'a Campaign) -> Option<Self> {
        let condition = campaign.audience.as_ref()?;
        let mut readings = Vec::new();
        let mut conditions = std::iter::once(condition).chain(&campaign.exit_when);
        let told = conditions.all(|condition| condition.add_readings(bundle, &mut readings));
        let readings = told.then_some(readings);
        let opens = match (&campaign.re_entry, lead.enrolments.get(&campaign.id)) {
            (ReEntry::After(span), Some(before)) => Some(before.began_at + *span),
            _ => None,
        };
        let changes = opens.is_some() || readings.as_ref().is_none_or(|readings| !readings.is_empty());
        let enters = changes && may_enter(bundle, lead, campaign, Timestamp::MAX);
        enters.then_some(Self { campaign, condition, readings, opens })
    }
}

/// The days ahead of a lead.
struct Days<'a> {
    bundle: &'a Bundle,
    lead: &'a Lead,
    /// How many days old the lead is.
    age: i64,
    /// Total and engagement on the days for which somebody asked.
    points: RefCell<BTreeMap<i32, (f64, f64)>>,
}

impl<'a> Days<'a> {
    fn of(bundle: &'a Bundle, lead: &'a Lead, now: Timestamp) -> Self {
        let age = now.duration_since(lead.created_at).as_secs().div_euclid(DAY);
        Self { bundle, lead, age, points: RefCell::default() }
    }

    fn at(&self, ahead: i32) -> Timestamp {
        self.lead.created_at + SignedDuration::from_secs(DAY * (self.age + i64::from(ahead)))
    }

    /// Adds the days on which the audience may hold without holding on the day before; the first one always.
    fn add_turns(&self, audience: &Audience<'_>, into: &mut BTreeSet<i32>) {
        into.insert(1);
        if let Some(opens) = audience.opens {
            self.add_day_of(opens, into);
        }
        let mut reading_of_score = audience.readings.iter().flatten().filter(|reading| reading.is_of_score());
        let told =
            audience.readings.is_some() && (reading_of_score.next().is_none() || self.points_only_fade());
        if !told {
            into.extend(1..=HORIZON);
            return;
        }
        for reading in audience.readings.iter().flatten() {
            self.add_turns_of(reading, into);
        }
    }

    fn add_turns_of(&self, reading: &Reading, into: &mut BTreeSet<i32>) {
        match reading {
            Reading::Age { kind, days } => {
                let last = match kind {
                    Some(kind) => self.lead.history.last(kind),
                    None => self.lead.last_active(),
                };
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "far moments are beyond all days, as they should"
                )]
                let length = (days * 86_400_000.0) as i64;
                let turn = last.and_then(|last| last.checked_add(SignedDuration::from_millis(length)).ok());
                turn.into_iter().for_each(|turn| self.add_day_of(turn, into));
            }
            Reading::Total(number) => self.add_passing(*number, |(total, _)| total, into),
            Reading::Engagement(number) => self.add_passing(*number, |(_, engagement)| engagement, into),
            Reading::Temperature => {
                let bands = self.bundle.organisation.score.temperature;
                [bands.warm, bands.hot]
                    .into_iter()
                    .for_each(|band| self.add_passing(band, |(total, _)| total, into));
            }
            Reading::Fit => {}
        }
    }

    /// Adds the first days after a moment: from the first on it is at least so late, on the second it is later.
    fn add_day_of(&self, moment: Timestamp, into: &mut BTreeSet<i32>) {
        // A second earlier, for ages are counted in fractions.
        let seconds = moment.duration_since(self.lead.created_at).as_secs() - 1;
        let ahead = seconds.div_euclid(DAY) - self.age;
        into.extend(
            [1, 2]
                .into_iter()
                .filter_map(|days| i32::try_from(ahead + days).ok())
                .filter(|day| (1..=HORIZON).contains(day)),
        );
    }

    /// Adds the first day on which points are no more than a number, and the first on which they are less. They only fade.
    fn add_passing(&self, number: f64, part: impl Fn((f64, f64)) -> f64, into: &mut BTreeSet<i32>) {
        let points = |ahead: i32| part(self.points(ahead));
        let (first, last) = (points(1), points(HORIZON));
        let passed: [&dyn Fn(f64) -> bool; 2] = [&|points| points <= number, &|points| points < number];
        for passed in passed {
            if passed(first) || !passed(last) {
                continue;
            }
            let (mut before, mut after) = (1, HORIZON);
            while after - before > 1 {
                let middle = i32::midpoint(before, after);
                if passed(points(middle)) { after = middle } else { before = middle }
            }
            into.insert(after);
        }
    }

    fn points(&self, ahead: i32) -> (f64, f64) {
        *self.points.borrow_mut().entry(ahead).or_insert_with(|| {
            let score = Score::of(self.bundle, self.lead, self.at(ahead));
            (score.total, score.engagement)
        })
    }

    /// Whether this lead's points never grow by time alone: none are taken from it, and no rule of the fit reads the clock.
    fn points_only_fade(&self) -> bool {
        let scoring = &self.bundle.organisation.score;
        let of_campaigns = || self.bundle.campaigns.values().map(|campaign| &campaign.score);
        let mut points = scoring.points.iter().chain(of_campaigns().flat_map(|score| &score.points));
        let mut fit = scoring.fit.iter().chain(of_campaigns().flat_map(|score| &score.fit));
        points.all(|(kind, rule)| rule.points >= 0.0 || self.lead.history.times(kind) == 0)
            && fit.all(|rule| {
                let mut readings = Vec::new();
                rule.when.add_readings(self.bundle, &mut readings) && readings.is_empty()
            })
    }
}
