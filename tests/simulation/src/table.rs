//! The store: profiles, records and marks in memory, with the contract that every store of leads keeps, and a due
//! index that lags.

use std::collections::BTreeMap;

use app::limit::{Limit, LimitKind};
use app::ports::{Commit, Due, Record, StoreError, Stored};
use domain::{Fact, InputId, LeadId};
use jiff::Timestamp;

use crate::agenda::{Event, Job, OwnedWrite, millis};
use crate::erase::Mark;
use crate::invariants::Rule;
use crate::mutations::Mutation;
use crate::world::World;

/// What stands in the due index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Profile(LeadId),
    /// Of a lead that is being erased.
    Mark(LeadId),
}

/// All that is stored.
#[derive(Debug, Default)]
pub struct Table {
    pub profiles: BTreeMap<LeadId, Stored>,
    pub records: BTreeMap<LeadId, BTreeMap<InputId, Record>>,
    pub marks: BTreeMap<LeadId, Mark>,
    /// How far limits are used up.
    counts: BTreeMap<String, u32>,
    /// What the due index has heard of each item: the write, and when it is due.
    index: BTreeMap<Item, (u64, Option<Timestamp>)>,
    /// Counts writes.
    pub writes: u64,
}

impl Table {
    /// The profile as it is.
    pub fn stored(&self, lead: &LeadId) -> Option<&Stored> {
        self.profiles.get(lead)
    }

    /// Every profile.
    pub fn all(&self) -> impl Iterator<Item = &Stored> {
        self.profiles.values()
    }

    /// The records of a lead, by version.
    pub fn records(&self, lead: &LeadId) -> Vec<Record> {
        let mut records: Vec<Record> =
            self.records.get(lead).into_iter().flat_map(BTreeMap::values).cloned().collect();
        records.sort_by_key(|record| record.version);
        records
    }

    /// Whether the input is recorded.
    pub fn has(&self, lead: &LeadId, input: &InputId) -> bool {
        self.records.get(lead).is_some_and(|records| records.contains_key(input))
    }

    /// Whether anything that is stored has the text in it.
    pub fn tells_of(&self, text: &str) -> bool {
        format!("{self:?}").contains(text)
    }

    /// When the first lead is due in truth, whatever the index has heard.
    pub fn first_due(&self) -> Option<Timestamp> {
        let erasing = self.marks.values().filter_map(|mark| mark.erasing);
        self.all().filter_map(|stored| stored.lead.due_at()).chain(erasing).min()
    }

    /// When the index says that the lead is due.
    pub fn indexed(&self, lead: &LeadId) -> Option<Timestamp> {
        self.index.get(&Item::Profile(lead.clone())).and_then(|(_, due)| *due)
    }

    /// The index hears of a write. News that are older than what it knows change nothing.
    pub fn index(&mut self, item: Item, write: u64, due: Option<Timestamp>) {
        let entry = self.index.entry(item).or_default();
        if entry.0 < write {
            *entry = (write, due);
        }
    }

    fn due(&self, until: Timestamp, limit: usize) -> Vec<Due> {
        let entries = self.index.iter().filter_map(|(item, (_, due))| {
            let (Item::Profile(lead) | Item::Mark(lead)) = item;
            let is_asked = |stored: &Stored| stored.lead.is_waited_for();
            let is_waited_for = matches!(item, Item::Mark(_)) || self.stored(lead).is_some_and(is_asked);
            Some(Due { at: (*due)?, lead: lead.clone(), is_waited_for })
        });
        let mut due: Vec<Due> = entries.filter(|due| due.at <= until).collect();
        due.sort_unstable_by_key(|due| (!due.is_waited_for, due.at, due.lead.clone()));
        due.truncate(limit);
        due
    }

