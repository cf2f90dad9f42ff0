//! Leads that do nothing for long are erased: nobody may keep personal data for longer than they serve (GDPR, article
//! 5(1)(e)).
//!
//! Most leads do something before their time is up, so the moment is not moved each time: it is recorded once, and looked
//! at again when it comes.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::Fact;
use crate::consent::{CONFIRMATION_LIVES, ConsentState};
use crate::lead::Purpose;
use crate::{Bundle, Lead};

/// Anybody can post anybody's address, and nobody need have known of it: what was posted of an address that nobody confirmed is
/// kept for so long after the last link ended by which somebody could have.
const KEPT_UNANSWERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a lead does of whom only forms told: it may look at the confirmation, and that is no answer.
const OF_THE_UNANSWERED: [&str; 4] = ["form_submitted", "email_opened", "email_clicked", "email_complained"];

/// Until when a lead is kept if it does nothing from now on: the organisation's retention period after what it last did
/// itself, or after it was first heard of; less long, if strangers may have told all that is known of it. None if the
/// organisation keeps leads for ever.
pub fn kept_until(bundle: &Bundle, lead: &Lead) -> Option<Timestamp> {
    let inactive = inactive_at(bundle, lead)?;
    Some(unanswered_at(lead).map_or(inactive, |unanswered| unanswered.min(inactive)))
}

/// When what was posted of the lead has gone unanswered for long enough. None for whoever ever answered or left, was sent more
/// than confirmations, or is known by more than forms.
fn unanswered_at(lead: &Lead) -> Option<Timestamp> {
    let consent = &lead.consent;
    let is_open = consent.state == ConsentState::Pending && consent.withdrawn_at.is_none();
    let mut by_lead = lead.history.kinds().filter(|kind| Fact::is_by_lead(kind));
    let by_forms_alone = by_lead.all(|kind| OF_THE_UNANSWERED.contains(&kind));
    let asked_alone = lead.sends.values().all(|send| matches!(send.purpose, Purpose::Confirmation { .. }));
    if !is_open || consent.was_ever_confirmed() || !by_forms_alone || !asked_alone {
        return None;
    }
    let due = consent.request.as_ref().and_then(|request| request.mail_due.as_ref()).map(|(_, due)| *due);
    let asked = lead.sends.values().map(|send| send.at).chain(due).max().unwrap_or(lead.created_at);
    Some(asked + CONFIRMATION_LIVES + KEPT_UNANSWERED)
}

fn inactive_at(bundle: &Bundle, lead: &Lead) -> Option<Timestamp> {
    let period = bundle.organisation.retention?;
    let last = lead.last_active().map_or(lead.created_at, |last| last.max(lead.created_at));
    let last = last.to_zoned(TimeZone::UTC);
    let date = period.from(last.date(), 1)?;
    Some(date.to_datetime(last.time()).to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Whether a lead is to be erased now, since it has done nothing for so long. An e-mail that a worker is at ends first.
pub fn is_past_retention(bundle: &Bundle, lead: &Lead, now: Timestamp) -> bool {
    lead.claim.is_none() && kept_until(bundle, lead).is_some_and(|until| until <= now)
}

impl Draft<'_> {
    /// Records when the lead is due to be erased, if that is not known, earlier than was known, or was known to be now.
    pub(super) fn schedule_erasure(&mut self) {
        let (known, until) = (self.lead.kept_until, kept_until(self.bundle, &self.lead));
        let moves = match (known, until) {
            (Some(known), Some(until)) => until < known || known <= self.now,
            _ => true,
        };
        if moves && known != until {
            self.record(self.now, Fact::RetentionScheduled { until });
        }
    }
}
