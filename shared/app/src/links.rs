//! What the links in e-mails do. Opening one never changes consent; pressing the button on its page does.

use std::collections::{BTreeMap, BTreeSet};

use domain::activity::Withdrawal;
use domain::consent::{ConsentState, Preferences, Visitor};
use domain::{CampaignId, Input, InputBody, InputId, LeadId, Locale, Rejection, TopicId};
use jiff::{SignedDuration, Timestamp};

use crate::App;
use crate::apply::{Applied, ApplyError};
use crate::ports::{Clock, LeadStore, StoreError};
use crate::token::{Confirm, Download};

/// What pressing the confirmation's button did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// The lead is in.
    Now,
    /// It was in already.
    Before,
    /// The link's request was withdrawn, or another one replaced it.
    Spent,
}

/// What a lead's page of preferences shows.
#[derive(Debug, Clone, PartialEq)]
pub struct PreferencesView {
    /// Where consent stands.
    pub consent: ConsentState,
    /// What it is narrowed to.
    pub preferences: Preferences,
    /// The language it is written to in.
    pub locale: Locale,
}

/// Two downloads of one magnet within this time are one: browsers fetch a file in pieces. It is short, lest a person's be taken
/// for that of the scanner that looked at the link before.
const DOWNLOAD_SLOT: SignedDuration = SignedDuration::from_secs(10);
/// The same of a machine's, which weigh nothing: a few a day tell enough, and bound the log.
const DOWNLOAD_SLOT_OF_MACHINES: SignedDuration = SignedDuration::from_hours(2);

impl<S: LeadStore, C: Clock> App<S, C> {
    /// What begins, by campaign, with the topics that are taken again, if the answer to the token's request is yes. Nothing, if
    /// it was answered before.
    pub async fn asked_for(
        &self,
        token: &Confirm,
    ) -> Result<BTreeMap<CampaignId, BTreeSet<TopicId>>, StoreError> {
        let request = self.store.load(&token.lead).await?.and_then(|stored| stored.lead.consent.request);
        let Some(mut request) = request.filter(|open| open.number == token.request) else {
            return Ok(BTreeMap::new());
        };
        let mut topics = |id: &CampaignId| request.topics_of.remove(id).unwrap_or_default();
        Ok(request.campaigns.into_iter().map(|id| (id.clone(), topics(&id))).collect())
    }

    /// Answers yes to the request that the token names, as far as its page told of it; wholly, if `seen` is none.
    pub async fn confirm(
        &self,
        token: &Confirm,
        seen: Option<BTreeSet<CampaignId>>,
        visitor: Visitor,
    ) -> Result<Confirmed, ApplyError> {
        let request = token.request.to_string();
        let seen_ids = seen.iter().flatten().map(CampaignId::as_str);
        let parts: Vec<&str> = [token.lead.as_str(), &request].into_iter().chain(seen_ids).collect();
        let id = InputId::of("confirm", &parts);
        let body = InputBody::Confirm { request: token.request, seen, visitor };
        match self.apply_now(&token.lead, id, body).await? {
            Applied::Recorded => Ok(Confirmed::Now),
            Applied::Duplicate | Applied::Rejected(Rejection::LinkSpent) => {
                self.confirmed_before(&token.lead).await
            }
            Applied::Rejected(_) => Ok(Confirmed::Spent),
        }
    }

    async fn confirmed_before(&self, lead: &LeadId) -> Result<Confirmed, ApplyError> {
        let stored = self.store.load(lead).await?;
        let granted = stored.is_some_and(|stored| stored.lead.consent.state == ConsentState::Granted);
        Ok(if granted { Confirmed::Before } else { Confirmed::Spent })
    }

    /// Takes consent back. Doing it twice is doing it once.
    pub async fn leave(
        &self,
        lead: &LeadId,
        through: Withdrawal,
        visitor: Visitor,
    ) -> Result<(), ApplyError> {
        let id = InputId::of("leave", &[lead.as_str(), &self.clock.now().to_string()]);
        self.apply_now(lead, id, InputBody::Leave { through, visitor }).await.map(|_| ())
    }

    /// What the lead has chosen; none for a lead that is gone.
    pub async fn preferences(&self, lead: &LeadId) -> Result<Option<PreferencesView>, StoreError> {
        let stored = self.store.load(lead).await?;
        Ok(stored.map(|stored| PreferencesView {
            consent: stored.lead.consent.state,
            locale: self
                .bundle
                .organisation
                .locale_or_default(stored.lead.locale.as_ref().map(Locale::as_str))
                .clone(),
            preferences: stored.lead.preferences,
        }))
    }

    /// Chooses topics, language and pause. Answers whether that holds: whoever changed them very often on this day chooses
    /// tomorrow, but for what brings fewer e-mails.
    pub async fn change_preferences(
        &self,
        lead: &LeadId,
        left_topics: BTreeSet<TopicId>,
        locale: Option<Locale>,
        paused_until: Option<Timestamp>,
    ) -> Result<bool, ApplyError> {
        let id = InputId::of("preferences", &[lead.as_str(), &self.clock.now().to_string()]);
        let body = InputBody::ChangePreferences { left_topics, locale, paused_until };
        let applied = self.apply_now(lead, id, body).await?;
        Ok(applied != Applied::Rejected(Rejection::EnoughForToday))
    }

    /// Asks for an e-mail with a link to the lead's data. Whether one leaves, only the mailbox is told.
    pub async fn ask_access(&self, lead: &LeadId, visitor: Visitor) -> Result<(), ApplyError> {
        let id = InputId::of("access", &[lead.as_str(), &self.clock.now().to_string()]);
        self.apply_now(lead, id, InputBody::AskAccess { visitor }).await.map(|_| ())
    }

    /// Takes note that the magnet was fetched, as far as a day has room for that.
    pub async fn download(&self, token: &Download, machine: bool) -> Result<(), ApplyError> {
        let slot = if machine { DOWNLOAD_SLOT_OF_MACHINES } else { DOWNLOAD_SLOT };
        let slot = self.clock.now().as_second().div_euclid(slot.as_secs());
        let parts = [token.lead.as_str(), token.campaign.as_str(), &slot.to_string(), &machine.to_string()];
        let body = InputBody::DownloadMagnet { campaign: CampaignId::clone(&token.campaign), machine };
        self.apply_now(&token.lead, InputId::of("download", &parts), body).await.map(|_| ())
    }

    async fn apply_now(&self, lead: &LeadId, id: InputId, body: InputBody) -> Result<Applied, ApplyError> {
        let input = Input { id, at: self.clock.now(), body };
        let mut applied = self.apply(lead, vec![input]).await?;
        Ok(applied.pop().map_or(Applied::Duplicate, |(_, applied)| applied))
    }
}