    /// Why the write is not carried out, in the order in which the contract tells it; none if it is.
    fn refusal(&self, write: &OwnedWrite) -> Option<Result<Commit, StoreError>> {
        let stored = self.stored(&write.lead.id);
        let read = |stored: &&Stored| {
            Some(stored.version) == write.expected && stored.lead.created_at == write.lead.created_at
        };
        let current = stored.filter(|stored| !read(stored)).map(|stored| Box::new(stored.clone()));
        let inputs: Vec<InputId> = write.records.iter().map(|record| record.input_id.clone()).collect();
        let inputs: Vec<InputId> =
            inputs.into_iter().filter(|input| self.has(&write.lead.id, input)).collect();
        let mark = self.marks.get(&write.lead.id);
        let suppresses = write.records.iter().flat_map(|record| &record.activities);
        let suppresses =
            suppresses.into_iter().any(|activity| matches!(activity.fact, Fact::Suppressed { .. }));
        let minds_the_mark = write.expected.is_none() || suppresses;
        let first = write.expected.unwrap_or(0) + 1;
        if write.records.is_empty()
            || (first..).zip(&write.records).any(|(next, record)| next != record.version)
        {
            return Some(Err(StoreError::Permanent("versions have a gap".into())));
        }
        if minds_the_mark && mark.is_some_and(|mark| mark.erasing.is_some()) {
            return Some(Err(StoreError::Conflict));
        }
        if !inputs.is_empty() {
            return Some(Ok(Commit::Duplicate { inputs, current }));
        }
        if let Some(current) = current {
            return Some(Ok(Commit::Changed(current)));
        }
        if stored.is_none() && write.expected.is_some() {
            return Some(Err(StoreError::Conflict));
        }
        if write.expected.is_none()
            && let Some(at) = mark.and_then(|mark| mark.erased_at)
        {
            if write.lead.erased_before.is_none() {
                return Some(Ok(Commit::ErasedBefore { at }));
            }
            if at > write.lead.created_at {
                // It was recorded, as it were, and erased with all the rest.
                let inputs = write.records.iter().take(1).map(|record| record.input_id.clone()).collect();
                return Some(Ok(Commit::Duplicate { inputs, current: None }));
            }
        }
        let bears_none = write.lead.suppression.is_none();
        let suppressed = write.expected.is_none() && bears_none && mark.is_some_and(|mark| mark.suppressed);
        if suppressed {
            return Some(Ok(Commit::Suppressed));
        }
        let full = |limit: &&Limit| self.counts.get(&name(limit)).is_some_and(|count| *count >= limit.most);
        write.limits.iter().find(full).map(|limit| match limit.kind {
            LimitKind::Network => Ok(Commit::TooMany { until: limit.until }),
            LimitKind::Mailbox => Ok(Commit::MailboxTaken),
        })
    }
}

/// What tells one count from the others.
fn name(limit: &Limit) -> String {
    format!("{:?} {} {} {}", limit.kind, limit.whose, limit.from, limit.until)
}

impl World {
    /// Reads a profile.
    pub fn load(&mut self, lead: &LeadId) -> Result<Option<Stored>, StoreError> {
        self.store_throttles()?;
        let stored = self.table.stored(lead).cloned();
        let (name, version) = (self.name(lead), stored.as_ref().map_or(0, |stored| stored.version));
        self.tell(|| format!("reads {name} v{version}"));
        Ok(self.loaded(stored))
    }

    /// Reads who is due, as the index has heard.
    pub fn due(&mut self, until: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.store_throttles()?;
        let due = self.table.due(until, limit);
        let names: Vec<&str> = due.iter().map(|due| self.name(&due.lead)).collect();
        self.tell(|| format!("finds due: {}", names.join(", ")));
        self.found_due(&due);
        Ok(due)
    }

    /// Any call may find it so.
    pub fn store_throttles(&mut self) -> Result<(), StoreError> {
        let rate = self.faults.throttle;
        if self.fault(rate) {
            self.tell(|| "the store is not to be had".to_owned());
            return Err(StoreError::Transient("throttled".into()));
        }
        Ok(())
    }

    /// Carries out a write, or does not, and answers, or does not.
    pub fn commit(&mut self, write: OwnedWrite) -> Result<Commit, StoreError> {
        self.store_throttles()?;
        let rate = self.faults.conflict;
        if self.fault(rate) {
            self.tell(|| "another transaction is at the same items".to_owned());
            return Err(StoreError::Conflict);
        }
        let rate = self.faults.lost_answer;
        if self.fault(rate) {
            match self.draw.between(0, 3) {
                0 => self.tell(|| "the write is lost, and so is the answer".to_owned()),
                1 => self.land(&write),
                _ => {
                    self.tell(|| "the write is on its way, and no answer comes".to_owned());
                    let at = self.now + millis(self.draw.between(0, 2_000));
                    self.agenda.note(at, Event::LateWrite(Box::new(write)));
                }
            }
            return match self.mutation {
                Some(Mutation::LostAnswerTakenForDone) => Ok(Commit::Committed),
                _ => Err(StoreError::Ambiguous("no answer".into())),
            };
        }
        self.mutated(write)
    }

