//! A lead says yes, or leaves.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Draft;
use crate::activity::{Entry, Fact, Withdrawal};
use crate::consent::{ConsentState, SuppressionReason, Visitor};
use crate::{CampaignId, Locale, Rejection, TopicId};

impl Draft<'_> {
    pub(super) fn confirm(
        &mut self,
        at: Timestamp,
        number: u32,
        seen: Option<&BTreeSet<CampaignId>>,
        visitor: &Visitor,
    ) -> Result<(), Rejection> {
        let request = self.lead.consent.request.as_ref().filter(|open| open.number == number);
        let asked = request.ok_or(Rejection::LinkSpent)?.campaigns.clone();
        let begins = seen.map_or_else(|| asked.clone(), |seen| &asked & seen);
        let campaigns = (begins != asked).then(|| begins.clone());
        let (request, visitor) = (number, visitor.clone());
        self.record(at, Fact::OptInConfirmed { request, visitor, campaigns });
        if self.lead.suppression.is_none() {
            for campaign in begins.iter().filter_map(|id| self.bundle.campaign(id)) {
                self.enrol(campaign, Entry::Form);
            }
        }
        Ok(())
    }

    pub(super) fn leave(
        &mut self,
        at: Timestamp,
        through: Withdrawal,
        visitor: &Visitor,
    ) -> Result<(), Rejection> {
        if self.lead.consent.state == ConsentState::Withdrawn {
            return Err(Rejection::NothingToDo);
        }
        self.record(at, Fact::ConsentWithdrawn { through, visitor: visitor.clone() });
        self.exit_all("consent was withdrawn");
        Ok(())
    }

    /// Who says the same again changes nothing, however often.
    pub(super) fn change_preferences(
        &mut self,
        at: Timestamp,
        left_topics: &BTreeSet<TopicId>,
        locale: Option<&Locale>,
        paused_until: Option<Timestamp>,
    ) -> Result<(), Rejection> {
        let before = self.lead.preferences.clone();
        let same_locale = locale.is_none() || self.lead.locale.as_ref() == locale;
        if same_locale && before.left_topics == *left_topics && before.paused_until == paused_until {
            return Err(Rejection::NothingToDo);
        }
        let (left_topics, locale) = (left_topics.clone(), locale.cloned());
        self.record(at, Fact::PreferencesChanged { left_topics, locale, paused_until });
        self.end_pause(before.paused_until);
        Ok(())
    }

    pub(super) fn suppress(&mut self, at: Timestamp, reason: SuppressionReason) {
        if self.lead.suppression.is_none() {
            self.record(at, Fact::Suppressed { reason });
            self.exit_all("the address is suppressed");
        }
    }
}
