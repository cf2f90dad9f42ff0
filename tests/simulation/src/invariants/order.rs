//! Steps follow one another as the campaign says, and no wait is cut short.
//!
//! The oracle walks the campaign's definition: from the step that a lead stands at, through those that take no time, it may
//! come to rest at some steps and at no others; and it may leave a step only with what the step is for.

use std::collections::{BTreeMap, BTreeSet};

use domain::activity::Way;
use domain::lead::EnrolmentState;
use domain::sequence::{Act, Sequence, Step};
use domain::{CampaignId, Fact, SendId, StepId};
use jiff::{SignedDuration, Timestamp};

use super::{Found, Rule, Sight, hold};
use crate::agenda::millis;
use crate::deployments::bundles;
use crate::world::MOST_SKEW;

/// By true time a wait may seem shorter by what clocks differ, and by how long writes are under way.
const SLACK: SignedDuration = millis(2 * MOST_SKEW + 65_000);

/// Where a lead stands in a campaign.
#[derive(Debug)]
struct Place {
    enrolment: u32,
    /// None until the first step begins.
    step: Option<StepId>,
    began_at: Timestamp,
    /// By true time.
    committed_at: Timestamp,
    /// The version of the campaigns in which it began.
    version: usize,
    /// Whether the step's e-mail has its outcome, or was skipped.
    done: bool,
    way: Option<Way>,
}

/// Where a lead stands.
#[derive(Debug, Default)]
pub struct Order {
    places: BTreeMap<CampaignId, Place>,
    enrolments: BTreeMap<CampaignId, u32>,
    /// The step and enrolment that each claim is for.
    claims: BTreeMap<SendId, (CampaignId, StepId, u32)>,
}

