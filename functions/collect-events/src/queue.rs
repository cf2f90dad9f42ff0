//! The SQS queue from which `update-score` is fed.

use app::ports::{EventQueue, QueueError};
use aws_sdk_sqs::Client;

/// One queue.
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at that URL.
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }
}

impl EventQueue for Queue {
    async fn put(&self, body: String) -> Result<(), QueueError> {
        let sent =
            self.client.send_message().queue_url(&self.url).message_body(as_sqs_takes_it(&body)).send().await;
        sent.map(|_| ()).map_err(|error| QueueError(Box::new(error)))
    }
}

/// SQS refuses the two characters that XML does not know (API reference, `SendMessage`). In JSON they stand only within
/// texts, and there they may be written as escapes.
fn as_sqs_takes_it(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn odd_characters_travel_as_escapes() {
        let value = json!({ "title": "odd \u{fffe}\u{ffff} \u{0} \u{1f33b}" });
        let body = as_sqs_takes_it(&value.to_string());
        let taken = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(body.chars().all(taken), "{body}");
        assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON still"), value);
    }
}
