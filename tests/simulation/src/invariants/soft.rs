//! A mailbox that takes nothing rests, longer each time; in the end it counts as gone. What bounces after its delivery is a reply.

use std::collections::BTreeSet;

use app::ports::Record;
use domain::consent::SuppressionReason;
use domain::lead::Purpose;
use domain::{Activity, Fact, SendId};
use jiff::{SignedDuration, Timestamp};

use super::{Found, Rule, hold};
use crate::agenda::hours;

const RESTS: [SignedDuration; 4] = [hours(24), hours(3 * 24), hours(7 * 24), hours(14 * 24)];

/// How a mailbox stands.
#[derive(Debug, Default)]
pub struct Soft {
    bounces: usize,
    rests_until: Option<Timestamp>,
    suppressed: bool,
    claimed: BTreeSet<SendId>,
    /// Of these, those that the mailbox took.
    delivered: BTreeSet<SendId>,
}

impl Soft {
    pub fn see(&mut self, activity: &Activity) -> Found {
        if let Fact::SendClaimed { send_id, .. } = &activity.fact {
            self.claimed.insert(send_id.clone());
        }
        match &activity.fact {
            Fact::EmailDelivered(event) => {
                (self.bounces, self.rests_until) = (0, None);
                self.delivered.extend(self.claimed.get(&event.send_id).cloned());
            }
            Fact::BackedOff { bounces, until } => {
                let wanted = RESTS.get(self.bounces).map(|rest| activity.at + *rest);
                self.bounces += 1;
                self.rests_until = Some(*until);
                return hold(*bounces as usize == self.bounces && wanted == Some(*until), Rule::Rest, || {
                    format!("bounce {bounces} brings a rest until {until}, and not until {wanted:?}")
                });
            }
            Fact::Suppressed { reason } => {
                self.suppressed = true;
                let gone = *reason != SuppressionReason::SoftBounces || self.bounces == RESTS.len();
                return hold(gone, Rule::Rest, || format!("given up after {} bounces", self.bounces + 1));
            }
            Fact::SendClaimed {
                purpose: Purpose::Nurture { .. } | Purpose::Confirmation { .. } | Purpose::Access,
                step,
                ..
            } => {
                let rests = self.rests_until.is_some_and(|until| until > activity.at);
                return hold(!rests, Rule::Rest, || {
                    format!("{step} was claimed, and the mailbox rests until {:?}", self.rests_until)
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// After all of a record: whatever came back has a consequence, and what was delivered before has no rest for one.
    pub fn after(&self, record: &Record) -> Found {
        let facts = || record.activities.iter().map(|activity| &activity.fact);
        let bounced = facts().find_map(|fact| match fact {
            Fact::EmailBounced(event) => Some(self.delivered.contains(&event.send_id)),
            _ => None,
        });
        let rests = facts().any(|fact| matches!(fact, Fact::BackedOff { .. }));
        hold(bounced != Some(false) || rests || self.suppressed, Rule::Rest, || {
            "a bounce has no consequence".into()
        })?;
        hold(bounced != Some(true) || !rests, Rule::Rest, || "a reply brings a rest".into())
    }
}
