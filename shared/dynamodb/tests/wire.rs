//! What DynamoDB answers, or fails to, and what the store makes of it: all that no stand-in produces.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use app::ports::{Commit, LeadStore, Record, StoreError, Write};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use domain::{Activity, EmailAddress, Fact, InputId, Lead, LeadId, evolve};
use dynamodb::Store;
use jiff::Timestamp;
use serde_json::{Value, json};

const LEAD: &str = "00112233445566778899aabbccddeeff";

/// What comes back for one attempt.
#[derive(Debug, Clone)]
enum Answer {
    Http(u16, Value),
    /// The connection broke, or nothing came, after the request had gone.
    Lost,
    Late,
}

/// Answers one attempt after the other as it is told, and keeps what was asked.
#[derive(Debug, Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        self.asked.lock().unwrap().push(body);
        let answer = self.answers.lock().unwrap().pop_front().expect("no more attempts than answers");
        HttpConnectorFuture::ready(match answer {
            Answer::Http(status, body) => {
                Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string())))
            }
            Answer::Lost => Err(ConnectorError::io("connection reset".into())),
            Answer::Late => Err(ConnectorError::timeout("no answer in time".into())),
        })
    }
}

fn store(shards: Vec<u32>, answers: &[Answer]) -> (Store, Script) {
    let script =
        Script { answers: Arc::new(Mutex::new(answers.iter().cloned().collect())), asked: Arc::default() };
    let connector = SharedHttpConnector::new(script.clone());
    let attempts = u32::try_from(answers.len()).unwrap().max(1);
    let retries = RetryConfig::standard().with_max_attempts(attempts);
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-3"))
        .credentials_provider(Credentials::for_tests())
        .retry_config(retries.with_initial_backoff(std::time::Duration::from_millis(1)))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    (Store::new(Client::from_conf(config), "sillon", shards), script)
}

fn now() -> Timestamp {
    "2027-01-01T09:00:00Z".parse().unwrap()
}

fn lead() -> (Lead, Record) {
    let email = EmailAddress::parse("ada@example.com").unwrap();
    let lead = LeadId::parse(LEAD).unwrap();
    let created = Activity { at: now(), fact: Fact::LeadCreated { lead, email } };
    let lead = evolve(None, &created).unwrap();
    (lead, Record { input_id: InputId::parse("form-1").unwrap(), version: 1, activities: vec![created] })
}

fn error(kind: &str) -> Value {
    json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "as DynamoDB puts it" })
}

fn http(status: u16, kind: &str) -> Answer {
    Answer::Http(status, error(kind))
}

/// The reasons of the profile, the record and the check of a suppression.
fn cancelled(reasons: [Value; 3]) -> Answer {
    let mut body = error("TransactionCanceledException");
    body["CancellationReasons"] = json!(reasons);
    Answer::Http(400, body)
}

fn none() -> Value {
    json!({ "Code": "None" })
}

fn because(code: &str) -> Value {
    json!({ "Code": code, "Message": format!("because of {code}") })
}

fn profile_is_there() -> Value {
    let mut reason = because("ConditionalCheckFailed");
    let state = serde_json::to_string(&lead().0).unwrap();
    reason["Item"] = json!({
        "PK": { "S": format!("LEAD#{LEAD}") }, "SK": { "S": "PROFILE" }, "version": { "N": "7" }, "state": { "S": state },
    });
    reason
}

async fn commit(expected: Option<u64>, answers: &[Answer]) -> (Result<Commit, StoreError>, Script) {
    let (lead, mut record) = lead();
    record.version = expected.unwrap_or(0) + 1;
    let (store, script) = store(vec![4], answers);
    let write = Write { expected, lead: &lead, records: &[record], limits: &[], now: now() };
    (store.commit(&write).await, script)
}

