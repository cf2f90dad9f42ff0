//! What an SQS message holds: an SES event that SNS wrapped, or the events of one `/v1/events` request.

use domain::{Input, LeadId, LeadKey};
use serde::Deserialize;

/// Why a message cannot be read. Names the fault, never the content.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Neither of the two.
    #[error("neither a notification of SNS nor events")]
    Unknown,
    /// SNS wrapped something else.
    #[error("no SES event record: {0}")]
    Feedback(#[from] ses::InvalidFeedback),
    /// Not as `collect-events` queued it.
    #[error("no queued events: {0}")]
    Events(#[from] web::InvalidEvents),
}

/// An SNS notification, as SQS subscriptions without raw delivery bear it.
#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Message")]
    message: String,
}

/// The inputs that a message holds. An event of a mail that is not a lead's, such as an alert, holds none.
pub fn message(lead_key: &LeadKey, body: &str) -> Result<Vec<(LeadId, Input)>, Unreadable> {
    let keys: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(body).map_err(|_| Unreadable::Unknown)?;
    if keys.contains_key("Message") {
        let Notification { message } = serde_json::from_str(body).map_err(|_| Unreadable::Unknown)?;
        return Ok(ses::decode_feedback(&message)?.into_iter().collect());
    }
    if keys.contains_key("by") {
        return Ok(web::decode_events(lead_key, body)?);
    }
    Err(Unreadable::Unknown)
}
