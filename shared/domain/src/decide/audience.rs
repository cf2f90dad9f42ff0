//! Leads enter a campaign by themselves as soon as its `audience` holds. Some audiences come to hold by time alone:
//! for those the lead is looked at again, on the first day on which one will.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::looks::next_look;
use super::sequence::may_enter;
use super::{Decision, Draft};
use crate::activity::{Activity, Entry, Fact};
use crate::consent::ConsentState;
use crate::{Campaign, CampaignId, Condition, Lead};

impl<'a> Draft<'a> {
    /// Enters every campaign whose audience the lead belongs to, and says when to look at it again.
    pub(super) fn enter_audiences(&mut self) {
        let nobody_asks = self.bundle.campaigns.values().all(|campaign| campaign.audience.is_none());
        // What no person did moves nobody.
        let by_machine = |activity: &Activity| activity.fact.is_by_machine();
        let machine_only = !self.activities.is_empty() && self.activities.iter().all(by_machine);
        if machine_only || !self.may_be_nurtured() || (nobody_asks && self.lead.look_at.is_none()) {
            return;
        }
        let mut entered: BTreeSet<CampaignId> = BTreeSet::new();
        while let Some(campaign) = self.audience_met(&entered) {
            entered.insert(campaign.id.clone());
            self.enrol(campaign, Entry::Audience);
            self.enter_campaigns();
        }
        self.schedule_look();
    }

    /// A campaign that the lead is to enter now. Whoever would leave it at once does not enter it.
    fn audience_met(&self, entered: &BTreeSet<CampaignId>) -> Option<&'a Campaign> {
        let facts = self.facts();
        let bundle = self.bundle;
        let met = |campaign: &&Campaign| {
            let holds = |condition: &Option<Condition>| condition.as_ref().is_some_and(|it| it.holds(&facts));
            !entered.contains(&campaign.id)
                && campaign.audience.is_some()
                && may_enter(bundle, &self.lead, campaign, self.now)
                && holds(&campaign.audience)
                && !holds(&campaign.exit_when)
        };
        bundle.campaigns.values().find(met)
    }

    /// Records when to look again, if that is earlier than it was known or what was known has passed.
    fn schedule_look(&mut self) {
        let known = self.lead.look_at.filter(|at| *at > self.now);
        let look_at = next_look(self.bundle, &self.lead, self.now, known);
        let passed = known.is_none() && self.lead.look_at.is_some();
        if passed || (look_at.is_some() && look_at != known) {
            self.record(self.now, Fact::LookScheduled { look_at });
        }
    }
}

/// Has a lead looked at by `at`, by whatever campaigns and retention period are deployed then: they know nothing of leads to
/// whom nothing happens. None if that changes nothing.
pub fn look_again(lead: &Lead, at: Timestamp, now: Timestamp) -> Option<Decision> {
    // Whoever enters no campaign is looked at for its retention alone.
    let (known, fact) = match lead.may_be_nurtured() {
        true => (lead.look_at, Fact::LookScheduled { look_at: Some(at) }),
        false => (lead.kept_until, Fact::RetentionScheduled { until: Some(at) }),
    };
    known.is_none_or(|known| at < known).then(|| {
        let activity = Activity { at: now, fact };
        let mut lead = lead.clone();
        lead.take(&activity);
        Decision { lead, activities: vec![activity], order: None, unasked_due: None }
    })
}

impl Lead {
    /// Whether the lead may be written to at all.
    pub fn may_be_nurtured(&self) -> bool {
        self.consent.state == ConsentState::Granted && self.suppression.is_none()
    }
}
