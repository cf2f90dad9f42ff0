//! A form was posted.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Draft;
use super::sequence::may_enter;
use crate::activity::{Entry, Fact};
use crate::campaign::{Form, ReEntry};
use crate::consent::{ConsentState, Proof};
use crate::input::{MailboxRoom, Submission};
use crate::{Campaign, Lead, Rejection, TopicId, TraitValue, Traits};

impl Draft<'_> {
    pub(super) fn submit_form(&mut self, at: Timestamp, submission: &Submission) -> Result<(), Rejection> {
        let bundle = self.bundle;
        let campaign = bundle.campaign(&submission.campaign).ok_or(Rejection::UnknownCampaign)?;
        let form = campaign.form.as_ref().ok_or(Rejection::UnknownCampaign)?;
        let choice = Choice::of(form, submission, &self.lead);
        let proof = proof(form, submission, bundle.organisation.default_locale());
        let (taken, mut passed_over) = self.what_is_taken(campaign, form, submission);
        let taken = self.what_fits(taken, &mut passed_over);
        self.record(at, form_submitted(&taken, passed_over, choice.left, proof));
        if self.lead.suppression.is_some() {
            return Ok(());
        }
        let consent = &self.lead.consent;
        let asks = form.consent.double_opt_in && (!consent.confirmed || !choice.to_confirm.is_empty());
        let confirms = asks || self.lead.needs_confirmation();
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

    /// Anybody can post anybody's address: where addresses are confirmed, a post about somebody who confirmed theirs, even if they
    /// left since, tells what was not known, and changes nothing that was; the rest is kept aside, in the log alone. What a
    /// campaign that is entered once per value asks is its own each time, but for free text, which our e-mails might repeat.
    fn what_is_taken<'s>(
        &self,
        campaign: &Campaign,
        form: &Form,
        submission: &'s Submission,
    ) -> (Cow<'s, Submission>, Traits) {
        if !self.lead.consent.was_ever_confirmed() || !needs_answer(form, &self.lead) {
            return (Cow::Borrowed(submission), Traits::new());
        }
        let (lead, mut taken) = (&self.lead, submission.clone());
        let is_own = |name: &str| match &campaign.re_entry {
            ReEntry::OncePer(own) => own == name || !form.is_free_text(name),
            _ => false,
        };
        let is_known =
            |name: &str, value: &TraitValue| lead.traits.get(name).is_some_and(|known| known != value);
        let passed_over =
            taken.traits.extract_if(.., |name, value| is_known(name, value) && !is_own(name)).collect();
        taken.locale = lead.locale.clone().unwrap_or(taken.locale);
        taken.time_zone = taken.time_zone.filter(|_| lead.time_zone.is_none());
        (Cow::Owned(taken), passed_over)
    }

    /// No post is refused for what was told before it: what finds no room any more is passed over.
    fn what_fits<'s>(&self, taken: Cow<'s, Submission>, passed_over: &mut Traits) -> Cow<'s, Submission> {
        if self.has_room_for(&taken.traits) {
            return taken;
        }
        let mut taken = taken.into_owned();
        let mut fits = Traits::new();
        for (name, value) in std::mem::take(&mut taken.traits) {
            fits.insert(name.clone(), value);
            if !self.has_room_for(&fits)
                && let Some(value) = fits.remove(&name)
            {
                passed_over.insert(name, value);
            }
        }
        taken.traits = fits;
        Cow::Owned(taken)
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
    /// A topic that is not chosen is left at once; one that was left is taken again at once, but not for whoever left altogether:
    /// that takes an answer. For somebody who gets our e-mails a topic is left only where no address needs to confirm: else nothing
    /// is left, and what was left before is taken again by an answer. So it is for somebody who once confirmed and then left.
    fn of(form: &Form, submission: &Submission, lead: &Lead) -> Self {
        if form.topics.is_empty() {
            return Self::default();
        }
        let mut left = lead.preferences.left_topics.clone();
        let (chosen, others): (BTreeSet<TopicId>, BTreeSet<TopicId>) =
            form.topics.iter().cloned().partition(|topic| submission.topics.contains(topic));
        if needs_answer(form, lead) {
            return Self { left: None, to_confirm: &chosen & &left };
        }
        let to_confirm = if lead.needs_confirmation() { &chosen & &left } else { BTreeSet::new() };
        left.extend(others);
        left.retain(|topic| !chosen.contains(topic) || to_confirm.contains(topic));
        Self { left: Some(left), to_confirm }
    }
}

/// Whether only an answer by e-mail shows that a post is the lead's own: it gets our e-mails, and the form confirms addresses; or it
/// confirmed its own and then left, whatever the form.
fn needs_answer(form: &Form, lead: &Lead) -> bool {
    let gets_emails = lead.consent.state == ConsentState::Granted;
    form.consent.double_opt_in && gets_emails || lead.consent.was_confirmed && lead.needs_confirmation()
}

fn form_submitted(
    taken: &Submission,
    passed_over: Traits,
    left_topics: Option<BTreeSet<TopicId>>,
    proof: Proof,
) -> Fact {
    Fact::FormSubmitted {
        campaign: taken.campaign.clone(),
        traits: taken.traits.clone(),
        passed_over,
        locale: taken.locale.clone(),
        time_zone: taken.time_zone.clone(),
        touch: taken.touch.clone(),
        topics: taken.topics.clone(),
        left_topics,
        proof,
    }
}

fn proof(form: &Form, submission: &Submission, default: &crate::Locale) -> Proof {
    let terms = &form.consent;
    let wording = terms.wording.get(&submission.locale).or_else(|| terms.wording.get(default));
    Proof {
        wording: wording.cloned().unwrap_or_default(),
        wording_version: terms.version(),
        form: submission.campaign.clone(),
        visitor: submission.visitor.clone(),
    }
}
