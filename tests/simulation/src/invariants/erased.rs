//! Who was erased is gone: nothing brings it back but what it does anew, and nothing is begun for it.

use app::ports::Record;
use domain::{Activity, Fact, LeadId, SendId};
use jiff::{SignedDuration, Timestamp};

use super::{Found, Oracle, Rule, hold};
use crate::agenda::secs;
use crate::erase::Why;
use crate::world::World;

/// A worker that had claimed an e-mail may still be at it.
const AT_IT: SignedDuration = secs(130);

impl Oracle {
    /// Whether what happened at that moment, and whose answer was sought since `began`, may be gone with an erasure.
    pub fn erases(&self, lead: &LeadId, began: Timestamp, happened: Timestamp) -> bool {
        self.erased.get(lead).is_some_and(|at| *at >= began)
            || self.asked_at.get(lead).is_some_and(|at| *at >= happened)
    }

    /// Whether the e-mail was claimed for a lead that has been erased since, and by then: whoever has the address now is
    /// somebody else.
    pub fn is_of_before(&self, send_id: &SendId, then: Timestamp) -> bool {
        let Some((lead, claimed_at)) = self.claims.get(send_id) else { return false };
        self.erased.get(lead).is_some_and(|at| claimed_at <= at && *at <= then)
    }

    /// Whether a worker that calls the carrier may have claimed the e-mail before its lead was erased.
    pub fn may_be_at(&self, send_id: &SendId, now: Timestamp) -> bool {
        let at = self.claims.get(send_id).and_then(|(lead, _)| self.erased.get(lead));
        self.is_of_before(send_id, now) && at.is_some_and(|at| now <= *at + AT_IT)
    }

    /// Of a lead that is not known, or not any more, the first record is one that makes it.
    pub fn may_appear(&self, lead: &LeadId, records: &[Record]) -> Found {
        if self.leads.contains_key(lead) || !self.erased.contains_key(lead) {
            return Ok(());
        }
        let first = records.first();
        let anew = first.is_some_and(|record| {
            let by_lead = |fact: &Fact| {
                matches!(
                    fact,
                    Fact::FormSubmitted { .. }
                        | Fact::Identified { .. }
                        | Fact::PageViewed { .. }
                        | Fact::Occurred { .. }
                )
            };
            let facts = || record.activities.iter().map(|activity| &activity.fact);
            let after = |first: &Activity| self.asked_at.get(lead).is_none_or(|at| *at <= first.at);
            let created = record.activities.first().filter(|first| after(first));
            record.version == 1
                && facts().any(by_lead)
                && created.is_some_and(|first| matches!(first.fact, Fact::LeadCreated { .. }))
        });
        hold(anew, Rule::Erased, || format!("a lead that was erased comes back by {first:?}"))
    }
}

impl World {
    /// A profile is gone.
    pub fn observe_erasure(&mut self, lead: &LeadId, why: Why) {
        if let Why::Asked { at } = why {
            self.oracle.asked_at.insert(lead.clone(), at);
        }
        if let (Why::Inactive { .. }, Some(seen)) = (why, self.oracle.leads.get(lead)) {
            let found = seen.silence.may_be_erased(self.now);
            self.judge(found);
        }
        self.oracle.leads.remove(lead);
        self.oracle.erased.insert(lead.clone(), self.now);
        self.carrier.forget_lead(lead);
        if let Why::Inactive { .. } = why {
            self.oracle.complained.remove(lead);
            let person = self.people.iter_mut().find(|person| person.lead == *lead);
            person.into_iter().for_each(|person| person.silenced = true);
        }
    }
}
