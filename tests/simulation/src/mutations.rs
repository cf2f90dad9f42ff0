//! Deliberate faults, each of which an invariant must notice: they show that the simulation bites.
//!
//! They are made at the ports, in the activities between `decide` and the store, in the worker's campaigns and in its clock,
//! so that production code knows nothing of them.

use std::collections::BTreeMap;

use app::ports::{Commit, Due, StoreError, Stored};
use domain::consent::SuppressionReason;
use domain::lead::Purpose;
use domain::sequence::{Act, Sequence, Step};
use domain::{Activity, Bundle, Fact, Lead, LeadId, StepId, evolve};
use jiff::Timestamp;

use crate::agenda::{OwnedWrite, TaskId, hours, secs};
use crate::invariants::Rule;
use crate::world::World;

/// Declares the faults, each with the rules that may notice it.
macro_rules! mutations {
    ($($(#[$doc:meta])* $name:ident => [$($rule:ident),+],)*) => {
        /// A deliberate fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Mutation { $($(#[$doc])* $name,)* }

        impl Mutation {
            /// Every fault.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The rules that may notice it.
            pub fn noticed_by(self) -> &'static [Rule] {
                match self { $(Self::$name => &[$(Rule::$rule),+],)* }
            }
        }
    };
}

mutations! {
    /// The store writes claims whatever the profile has become, if only their records are new.
    ClaimWithoutCondition => [Exclusive, Consent, OneAcceptance, Order, Cap],
    /// The e-mail is handed over before its claim is written.
    SendBeforeClaim => [ClaimedFirst],
    /// The carrier's client repeats a call that timed out.
    CarrierRetries => [OneAcceptance, Pace],
    /// The lease ends while the carrier is still called.
    ShortLease => [Exclusive, ClaimedFirst],
    /// The carrier's answer is not recorded.
    AnswerForgotten => [Answer],
    /// The carrier's answer is recorded under the version of the claim.
    AnswerUnderWrongVersion => [Fold],
    /// Consent is looked at when a lead is found due, and not again when its e-mail is claimed.
    ConsentSeenTooEarly => [Consent, Order],
    /// A complaint is recorded and does not suppress.
    ComplaintWithoutSuppression => [Consent],
    /// The due index misses a write now and then.
    IndexForgets => [Stuck, Index],
    /// Records are put without asking whether they are there.
    RecordsPutTwice => [InputOnce],
    /// The profile is written without the last activity of its record.
    ProfileMissesAnActivity => [Fold],
    /// Messages are deleted before they are applied.
    MessagesDeletedFirst => [Lost],
    /// A write without an answer counts as done.
    LostAnswerTakenForDone => [ClaimedFirst, Lost, Answer],
    /// A time-out counts as a refusal, and the e-mail is sent again.
    UncertainTakenForRefused => [Answer, OneAcceptance, Bound],
    /// An alert of which nobody knows is repeated for ever.
    AlertsForEver => [Bound],
    /// There is no frequency cap.
    CapIgnored => [Cap],
    /// There are no quiet hours and closed days.
    QuietHoursIgnored => [Hours],
    /// Steps have no windows.
    WindowsIgnored => [Hours],
    /// Waits take half of their time.
    WaitsCutShort => [Early],
    /// A wait's other way is taken at once.
    DeadlinesIgnored => [Early],
    /// A step is passed over.
    StepPassedOver => [Order],
    /// Paused campaigns go on.
    PauseIgnored => [Preference],
    /// E-mails have no topics that a lead could leave.
    TopicsIgnored => [Preference],
    /// Whoever asks for moments gets them, whoever else has them.
    MomentsGrantedTwice => [Pace],
    /// Nobody waits for the moment that it has.
    MomentsNotWaitedFor => [Pace],
    /// Moments are granted while sending is stopped.
    StopUnseen => [Stop],
    /// However many e-mails come back, sending goes on.
    BreakerNeverOpens => [Stop],
    /// Somebody resumes, and sending stays stopped.
    ResumeForgets => [Stuck],
    /// What the carrier throttles counts as refused.
    ThrottledCountsAsRefused => [Answer],
    /// What the carrier throttles waits for a day.
    ThrottledLosesItsTurn => [Turn],
    /// A confirmation of which nobody knows is repeated for ever.
    ConfirmationsForEver => [Bound],
    /// One machine's clock is more than a day ahead.
    ClockAhead => [Early],
}

/// What mutations remember.
#[derive(Debug, Default)]
pub struct Sabotage {
    /// Claims that are not written yet.
    held: BTreeMap<(TaskId, LeadId), OwnedWrite>,
    /// Leads as they were when they were found due.
    found: BTreeMap<LeadId, Lead>,
}

/// Changes the campaigns that programs load. The invariants know them as they are written.
pub fn edit(mutation: Option<Mutation>, bundle: &mut Bundle) {
    let limits = &mut bundle.organisation.limits;
    match mutation {
        Some(Mutation::CapIgnored) => limits.per_lead = None,
        Some(Mutation::QuietHoursIgnored) => (limits.quiet_hours, limits.closed_days) = (None, Vec::new()),
        _ => {}
    }
    for campaign in bundle.campaigns.values_mut() {
        match mutation {
            Some(Mutation::PauseIgnored) => campaign.paused = false,
            Some(Mutation::TopicsIgnored) => campaign.topic = None,
            Some(Mutation::StepPassedOver) => pass_over(&mut campaign.sequence, "case"),
            _ => {}
        }
        for step in campaign.sequence.steps.values_mut() {
            match (mutation, &mut step.act) {
                (Some(Mutation::WindowsIgnored), Act::Send { between, .. }) => *between = None,
                (Some(Mutation::TopicsIgnored), Act::Send { topic, .. }) => *topic = None,
                (Some(Mutation::WaitsCutShort), Act::Wait { length }) => *length = secs(length.as_secs() / 2),
                (Some(Mutation::DeadlinesIgnored), Act::WaitFor { within, .. }) => *within = secs(1),
                _ => {}
            }
        }
    }
}

/// Lets what leads to a step lead to what follows it.
fn pass_over(sequence: &mut Sequence, step: &str) {
    let is_it = |id: &StepId| id.as_str() == step;
    let Some((_, Step { next: after, .. })) = sequence.steps.iter().find(|(id, _)| is_it(id)) else { return };
    let after = after.clone();
    let before = sequence.steps.values_mut().filter(|step| step.next.as_ref().is_some_and(is_it));
    before.for_each(|step| step.next = after.clone());
}

impl World {
    /// How often the carrier is called for one e-mail at most.
    pub fn calls_for_one_email(&self) -> u32 {
        if self.mutation == Some(Mutation::CarrierRetries) { 3 } else { 1 }
    }

    /// A program is gone, and what it held back with it.
    pub fn forget_held(&mut self, task: TaskId) {
        self.sabotage.held.retain(|(by, _), _| *by != task);
    }

    /// Whether the index misses a write.
    pub fn index_forgets(&mut self, due: Option<Timestamp>) -> bool {
        self.mutation == Some(Mutation::IndexForgets) && due.is_some() && self.draw.chance(30)
    }

    /// Leads were found due.
    pub fn found_due(&mut self, due: &[Due]) {
        if self.mutation == Some(Mutation::ConsentSeenTooEarly) {
            let found = due.iter().filter_map(|due| self.table.stored(&due.lead));
            let found: Vec<Lead> = found.map(|stored| stored.lead.clone()).collect();
            self.sabotage.found = found.into_iter().map(|lead| (lead.id.clone(), lead)).collect();
        }
    }

    /// A lead was read.
    pub fn loaded(&self, stored: Option<Stored>) -> Option<Stored> {
        let stored = stored?;
        let before = self.sabotage.found.get(&stored.lead.id);
        let has_left = |before: &&Lead| before.may_be_nurtured() && !stored.lead.may_be_nurtured();
        match before.filter(has_left) {
            Some(before) => Some(Stored { lead: before.clone(), version: stored.version }),
            None => Some(stored),
        }
    }

    /// Carries out a write, as the mutation would have it.
    pub fn mutated(&mut self, mut write: OwnedWrite) -> Result<Commit, StoreError> {
        let Some(mutation) = self.mutation else { return self.write(write) };
        let is_claim = facts(&write).any(|fact| matches!(fact, Fact::SendClaimed { .. }));
        let is_answer = facts(&write).any(|fact| matches!(fact, Fact::EmailSent { message_id: Some(_), .. }));
        match mutation {
            Mutation::ClaimWithoutCondition if is_claim && !self.is_repeated(&write) => {
                return self.force(write);
            }
            Mutation::SendBeforeClaim => {
                let key = (write.by, write.lead.id.clone());
                if let Some(held) = self.sabotage.held.remove(&key) {
                    let _ = self.write(held);
                }
                if is_claim {
                    self.sabotage.held.insert(key, write);
                    return Ok(Commit::Committed);
                }
            }
            Mutation::AnswerForgotten if is_answer => return Ok(Commit::Committed),
            Mutation::AnswerUnderWrongVersion if is_answer && self.is_current(&write) => {
                write.records.iter_mut().for_each(|record| record.version -= 1);
                self.put(write);
                return Ok(Commit::Committed);
            }
            Mutation::ConsentSeenTooEarly if is_claim => self.fold_again(&mut write),
            Mutation::RecordsPutTwice if self.is_repeated(&write) => return self.force(write),
            Mutation::ShortLease => self.change(&mut write, |at, fact| {
                if let Fact::SendClaimed { lease_ends_at, .. } = fact {
                    *lease_ends_at = at + secs(1);
                }
            }),
            Mutation::AlertsForEver => self.repeat(&mut write, |purpose| *purpose == Purpose::Alert),
            Mutation::ConfirmationsForEver => {
                self.repeat(&mut write, |purpose| matches!(purpose, Purpose::Confirmation { .. }));
            }
            Mutation::ThrottledCountsAsRefused => self.change(&mut write, |at, fact| {
                if let Fact::SendThrottled { send_id, campaign, step, code } = fact.clone() {
                    let retry_at = Some(at + secs(300));
                    *fact = Fact::SendRejected { send_id, campaign, step, code, retry_at };
                }
            }),
            Mutation::ThrottledLosesItsTurn => self.defer_throttled(&mut write),
            Mutation::ComplaintWithoutSuppression => {
                for record in &mut write.records {
                    let because = SuppressionReason::Complaint;
                    record
                        .activities
                        .retain(|it| !matches!(it.fact, Fact::Suppressed { reason } if reason == because));
                }
                self.fold_again(&mut write);
            }
            Mutation::ProfileMissesAnActivity => {
                let cut = write.records.last_mut().filter(|record| record.activities.len() > 1);
                let cut = cut.and_then(|record| record.activities.pop());
                let whole = write.clone();
                self.fold_again(&mut write);
                if let (Some(cut), Some(record)) = (cut, write.records.last_mut()) {
                    record.activities.push(cut);
                } else {
                    write = whole;
                }
            }
            _ => {}
        }
        self.write(write)
    }

    /// Appends the activities to whatever is there.
    fn force(&mut self, mut write: OwnedWrite) -> Result<Commit, StoreError> {
        let version = self.table.stored(&write.lead.id).map_or(0, |stored| stored.version);
        for (record, version) in write.records.iter_mut().zip(version + 1..) {
            record.version = version;
        }
        write.expected = (version > 0).then_some(version);
        self.fold_again(&mut write);
        self.put(write);
        Ok(Commit::Committed)
    }

    /// Makes the profile the fold of what is there and what is written.
    fn fold_again(&self, write: &mut OwnedWrite) {
        let stored = self.table.stored(&write.lead.id).map(|stored| stored.lead.clone());
        let activities = write.records.iter().flat_map(|record| &record.activities);
        let folded =
            activities.into_iter().try_fold(stored, |lead, activity| evolve(lead, activity).map(Some));
        if let Ok(Some(lead)) = folded {
            write.lead = lead;
        }
    }

    fn change(&self, write: &mut OwnedWrite, change: impl Fn(Timestamp, &mut Fact)) {
        for activity in write.records.iter_mut().flat_map(|record| &mut record.activities) {
            change(activity.at, &mut activity.fact);
        }
        self.fold_again(write);
    }

    fn is_current(&self, write: &OwnedWrite) -> bool {
        self.table.stored(&write.lead.id).map(|stored| stored.version) == write.expected
    }

    fn is_repeated(&self, write: &OwnedWrite) -> bool {
        write.expected.is_some()
            && write.records.iter().any(|record| self.table.has(&write.lead.id, &record.input_id))
    }

    /// What the carrier throttled is due a day later.
    fn defer_throttled(&self, write: &mut OwnedWrite) {
        for record in &mut write.records {
            let Some(Activity { at, fact: Fact::SendThrottled { campaign, step, .. } }) =
                record.activities.first()
            else {
                continue;
            };
            let (at, campaign, step) = (*at, campaign.clone(), step.clone());
            let due_at = at + hours(24);
            let fact = Fact::StepDeferred { campaign, step, due_at, because: "it was throttled".into() };
            record.activities.push(Activity { at, fact });
        }
        self.fold_again(write);
    }

    /// What is of such a purpose and of which nobody knows is due again, and the lead stays where it is.
    fn repeat(&self, write: &mut OwnedWrite, is_it: impl Fn(&Purpose) -> bool) {
        let Some(stored) = self.table.stored(&write.lead.id) else { return };
        for record in &mut write.records {
            // What was claimed along with it is sent.
            if record.activities.iter().any(|activity| matches!(activity.fact, Fact::SendClaimed { .. })) {
                continue;
            }
            let place = record.activities.iter().position(|activity| {
                let Fact::SendUncertain { send_id, retry_at: None, .. } = &activity.fact else {
                    return false;
                };
                stored.lead.sends.get(send_id).is_some_and(|send| is_it(&send.purpose))
            });
            let Some(place) = place else { continue };
            record.activities.truncate(place + 1);
            let activity = &mut record.activities[place];
            if let Fact::SendUncertain { retry_at, .. } = &mut activity.fact {
                *retry_at = Some(activity.at + secs(900));
            }
        }
        self.fold_again(write);
    }
}

fn facts(write: &OwnedWrite) -> impl Iterator<Item = &Fact> {
    write.records.iter().flat_map(|record| &record.activities).map(|activity| &activity.fact)
}
