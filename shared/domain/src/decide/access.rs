//! A lead asks for its data, and is mailed a link to them: links in footers get forwarded, a mailbox less so.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::Fact;
use crate::consent::Visitor;
use crate::lead::{Purpose, Send, SendOutcome};
use crate::{ACCESS_STEP, CampaignId, Lead, Rejection, StepId};

/// Whoever holds a forwarded link must not fill a mailbox with it: one such e-mail in this time.
const ONE_PER: SignedDuration = SignedDuration::from_hours(24);

impl Draft<'_> {
    pub(super) fn ask_access(&mut self, at: Timestamp, visitor: &Visitor) -> Result<(), Rejection> {
        let lately = |send: &Send| send.at > self.now - ONE_PER && send.outcome != SendOutcome::Rejected;
        let asked = self.lead.access_due.is_some() || self.access_mails().any(lately);
        if asked || !self.lead.may_get_access() {
            return Err(Rejection::NothingToDo);
        }
        let campaign = self.speaker().ok_or(Rejection::UnknownCampaign)?;
        let (mail_due, visitor) = (self.now, visitor.clone());
        self.record(at, Fact::AccessRequested { campaign, mail_due, visitor });
        Ok(())
    }

    /// The campaign whose sender the lead knows: the one it entered last, or asked for; any, for one that entered none.
    fn speaker(&self) -> Option<CampaignId> {
        let known = |id: &&CampaignId| self.bundle.campaigns.contains_key(*id);
        let entered = self.lead.enrolments.iter().filter(|(id, _)| known(id));
        let last = entered.max_by_key(|(_, enrolment)| enrolment.began_at).map(|(id, _)| id);
        let request = self.lead.consent.request.iter().flat_map(|request| &request.campaigns);
        last.or_else(|| request.into_iter().find(known))
            .or_else(|| self.bundle.campaigns.keys().next())
            .cloned()
    }

    fn access_mails(&self) -> impl Iterator<Item = &Send> {
        self.lead.sends.values().filter(|send| send.purpose == Purpose::Access)
    }

    pub(super) fn claim_access(&mut self, worker: &str) -> bool {
        let Some((campaign, due)) = &self.lead.access_due else { return false };
        let Ok(step) = StepId::parse(ACCESS_STEP) else { return false };
        if *due > self.now {
            return false;
        }
        // Neither of the two ever comes again: older ones are forgotten by whole days.
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let today = day(self.now);
        let number = self.access_mails().filter(|send| day(send.at) == today).count() + 1;
        let send_id = self.lead.send_id(campaign, &step, format_args!("{today}.{number}"));
        self.claim(send_id, campaign.clone(), step, (0, 0), Purpose::Access, worker);
        true
    }

    /// How many e-mails of the last request for the lead's data came to that.
    pub(super) fn tries_of_access(&self, outcome: SendOutcome) -> usize {
        let same = |send: &&Send| send.outcome == outcome && Some(send.at) >= self.lead.access_asked_at;
        self.access_mails().filter(same).count()
    }
}

impl Lead {
    /// Whether the lead may be mailed a link to its data: whatever it agreed to, but not where its mailbox does not exist, nor
    /// where an e-mail was called spam. SES would deliver none there.
    pub fn may_get_access(&self) -> bool {
        self.suppression.is_none()
    }
}
