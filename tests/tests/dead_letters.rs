//! Dead letters are shown without a word about a person, and sent back by one command.

use std::process::{Command, Output};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Json;
use axum::routing::post;
use serde_json::{Value, json};
use tests::programs::program;
use tests::stubs::{Taken, serve};
use tokio::runtime::Runtime;

/// SQS with two dead letters, which it tells once.
async fn answer(State(asked): State<Taken>, headers: HeaderMap, body: String) -> Json<Value> {
    let operation =
        headers["x-amz-target"].to_str().expect("a name").rsplit('.').next().expect("a name").to_owned();
    let before = asked.all().iter().filter(|seen| seen[0] == json!(operation)).count();
    asked.put(json!([operation, serde_json::from_str::<Value>(&body).expect("JSON")]));
    let record =
        json!({ "eventType": "Click", "mail": { "messageId": "ses-7", "destination": ["ada@example.com"] } });
    let message = |id: &str, body: Value| json!({ "MessageId": id, "Body": body.to_string(), "Attributes": { "SentTimestamp": "1803895200000" } });
    let messages = [
        message("m-1", json!({ "Message": record.to_string() })),
        message("m-2", json!({ "by": "server", "events": [{ "userId": "ada@example.com" }] })),
    ];
    Json(match operation.as_str() {
        "GetQueueUrl" => json!({ "QueueUrl": "http://sqs.example/1/dead" }),
        "ReceiveMessage" if before == 0 => json!({ "Messages": messages }),
        "GetQueueAttributes" => json!({ "Attributes": { "QueueArn": "arn:aws:sqs:eu-west-3:1:dead" } }),
        "StartMessageMoveTask" => json!({ "TaskHandle": "t" }),
        _ => json!({}),
    })
}

fn sillon(endpoint: &str, words: &[&str]) -> Output {
    let mut command = Command::new(program("sillon"));
    command.args(["dead-letters", "--queue", "dead"]).args(words);
    command.env("AWS_ENDPOINT_URL_SQS", endpoint).env("AWS_REGION", "eu-west-3");
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .output()
        .expect("sillon runs")
}

#[test]
fn they_are_shown_and_sent_back() {
    let runtime = Runtime::new().expect("a runtime");
    let asked = Taken::default();
    let endpoint = serve(runtime.handle(), Router::new().route("/", post(answer)).with_state(asked.clone()));

    let shown = sillon(&endpoint, &[]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert_eq!(shown.status.code(), Some(1), "{text}{}", String::from_utf8_lossy(&shown.stderr));
    assert!(text.contains("m-1  2027-03-01T10:00:00Z  SES tells of: Click, e-mail ses-7"), "{text}");
    assert!(text.contains("m-2  2027-03-01T10:00:00Z  1 event from a website, shop or CRM"), "{text}");
    assert!(!text.contains("ada"), "{text}");

    asked.take();
    assert_eq!(sillon(&endpoint, &["--redrive"]).status.code(), Some(0));
    let moved = asked.all().pop().expect("a request");
    assert_eq!(moved, json!(["StartMessageMoveTask", { "SourceArn": "arn:aws:sqs:eu-west-3:1:dead" }]));
}
