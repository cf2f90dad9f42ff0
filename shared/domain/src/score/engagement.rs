//! Engagement: what the lead did, capped by rule and by group, and faded.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Decay, Part, PointCap, PointRule, Reason, entered};
use crate::{Bundle, CampaignId, Lead};

/// One activity that counts, before it fades.
struct Point<'a> {
    at: Timestamp,
    kind: &'a str,
    campaign: Option<&'a CampaignId>,
    group: Option<&'a str>,
    points: f64,
}

/// One reason for each activity that counts, by rule and then by time: the same order, hence the same sum, however the
/// activities arrived.
pub(super) fn engagement(bundle: &Bundle, lead: &Lead, now: Timestamp) -> Vec<Reason> {
    let scoring = &bundle.organisation.score;
    let mut points = Vec::new();
    for (kind, rule) in &scoring.points {
        count(&mut points, lead, kind, rule, None);
    }
    for (campaign, since) in entered(bundle, lead) {
        for (kind, rule) in &campaign.score.points {
            count(&mut points, lead, kind, rule, Some((&campaign.id, since)));
        }
    }
    for (group, cap) in &scoring.groups {
        cap_group(&mut points, group, *cap);
    }
    let reason = |point: Point<'_>| Reason {
        part: Part::Engagement,
        points: point.points * left_of(scoring.decay, point.at, now),
        because: point.kind.to_owned(),
        at: point.at,
        campaign: point.campaign.cloned(),
    };
    points.into_iter().map(reason).collect()
}

fn count<'a>(
    points: &mut Vec<Point<'a>>,
    lead: &Lead,
    kind: &'a str,
    rule: &'a PointRule,
    only: Option<(&'a CampaignId, Timestamp)>,
) {
    let mut spent = Spent::default();
    let (campaign, since) = only.unzip();
    for at in lead.history.moments(kind).filter(|at| since.is_none_or(|since| *at > since)) {
        let left = rule.at_most.map_or(rule.points, |cap| spent.take(cap, at, rule.points));
        if left != 0.0 {
            points.push(Point { at, kind, campaign, group: rule.group.as_deref(), points: left });
        }
    }
}

/// The earlier activities of a run use up what the group has to give.
fn cap_group(points: &mut [Point<'_>], group: &str, cap: PointCap) {
    let mut members: Vec<&mut Point<'_>> =
        points.iter_mut().filter(|point| point.group == Some(group)).collect();
    members.sort_by_key(|point| point.at);
    let mut spent = Spent::default();
    for point in members {
        point.points = spent.take(cap, point.at, point.points);
    }
}

/// What was counted in each run of days; gains and losses apart, so that neither makes room for the other.
#[derive(Default)]
struct Spent(BTreeMap<(i64, bool), f64>);

impl Spent {
    /// As much of the points as the cap leaves.
    fn take(&mut self, cap: PointCap, at: Timestamp, points: f64) -> f64 {
        let run = at.as_second().div_euclid(86_400).div_euclid(cap.days.max(1));
        let spent = self.0.entry((run, points < 0.0)).or_default();
        let left = (cap.points.abs() - *spent).max(0.0);
        *spent += points.abs();
        points.clamp(-left, left)
    }
}

/// What is left of a point.
fn left_of(decay: Option<Decay>, at: Timestamp, now: Timestamp) -> f64 {
    let age = now.duration_since(at).as_secs_f64().max(0.0);
    match decay {
        Some(Decay::HalfLife(half_life)) if half_life.is_positive() => {
            (-age / half_life.as_secs_f64()).exp2()
        }
        Some(Decay::Linear(length)) if length.is_positive() => (1.0 - age / length.as_secs_f64()).max(0.0),
        _ => 1.0,
    }
}