impl Order {
    pub fn see(&mut self, sight: &Sight<'_>) -> Found {
        match &sight.activity.fact {
            Fact::Enrolled { campaign, number, .. } => self.enrolled(sight, campaign, *number),
            Fact::StepBegan { campaign, step, .. } => self.began(sight, campaign, step),
            Fact::StepSkipped { campaign, step, .. } => {
                self.at(campaign, step, |place| place.done = true);
                Ok(())
            }
            Fact::BranchTaken { campaign, step, way, .. } => {
                self.at(campaign, step, |place| place.way = Some(*way));
                Ok(())
            }
            Fact::EnrolmentEnded { campaign, state, .. } => {
                let found = match self.places.get(campaign) {
                    Some(place) if *state == EnrolmentState::Completed => {
                        may_leave(sight, campaign, place, None)
                    }
                    _ => Ok(()),
                };
                self.places.remove(campaign);
                found
            }
            Fact::SendClaimed { send_id, campaign, step, enrolment, .. } => {
                self.claimed(send_id, campaign, step, *enrolment)
            }
            Fact::EmailSent { send_id, .. }
            | Fact::Notified { send_id, .. }
            | Fact::SendRejected { send_id, retry_at: None, .. }
            | Fact::SendUncertain { send_id, retry_at: None, .. } => {
                if let Some((campaign, step, enrolment)) = self.claims.get(send_id).cloned() {
                    self.at(&campaign, &step, |place| place.done |= place.enrolment == enrolment);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn at(&mut self, campaign: &CampaignId, step: &StepId, change: impl FnOnce(&mut Place)) {
        if let Some(place) = self.places.get_mut(campaign).filter(|place| place.step.as_ref() == Some(step)) {
            change(place);
        }
    }

    fn enrolled(&mut self, sight: &Sight<'_>, campaign: &CampaignId, number: u32) -> Found {
        let last = self.enrolments.insert(campaign.clone(), number).unwrap_or(0);
        hold(number == last + 1, Rule::Order, || format!("enrolment {number} in {campaign} follows {last}"))?;
        let place = Place::new(sight, number, None);
        let under_way = self.places.insert(campaign.clone(), place).is_some();
        hold(!under_way, Rule::Order, || format!("enrolled in {campaign} while it is under way"))
    }

    fn began(&mut self, sight: &Sight<'_>, campaign: &CampaignId, step: &StepId) -> Found {
        let Some(place) = self.places.get(campaign) else {
            return hold(false, Rule::Order, || format!("{step} began outside an enrolment in {campaign}"));
        };
        may_leave(sight, campaign, place, Some(step))?;
        let place = Place::new(sight, place.enrolment, Some(step.clone()));
        self.places.insert(campaign.clone(), place);
        Ok(())
    }

    fn claimed(&mut self, send_id: &SendId, campaign: &CampaignId, step: &StepId, enrolment: u32) -> Found {
        if enrolment == 0 {
            return Ok(());
        }
        self.claims.insert(send_id.clone(), (campaign.clone(), step.clone(), enrolment));
        let place = self.places.get(campaign);
        let there = place.is_some_and(|it| it.step.as_ref() == Some(step) && it.enrolment == enrolment);
        hold(there, Rule::Order, || format!("{step} of enrolment {enrolment} was claimed at {place:?}"))
    }
}

impl Place {
    fn new(sight: &Sight<'_>, enrolment: u32, step: Option<StepId>) -> Self {
        Self {
            enrolment,
            step,
            began_at: sight.activity.at,
            committed_at: sight.now,
            version: sight.version,
            done: false,
            way: None,
        }
    }
}

/// Whether a lead may go from where it stands to a step, or to the sequence's end.
fn may_leave(sight: &Sight<'_>, campaign: &CampaignId, place: &Place, to: Option<&StepId>) -> Found {
    let Some(sequence) = sight.bundle.campaign(campaign).map(|campaign| &campaign.sequence) else {
        return Ok(());
    };
    let told = || to.map_or("the end", StepId::as_str).to_owned();
    let Some(from) = &place.step else {
        let reached = rests(sequence, [sequence.first.clone()]);
        return hold(reached.contains(&to.cloned()), Rule::Order, || {
            format!("{campaign} begins with {}", told())
        });
    };
    let removed = &sight.bundle.campaigns[campaign].removed_steps;
    let begun = bundles()[place.version].campaign(campaign).map(|campaign| &campaign.sequence);
    let Some(step) = sequence.steps.get(from) else {
        // An edit took the step away: on at what stood after it, or where the file says.
        let ahead = begun.into_iter().flat_map(|begun| all_after(begun, from));
        let starts = ahead.map(Some).chain(removed.values().cloned()).chain([None]);
        let reached = rests(sequence, starts);
        return hold(place.done && reached.contains(&to.cloned()), Rule::Order, || {
            format!("{from} is gone from {campaign}, and {} follows", told())
        });
    };
    leaves(sight, place, begun.and_then(|begun| begun.steps.get(from)), step)?;
    let starts: Vec<Option<StepId>> = match (&step.act, place.way) {
        (Act::WaitFor { otherwise, .. }, Some(Way::Otherwise)) => {
            vec![otherwise.clone().or_else(|| step.next.clone())]
        }
        (Act::WaitFor { .. }, _) => vec![step.next.clone()],
        (Act::Every { first, .. }, _) => vec![first.clone().or_else(|| Some(from.clone()))],
        (act, _) if rests_at(act) => vec![step.next.clone()],
        _ => vec![Some(from.clone())],
    };
    let reached = rests(sequence, starts);
    hold(reached.contains(&to.cloned()), Rule::Order, || format!("{} follows {from} in {campaign}", told()))
}

/// Whether what the step is for has happened: time has passed, an e-mail has its outcome.
fn leaves(sight: &Sight<'_>, place: &Place, begun: Option<&Step>, step: &Step) -> Found {
    let from = place.step.as_ref().map_or("", StepId::as_str);
    let length = match (begun.map(|step| &step.act), &step.act) {
        (Some(Act::Wait { length }), Act::Wait { .. }) => *length,
        (Some(Act::WaitFor { within, .. }), Act::WaitFor { .. }) if place.way != Some(Way::Happened) => {
            *within
        }
        (_, Act::WaitFor { kinds, .. }) if place.way == Some(Way::Happened) => {
            let wanted = |kind: &str| kinds.iter().any(|wanted| wanted == kind);
            let mut facts = sight.record.activities.iter().map(|activity| activity.fact.counted_kind());
            return hold(facts.any(|kind| kind.is_some_and(wanted)), Rule::Early, || {
                format!("{from} ended, and nothing that it waits for happened")
            });
        }
        (_, Act::Send { .. } | Act::Alert | Act::Notify { .. }) => {
            return hold(place.done, Rule::Order, || format!("{from} was left without an outcome"));
        }
        _ => return Ok(()),
    };
    let by_clock = sight.activity.at.duration_since(place.began_at);
    hold(by_clock >= length, Rule::Early, || format!("{from} waits {length:#} and took {by_clock:#}"))?;
    let truly = sight.now.duration_since(place.committed_at);
    hold(truly + SLACK >= length, Rule::Early, || format!("{from} waits {length:#} and truly took {truly:#}"))
}

/// Whether a lead stays at such a step for some time.
fn rests_at(act: &Act) -> bool {
    matches!(
        act,
        Act::Send { .. }
            | Act::Wait { .. }
            | Act::WaitFor { .. }
            | Act::WaitUntil { .. }
            | Act::Every { .. }
            | Act::Alert
            | Act::Notify { .. }
    )
}

/// Where a lead that begins at one of these may come to rest; `None` is the sequence's end.
fn rests(sequence: &Sequence, starts: impl IntoIterator<Item = Option<StepId>>) -> BTreeSet<Option<StepId>> {
    let mut rests = BTreeSet::new();
    let mut passed = BTreeSet::new();
    let mut ahead: Vec<Option<StepId>> = starts.into_iter().collect();
    while let Some(id) = ahead.pop() {
        let step = id.as_ref().and_then(|id| sequence.steps.get(id));
        match step {
            Some(step) if rests_at(&step.act) => {
                rests.insert(id);
            }
            Some(step) if passed.insert(id.clone()) => {
                ahead.extend(step.act.ways().into_iter().cloned().map(Some));
                ahead.push(step.next.clone());
            }
            None if id.is_none() => {
                rests.insert(None);
            }
            _ => {}
        }
    }
    rests
}

/// Every step that can follow a step.
fn all_after(sequence: &Sequence, from: &StepId) -> BTreeSet<StepId> {
    let mut after = BTreeSet::new();
    let mut ahead = vec![from.clone()];
    while let Some(step) = ahead.pop().and_then(|id| sequence.steps.get(&id)) {
        let following = step.act.ways().into_iter().chain(&step.next);
        ahead.extend(following.filter(|id| after.insert((*id).clone())).cloned());
    }
    after
}
