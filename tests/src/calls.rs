//! What programs ask of AWS: a proxy before DynamoDB, SES and SQS that notes who called what on which resource.
//!
//! Each program signs with an access key that is its name, so its requests say who sends them. Calls are noted as IAM
//! names them: a transaction is the puts, updates, deletes and checks that it is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::http::{self, Reply, Request};
use crate::stack::Mail;
use crate::stubs::serve;

const SEND_EMAIL: &str = "/v2/email/outbound-emails";

/// A call as IAM sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Who called, by its access key.
    pub caller: String,
    /// `dynamodb:PutItem` and such.
    pub action: String,
    /// By its name in the template: `Table`, `Table/index/due`, a queue's name, `Identity`, `ConfigurationSet` or `*`.
    pub resource: String,
    /// What DynamoDB calls the leading key, up to its first `#`: the kind of the item.
    pub leading_key: Option<String>,
}

/// The calls that went through the proxy.
#[derive(Clone)]
pub struct Calls {
    seen: Arc<Mutex<BTreeSet<Call>>>,
    /// The services' endpoints, by the names under which requests are signed.
    services: Arc<BTreeMap<&'static str, String>>,
    conflict: Arc<AtomicBool>,
    sent: Arc<Mutex<Vec<Mail>>>,
    witness: Arc<Mutex<Option<Witness>>>,
}

/// Whether a call is about to be passed on, or was carried out and is about to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
}

/// Is told who calls; a call that it stops is lost.
type Witness = Arc<dyn Fn(&str, Moment) -> bool + Send + Sync>;

impl Calls {
    /// Starts the proxy on a port of its own, before these services. Answers its endpoint.
    pub fn start(runtime: &Handle, services: BTreeMap<&'static str, String>) -> (String, Self) {
        let calls = Self {
            seen: Arc::default(),
            services: services.into(),
            conflict: Arc::default(),
            sent: Arc::default(),
            witness: Arc::default(),
        };
        (serve(runtime, Router::new().fallback(pass_on).with_state(calls.clone())), calls)
    }

    /// All of them so far.
    pub fn seen(&self) -> BTreeSet<Call> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next transaction is cancelled because another one is under way, which the embedded engine never says.
    pub fn cancel_next_transaction(&self) {
        self.conflict.store(true, Ordering::SeqCst);
    }

    /// Every e-mail that SES accepted, in order.
    pub fn sent(&self) -> Vec<Mail> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on this is asked around each call; nobody is, with none.
    pub fn witness(&self, witness: Option<Witness>) {
        *self.witness.lock().unwrap_or_else(PoisonError::into_inner) = witness;
    }

    /// Carries a call out. Blocks.
    fn pass_on(&self, caller: &str, service: &str, request: &Request) -> Option<Reply> {
        let witness = self.witness.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let goes_on = |moment| witness.as_ref().is_none_or(|witness| witness(caller, moment));
        if !goes_on(Moment::Before) {
            return None;
        }
        let reply = http::send(&self.services[service], request).ok()?;
        if reply.status == 200 && request.path == SEND_EMAIL {
            let (email, answer) = (serde_json::from_slice(&request.body).ok()?, reply.json());
            let mail = Mail::of_request(&email, answer["MessageId"].as_str()?.to_owned());
            self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        }
        goes_on(Moment::After).then_some(reply)
    }
}

async fn pass_on(
    State(calls): State<Calls>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let (caller, service) = signer(headers.get("authorization").map_or("", String::as_str));
    let target = headers.get("x-amz-target").map_or("", String::as_str);
    let operation = match target.rsplit_once('.') {
        Some((_, operation)) => operation.to_owned(),
        None => format!("{method} {}", uri.path()),
    };
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let made = made_of(&service, &operation, &request).into_iter().map(|(action, resource, leading_key)| {
        Call { caller: caller.clone(), action, resource, leading_key }
    });
    calls.seen.lock().unwrap_or_else(PoisonError::into_inner).extend(made);

    if operation == "TransactWriteItems" && calls.conflict.swap(false, Ordering::SeqCst) {
        let answer = json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
            "CancellationReasons": [{ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }],
        });
        return (StatusCode::BAD_REQUEST, answer.to_string()).into_response();
    }
    let request = Request { method: method.to_string(), path: uri.to_string(), headers, body: body.into() };
    match tokio::task::spawn_blocking(move || calls.pass_on(&caller, &service, &request)).await {
        Ok(Some(reply)) => {
            // By the date the SDK corrects its own clock, so it must be the service's.
            let kept = |name: &&String| {
                name.starts_with("x-amz") || ["content-type", "date"].contains(&name.as_str())
            };
            let headers: HeaderMap = reply
                .headers
                .iter()
                .filter(|(name, _)| kept(name))
                .filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)))
                .collect();
            (StatusCode::from_u16(reply.status).unwrap_or_default(), headers, reply.body).into_response()
        }
        _ => StatusCode::BAD_GATEWAY.into_response(),
    }
}

/// The access key and the service of a signature (Signature Version 4: `Credential=key/date/region/service/…`).
fn signer(authorization: &str) -> (String, String) {
    let scope = authorization.split("Credential=").nth(1).unwrap_or_default();
    let mut parts = scope.split('/');
    let key = parts.next().unwrap_or_default().to_owned();
    (key, parts.nth(2).unwrap_or_default().to_owned())
}

type Part = (String, String, Option<String>);

/// The actions of an operation, each with its resource and leading key.
fn made_of(service: &str, operation: &str, request: &Value) -> Vec<Part> {
    let on_table = |action: &str, part: &Value| {
        let index = part["IndexName"].as_str().map(|index| format!("/index/{index}"));
        let key = ["Key", "Item"].iter().find_map(|place| part[place]["PK"]["S"].as_str());
        let queried = part["KeyConditionExpression"].as_str().and_then(|condition| {
            let (partition, name) = condition.split_once(" = ")?;
            let name = name.split(' ').next().filter(|_| ["PK", "due_pk"].contains(&partition))?;
            part["ExpressionAttributeValues"][name]["S"].as_str()
        });
        let key = key.or(queried);
        let kind = key.map(|key| key.split('#').next().unwrap_or_default().to_owned());
        (format!("dynamodb:{action}"), format!("Table{}", index.unwrap_or_default()), kind)
    };
    match (service, operation) {
        ("dynamodb", "TransactWriteItems" | "TransactGetItems") => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let parts = items.flat_map(|item| item.as_object().into_iter().flatten());
            let action = |name: &str| match name {
                "ConditionCheck" => "ConditionCheckItem".to_owned(),
                name => format!("{name}Item"),
            };
            parts.map(|(name, part)| on_table(&action(name), part)).collect()
        }
        ("dynamodb", operation) => vec![on_table(operation, request)],
        ("sqs", operation) => {
            let queue =
                request["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
            // The batches have no permissions of their own.
            let action = operation.strip_suffix("Batch").unwrap_or(operation);
            vec![(format!("sqs:{action}"), queue.to_owned(), None)]
        }
        ("ses", operation) if operation == format!("POST {SEND_EMAIL}") => {
            let set = request["ConfigurationSetName"].as_str().map(|_| "ConfigurationSet");
            let resources = ["Identity"].into_iter().chain(set);
            resources.map(|resource| ("ses:SendEmail".to_owned(), resource.to_owned(), None)).collect()
        }
        ("ses", "GET /v2/email/account") => vec![("ses:GetAccount".into(), "*".into(), None)],
        _ => panic!("say in tests/src/calls.rs which permission `{operation}` of `{service}` needs"),
    }
}
