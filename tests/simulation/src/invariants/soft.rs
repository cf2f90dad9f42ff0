//! A mailbox that takes nothing rests, longer each time; in the end it counts as gone.

use app::ports::Record;
use domain::consent::SuppressionReason;
use domain::lead::Purpose;
use domain::{Activity, Fact};
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
}

impl Soft {
    pub fn see(&mut self, activity: &Activity) -> Found {
        match &activity.fact {
            Fact::EmailDelivered(_) => (self.bounces, self.rests_until) = (0, None),
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

    /// After all of a record: whatever came back has a consequence.
    pub fn after(&self, record: &Record) -> Found {
        let facts = || record.activities.iter().map(|activity| &activity.fact);
        let bounced = facts().any(|fact| matches!(fact, Fact::EmailBounced(_)));
        let rests = facts().any(|fact| matches!(fact, Fact::BackedOff { .. }));
        hold(!bounced || rests || self.suppressed, Rule::Rest, || "a bounce has no consequence".into())
    }
}
