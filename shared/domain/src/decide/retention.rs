//! Leads that do nothing for long are erased: nobody may keep personal data for longer than they serve (GDPR, article
//! 5(1)(e)).
//!
//! Most leads do something before their time is up, so the moment is not moved each time: it is recorded once, and looked
//! at again when it comes.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Draft;
use crate::activity::Fact;
use crate::{Bundle, Lead};

/// Until when a lead is kept if it does nothing from now on: the organisation's retention period after what it last did
/// itself, or after it was first heard of. None if the organisation keeps leads for ever.
pub fn kept_until(bundle: &Bundle, lead: &Lead) -> Option<Timestamp> {
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
