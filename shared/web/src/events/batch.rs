//! A request's body: one event, or a batch of them.

use serde_json::{Map, Value};

use super::Fault;

/// A batch holds no more events.
const MOST_EVENTS: usize = 500;

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
        if events.len() > MOST_EVENTS {
            let message =
                format!("the batch has {} events; send at most {MOST_EVENTS} at a time", events.len());
            return Err(fault("too_many_events", message));
        }
        Ok(Self { token, events })
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
