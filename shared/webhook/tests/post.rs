//! What is posted, and what each answer means, by a receiver on this machine.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on says why and stops")]

use std::sync::{Arc, Mutex};

use app::Notification;
use app::ports::{Clock, Notifier};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum::routing::{any, post};
use domain::input::SendResult;
use domain::{SendId, WebhookId};
use jiff::Timestamp;
use webhook::{Poster, Reach, Secrets, is_loopback};

const SECRET: &str = "crm:whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "0123456789abcdef0123456789abcdef";

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        "2026-11-22T06:00:00Z".parse().expect("a time")
    }
}

type Taken = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    base
}

/// A receiver that keeps what it is posted, and answers with this status.
async fn receiver(status: u16) -> (String, Taken) {
    let taken = Taken::default();
    let keeps = Arc::clone(&taken);
    let take = move |headers: HeaderMap, body: Bytes| async move {
        keeps.lock().unwrap().push((headers, body));
        StatusCode::from_u16(status).expect("a status")
    };
    (serve(Router::new().route("/hooks", post(take))).await, taken)
}

async fn answer(url: String, secrets: &str, reach: Reach) -> SendResult {
    let poster = Poster::new(Secrets::parse(secrets).expect("secrets"), Fixed, reach);
    let webhook = WebhookId::parse("crm").expect("a name");
    let id = SendId::parse(ID).expect("an id");
    poster.post(&Notification { id, webhook, url, body: r#"{"type":"lead.notified"}"#.into() }).await
}

fn refused(code: &str, retryable: bool) -> SendResult {
    SendResult::Rejected { code: code.into(), retryable }
}

#[tokio::test]
async fn it_is_posted_as_standard_webhooks_has_it() {
    let (base, taken) = receiver(204).await;
    let result = answer(format!("{base}/hooks"), SECRET, Reach::ThisMachine).await;
    assert!(matches!(result, SendResult::Accepted { .. }), "{result:?}");
    let taken = taken.lock().unwrap();
    let [(headers, body)] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!(body, r#"{"type":"lead.notified"}"#);
    let header = |name: &str| headers[name].to_str().expect("text");
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("webhook-id"), ID);
    assert_eq!(header("webhook-timestamp"), "1795327200");
    let crm = WebhookId::parse("crm").expect("a name");
    let secrets = Secrets::parse(SECRET).expect("secrets");
    let expected = secrets.sign(&crm, ID, 1_795_327_200, r#"{"type":"lead.notified"}"#);
    assert_eq!(Some(header("webhook-signature").to_owned()), expected);
}

#[tokio::test]
async fn each_status_has_its_meaning() {
    for (status, retryable) in
        [(400, true), (401, true), (404, true), (410, false), (429, true), (500, true), (503, true)]
    {
        let (base, _) = receiver(status).await;
        let result = answer(format!("{base}/hooks"), SECRET, Reach::ThisMachine).await;
        assert_eq!(result, refused(&format!("http_{status}"), retryable));
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let (target, taken) = receiver(200).await;
    let to = format!("{target}/hooks");
    let base = serve(Router::new().fallback(any(move || async move { Redirect::temporary(&to) }))).await;
    let result = answer(format!("{base}/hooks"), SECRET, Reach::ThisMachine).await;
    assert_eq!(result, refused("http_307", true));
    assert!(taken.lock().unwrap().is_empty(), "the other address heard of nothing");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_answer_in_time_is_uncertain() {
    let silent = || async {
        std::future::pending::<()>().await;
    };
    let base = serve(Router::new().route("/hooks", post(silent))).await;
    let result = answer(format!("{base}/hooks"), SECRET, Reach::ThisMachine).await;
    assert_eq!(result, SendResult::Uncertain { code: "timeout".into() });
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let result = answer(format!("{base}/hooks"), SECRET, Reach::ThisMachine).await;
    assert_eq!(result, SendResult::Uncertain { code: "no_connection".into() });
}

#[tokio::test]
async fn what_bears_no_signature_or_goes_elsewhere_is_not_posted() {
    let (base, taken) = receiver(200).await;
    let here = format!("{base}/hooks");
    assert_eq!(answer(here.clone(), "", Reach::ThisMachine).await, refused("no_secret", true));
    for (url, reach) in [
        (here.as_str(), Reach::OtherMachines),
        ("https://127.0.0.1:9001/2018-06-01/runtime/invocation/next", Reach::OtherMachines),
        ("http://crm.example/hooks", Reach::OtherMachines),
        ("https://crm.example/hooks", Reach::ThisMachine),
    ] {
        let result = answer(url.to_owned(), SECRET, reach).await;
        assert_eq!(result, refused("address_not_allowed", true), "{url}");
    }
    assert!(taken.lock().unwrap().is_empty());
}

#[test]
fn this_machine_has_many_names() {
    for here in [
        "http://localhost:1",
        "http://a.localhost",
        "https://127.8.9.1/x",
        "http://[::1]:80",
        "http://0.0.0.0",
    ] {
        assert!(is_loopback(here), "{here}");
    }
    for elsewhere in ["https://crm.example", "https://localhost.example", "https://10.0.0.1", "crm", ""] {
        assert!(!is_loopback(elsewhere), "{elsewhere}");
    }
}
