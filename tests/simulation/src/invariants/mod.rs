//! What must hold, whatever happens. Each rule is told by an oracle of its own, from the log's facts and the campaigns'
//! definitions: none of them asks `decide`.

mod consent;
mod erased;
mod flood;
mod limits;
mod log;
mod order;
mod pace;
mod rest;
mod retention;
mod sending;
mod soft;

use std::collections::{BTreeMap, BTreeSet};

use app::ports::Record;
use domain::{Activity, Bundle, LeadId, SendId};
use jiff::Timestamp;

use crate::agenda::TaskId;
use crate::deployments::bundles;
use crate::world::World;

/// What does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The carrier accepts an e-mail of one `SendId` once.
    OneAcceptance,
    /// Whoever hands an e-mail over has claimed it, and the claim is open.
    ClaimedFirst,
    /// Of one lead, one e-mail is claimed at a time, and a claim ends with its answer or its lease.
    Exclusive,
    /// No claim follows a withdrawal or a suppression; none without consent; a complaint suppresses.
    Consent,
    /// Topics that were left, pauses of leads and pauses of campaigns hold.
    Preference,
    /// Steps follow one another as the campaign says.
    Order,
    /// No wait is cut short.
    Early,
    /// The frequency cap holds.
    Cap,
    /// Quiet hours, closed days and windows hold.
    Hours,
    /// Confirmations and alerts are repeated within their bound.
    Bound,
    /// A mailbox gets as many confirmations as it may, by all of its addresses together.
    Mailbox,
    /// What anybody can have us send has a place in an hour, of which each hour has so many.
    Place,
    /// Who did something lately is not erased for doing nothing.
    Retention,
    /// The profile is the fold of its records, whose versions have no gap.
    Fold,
    /// An input is recorded once.
    InputOnce,
    /// E-mails leave at the carrier's rate, which all workers share.
    Pace,
    /// Sending stops when it must, for a cause, and while it is stopped no more may leave.
    Stop,
    /// While nobody knows whether the carrier takes anything, one e-mail a minute tries it.
    Doubt,
    /// What the carrier throttles keeps its turn and its attempts.
    Turn,
    /// A mailbox that takes nothing rests, longer each time, and counts as gone in the end.
    Rest,
    /// Who was erased is gone, and nothing is begun for it.
    Erased,
    /// What the carrier answered is what is recorded.
    Answer,
    /// Nothing that was accepted is lost.
    Lost,
    /// Once faults stop, every due step ends, and whoever waits waits for a time to come.
    Stuck,
    /// The due index shows a lead exactly when its profile is due.
    Index,
    /// No program panics.
    Panic,
}

/// A rule that was broken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub rule: Rule,
    pub what: String,
}

/// What one check finds.
type Found = Result<(), Violation>;

fn broken(rule: Rule, what: impl Into<String>) -> Found {
    Err(Violation { rule, what: what.into() })
}

fn hold(holds: bool, rule: Rule, what: impl FnOnce() -> String) -> Found {
    if holds { Ok(()) } else { broken(rule, what()) }
}

/// What was seen of all leads.
#[derive(Debug, Default)]
pub struct Oracle {
    leads: BTreeMap<LeadId, Seen>,
    /// Whom each claim concerns, and when it was made.
    claims: BTreeMap<SendId, (LeadId, Timestamp)>,
    /// Who bounced for good or complained, so that it must be suppressed in the end.
    complained: BTreeSet<LeadId>,
    /// Who was erased, and when it began.
    erased: BTreeMap<LeadId, Timestamp>,
    /// When it asked for that, by the clock of whoever heard it.
    asked_at: BTreeMap<LeadId, Timestamp>,
    pub pace: pace::Pace,
    pub flood: flood::Flood,
}

/// What was seen of one lead.
#[derive(Debug, Default)]
struct Seen {
    log: log::Log,
    consent: consent::Consent,
    order: order::Order,
    limits: limits::Limits,
    sending: sending::Sending,
    turns: pace::Turns,
    soft: soft::Soft,
    place: flood::Place,
    silence: retention::Silence,
}

/// One activity, and the circumstances in which it was committed.
pub struct Sight<'a> {
    activity: &'a Activity,
    /// All of its record.
    record: &'a Record,
    /// The true time of the commit.
    now: Timestamp,
    /// The program whose write it is.
    by: TaskId,
    /// The campaigns as they are written, in the version that the writer has loaded.
    version: usize,
    bundle: &'a Bundle,
    world: &'a World,
    lead: &'a LeadId,
}

impl Seen {
    fn see(&mut self, sight: &Sight<'_>) -> Found {
        self.consent.see(sight)?;
        self.limits.see(sight)?;
        self.sending.see(sight)?;
        self.soft.see(sight.activity)?;
        self.silence.see(sight.activity);
        self.order.see(sight)
    }
}

impl Oracle {
    /// Whom a claimed e-mail concerns; none if nobody claimed it.
    pub fn lead_of(&self, send_id: &SendId) -> Option<LeadId> {
        self.claims.get(send_id).map(|(lead, _)| lead.clone())
    }

    /// Whether the lead has no consent any more, or never had.
    pub fn has_left(&self, lead: &LeadId) -> bool {
        self.leads.get(lead).is_none_or(|seen| !seen.consent.is_granted())
    }

    /// The lead bounced for good or complained.
    pub fn complained(&mut self, lead: LeadId) {
        self.complained.insert(lead);
    }
}

impl World {
    /// Records were committed.
    pub fn observe_commit(&mut self, lead: &LeadId, records: &[Record], by: (TaskId, usize)) {
        let mut oracle = std::mem::take(&mut self.oracle);
        let appears = oracle.may_appear(lead, records);
        let claimed = records.iter().flat_map(|record| &record.activities).filter_map(sending::claimed);
        let claimed: Vec<SendId> = claimed.cloned().collect();
        oracle.claims.extend(claimed.iter().map(|send_id| (send_id.clone(), (lead.clone(), self.now))));
        let seen = oracle.leads.entry(lead.clone()).or_default();
        let found = self.watch(seen, &mut oracle.flood, lead, records, by);
        self.oracle = oracle;
        self.judge(appears.and(found));
        if !claimed.is_empty() {
            crate::people::claimed(self, lead);
        }
    }

    fn watch(
        &self,
        seen: &mut Seen,
        flood: &mut flood::Flood,
        lead: &LeadId,
        records: &[Record],
        (by, version): (TaskId, usize),
    ) -> Found {
        for record in records {
            for activity in &record.activities {
                let bundle = &bundles()[version];
                let sight = Sight { activity, record, now: self.now, by, version, bundle, world: self, lead };
                flood.see(&mut seen.place, &sight)?;
                seen.see(&sight)?;
            }
            seen.log.see(record)?;
            seen.consent.after(record)?;
            seen.soft.after(record)?;
            seen.log.lead().map_or(Ok(()), |lead| seen.turns.after(record, lead))?;
        }
        match self.table.stored(lead) {
            Some(stored) => seen.log.matches(stored),
            None => broken(Rule::Fold, "a committed profile is not there"),
        }
    }

    fn judge(&mut self, found: Found) {
        if let Err(Violation { rule, what }) = found {
            self.violate(rule, what);
        }
    }
}
