//! The SQS queue that takes turns from the tick to the workers.

use app::ports::{DueQueue, QueueError, Turn};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

/// SQS takes so many messages in a request (API reference, `SendMessageBatch`).
const BATCH: usize = 10;

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

impl DueQueue for Queue {
    async fn put(&self, turns: &[Turn]) -> Result<(), QueueError> {
        for turns in turns.chunks(BATCH) {
            let entries = turns.iter().enumerate().map(|(place, turn)| {
                let body = serde_json::to_string(turn).map_err(|error| QueueError(Box::new(error)))?;
                let entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(body);
                entry.build().map_err(|error| QueueError(Box::new(error)))
            });
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
            let answer = request.send().await.map_err(|error| QueueError(Box::new(error)))?;
            if let Some(refused) = answer.failed().first() {
                return Err(QueueError(refused.code().into()));
            }
        }
        Ok(())
    }
}
