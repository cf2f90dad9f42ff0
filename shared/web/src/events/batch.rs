//! A request's body: one event, or a batch of them.

use serde_json::{Map, Value};

use super::Fault;

/// A batch holds no more events.
pub const MOST_EVENTS: usize = 500;
/// Nor more than these, if a browser sends it: a token stands in every e-mail, and whoever has one e-mail has it.
const MOST_EVENTS_OF_A_BROWSER: usize = 20;

/// What a body holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Batch {
    /// The token of a browser that could not set a header.
    pub token: Option<String>,
    /// The events, not looked at yet.
    pub events: Vec<Value>,
}

impl Batch {
    /// Reads a body. Nothing of the credentials stays in the events.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        let fault = |code, message: String| Fault { index: None, field: None, code, message };
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| fault("malformed_json", format!("the body is not JSON: {error}")))?;
        let Value::Object(mut object) = value else {
            return Err(fault("not_an_object", "the body is neither an event nor `{\"batch\": […]}`".into()));
        };
        let token = match object.remove("token") {
            Some(Value::String(token)) => Some(token),
            _ => None,
        };
        object.remove("writeKey");
        let events = match object.remove("batch") {
            None => vec![Value::Object(object)],
            Some(Value::Array(events)) => events.into_iter().map(without_credentials).collect(),
            Some(_) => return Err(fault("not_a_list", "`batch` is not a list of events".into())),
        };
        let batch = Self { token, events };
        match batch.too_many(MOST_EVENTS) {
            Some(fault) => Err(fault),
            None => Ok(batch),
        }
    }

    /// What is wrong with it if a browser sends it, which has a lead's token and no more.
    pub fn too_many_of_a_browser(&self) -> Option<Fault> {
        self.too_many(MOST_EVENTS_OF_A_BROWSER)
    }

    fn too_many(&self, most: usize) -> Option<Fault> {
        let events = self.events.len();
        let message = format!("the batch has {events} events; send at most {most} at a time");
        (events > most).then_some(Fault { index: None, field: None, code: "too_many_events", message })
    }
}

fn without_credentials(mut event: Value) -> Value {
    if let Some(members) = event.as_object_mut() {
        let members: &mut Map<String, Value> = members;
        members.remove("token");
        members.remove("writeKey");
    }
    event
}