    /// A write whose answer nobody hears.
    pub fn land(&mut self, write: &OwnedWrite) {
        let _ = self.mutated(write.clone());
    }

    /// Carries out a write if its conditions hold.
    pub fn write(&mut self, write: OwnedWrite) -> Result<Commit, StoreError> {
        let name = self.name(&write.lead.id);
        match self.table.refusal(&write) {
            None => {
                self.put(write);
                Ok(Commit::Committed)
            }
            Some(Ok(Commit::ErasedBefore { .. })) if self.mutation == Some(Mutation::LivesUntold) => {
                let suppressed = self.table.marks.get(&write.lead.id).is_some_and(|mark| mark.suppressed);
                if suppressed && write.lead.suppression.is_none() {
                    return Ok(Commit::Suppressed);
                }
                self.put(write);
                Ok(Commit::Committed)
            }
            Some(Ok(Commit::MailboxTaken)) if self.mutation == Some(Mutation::MailboxesUncounted) => {
                self.put(write);
                Ok(Commit::Committed)
            }
            Some(refusal) => {
                self.tell(|| match &refusal {
                    Ok(Commit::Changed(current)) => format!("{name} has changed: v{}", current.version),
                    Ok(Commit::Duplicate { inputs, .. }) => format!("{name} has recorded {inputs:?}"),
                    other => format!("{name} is not written: {other:?}"),
                });
                refusal
            }
        }
    }

    /// Writes, whatever is there.
    pub fn put(&mut self, write: OwnedWrite) {
        let OwnedWrite { lead, records, limits, now, by, campaigns, .. } = write;
        for limit in &limits {
            *self.table.counts.entry(name(limit)).or_default() += 1;
        }
        let (name, id) = (self.name(&lead.id), lead.id.clone());
        let version = records.last().map_or(0, |record| record.version);
        self.tell(|| {
            let kinds = |record: &Record| -> Vec<String> { record.activities.iter().map(told).collect() };
            let records: Vec<String> = records.iter().flat_map(kinds).collect();
            let due = lead.due_at().map_or("nothing due".to_owned(), |due| format!("due {due:.3}"));
            format!("writes {name} v{version}: {}; {due}", records.join(", "))
        });
        if lead.suppression.is_some() {
            self.table.marks.entry(id.clone()).or_default().suppressed = true;
        }
        let (due, nudge) = (lead.due_at(), lead.wants_nudge(now));
        self.table.profiles.insert(id.clone(), Stored { lead, version });
        let known = self.table.records.entry(id.clone()).or_default();
        let repeated = records.iter().find(|record| known.contains_key(&record.input_id)).cloned();
        known.extend(records.iter().map(|record| (record.input_id.clone(), record.clone())));
        if let Some(record) = repeated {
            self.violate(Rule::InputOnce, format!("{} of {name} is recorded twice", record.input_id));
        }
        self.observe_commit(&id, &records, (by, campaigns));
        self.spread(id, due, nudge);
    }

    /// The index and the stream hear of a write.
    fn spread(&mut self, lead: LeadId, due: Option<Timestamp>, nudge: bool) {
        if !self.index_forgets(due) {
            self.hear_of(Item::Profile(lead.clone()), due);
        }
        if nudge && !self.draw.chance(self.faults.lost_nudge) {
            let times = if self.draw.chance(self.faults.twice) { 2 } else { 1 };
            for _ in 0..times {
                let under_way = self.transit(200);
                self.start_in(under_way, Job::Nudge(vec![lead.clone()]));
            }
        }
        self.expect_tick();
    }
}

/// An activity in a few words.
fn told(activity: &domain::Activity) -> String {
    let kind = activity.kind();
    match &activity.fact {
        Fact::StepBegan { step, .. } | Fact::StepSkipped { step, .. } | Fact::StepDeferred { step, .. } => {
            format!("{kind} {step}")
        }
        Fact::SendClaimed { send_id, step, .. }
        | Fact::EmailSent { send_id, step, .. }
        | Fact::SendRejected { send_id, step, .. }
        | Fact::SendThrottled { send_id, step, .. }
        | Fact::SendUncertain { send_id, step, .. } => {
            format!("{kind} {step} {}", send_id.as_str().get(..12).unwrap_or_default())
        }
        Fact::EnrolmentEnded { campaign, because, .. } => format!("{kind} {campaign} ({because})"),
        Fact::Enrolled { campaign, .. } => format!("{kind} {campaign}"),
        _ => kind,
    }
}
