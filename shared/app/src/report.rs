//! What a run of the sender did, for whoever tells it.

use std::collections::BTreeMap;

use domain::LeadId;
use domain::input::SendResult;

use crate::gate::Stop;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// E-mails that the carrier took.
    pub sent: usize,
    /// Notifications that a webhook took.
    pub notified: usize,
    /// E-mails and notifications that were refused, or could not be written.
    pub rejected: usize,
    /// Those that the carrier takes later, since it took nothing at that moment.
    pub throttled: usize,
    /// Those of which nobody knows.
    pub uncertain: usize,
    /// Leads whose e-mail found no room within the time or the quota; they stay due.
    pub waiting: usize,
    /// Leads that were erased, or whose erasure was finished.
    pub erased: Vec<LeadId>,
    /// Confirmations that wait for a later hour, since this one had as many as are allowed.
    pub held: usize,
    /// Why nothing leaves, if it is so.
    pub stopped: Option<Stop>,
    /// Why no confirmation leaves, if it is so.
    pub confirmations_stopped: Option<Stop>,
    /// Why, and how often, one was not taken, in the words of whoever did not take it.
    pub codes: BTreeMap<String, usize>,
    /// Steps, as `campaign/step`, whose e-mail or notification could not be written, and for whom. Why stands in the lead's log
    /// alone, since it may repeat what somebody typed.
    pub unwritten: BTreeMap<String, Vec<LeadId>>,
    /// Leads that could not be served, and why; they stay due.
    pub failed: Vec<(LeadId, String)>,
    /// Those of them whose failure will not pass by itself.
    pub poisoned: Vec<LeadId>,
}

impl Report {
    pub(crate) fn count(&mut self, result: &SendResult, is_email: bool) {
        let code = match result {
            SendResult::Accepted { .. } if !is_email => return self.notified += 1,
            SendResult::Accepted { .. } => return self.sent += 1,
            SendResult::Rejected { code, .. } => {
                self.rejected += 1;
                code
            }
            SendResult::Throttled { code, .. } => {
                self.throttled += 1;
                code
            }
            SendResult::Uncertain { code } => {
                self.uncertain += 1;
                code
            }
        };
        *self.codes.entry(code.clone()).or_default() += 1;
    }

    /// Both runs together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.sent += other.sent;
        self.notified += other.notified;
        self.rejected += other.rejected;
        self.throttled += other.throttled;
        self.uncertain += other.uncertain;
        self.waiting += other.waiting;
        self.erased.extend(other.erased);
        self.held += other.held;
        self.stopped = self.stopped.or(other.stopped);
        self.confirmations_stopped = self.confirmations_stopped.or(other.confirmations_stopped);
        for (code, times) in other.codes {
            *self.codes.entry(code).or_default() += times;
        }
        for (step, leads) in other.unwritten {
            self.unwritten.entry(step).or_default().extend(leads);
        }
        self.failed.extend(other.failed);
        self.poisoned.extend(other.poisoned);
        self
    }
}
