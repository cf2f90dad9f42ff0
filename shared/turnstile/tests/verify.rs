//! What Cloudflare may answer, and what is made of it: only a plain yes lets a form pass.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::ports::{Challenge, ChallengeError};
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use turnstile::{Secret, Turnstile};

const SECRET: &str = "1x0000000000000000000000000000000AA";

/// Something that answers as told, and keeps what it was asked.
async fn cloudflare(
    answer: impl Fn() -> Response + Clone + Send + Sync + 'static,
) -> (Turnstile, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let handler = move |body: String| {
        kept.lock().unwrap().push(body);
        let answer = answer();
        async move { answer }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
    let routes = Router::new().route("/siteverify", post(handler));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (Turnstile::new(Secret::parse(SECRET).unwrap(), url), asked)
}

async fn judged(status: u16, body: &'static str) -> Result<bool, String> {
    let answer = move || (StatusCode::from_u16(status).unwrap(), body).into_response();
    let (turnstile, _) = cloudflare(answer).await;
    turnstile.is_solved("a solution", "one").await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn only_a_plain_yes_is_one() {
    for (status, body) in [
        (
            200,
            r#"{"success":true,"error-codes":[],"challenge_ts":"2027-03-10T09:00:00Z","hostname":"example.com","action":"","cdata":""}"#,
        ),
        (200, r#"{"success":true}"#),
    ] {
        assert_eq!(judged(status, body).await, Ok(true), "{status} {body}");
    }
}

#[tokio::test]
async fn what_the_visitor_can_mend_is_told_apart() {
    for (status, code) in [
        (200, "invalid-input-response"),
        (200, "timeout-or-duplicate"),
        (200, "missing-input-response"),
        (400, "timeout-or-duplicate"),
    ] {
        let body: &'static str = format!(r#"{{"success":false,"error-codes":["{code}"]}}"#).leak();
        assert_eq!(judged(status, body).await, Ok(false), "{status} {body}");
    }
}

#[tokio::test]
async fn everything_else_says_nothing() {
    for (status, body, told) in [
        (200, r#"{"success":false,"error-codes":["invalid-input-secret"]}"#, "invalid-input-secret"),
        (400, r#"{"success":false,"error-codes":["bad-request"]}"#, "http 400, [bad-request]"),
        (
            200,
            r#"{"success":false,"error-codes":["timeout-or-duplicate","internal-error"]}"#,
            "internal-error",
        ),
        (200, r#"{"success":false,"error-codes":[]}"#, "[]"),
        (200, r#"{"success":false,"error-codes":["ada@example.com\n{"]}"#, "[an odd code]"),
        (500, r#"{"success":true}"#, "http 500"),
        (302, r#"{"success":true}"#, "http 302"),
        (503, "<html>busy</html>", "http 503"),
        (200, "<html>a page between</html>", "cannot be read"),
        (200, "", "cannot be read"),
        (200, r#"{"success":"true"}"#, "cannot be read"),
        (200, r#"{"success":1}"#, "cannot be read"),
        (200, r#"{"error-codes":[]}"#, "cannot be read"),
        (200, r#"{"success":true,"success":false}"#, "cannot be read"),
        (200, "true", "cannot be read"),
    ] {
        let error = judged(status, body).await.unwrap_err();
        assert!(error.contains(told), "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_it() {
    let (turnstile, _) = cloudflare(|| " ".repeat(1 << 20).into_response()).await;
    let error = turnstile.is_solved("a solution", "one").await.unwrap_err();
    assert_eq!(error, ChallengeError::new("the answer has no end"));
}

#[tokio::test]
async fn who_does_not_answer_has_not_said_yes() {
    // Nobody listens.
    let nobody = Turnstile::new(Secret::parse(SECRET).unwrap(), "http://127.0.0.1:9/siteverify");
    assert_eq!(nobody.is_solved("a solution", "one").await, Err(ChallengeError::new("no connection")));
    // Somebody listens and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/siteverify", silent.local_addr().unwrap());
    let turnstile = Turnstile::new(Secret::parse(SECRET).unwrap(), url);
    let answered = tokio::time::timeout(Duration::from_secs(6), turnstile.is_solved("a solution", "one"));
    let answered = answered.await.expect("a visitor waits");
    assert_eq!(answered, Err(ChallengeError::new("timeout")));
}

#[tokio::test]
async fn what_is_no_solution_is_not_even_asked_about() {
    let (turnstile, asked) = cloudflare(|| r#"{"success":true}"#.into_response()).await;
    assert_eq!(turnstile.is_solved("", "one").await, Ok(false));
    assert_eq!(turnstile.is_solved(&"x".repeat(2049), "one").await, Ok(false));
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn cloudflare_learns_what_it_needs_and_no_more() {
    let (turnstile, asked) = cloudflare(|| r#"{"success":true}"#.into_response()).await;
    turnstile.is_solved("0.a&b=c\r\nx", "one").await.unwrap();
    turnstile.is_solved("0.a&b=c\r\nx", "one").await.unwrap();
    turnstile.is_solved("0.a&b=c\r\nx", "two").await.unwrap();
    let asked = asked.lock().unwrap();
    let start = format!("secret={SECRET}&response=0.a%26b%3Dc%0D%0Ax&idempotency_key=");
    for body in asked.iter() {
        assert!(body.starts_with(&start) && body.len() == start.len() + 36, "{body}");
    }
    assert_eq!(asked[0], asked[1], "the same attempt");
    assert_ne!(asked[0], asked[2], "another one");
}

#[test]
fn a_secret_is_read_and_never_shown() {
    let shown = format!("{:?}", Turnstile::new(Secret::parse(SECRET).unwrap(), "https://x.example"));
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(Secret::parse(SECRET).unwrap().is_for_tests());
    assert!(!Secret::parse("0x4AAAAAAADnPIDROrmt1WwjSecretSecret").unwrap().is_for_tests());
    for odd in ["", " ", "a b", "a\r\nb", "é", &"x".repeat(257)] {
        let error = Secret::parse(odd).unwrap_err().to_string();
        assert!(odd.trim().is_empty() || !error.contains(odd), "{error}");
    }
}
