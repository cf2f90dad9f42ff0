//! What comes of it if leads are looked at: each is rehearsed with its look and without.

use std::collections::BTreeMap;

use domain::decide::look_again;
use domain::{Bundle, CampaignId, Lead};
use jiff::Timestamp;
use serde::Serialize;

use super::caused::{AT_ONCE, Caused, Due, Future};

/// Leads are added one at a time; only sums are kept.
#[derive(Debug)]
pub struct Looks<'a> {
    bundle: &'a Bundle,
    now: Timestamp,
    leads: usize,
    erased: usize,
    caused: Caused,
}

/// What looks would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Looked {
    /// How many leads would be looked at.
    pub leads: usize,
    /// How many of them would be erased, having been inactive for as long as `retention` says.
    pub erased: usize,
    /// How many would enter a campaign.
    pub entering: BTreeMap<CampaignId, usize>,
    /// What would leave within a day of each look.
    pub due: Vec<Due>,
}

impl<'a> Looks<'a> {
    /// Begins with nobody, at `now`, under the campaigns that are deployed.
    pub fn new(bundle: &'a Bundle, now: Timestamp) -> Self {
        Self { bundle, now, leads: 0, erased: 0, caused: Caused::default() }
    }

    /// Adds a lead that is looked at by `at`. One that is looked at before anyway counts for nothing.
    pub fn add(&mut self, lead: &Lead, at: Timestamp) {
        let Some(decision) = look_again(lead, at, self.now) else { return };
        self.leads += 1;
        let until = at + AT_ONCE;
        let [without, with] =
            [lead, &decision.lead].map(|lead| Future::of(self.bundle, lead, self.now, until));
        self.erased += usize::from(with.erased && !without.erased);
        self.caused.add(&without, &with);
    }

    /// The sums.
    pub fn looked(self) -> Looked {
        let Caused { due, entering } = self.caused;
        let due = due.into_values().filter(|due| due.by_this_edit > 0).collect();
        Looked { leads: self.leads, erased: self.erased, entering, due }
    }
}

impl Looked {
    /// How many would enter a campaign, all campaigns together.
    pub fn entries(&self) -> usize {
        self.entering.values().sum()
    }

    /// The e-mails and alerts that would leave because of the looks alone.
    pub fn sends(&self) -> usize {
        self.due.iter().map(|due| due.by_this_edit).sum()
    }
}
