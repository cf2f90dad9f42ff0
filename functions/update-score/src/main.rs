//! Applies what SES, websites, shops and CRMs told of leads: one commit per lead and batch.

mod decode;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::deliverability::Alarm;
use jiff::{SignedDuration, Timestamp};
use lambda::tracing::{error, info};
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// No lead is begun this close to the function's end: what was applied must still be told, or it is delivered again.
const RESERVE: SignedDuration = SignedDuration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let app = &lambda::start().await?.app;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let stop_at = Timestamp::from_millisecond(i64::try_from(event.context.deadline)?)? - RESERVE;
        Ok::<_, Error>(handle(app, event.payload, stop_at).await)
    }))
    .await
}

/// Only what failed is delivered again; what can never be read ends in the dead-letter queue, where it is not lost.
async fn handle(app: &lambda::App, event: SqsEvent, stop_at: Timestamp) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let mut items = Vec::new();
    for message in event.records {
        let message_id = message.message_id.unwrap_or_default();
        match decode::message(&app.lead_key, message.body.as_deref().unwrap_or_default()) {
            Ok(inputs) => {
                items.extend(inputs.into_iter().map(|(lead, input)| (message_id.clone(), lead, input)));
            }
            Err(reason) => {
                error!(message_id, %reason, "unreadable");
                response.add_failure(message_id);
            }
        }
    }
    let report = app.apply_batch(items, stop_at).await;
    info!(recorded = report.recorded, duplicates = report.duplicates, rejected = report.rejected, "applied");
    // The inputs are stored, so a failure here is told and not repeated: they would not be counted a second time.
    match app.watch(&app.store, report.deliveries).await {
        Ok(None) => {}
        Ok(Some(Alarm::All(reason))) => error!(reason, "sending is stopped"),
        Ok(Some(Alarm::Confirmations(reason))) => {
            error!(reason, "sending is stopped: only confirmations wait")
        }
        Err(error) => error!(%error, "deliveries were not counted"),
    }
    for (message_id, reason) in report.failed {
        error!(message_id, %reason, "not applied");
        response.add_failure(message_id);
    }
    response
}
