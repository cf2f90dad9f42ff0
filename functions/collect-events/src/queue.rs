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
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(|_| ()).map_err(|error| QueueError(Box::new(error)))
    }
}
