//! A lead says yes, or leaves.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::{Entry, Fact, Withdrawal};
use crate::consent::{ConsentState, SuppressionReason, Visitor};
use crate::{CampaignId, Locale, Rejection, TopicId};

/// So many changes of preferences a UTC day are a person's.
const MOST_CHANGES_A_DAY: usize = 30;
/// A pause is longer than another by no less: those on offer begin when they are asked for, so that each would be.
const LONGER: SignedDuration = SignedDuration::from_hours(24);

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

    /// Who says the same again changes nothing, however often; and whoever has a forwarded footer does not fill the log: beyond a
    /// person's measure for the day, only what brings fewer e-mails is taken.
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
        let pause = |until: Option<Timestamp>| until.unwrap_or(Timestamp::MIN);
        let narrows = same_locale
            && before.left_topics.is_subset(left_topics)
            && (before.paused_until == paused_until
                || pause(before.paused_until)
                    .saturating_add(LONGER)
                    .is_ok_and(|longer| pause(paused_until) >= longer));
        if !narrows && self.lead.history.times_on_day("preferences_changed", at) >= MOST_CHANGES_A_DAY {
            return Err(Rejection::EnoughForToday);
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
