//! How the faults are made: in what programs read and write, between `decide` and the store.

use app::ports::{Commit, Due, StoreError, Stored};
use domain::consent::SuppressionReason;
use domain::lead::Purpose;
use domain::{Activity, Fact, Lead, evolve};
use jiff::Timestamp;

use super::Mutation;
use crate::agenda::{OwnedWrite, TaskId, hours, secs};
use crate::world::World;

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
        let mut stored = stored?;
        let lead = &mut stored.lead;
        match self.mutation {
            Some(Mutation::RestUnseen) => lead.back_off = None,
            Some(Mutation::DeliveriesUnseen) => {
                lead.sends.values_mut().for_each(|send| send.delivered_at = None);
            }
            Some(Mutation::SuppressionUnseen) => lead.suppression = None,
            Some(Mutation::ClaimUnseen) => lead.claim = None,
            Some(Mutation::LeadsPauseUnseen) => lead.preferences.paused_until = None,
            Some(Mutation::SendsUnseen) => {
                lead.sends.retain(|id, _| lead.claim.as_ref().is_some_and(|it| it.send_id == *id))
            }
            _ => {}
        }
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
            Mutation::ConsentSeenTooEarly => self.fold_again(&mut write),
            Mutation::ErasedLeadsWritten
                if write.expected.is_some() && self.table.stored(&write.lead.id).is_none() =>
            {
                self.put(write);
                return Ok(Commit::Committed);
            }
            Mutation::RestUnseen
            | Mutation::DeliveriesUnseen
            | Mutation::SuppressionUnseen
            | Mutation::ClaimUnseen
            | Mutation::LeadsPauseUnseen
            | Mutation::SendsUnseen
                if self.is_current(&write) =>
            {
                self.fold_again(&mut write);
            }
            Mutation::EarlierEventsBringBack => {
                let mark = self.table.marks.get_mut(&write.lead.id);
                let erased_at = mark.and_then(|mark| mark.erased_at.take());
                let id = write.lead.id.clone();
                let answer = self.write(write);
                if let (Some(mark), Some(at)) = (self.table.marks.get_mut(&id), erased_at) {
                    mark.erased_at = Some(at);
                }
                return answer;
            }
            Mutation::WithdrawalUnseen => {
                if self.is_current(&write) {
                    self.fold_again(&mut write);
                }
                let mut answer = self.write(write);
                if let Ok(Commit::Changed(current)) = &mut answer {
                    current.lead.consent.withdrawn_at = None;
                }
                return answer;
            }
            Mutation::BouncesUncounted => {
                self.drop(&mut write, |fact| matches!(fact, Fact::BackedOff { .. }))
            }
            Mutation::SkipsForgotten => {
                self.drop(&mut write, |fact| matches!(fact, Fact::StepSkipped { .. }))
            }
            Mutation::DueTooEarly => self.change(&mut write, |at, fact| {
                if let Fact::StepBegan { due_at: Some(due_at), .. } = fact {
                    *due_at = at + secs(due_at.duration_since(at).as_secs() / 2);
                }
            }),
            Mutation::StepsOutOfOrder => self.change(&mut write, |_, fact| {
                if let Fact::StepBegan { step, ahead, .. } = fact
                    && step.as_str() == "case"
                    && let Some(next) = ahead.first()
                {
                    *step = next.clone();
                }
            }),
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
                let because = SuppressionReason::Complaint;
                self.drop(
                    &mut write,
                    |fact| matches!(fact, Fact::Suppressed { reason } if *reason == because),
                );
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

    /// Facts that never come to be.
    fn drop(&self, write: &mut OwnedWrite, is_it: impl Fn(&Fact) -> bool) {
        for record in &mut write.records {
            record.activities.retain(|activity| !is_it(&activity.fact));
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
            let fact = Fact::StepDeferred {
                campaign,
                step,
                due_at,
                because: "it was throttled".into(),
                has_place: false,
            };
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
