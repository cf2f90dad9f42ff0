//! What anybody can have us send: confirmations, and first e-mails to addresses that nobody has confirmed.
//!
//! What is promised: an hour has so many places, and each such e-mail takes one, then or when it was put off to a later hour; and
//! a mailbox gets no more confirmations in a day and in a month than it may, whichever of its addresses they go to.

use std::collections::{BTreeMap, BTreeSet};

use domain::lead::Purpose;
use domain::organisation::FrequencyCap;
use domain::{EmailAddress, Fact, LeadId};
use jiff::{SignedDuration, Timestamp};

use super::{Found, Rule, Sight, hold};
use crate::agenda::{TaskId, hours, secs};
use crate::deployments::bundles;
use crate::world::World;

/// A program claims within this what it has a place for.
const ACTED_ON: SignedDuration = secs(90);
const HOUR: SignedDuration = hours(1);

/// A confirmation that a lead asked for: whose, since which erasure, and the number of its request.
type Asked = (LeadId, Option<Timestamp>, u32);

/// The places of hours, and what mailboxes got.
#[derive(Debug, Default)]
pub struct Flood {
    granted: BTreeMap<Timestamp, u32>,
    /// The hours in which programs have places that they have not used.
    unused: BTreeMap<TaskId, Vec<Timestamp>>,
    /// By mailbox and span.
    asked: BTreeMap<(String, (Timestamp, Timestamp)), BTreeSet<Asked>>,
}

/// What a lead has a place for.
#[derive(Debug, Default)]
pub struct Place {
    email: Option<EmailAddress>,
    erased_at: Option<Timestamp>,
    confirmed: bool,
    /// The request whose confirmation has a place.
    request: Option<u32>,
    asked: u32,
    /// Whether its first e-mail has one, or left.
    first: bool,
}

impl Flood {
    fn granted(&mut self, by: TaskId, hour: Timestamp, place: u32) -> Found {
        let most = bundles()[0].organisation.limits.confirmations_per_hour;
        if place > most {
            return Ok(());
        }
        let granted = self.granted.entry(hour).or_default();
        *granted += 1;
        self.unused.entry(by).or_default().push(hour);
        hold(*granted <= most, Rule::Place, || format!("{granted} have a place in the hour from {hour}"))
    }

    /// Whether the program has a place in the hour of that moment, or of one so long before or after it; it has it no longer.
    fn uses(&mut self, by: TaskId, moment: Timestamp, about: SignedDuration) -> bool {
        let unused = self.unused.entry(by).or_default();
        let of_hour = |hour: &Timestamp| *hour <= moment && moment < *hour + HOUR;
        let close = |hour: &Timestamp| *hour - about <= moment && moment < *hour + HOUR + about;
        let place = unused.iter().position(of_hour).or_else(|| unused.iter().position(close));
        place.map(|place| unused.remove(place)).is_some()
    }

    pub fn see(&mut self, place: &mut Place, sight: &Sight<'_>) -> Found {
        match &sight.activity.fact {
            Fact::LeadCreated { email, .. } => place.email = Some(email.clone()),
            Fact::LeadCameBack { erased_at } => place.erased_at = Some(*erased_at),
            Fact::ConfirmationRequested { request, .. } => place.asked = *request,
            Fact::OptInConfirmed { .. } => place.confirmed = true,
            Fact::ConsentWithdrawn { .. } => place.confirmed = false,
            Fact::StepDeferred { step, due_at, has_place: true, .. } => {
                match step.as_str() == domain::CONFIRM_STEP {
                    true => place.request = Some(place.asked),
                    false => place.first = true,
                }
                return hold(self.uses(sight.by, *due_at, SignedDuration::ZERO), Rule::Place, || {
                    format!("{step} is put off until {due_at}, where it has no place")
                });
            }
            Fact::SendClaimed { step, purpose: Purpose::Confirmation { request }, .. } => {
                self.confirms(place, sight, *request)?;
                let has_place = place.request.replace(*request) == Some(*request);
                return hold(
                    has_place || self.uses(sight.by, sight.activity.at, ACTED_ON),
                    Rule::Place,
                    || format!("{step} was claimed without a place in its hour"),
                );
            }
            Fact::SendClaimed { step, purpose: Purpose::Nurture { .. }, .. } => {
                let has_place = std::mem::replace(&mut place.first, true) || place.confirmed;
                return hold(
                    has_place || self.uses(sight.by, sight.activity.at, ACTED_ON),
                    Rule::Place,
                    || {
                        format!(
                            "{step} was claimed for an address that nobody confirmed, without a place in its hour"
                        )
                    },
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// A confirmation was claimed for one of a mailbox's addresses.
    fn confirms(&mut self, place: &Place, sight: &Sight<'_>, request: u32) -> Found {
        let Some(mailbox) = place.email.as_ref().map(EmailAddress::mailbox) else { return Ok(()) };
        let asked = (sight.lead.clone(), place.erased_at, request);
        for FrequencyCap { count, per } in sight.bundle.organisation.limits.confirmations.clone() {
            let span = FrequencyCap { count, per }.window(sight.activity.at);
            let all = self.asked.entry((mailbox.clone(), span)).or_default();
            all.insert(asked.clone());
            hold(all.len() <= count as usize, Rule::Mailbox, || {
                format!("{} confirmations to {mailbox} within {per:#}", all.len())
            })?;
        }
        Ok(())
    }
}

impl World {
    /// The current program hears that it has that place of an hour, if the hour has so many.
    pub fn granted_place(&mut self, hour: Timestamp, place: u32) {
        let found = self.oracle.flood.granted(self.current, hour, place);
        self.judge(found);
    }
}
