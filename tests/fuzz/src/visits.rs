//! Requests to the routes that the world sees, and what must be true of every answer.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::header;
use web::Response;

/// Runs what never waits: the stores of tests are in memory.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("something waits, and there is nothing to wait for"),
    }
}

/// Holds that an answer is none of a failure of ours, and that nothing in it runs.
pub fn check_harmless(response: &Response) {
    assert!(response.status().as_u16() < 500, "{response:?}");
    assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let body = String::from_utf8_lossy(response.body());
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().expect("ASCII"));
    match kind {
        Some("application/json") => {
            serde_json::from_str::<serde_json::Value>(&body).expect("JSON");
        }
        Some(kind) if kind.starts_with("text/html") => {
            let ours = "<script src=\"guide-solaire/embed.js\" defer></script>";
            assert!(!body.replacen(ours, "", 1).to_lowercase().contains("<script"), "{body}");
        }
        _ => {}
    }
}
