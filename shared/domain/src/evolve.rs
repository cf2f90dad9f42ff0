//! `evolve`: a lead and one more activity make the lead that follows. No rule of the business stands here.

mod sends;

pub(crate) use sends::EARLY;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::activity::{Activity, Fact};
use crate::consent::{Consent, ConsentState, Request};
use crate::lead::{BackOff, EarlyClick, Enrolment, EnrolmentState, Lead, SendOutcome};
use crate::traits::Traits;
use crate::{CampaignId, TopicId};

/// A log that does not begin with `lead_created`, or has it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a lead's log begins with `lead_created` and has it once")]
pub struct BrokenLog;

/// The lead that a whole log makes.
pub fn fold<'a>(activities: impl IntoIterator<Item = &'a Activity>) -> Result<Option<Lead>, BrokenLog> {
    activities.into_iter().try_fold(None, |lead, activity| evolve(lead, activity).map(Some))
}

/// The lead after the activity.
pub fn evolve(lead: Option<Lead>, activity: &Activity) -> Result<Lead, BrokenLog> {
    match (lead, &activity.fact) {
        (None, Fact::LeadCreated { lead, email }) => Ok(Lead::new(lead.clone(), email.clone(), activity.at)),
        (Some(mut lead), fact) if !matches!(fact, Fact::LeadCreated { .. }) => {
            lead.take(activity);
            Ok(lead)
        }
        _ => Err(BrokenLog),
    }
}

impl Lead {
    /// Becomes the lead that follows.
    pub(crate) fn take(&mut self, activity: &Activity) {
        if let Some(kind) = activity.fact.counted_kind() {
            self.history.add(kind, activity.at);
        }
        self.apply(activity.at, &activity.fact);
    }

