//! SES and SQS as far as the functions use them: they take what is sent, keep it, and answer as AWS does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Json;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::runtime::Handle;

/// What a stub took, in order.
#[derive(Clone, Default)]
pub struct Taken(Arc<Mutex<Vec<Value>>>);

impl Taken {
    /// All of it so far.
    pub fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All of it, leaving nothing.
    pub fn take(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps one more; answers how many there were before.
    pub fn put(&self, value: Value) -> usize {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(value);
        all.len() - 1
    }
}

/// SES v2's `SendEmail` and `GetAccount`. Message ids are `ses-0`, `ses-1`, …
pub fn ses(runtime: &Handle) -> String {
    let send = |State(taken): State<Taken>, Json(body): Json<Value>| async move {
        Json(json!({ "MessageId": format!("ses-{}", taken.put(body)) }))
    };
    let account = || async {
        let quota = json!({ "Max24HourSend": 50_000.0, "MaxSendRate": 1_000.0, "SentLast24Hours": 0.0 });
        Json(json!({ "SendQuota": quota, "SendingEnabled": true, "EnforcementStatus": "HEALTHY" }))
    };
    let routes = Router::new()
        .route("/v2/email/outbound-emails", post(send))
        .route("/v2/email/account", get(account))
        .with_state(Taken::default());
    serve(runtime, routes)
}

/// SQS's `SendMessage` and `SendMessageBatch` in its JSON protocol. Keeps the bodies.
pub fn sqs(runtime: &Handle) -> (String, Taken) {
    let taken = Taken::default();
    let send = |State(taken): State<Taken>, body: String| async move {
        let request: Value = serde_json::from_str(&body).unwrap_or_default();
        let put = |message: &Value| {
            let place = taken.put(message["MessageBody"].clone());
            json!({ "Id": message["Id"], "MessageId": format!("sqs-{place}") })
        };
        Json(match request["Entries"].as_array() {
            Some(entries) => {
                json!({ "Successful": entries.iter().map(put).collect::<Vec<_>>(), "Failed": [] })
            }
            None => put(&request),
        })
    };
    let routes = Router::new().route("/", post(send)).with_state(taken.clone());
    (serve(runtime, routes), taken)
}

/// A webhook on this machine that answers with these statuses in turn, the last for ever.
pub fn webhook(runtime: &Handle, statuses: &'static [u16]) -> (String, Taken) {
    let taken = Taken::default();
    let take = move |State(taken): State<Taken>, headers: HeaderMap, body: String| async move {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers: BTreeMap<String, String> =
            headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let before = taken.put(json!({ "headers": headers, "body": body }));
        let status = statuses.get(before).or(statuses.last()).copied().unwrap_or(200);
        StatusCode::from_u16(status).unwrap_or_default()
    };
    let routes = Router::new().route("/hooks", post(take)).with_state(taken.clone());
    (format!("{}/hooks", serve(runtime, routes)), taken)
}

/// Serves routes on a port of its own, as long as the runtime lives. Answers where.
pub fn serve(runtime: &Handle, routes: Router) -> String {
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    runtime.spawn(async move { axum::serve(listener, routes).await });
    base
}
