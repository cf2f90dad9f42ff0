//! A form was posted.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Draft;
use super::sequence::may_enter;
use crate::activity::{Entry, Fact};
use crate::campaign::Form;
use crate::consent::{ConsentState, Proof};
use crate::input::{Hold, MailboxRoom, Submission};
use crate::{CONFIRM_STEP, Campaign, Lead, Rejection, StepId, TopicId};

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
        let confirms = form.consent.double_opt_in && (!consent.confirmed || !choice.to_confirm.is_empty());
        let unasked = self.enters_unasked(campaign);
        if confirms || unasked && submission.lead.room != MailboxRoom::Now {
            self.request_confirmation(campaign, choice.to_confirm, submission.lead.room);
        } else {
            self.unasked_due = unasked.then_some(self.now);
            if self.lead.consent.state != ConsentState::Granted {
                self.record(self.now, Fact::ConsentGranted { campaign: campaign.id.clone() });
            }
            self.enrol(campaign, Entry::Form);
        }
        Ok(())
    }

    /// Whether the campaign would begin for somebody of whose mailbox nobody has ever heard. Where a form confirms no addresses,
    /// that takes of the mailbox's room as a confirmation does; and who finds none is asked to confirm after all.
    fn enters_unasked(&self, campaign: &Campaign) -> bool {
        let consent = &self.lead.consent;
        let begins =
            consent.state != ConsentState::Granted || may_enter(self.bundle, &self.lead, campaign, self.now);
        !consent.confirmed && begins
    }

    fn request_confirmation(&mut self, campaign: &Campaign, topics: BTreeSet<TopicId>, room: MailboxRoom) {
        let consent = &self.lead.consent;
        let request = match &consent.request {
            Some(open) => open.number,
            None => consent.requests + 1,
        };
        let pending = consent.request.as_ref().and_then(|open| open.mail_due.as_ref()).map(|(_, due)| *due);
        let mail_due = pending.or_else(|| {
            self.unasked_due = self.room_for_confirmation(request, room);
            self.unasked_due
        });
        self.record(
            self.now,
            Fact::ConfirmationRequested { campaign: campaign.id.clone(), request, mail_due, topics },
        );
    }

    /// The confirmation that is due waits; whoever is at the lead meanwhile has the last word.
    pub(super) fn hold_confirmation(&mut self, hold: Hold) -> Result<(), Rejection> {
        let request = self.lead.consent.request.as_ref().filter(|_| self.lead.claim.is_none());
        let due = request.and_then(|open| open.mail_due.as_ref()).filter(|(_, due)| *due <= self.now);
        let (campaign, _) = due.cloned().ok_or(Rejection::NothingToDo)?;
        let step = StepId::parse(CONFIRM_STEP).map_err(|_| Rejection::NothingToDo)?;
        let full = "the mailbox got as many confirmations as it may";
        let (until, because, has_place) = match hold {
            Hold::Hour { until, has_place } => (Some(until), "too many confirmations in one hour", has_place),
            Hold::Mailbox { until } => (until, full, false),
        };
        let because = because.to_owned();
        self.record(
            self.now,
            match until {
                Some(due_at) => Fact::StepDeferred { campaign, step, due_at, because, has_place },
                None => Fact::StepSkipped { campaign, step, because },
            },
        );
        Ok(())
    }

    /// When the request's confirmation may leave. Anybody can post anybody's address, by any number of its spellings; so
    /// the mailbox counts, not the post. Who has not been asked at all, since others used up the mailbox's room, is asked
    /// when there is room again, if nobody else waits for that; whoever posts later asks anew.
    fn room_for_confirmation(&self, request: u32, room: MailboxRoom) -> Option<Timestamp> {
        let limits = &self.bundle.organisation.limits.confirmations;
        let has_room =
            |at| limits.iter().all(|cap| self.lead.confirmations_in(cap.window(at)) < cap.count as usize);
        if room == MailboxRoom::Now && has_room(self.now) {
            return Some(self.now);
        }
        let later = self.bundle.organisation.limits.next_confirmation(self.now)?;
        let waits = room != MailboxRoom::None && !self.lead.was_asked(request) && has_room(later);
        waits.then_some(later)
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