    fn apply(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::LeadCameBack { erased_at } => {
                self.erased_before = Some(*erased_at);
                // No link of the lead that was erased names a request of this one.
                self.consent.requests = u32::try_from(erased_at.as_second()).unwrap_or(0);
            }
            Fact::FormSubmitted { traits, locale, time_zone, touch, left_topics, .. } => {
                self.state_traits(at, traits);
                if let Some(left) = left_topics {
                    self.preferences.left_topics.clone_from(left);
                }
                self.locale = Some(locale.clone());
                self.time_zone = time_zone.clone().or_else(|| self.time_zone.take());
                self.attribution.touch(at, touch);
            }
            Fact::Identified { traits, time_zone } => {
                self.state_traits(at, traits);
                self.time_zone = time_zone.clone().or_else(|| self.time_zone.take());
            }
            Fact::ConfirmationRequested { campaign, request, mail_due, topics } => {
                self.request_confirmation(campaign, *request, *mail_due, topics);
            }
            Fact::OptInConfirmed { campaigns, .. } => {
                self.consent.state = ConsentState::Granted;
                self.consent.confirmed = true;
                self.answer_request(campaigns.as_ref());
            }
            Fact::ConsentGranted { .. } => self.consent.state = ConsentState::Granted,
            Fact::ConsentWithdrawn { .. } => {
                self.consent = Consent {
                    state: ConsentState::Withdrawn,
                    requests: self.consent.requests,
                    was_confirmed: self.consent.was_ever_confirmed(),
                    withdrawn_at: Some(at),
                    ..Consent::default()
                };
            }
            Fact::PreferencesChanged { left_topics, locale, paused_until } => {
                self.preferences.left_topics = left_topics.clone();
                self.preferences.paused_until = *paused_until;
                self.locale = locale.clone().or_else(|| self.locale.take());
            }
            Fact::Suppressed { reason } => {
                self.suppression = Some(*reason);
                if let Some(request) = &mut self.consent.request {
                    request.mail_due = None;
                }
                self.access_due = None;
            }
            Fact::AccessRequested { campaign, mail_due, .. } => {
                self.access_due = Some((campaign.clone(), *mail_due));
                self.access_asked_at = Some(*mail_due);
            }
            Fact::RetentionScheduled { until } => self.kept_until = *until,
            Fact::StageChanged { to, .. } => self.stage = *to,
            Fact::LookScheduled { look_at } => self.look_at = *look_at,
            Fact::Enrolled { campaign, number, value, .. } => {
                self.enrol(campaign, *number, value.as_deref(), at)
            }
            Fact::StepBegan { campaign, step, due_at, bundle, ahead, .. } => {
                self.with_enrolment(campaign, |enrolment| {
                    enrolment.step = Some(step.clone());
                    enrolment.step_began_at = at;
                    enrolment.due_at = *due_at;
                    enrolment.refusals = 0;
                    enrolment.bundle = bundle.clone();
                    enrolment.ahead = ahead.clone();
                });
            }
            Fact::StepDeferred { campaign, step, due_at, has_place, .. }
                if step.as_str() == crate::CONFIRM_STEP =>
            {
                if let Some(request) = &mut self.consent.request {
                    request.mail_due = Some((campaign.clone(), *due_at));
                    request.counted_for = Some(*due_at);
                    request.has_place = *has_place;
                }
            }
            Fact::StepDeferred { campaign, step, due_at, .. } if step.as_str() == crate::ACCESS_STEP => {
                self.access_due = Some((campaign.clone(), *due_at));
            }
            Fact::StepSkipped { step, .. } if step.as_str() == crate::CONFIRM_STEP => {
                if let Some(request) = &mut self.consent.request {
                    request.mail_due = None;
                }
            }
            Fact::StepDeferred { campaign, due_at, has_place, .. } => {
                self.consent.has_place |= *has_place;
                self.with_enrolment(campaign, |enrolment| enrolment.due_at = Some(*due_at));
            }
            Fact::VariantChosen { campaign, step, variant, .. } => {
                self.with_enrolment(campaign, |enrolment| {
                    enrolment.variants.insert(step.clone(), variant.clone());
                });
            }
            Fact::RoundBegan { campaign, round, .. } => {
                self.with_enrolment(campaign, |enrolment| enrolment.round = Some(*round));
            }
            Fact::TraitsSet { traits, .. } => self.traits.extend(traits.clone()),
            Fact::Tagged { tag, .. } => {
                self.tags.insert(tag.clone());
            }
            Fact::Untagged { tag, .. } => {
                self.tags.remove(tag);
            }
            Fact::EnrolmentEnded { campaign, state, .. } => self.with_enrolment(campaign, |enrolment| {
                enrolment.state = *state;
                enrolment.due_at = None;
                enrolment.ahead = Vec::new();
            }),
            Fact::SendClaimed { .. } => self.open_claim(at, fact),
            Fact::EmailSent { send_id, .. } => {
                self.settle(send_id);
                self.close_claim(send_id, SendOutcome::Sent);
            }
            Fact::Notified { send_id, .. } => self.close_claim(send_id, SendOutcome::Sent),
            Fact::SendRejected { send_id, campaign, step, retry_at, .. } => {
                self.close_claim(send_id, SendOutcome::Rejected);
                self.retry(send_id, campaign, step, *retry_at);
            }
            Fact::SendThrottled { send_id, .. } => self.unclaim(send_id),
            Fact::SendUncertain { send_id, campaign, step, retry_at, .. } => {
                self.close_claim(send_id, SendOutcome::Uncertain);
                self.retry(send_id, campaign, step, *retry_at);
            }
            Fact::EmailDelivered(event) => {
                self.settle(&event.send_id);
                self.back_off = None;
                if let Some(send) = self.sends.get_mut(&event.send_id) {
                    send.delivered_at.get_or_insert(at);
                }
            }
            Fact::EmailClicked(event) => {
                self.settle(&event.send_id);
                if !event.machine {
                    let link = hash(event.detail.as_deref().unwrap_or_default());
                    self.remember_early(at, &event.send_id, link);
                }
            }
            Fact::MagnetDownloaded { machine: false, send_id: Some(send_id), .. } => {
                self.remember_early(at, send_id, EarlyClick::MAGNET.to_owned());
            }
            Fact::ClicksDisowned { send_id, clicked_at } => {
                if let Some(send) = self.sends.get_mut(send_id) {
                    for click in send.early_clicks.extract_if(.., |click| clicked_at.contains(&click.at)) {
                        self.history.remove(click.counted_as(), click.at);
                    }
                    send.was_scanned = true;
                }
            }
            Fact::BackedOff { bounces, until } => {
                self.back_off = Some(BackOff { bounces: *bounces, until: *until });
            }
            Fact::SendSettled(event)
            | Fact::EmailOpened(event)
            | Fact::EmailBounced(event)
            | Fact::EmailComplained(event)
            | Fact::EmailDelayed(event) => self.settle(&event.send_id),
            Fact::LeadCreated { .. }
            | Fact::LeadRead { .. }
            | Fact::LeadPutBack { .. }
            | Fact::PageViewed { .. }
            | Fact::MagnetDownloaded { .. }
            | Fact::StepSkipped { .. }
            | Fact::BranchTaken { .. }
            | Fact::HeldOut { .. }
            | Fact::EmailRejected(_)
            | Fact::EmailFailed(_)
            | Fact::Occurred { .. } => {}
        }
    }

    fn state_traits(&mut self, at: Timestamp, traits: &Traits) {
        self.traits.extend(traits.clone());
        self.stated_at = self.stated_at.max(at);
    }

    /// Enrols, and remembers for which values of a trait it was so far.
    fn enrol(&mut self, campaign: &CampaignId, number: u32, value: Option<&str>, at: Timestamp) {
        let mut enrolment = Enrolment::new(number, at);
        if let Some(before) = self.enrolments.remove(campaign) {
            enrolment.first_began_at = Some(before.first_began_at());
            enrolment.values = before.values;
        }
        enrolment.values.extend(value.map(Enrolment::value_hash));
        self.enrolments.insert(campaign.clone(), enrolment);
    }

    /// What the answer did not name is asked for still.
    fn answer_request(&mut self, named: Option<&BTreeSet<CampaignId>>) {
        let Some(mut request) = self.consent.request.take() else { return };
        let answered = |id: &CampaignId| named.is_none_or(|named| named.contains(id));
        let taken: BTreeSet<_> =
            request.topics_of.extract_if(.., |id, _| answered(id)).flat_map(|(_, topics)| topics).collect();
        self.preferences.left_topics.retain(|topic| !taken.contains(topic));
        request.campaigns.retain(|id| !answered(id));
        if let (Some((asks, _)), Some(left)) = (&mut request.mail_due, request.campaigns.first())
            && answered(asks)
        {
            *asks = left.clone();
        }
        self.consent.request = Some(request).filter(|request| !request.campaigns.is_empty());
    }

    fn request_confirmation(
        &mut self,
        campaign: &CampaignId,
        number: u32,
        mail_due: Option<Timestamp>,
        topics: &BTreeSet<TopicId>,
    ) {
        let consent = &mut self.consent;
        if consent.state != ConsentState::Granted {
            consent.state = ConsentState::Pending;
        }
        consent.requests = consent.requests.max(number);
        let request = match &mut consent.request {
            Some(request) if request.number == number => request,
            other => other.insert(Request {
                number,
                campaigns: BTreeSet::new(),
                mail_due: None,
                counted_for: None,
                has_place: false,
                topics_of: BTreeMap::new(),
            }),
        };
        request.campaigns.insert(campaign.clone());
        if !topics.is_empty() {
            request.topics_of.entry(campaign.clone()).or_default().extend(topics.iter().cloned());
        }
        if let Some(due) = mail_due {
            if request.mail_due.is_none() {
                request.counted_for = Some(due);
                request.has_place = false;
            }
            request.mail_due = Some((campaign.clone(), due));
        }
    }

    fn with_enrolment(&mut self, campaign: &CampaignId, change: impl FnOnce(&mut Enrolment)) {
        if let Some(enrolment) = self.enrolments.get_mut(campaign)
            && enrolment.state == EnrolmentState::Waiting
        {
            change(enrolment);
        }
    }
}

impl Enrolment {
    fn new(number: u32, at: Timestamp) -> Self {
        Self {
            number,
            state: EnrolmentState::Waiting,
            began_at: at,
            first_began_at: None,
            step: None,
            step_began_at: at,
            due_at: None,
            refusals: 0,
            bundle: String::new(),
            ahead: Vec::new(),
            variants: Default::default(),
            round: None,
            values: BTreeSet::new(),
        }
    }

    /// What an enrolment keeps of a value: few bytes, however long the value.
    pub(crate) fn value_hash(value: &str) -> String {
        hash(value)
    }
}

/// Few bytes, however long the text.
pub(crate) fn hash(text: &str) -> String {
    crate::InputId::of("value", &[text]).as_str()["value-".len()..][..16].to_owned()
}
