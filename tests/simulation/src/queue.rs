//! The queues, of events and of turns: at least once, in no order, and again whatever was not deleted.

use std::collections::BTreeMap;

use app::ports::{QueueError, Turn};
use domain::input::Feedback;
use domain::{Input, InputBody, InputId, LeadId};
use jiff::{SignedDuration, Timestamp};

use crate::agenda::{Job, secs};
use crate::mutations::Mutation;
use crate::world::World;

/// A message that was received and not deleted comes again after this.
pub const VISIBILITY: SignedDuration = secs(360);
/// A program receives at most so many at a time.
const BATCH: usize = 10;

/// One event about one lead.
#[derive(Debug, Clone)]
struct Message {
    lead: LeadId,
    input: Input,
    visible_at: Timestamp,
}

/// The messages that nobody has deleted.
#[derive(Debug, Default)]
pub struct Queue {
    messages: BTreeMap<u64, Message>,
    put: u64,
}

/// Messages as `apply_batch` takes them.
pub type Batch = Vec<(String, LeadId, Input)>;

impl Queue {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Deletes what was applied.
    pub fn delete(&mut self, message: &str) {
        if let Ok(number) = message.parse() {
            self.messages.remove(&number);
        }
    }
}

impl World {
    /// Puts an event on the queue, or two of the same.
    pub fn put_on_queue(&mut self, lead: LeadId, input: Input, after: SignedDuration) {
        let times = if self.draw.chance(self.faults.twice) { 2 } else { 1 };
        for _ in 0..times {
            let under_way = after + self.transit(100);
            let visible_at = self.now + under_way;
            self.queue.put += 1;
            let message = Message { lead: lead.clone(), input: input.clone(), visible_at };
            self.queue.messages.insert(self.queue.put, message);
            self.start_in(under_way, Job::Apply);
        }
    }

    pub fn queue_feedback(&mut self, lead: LeadId, feedback: Feedback, after: SignedDuration) {
        let at = self.now + after;
        let Feedback { send_id, kind, .. } = &feedback;
        let id = InputId::of("feedback", &[send_id.as_str(), &format!("{kind:?}"), &at.to_string()]);
        self.put_on_queue(lead, Input { id, at, body: InputBody::Feedback(feedback) }, after);
    }

    /// Queues turns: hints, of which none need arrive in time.
    pub fn put_turns(&mut self, turns: &[Turn]) -> Result<(), QueueError> {
        let refuses = || QueueError("the queue is not to be had".into());
        let rate = self.faults.throttle;
        if self.fault(rate) {
            self.tell(|| "the queue takes nothing".to_owned());
            return Err(refuses());
        }
        for turn in turns {
            let names: Vec<&str> = turn.leads.iter().map(|lead| self.name(lead)).collect();
            self.tell(|| format!("queues the turns of {}", names.join(", ")));
            let times = if self.draw.chance(self.faults.twice) { 2 } else { 1 };
            for _ in 0..times {
                let under_way = self.transit(100);
                self.start_in(under_way, Job::Serve(turn.clone()));
            }
        }
        let rate = self.faults.lost_answer;
        if self.fault(rate) { Err(refuses()) } else { Ok(()) }
    }

    /// Hands out messages that are visible, in any order. They come again unless they are deleted.
    pub fn receive(&mut self) -> Batch {
        let mut visible: Vec<u64> = Vec::new();
        for (number, message) in &self.queue.messages {
            if message.visible_at <= self.now {
                visible.push(*number);
            }
        }
        for place in (1..visible.len()).rev() {
            let other = self.draw.between(0, i64::try_from(place).unwrap_or(0) + 1);
            visible.swap(place, usize::try_from(other).unwrap_or(0));
        }
        visible.truncate(BATCH);
        let again_at = self.now + VISIBILITY;
        let mut batch = Batch::new();
        for number in visible {
            if let Some(message) = self.queue.messages.get_mut(&number) {
                message.visible_at = again_at;
                batch.push((number.to_string(), message.lead.clone(), message.input.clone()));
            }
        }
        if !batch.is_empty() {
            self.start_in(VISIBILITY, Job::Apply);
            if self.mutation == Some(Mutation::MessagesDeletedFirst) {
                batch.iter().for_each(|(number, ..)| self.queue.delete(number));
            }
        }
        batch
    }
}