/// The outcome in a word or two.
fn told(outcome: &Result<Commit, StoreError>) -> String {
    match outcome {
        Ok(Commit::Committed) => "committed".into(),
        Ok(Commit::Changed(current)) => format!("changed to {}", current.version),
        Ok(Commit::Duplicate { inputs, current }) => {
            let inputs: Vec<&str> = inputs.iter().map(InputId::as_str).collect();
            let current =
                current.as_ref().map_or("as read".into(), |current| format!("at {}", current.version));
            format!("duplicate of {}, {current}", inputs.join(" "))
        }
        Ok(Commit::ErasedBefore { at }) => format!("erased before, at {at}"),
        Ok(Commit::Suppressed) => "suppressed".into(),
        Ok(Commit::TooMany { until }) => format!("too many until {until}"),
        Ok(Commit::MailboxTaken) => "mailbox taken".into(),
        Err(StoreError::Conflict) => "conflict".into(),
        Err(StoreError::Transient(_)) => "transient".into(),
        Err(StoreError::Ambiguous(_)) => "ambiguous".into(),
        Err(StoreError::Permanent(_)) => "permanent".into(),
    }
}

#[tokio::test]
async fn every_reason_for_which_a_transaction_is_cancelled_has_its_outcome() {
    let failed = || because("ConditionalCheckFailed");
    let conflict = || because("TransactionConflict");
    let table = [
        ([profile_is_there(), none(), none()], "changed to 7"),
        ([profile_is_there(), failed(), none()], "duplicate of form-1, at 7"),
        ([none(), failed(), none()], "duplicate of form-1, as read"),
        ([profile_is_there(), none(), failed()], "changed to 7"),
        ([none(), none(), failed()], "suppressed"),
        ([conflict(), none(), none()], "conflict"),
        ([conflict(), failed(), none()], "duplicate of form-1, as read"),
        ([failed(), none(), none()], "conflict"),
        ([because("ThrottlingError"), none(), none()], "transient"),
        ([none(), because("ProvisionedThroughputExceeded"), none()], "transient"),
        ([because("ValidationError"), none(), none()], "permanent"),
        ([because("ItemCollectionSizeLimitExceeded"), none(), none()], "permanent"),
    ];
    for (reasons, expected) in table {
        let (outcome, _) = commit(None, &[cancelled(reasons.clone())]).await;
        assert_eq!(told(&outcome), expected, "{reasons:?}");
    }
}

#[tokio::test]
async fn every_failure_of_a_write_says_what_can_be_done() {
    let table = [
        (vec![http(400, "ValidationException")], "permanent"),
        (vec![http(400, "ResourceNotFoundException")], "transient"),
        (vec![http(400, "AccessDeniedException")], "transient"),
        (vec![http(400, "IdempotentParameterMismatchException")], "permanent"),
        (vec![http(400, "ProvisionedThroughputExceededException")], "transient"),
        (vec![http(400, "ThrottlingException")], "transient"),
        (vec![http(400, "RequestLimitExceeded")], "transient"),
        (vec![http(400, "ExpiredTokenException")], "transient"),
        // our own transaction, repeated by the SDK while the first attempt is still under way
        (vec![http(400, "TransactionInProgressException")], "ambiguous"),
        (vec![http(500, "InternalServerError")], "ambiguous"),
        (vec![http(503, "ServiceUnavailable")], "ambiguous"),
        (vec![Answer::Late], "ambiguous"),
        (vec![Answer::Lost], "ambiguous"),
        // the last attempt is not the whole truth
        (vec![Answer::Late, http(400, "ThrottlingException")], "ambiguous"),
        (vec![http(500, "InternalServerError"), http(400, "ThrottlingException")], "ambiguous"),
        (vec![http(400, "ThrottlingException"), http(400, "ThrottlingException")], "transient"),
        // the answer to the second attempt holds for the first as well, since both bear one token
        (vec![Answer::Late, Answer::Http(200, json!({}))], "committed"),
        (vec![Answer::Late, cancelled([profile_is_there(), none(), none()])], "changed to 7"),
    ];
    for (answers, expected) in table {
        let (outcome, _) = commit(None, &answers).await;
        assert_eq!(told(&outcome), expected, "{answers:?}");
    }
}

