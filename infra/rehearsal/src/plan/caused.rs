//! What something makes leave: leads are rehearsed with it and without it, and the difference is counted.

use std::collections::{BTreeMap, BTreeSet};

use domain::lead::Purpose;
use domain::{Bundle, CampaignId, Fact, Lead, SendId, StepId};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::Rehearsal;

/// What falls due is spread by limits, windows and pauses, though hardly over more than a day: what leaves within one counts
/// as due at once.
pub(super) const AT_ONCE: SignedDuration = SignedDuration::from_hours(24);

/// What a step sends within a day, or within the time of a look.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Due {
    /// Whose step.
    pub campaign: CampaignId,
    /// Which one.
    pub step: StepId,
    /// E-mails and alerts in all.
    pub sends: usize,
    /// Those of them that would not leave without the edit or the look.
    pub by_this_edit: usize,
    /// Those that would leave without it, and do not any more.
    pub no_longer: usize,
}

/// The differences of all leads.
#[derive(Debug, Clone, Default)]
pub(super) struct Caused {
    /// What leaves, by campaign and step.
    pub due: BTreeMap<(CampaignId, StepId), Due>,
    /// How many enter which campaign that would not without it.
    pub entering: BTreeMap<CampaignId, usize>,
}

impl Caused {
    /// Adds what happens to one lead without it and with it.
    pub fn add(&mut self, without: &Future, with: &Future) {
        for (send_id, (campaign, step)) in &with.sends {
            let due = self.due_of(campaign, step);
            due.sends += 1;
            due.by_this_edit += usize::from(!without.sends.contains_key(send_id));
        }
        for (send_id, (campaign, step)) in &without.sends {
            if !with.sends.contains_key(send_id) {
                self.due_of(campaign, step).no_longer += 1;
            }
        }
        for campaign in with.entered.difference(&without.entered) {
            *self.entering.entry(campaign.clone()).or_default() += 1;
        }
    }

    fn due_of(&mut self, campaign: &CampaignId, step: &StepId) -> &mut Due {
        let (campaign, step) = (campaign.clone(), step.clone());
        self.due.entry((campaign.clone(), step.clone())).or_insert(Due {
            campaign,
            step,
            sends: 0,
            by_this_edit: 0,
            no_longer: 0,
        })
    }
}

/// What happens to a lead from now until some moment, if nobody does anything.
pub(super) struct Future {
    sends: BTreeMap<SendId, (CampaignId, StepId)>,
    entered: BTreeSet<CampaignId>,
    /// Whether it is erased, having done nothing for so long.
    pub erased: bool,
}

impl Future {
    pub fn of(bundle: &Bundle, lead: &Lead, now: Timestamp, until: Timestamp) -> Self {
        let mut rehearsal = Rehearsal::of_lead(bundle, lead.clone(), now);
        let _ = rehearsal.pass_until(until);
        let ours =
            rehearsal.mails().iter().filter(|mail| !matches!(mail.purpose, Purpose::Confirmation { .. }));
        Self {
            sends: ours
                .map(|mail| (mail.send_id.clone(), (mail.campaign.clone(), mail.step.clone())))
                .collect(),
            entered: rehearsal
                .log()
                .iter()
                .filter_map(|activity| match &activity.fact {
                    Fact::Enrolled { campaign, .. } => Some(campaign.clone()),
                    _ => None,
                })
                .collect(),
            erased: rehearsal.lead().is_none(),
        }
    }
}
