//! What SES would tell of an e-mail: for the buttons in the inbox, which take the way of real events.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::inbox::Mail;

/// An SES event record of that type; none for a type that has no button.
pub fn record(mail: &Mail, event: &str, at: Timestamp) -> Option<Value> {
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let (key, detail) = match event {
        "Delivery" => ("delivery", json!({ "timestamp": at, "recipients": [mail.to] })),
        "Open" => ("open", json!({ "timestamp": at, "ipAddress": "127.0.0.1", "userAgent": agent })),
        "Click" => (
            "click",
            json!({ "timestamp": at, "ipAddress": "127.0.0.1", "userAgent": agent, "link": "https://example.com/" }),
        ),
        "Bounce" => (
            "bounce",
            json!({
                "timestamp": at,
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "feedbackId": "pretended",
                "bouncedRecipients": [{ "emailAddress": mail.to }],
            }),
        ),
        "Complaint" => (
            "complaint",
            json!({
                "timestamp": at,
                "feedbackId": "pretended",
                "complainedRecipients": [{ "emailAddress": mail.to }],
            }),
        ),
        _ => return None,
    };
    let tags: serde_json::Map<String, Value> =
        mail.tags.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
    let mut record = json!({
        "eventType": event,
        "mail": {
            "timestamp": mail.sent_at,
            "messageId": mail.id,
            "source": mail.from,
            "destination": [mail.to],
            "tags": tags,
        },
    });
    record[key] = detail;
    Some(record)
}