#[tokio::test]
async fn attempts_of_one_commit_bear_one_token_and_commits_bear_their_own() {
    let token = |asked: &Value| asked["ClientRequestToken"].as_str().unwrap().to_owned();
    let (_, script) = commit(None, &[Answer::Late, Answer::Http(200, json!({}))]).await;
    let asked = script.asked.lock().unwrap().clone();
    assert_eq!(token(&asked[0]), token(&asked[1]));

    let (lead, record) = lead();
    let (store, script) = store(vec![4], &[Answer::Http(200, json!({})), Answer::Http(200, json!({}))]);
    let write = Write { expected: None, lead: &lead, records: &[record], limits: &[], now: now() };
    store.commit(&write).await.unwrap();
    store.commit(&write).await.unwrap();
    let asked = script.asked.lock().unwrap().clone();
    assert_ne!(token(&asked[0]), token(&asked[1]), "else two workers with one claim would both win");
}

#[tokio::test]
async fn an_insert_is_guarded_by_absence_and_an_update_by_the_version_read() {
    let (_, script) = commit(None, &[Answer::Http(200, json!({}))]).await;
    let items = script.asked.lock().unwrap()[0]["TransactItems"].clone();
    assert_eq!(items[0]["Put"]["ConditionExpression"], "attribute_not_exists(PK)");
    assert_eq!(items[0]["Put"]["ReturnValuesOnConditionCheckFailure"], "ALL_OLD");
    assert_eq!(items[1]["Put"]["Item"]["SK"]["S"], "ACT#form-1");
    assert_eq!(items[1]["Put"]["ConditionExpression"], "attribute_not_exists(PK)");
    let check = &items[2]["ConditionCheck"];
    assert_eq!(check["Key"], json!({ "PK": { "S": format!("SUPPRESSED#{LEAD}") }, "SK": { "S": "-" } }));

    let (_, script) = commit(Some(6), &[Answer::Http(200, json!({}))]).await;
    let items = script.asked.lock().unwrap()[0]["TransactItems"].clone();
    assert_eq!(
        items[0]["Put"]["ConditionExpression"],
        "#version = :read AND (created_at = :created OR attribute_not_exists(created_at))"
    );
    let values = &items[0]["Put"]["ExpressionAttributeValues"];
    assert_eq!(values[":read"], json!({ "N": "6" }));
    assert_eq!(values[":created"], items[0]["Put"]["Item"]["created_at"]);
    assert_eq!(items.as_array().unwrap().len(), 2, "a known lead needs no check of a suppression");
}

#[tokio::test]
async fn a_failed_read_is_never_ambiguous() {
    let table = [
        (http(400, "ValidationException"), "permanent"),
        (http(400, "ResourceNotFoundException"), "transient"),
        (http(400, "ThrottlingException"), "transient"),
        (http(500, "InternalServerError"), "transient"),
        (Answer::Late, "transient"),
        (Answer::Lost, "transient"),
    ];
    let id = LeadId::parse(LEAD).unwrap();
    for (answer, expected) in table {
        let (store, _) = store(vec![1], std::slice::from_ref(&answer));
        let failed = store.load(&id).await.unwrap_err();
        let said = failed.to_string();
        assert_eq!(told(&Err(failed)), expected, "{answer:?}");
        assert!(said.contains("GetItem failed: "), "{said}");
    }
}

#[tokio::test]
async fn a_lagging_index_shows_no_lead_twice() {
    let entry = |at: &str| json!({ "due_sk": { "S": format!("{at}#{LEAD}") } });
    let page = |entries: &[Value]| Answer::Http(200, json!({ "Items": entries, "Count": entries.len() }));
    let moved = [page(&[entry("2027-01-01T08:00:00.000Z")]), page(&[entry("2027-01-01T07:00:00.000Z")])];
    let (store, _) = store(vec![1, 1], &moved);
    let due = store.due(now(), 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].at, "2027-01-01T07:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn an_entry_that_is_not_ours_holds_up_nobody() {
    let ours = format!("2027-01-01T07:00:00.000Z#{LEAD}");
    let page =
        json!({ "Items": [{ "due_sk": { "S": "tomorrow" } }, { "due_sk": { "S": ours } }], "Count": 2 });
    let (store, _) = store(vec![1], &[Answer::Http(200, page)]);
    let due = store.due(now(), 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].lead.as_str(), LEAD);
}
