//! What an SQS message holds: an SES event that SNS wrapped, or the events of one `/v1/events` request.

use domain::{Input, LeadId, LeadKey};
use serde::Deserialize;

/// Why a message cannot be read. A reader's own words could repeat its content, so they stay out of the log.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Neither of the two.
    #[error("neither a notification of SNS nor events")]
    Unknown,
    /// SNS wrapped something else.
    #[error("no SES event record; it is kept in the dead-letter queue")]
    Feedback(#[from] ses::InvalidFeedback),
    /// Not as `collect-events` queued it.
    #[error("no events as they were queued; they are kept in the dead-letter queue")]
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> Result<usize, String> {
        let key = LeadKey::new("0123456789abcdef").expect("a key");
        message(&key, body).map(|inputs| inputs.len()).map_err(|error| error.to_string())
    }

    fn wrapped(record: &serde_json::Value) -> String {
        json!({ "Type": "Notification", "Message": record.to_string() }).to_string()
    }

    #[test]
    fn an_event_of_ses_comes_wrapped() {
        let mail = |tags| {
            json!({
                "timestamp": "2027-03-01T10:00:00.000Z",
                "messageId": "0102017c-id",
                "destination": ["ada@example.com"],
                "tags": tags,
            })
        };
        let id = "0123456789abcdef0123456789abcdef";
        let delivery = |tags| {
            json!({
                "eventType": "Delivery",
                "mail": mail(tags),
                "delivery": { "timestamp": "2027-03-01T10:00:01.000Z", "recipients": ["ada@example.com"] },
            })
        };
        assert_eq!(read(&wrapped(&delivery(json!({ "lead": [id], "send": [id] })))), Ok(1));
        assert_eq!(read(&wrapped(&delivery(json!({ "send": [id] })))), Ok(0), "an alert is no lead's");
    }

    #[test]
    fn events_come_as_they_were_queued() {
        let queued = json!({
            "by": "server",
            "received_at": "2027-03-01T10:00:00Z",
            "events": [{ "type": "track", "event": "quote_requested", "userId": "ada@example.com" }],
        });
        assert_eq!(read(&queued.to_string()), Ok(1));
    }

    #[test]
    fn what_cannot_be_read_says_why_and_tells_no_content() {
        for body in ["", "[]", "{}", "secret", r#"{"Message":"secret"}"#, r#"{"by":"secret"}"#] {
            let error = read(body).expect_err(body);
            assert!(!error.is_empty() && !error.contains("secret"), "{body}: {error}");
        }
    }
}
