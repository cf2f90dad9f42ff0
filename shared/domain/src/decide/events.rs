//! SES, a website, a shop or a CRM tells something about a lead.

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::{EmailEvent, Fact, RESERVED};
use crate::consent::SuppressionReason;
use crate::history::MOMENTS_PER_DAY;
use crate::input::{Feedback, FeedbackKind, Track, TrackKind};
use crate::lead::SendOutcome;
use crate::{Rejection, TraitValue, Traits};

/// A lead's traits together, so that its profile stays far below DynamoDB's 400 KB.
const MOST_TRAIT_BYTES: usize = 64 * 1024;

/// So many events a UTC day are taken on the word of whoever has one of the lead's e-mails.
const MOST_TOLD_A_DAY: usize = 200;
const IDENTIFIED: &str = "identified";
const PAGE_VIEWED: &str = "page_viewed";

/// How long nothing is sent after e-mails that came back one after the other, though the mailbox may exist. After one more
/// it counts as gone.
const RESTS: [SignedDuration; 4] = [
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(3 * 24),
    SignedDuration::from_hours(7 * 24),
    SignedDuration::from_hours(14 * 24),
];

impl Draft<'_> {
    pub(super) fn feedback(&mut self, at: Timestamp, feedback: &Feedback) -> Result<(), Rejection> {
        let send = self.lead.sends.get(&feedback.send_id);
        // Nobody clicks in an e-mail before it was sent: a time before that comes from a wrong clock.
        let at = send.map_or(at, |send| at.max(send.at));
        let unsettled =
            send.is_some_and(|send| matches!(send.outcome, SendOutcome::Claimed | SendOutcome::Uncertain));
        let was_delivered = send.is_some_and(|send| send.delivered_at.is_some());
        let event = EmailEvent {
            send_id: feedback.send_id.clone(),
            campaign: send.map(|send| send.campaign.clone()),
            step: send.map(|send| send.step.clone()),
            machine: feedback.machine,
            detail: feedback.detail.clone(),
        };
        match feedback.kind {
            // What the carrier's answer told already.
            FeedbackKind::Send if !unsettled => return Err(Rejection::NothingToDo),
            FeedbackKind::Send => self.record(at, Fact::SendSettled(event)),
            FeedbackKind::Delivery => self.delivered(at, event),
            FeedbackKind::Open => self.record(at, Fact::EmailOpened(event)),
            FeedbackKind::Click => self.clicked(at, event),
            FeedbackKind::DeliveryDelay => self.record(at, Fact::EmailDelayed(event)),
            FeedbackKind::Reject => self.record(at, Fact::EmailRejected(event)),
            FeedbackKind::RenderingFailure => self.record(at, Fact::EmailFailed(event)),
            FeedbackKind::Bounce { permanent } => {
                self.record(at, Fact::EmailBounced(event));
                // The mailbox took it: somebody is out of office, and says so.
                if !permanent && !was_delivered {
                    self.back_off(at);
                }
            }
            FeedbackKind::Complaint => self.record(at, Fact::EmailComplained(event)),
            FeedbackKind::Suppressed => self.record(at, Fact::EmailBounced(event)),
        }
        if let Some(reason) = feedback.suppression() {
            self.suppress(at, reason);
        }
        Ok(())
    }

    /// Gives a mailbox that took nothing a rest; the last one has no end.
    fn back_off(&mut self, at: Timestamp) {
        let bounces = self.lead.back_off.map_or(0, |rest| rest.bounces) + 1;
        let rest = usize::try_from(bounces - 1).ok().and_then(|place| RESTS.get(place));
        match rest {
            Some(rest) => self.record(at, Fact::BackedOff { bounces, until: at + *rest }),
            None => self.suppress(at, SuppressionReason::SoftBounces),
        }
    }

    pub(super) fn track(&mut self, at: Timestamp, track: &Track) -> Result<(), Rejection> {
        if track.new_lead.is_none() && !self.takes_more_of_a_browser(at, &track.kind) {
            return Err(Rejection::NothingToDo);
        }
        match &track.kind {
            TrackKind::Identify { traits, time_zone } => {
                let traits = self.bundle.typed(traits).map_err(|_| Rejection::WrongType)?;
                if !self.has_room_for(&traits) {
                    return Err(Rejection::TooManyTraits);
                }
                self.record(at, Fact::Identified { traits, time_zone: time_zone.clone() });
            }
            TrackKind::Page { url, title } => {
                self.record(at, Fact::PageViewed { url: url.clone(), title: title.clone() });
            }
            TrackKind::Event { name, properties } => {
                if RESERVED.contains(&name.as_str()) {
                    return Err(Rejection::ReservedName);
                }
                if !self.bundle.declares_event(name) && !self.lead.history.has_room_for(name) {
                    return Err(Rejection::TooManyKinds);
                }
                self.record(at, Fact::Occurred { kind: name.clone(), properties: properties.clone() });
            }
        }
        Ok(())
    }

    /// Whoever has one of our e-mails has a token, so what comes by it is bounded for each day: of one kind as much as counts,
    /// and of all kinds no more than a person does. Kinds that the files name are few, and a goal may be among them: they find
    /// room on the busiest day.
    fn takes_more_of_a_browser(&self, at: Timestamp, kind: &TrackKind) -> bool {
        let history = &self.lead.history;
        let (of_kind, is_named) = match kind {
            TrackKind::Identify { .. } => (IDENTIFIED, false),
            TrackKind::Page { .. } => (PAGE_VIEWED, false),
            TrackKind::Event { name, .. } => (name.as_str(), self.bundle.declares_event(name)),
        };
        let is_told = |kind: &&str| [IDENTIFIED, PAGE_VIEWED].contains(kind) || !RESERVED.contains(kind);
        let today: usize = history.kinds().filter(is_told).map(|kind| history.times_on_day(kind, at)).sum();
        history.times_on_day(of_kind, at) < MOMENTS_PER_DAY && (is_named || today < MOST_TOLD_A_DAY)
    }

    /// Whether the lead can state these as well.
    pub(super) fn has_room_for(&self, traits: &Traits) -> bool {
        let unchanged = self.lead.traits.iter().filter(|(name, _)| !traits.contains_key(*name));
        let bytes = |(name, value): (&String, &TraitValue)| match value {
            TraitValue::Text(text) => name.len() + text.len(),
            TraitValue::Number(_) | TraitValue::Boolean(_) => name.len(),
        };
        unchanged.chain(traits).map(bytes).sum::<usize>() <= MOST_TRAIT_BYTES
    }
}
