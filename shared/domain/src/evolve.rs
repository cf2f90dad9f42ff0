//! `evolve`: a lead and one more activity make the lead that follows. No rule of the business stands here.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::activity::{Activity, EmailEvent, Fact};
use crate::consent::{Consent, ConsentState, Request};
use crate::lead::{BackOff, Claim, EarlyClick, Enrolment, EnrolmentState, Lead, Purpose, Send, SendOutcome};
use crate::traits::Traits;
use crate::{CampaignId, SendId, StepId, TopicId};

/// More e-mails than this are only remembered while they matter.
const MOST_SENDS: usize = 200;
/// For so long every e-mail is remembered: clicks come late, and caps look back.
const KEPT: SignedDuration = SignedDuration::from_hours(35 * 24);

/// Clicks within this after an e-mail was sent may turn out to be a scanner's; a few of them tell.
const EARLY: SignedDuration = SignedDuration::from_mins(5);
const MOST_EARLY_CLICKS: usize = 8;

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
            Fact::OptInConfirmed { .. } => {
                self.consent.state = ConsentState::Granted;
                self.consent.confirmed = true;
                if let Some(request) = self.consent.request.take() {
                    self.preferences.left_topics.retain(|topic| !request.topics.contains(topic));
                }
            }
            Fact::ConsentGranted { .. } => self.consent.state = ConsentState::Granted,
            Fact::ConsentWithdrawn { .. } => {
                let requests = self.consent.requests;
                self.consent = Consent {
                    state: ConsentState::Withdrawn,
                    requests,
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
                if !self.may_get_access() {
                    self.access_due = None;
                }
            }
            Fact::AccessRequested { campaign, mail_due, .. } => {
                self.access_due = Some((campaign.clone(), *mail_due));
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
            Fact::StepDeferred { campaign, step, due_at, .. } if step.as_str() == crate::CONFIRM_STEP => {
                if let Some(request) = &mut self.consent.request {
                    request.mail_due = Some((campaign.clone(), *due_at));
                }
            }
            Fact::StepDeferred { campaign, due_at, .. } => {
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
                self.remember_early(at, event);
            }
            Fact::ClicksDisowned { send_id, clicked_at } => {
                clicked_at.iter().for_each(|at| self.history.remove("email_clicked", *at));
                if let Some(send) = self.sends.get_mut(send_id) {
                    send.early_clicks.retain(|click| !clicked_at.contains(&click.at));
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

    /// Forgets the oldest e-mails of rounds and enrolments that are over, so that the profile stays small for ever. Their
    /// ids never come again, since rounds and enrolments only count up.
    fn forget_sends(&mut self, now: Timestamp) {
        if self.sends.len() <= MOST_SENDS {
            return;
        }
        let over = |send: &Send| {
            let enrolment = self.enrolments.get(&send.campaign);
            let current = enrolment.map(|enrolment| (enrolment.number, enrolment.round_number()));
            let is_over = match send.purpose {
                Purpose::Confirmation { .. } => false,
                Purpose::Access => true,
                _ => current.is_some_and(|current| (send.enrolment, send.round) < current),
            };
            is_over && send.outcome != SendOutcome::Claimed && send.at + KEPT < now
        };
        let mut over: Vec<(Timestamp, SendId)> = self
            .sends
            .iter()
            .filter(|(_, send)| over(send))
            .map(|(id, send)| (send.at, id.clone()))
            .collect();
        over.sort();
        for (_, id) in over.into_iter().take(self.sends.len() - MOST_SENDS) {
            self.sends.remove(&id);
        }
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
                topics: BTreeSet::new(),
            }),
        };
        request.campaigns.insert(campaign.clone());
        request.topics.extend(topics.iter().cloned());
        if let Some(due) = mail_due {
            request.mail_due = Some((campaign.clone(), due));
        }
    }

    fn open_claim(&mut self, at: Timestamp, fact: &Fact) {
        let Fact::SendClaimed { send_id, campaign, step, enrolment, round, purpose, lease_ends_at, by } =
            fact
        else {
            return;
        };
        let send = Send {
            campaign: campaign.clone(),
            step: step.clone(),
            enrolment: *enrolment,
            round: *round,
            purpose: purpose.clone(),
            at,
            outcome: SendOutcome::Claimed,
            delivered_at: None,
            early_clicks: Vec::new(),
            was_scanned: false,
        };
        if send.is_confirmation()
            && let Some(request) = &mut self.consent.request
        {
            request.mail_due = None;
        }
        if send.purpose == Purpose::Access {
            self.access_due = None;
        }
        self.sends.insert(send_id.clone(), send);
        self.forget_sends(at);
        self.claim = Some(Claim { send_id: send_id.clone(), lease_ends_at: *lease_ends_at, by: by.clone() });
    }

    fn close_claim(&mut self, send_id: &SendId, outcome: SendOutcome) {
        if self.claim.as_ref().is_some_and(|claim| claim.send_id == *send_id) {
            self.claim = None;
        }
        if let Some(send) = self.sends.get_mut(send_id) {
            send.outcome = outcome;
        }
    }

    /// As if it had not been claimed. A step is due as it was before, since a claim leaves that alone.
    fn unclaim(&mut self, send_id: &SendId) {
        self.close_claim(send_id, SendOutcome::Rejected);
        let Some(send) = self.sends.remove(send_id) else { return };
        if send.purpose == Purpose::Access && self.may_get_access() {
            self.access_due.get_or_insert((send.campaign, send.at));
        } else if let Purpose::Confirmation { request: number } = send.purpose
            && let Some(request) = self.consent.request.as_mut().filter(|request| request.number == number)
            && self.suppression.is_none()
        {
            request.mail_due.get_or_insert((send.campaign, send.at));
        }
    }

    fn remember_early(&mut self, at: Timestamp, event: &EmailEvent) {
        let Some(send) = self.sends.get_mut(&event.send_id) else { return };
        let sent_at = send.delivered_at.unwrap_or(send.at);
        if !event.machine && at - EARLY <= sent_at && send.early_clicks.len() < MOST_EARLY_CLICKS {
            let link = hash(event.detail.as_deref().unwrap_or_default());
            send.early_clicks.push(EarlyClick { at, link });
        }
    }

    /// Makes a step, the confirmation of the open request, or the link to the lead's data due again.
    fn retry(&mut self, send_id: &SendId, campaign: &CampaignId, step: &StepId, retry_at: Option<Timestamp>) {
        let Some(retry_at) = retry_at else { return };
        if self.sends.get(send_id).is_some_and(|send| send.purpose == Purpose::Access) {
            self.access_due = Some((campaign.clone(), retry_at));
            return;
        }
        if step.as_str() == crate::CONFIRM_STEP {
            if let Some(request) = &mut self.consent.request {
                request.mail_due = Some((campaign.clone(), retry_at));
            }
            return;
        }
        self.with_enrolment(campaign, |enrolment| {
            enrolment.due_at = Some(retry_at);
            enrolment.refusals += 1;
        });
    }

    /// An event that carries an e-mail's tag, or a late answer, proves that the e-mail left; a confirmation that left is
    /// not repeated.
    fn settle(&mut self, send_id: &SendId) {
        let Some(send) = self.sends.get_mut(send_id) else { return };
        let was_uncertain = send.outcome == SendOutcome::Uncertain;
        if was_uncertain || send.outcome == SendOutcome::Claimed {
            send.outcome = SendOutcome::Sent;
        }
        let purpose = send.purpose.clone();
        if was_uncertain
            && let Purpose::Confirmation { request: number } = purpose
            && let Some(request) = self.consent.request.as_mut().filter(|request| request.number == number)
        {
            request.mail_due = None;
        }
        if was_uncertain && purpose == Purpose::Access {
            self.access_due = None;
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

impl Send {
    fn is_confirmation(&self) -> bool {
        matches!(self.purpose, Purpose::Confirmation { .. })
    }
}
