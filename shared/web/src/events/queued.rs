//! What is queued of a request, and how it becomes inputs: checked by the very code that checked it at the door.

use domain::input::{NewLead, Track};
use domain::{Bundle, Input, InputBody, InputId, LeadId, LeadKey};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Fault;
use super::authority::Authority;
use super::event::{self, Event};

/// What a browser tells of before happened now.
const OLDEST_OF_A_BROWSER: SignedDuration = SignedDuration::from_hours(24);

/// One request's events, as a queue's message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Queued {
    /// On whose word.
    pub by: Authority,
    /// When they reached us.
    pub received_at: Timestamp,
    /// As they came.
    pub events: Vec<Value>,
}

/// A message that [`super::events()`] did not put into the queue, or that a later version no longer takes.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEvents {
    /// It has another shape.
    #[error("the message is not one that holds events: {0}")]
    Shape(#[from] serde_json::Error),
    /// One of its events is not valid. The fault names no value.
    #[error("event {index} of the message is not valid: {code}")]
    Event {
        /// Its place in the message, counted from 0.
        index: usize,
        /// What is wrong.
        code: &'static str,
    },
}

/// The inputs that a queue's message holds, each with its lead, in their order.
pub fn decode_events(lead_key: &LeadKey, message: &str) -> Result<Vec<(LeadId, Input)>, InvalidEvents> {
    let queued: Queued = serde_json::from_str(message)?;
    let inputs = queued.events.iter().enumerate().map(|(index, value)| {
        let event = event::read(value, index, &queued.by).map_err(|faults| InvalidEvents::Event {
            index,
            code: faults.first().map_or("unknown", |fault| fault.code),
        })?;
        queued.input(lead_key, index, value, event).ok_or(InvalidEvents::Event { index, code: "required" })
    });
    inputs.collect()
}

impl Queued {
    /// Everything that is wrong with the events.
    pub fn faults(&self, bundle: &Bundle) -> Vec<Fault> {
        let events = self.events.iter().enumerate();
        let faults = |(index, value)| {
            let mut faults = event::too_much(value, index);
            faults.extend(match event::read(value, index, &self.by) {
                Ok(event) => event::wrong_traits(&event, index, bundle),
                Err(faults) => faults,
            });
            faults
        };
        events.flat_map(faults).collect()
    }

    pub fn to_message(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn input(
        &self,
        lead_key: &LeadKey,
        index: usize,
        value: &Value,
        event: Event,
    ) -> Option<(LeadId, Input)> {
        let new_lead = event.user.map(|address| NewLead::of(lead_key, address));
        let lead = match &self.by {
            Authority::Server => new_lead.as_ref()?.id.clone(),
            Authority::Lead(lead) => lead.clone(),
        };
        let id = match &event.message_id {
            // A browser's never stands for a server's: whoever has a token could take its place before it comes.
            Some(id) if matches!(self.by, Authority::Lead(_)) => InputId::of("browser_event", &[id]),
            Some(id) => InputId::of("event", &[id]),
            // Without an id of its own, an event is the same one only if the queue delivers it twice.
            None => {
                InputId::of("event", &[&value.to_string(), &self.received_at.to_string(), &index.to_string()])
            }
        };
        // A browser tells what happens, and not what happened long ago: else each day that was would have room for more.
        let is_old = |at: &Timestamp| *at < self.received_at - OLDEST_OF_A_BROWSER;
        let told = event.at.filter(|at| self.by == Authority::Server || !is_old(at));
        // Nothing is told before it happens. What is dated ahead would pass for what happened after an erasure.
        let at = told.map_or(self.received_at, |at| at.min(self.received_at));
        Some((lead, Input { id, at, body: InputBody::Track(Track { new_lead, kind: event.kind }) }))
    }
}
