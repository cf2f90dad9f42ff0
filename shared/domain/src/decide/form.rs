//! A form was posted.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::{Entry, Fact};
use crate::campaign::Form;
use crate::consent::{ConsentState, Proof};
use crate::input::Submission;
use crate::{Campaign, Lead, Rejection, TopicId};

/// A mailbox gets no more confirmations than this in such a span, however often its address is posted by whomever.
const MOST_CONFIRMATIONS: [(usize, SignedDuration); 2] =
    [(3, SignedDuration::from_hours(24)), (6, SignedDuration::from_hours(30 * 24))];

impl Draft<'_> {
    pub(super) fn submit_form(&mut self, at: Timestamp, submission: &Submission) -> Result<(), Rejection> {
        let bundle = self.bundle;
        let campaign = bundle.campaign(&submission.campaign).ok_or(Rejection::UnknownCampaign)?;
        let form = campaign.form.as_ref().ok_or(Rejection::UnknownCampaign)?;
        let choice = Choice::of(form, submission, &self.lead);
        self.record(at, form_submitted(form, submission, choice.left, bundle.organisation.default_locale()));
        if self.lead.suppression.is_some() {
            return Ok(());
        }
        let consent = &self.lead.consent;
        if form.consent.double_opt_in && (!consent.confirmed || !choice.to_confirm.is_empty()) {
            self.request_confirmation(campaign, choice.to_confirm);
        } else {
            if consent.state != ConsentState::Granted {
                self.record(self.now, Fact::ConsentGranted { campaign: campaign.id.clone() });
            }
            self.enrol(campaign, Entry::Form);
        }
        Ok(())
    }

    fn request_confirmation(&mut self, campaign: &Campaign, topics: BTreeSet<TopicId>) {
        let consent = &self.lead.consent;
        let request = match &consent.request {
            Some(open) => open.number,
            None => consent.requests + 1,
        };
        let reached = |(most, span)| self.lead.confirmations_since(self.now, span) >= most;
        let enough = MOST_CONFIRMATIONS.into_iter().any(reached);
        let mail_due = (!enough).then_some(self.now);
        self.record(
            self.now,
            Fact::ConfirmationRequested { campaign: campaign.id.clone(), request, mail_due, topics },
        );
    }
}

/// What comes of choosing among a form's topics.
#[derive(Default)]
struct Choice {
    /// All topics that the lead has left from now on; none if the form lets nobody choose.
    left: Option<BTreeSet<TopicId>>,
    /// Those that it had left and takes again, once it confirms.
    to_confirm: BTreeSet<TopicId>,
}

impl Choice {
    /// A topic that is not chosen is left at once. One that somebody left who gets our e-mails is taken again at once only
    /// where no address needs to confirm: anybody can post anybody's address.
    fn of(form: &Form, submission: &Submission, lead: &Lead) -> Self {
        if form.topics.is_empty() {
            return Self::default();
        }
        let mut left = lead.preferences.left_topics.clone();
        let mut to_confirm = BTreeSet::new();
        let confirms = form.consent.double_opt_in && lead.consent.state == ConsentState::Granted;
        for topic in &form.topics {
            if !submission.topics.contains(topic) {
                left.insert(topic.clone());
            } else if !confirms {
                left.remove(topic);
            } else if left.contains(topic) {
                to_confirm.insert(topic.clone());
            }
        }
        Self { left: Some(left), to_confirm }
    }
}

fn form_submitted(
    form: &Form,
    submission: &Submission,
    left_topics: Option<BTreeSet<TopicId>>,
    default: &crate::Locale,
) -> Fact {
    let terms = &form.consent;
    let wording = terms.wording.get(&submission.locale).or_else(|| terms.wording.get(default));
    Fact::FormSubmitted {
        campaign: submission.campaign.clone(),
        traits: submission.traits.clone(),
        locale: submission.locale.clone(),
        time_zone: submission.time_zone.clone(),
        touch: submission.touch.clone(),
        topics: submission.topics.clone(),
        left_topics,
        proof: Proof {
            wording: wording.cloned().unwrap_or_default(),
            wording_version: terms.version(),
            form: submission.campaign.clone(),
            visitor: submission.visitor.clone(),
        },
    }
}
