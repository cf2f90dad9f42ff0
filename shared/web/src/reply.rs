//! Builds answers: every one bears the headers that keep a page harmless and a token unseen.

use app::Applied;
use bytes::Bytes;
use domain::LeadId;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use maud::Markup;
use serde::Serialize;

use crate::{Response, page};

/// Seconds after which a visitor or a client may try again when a store failed.
const RETRY_AFTER: i64 = 10;

/// What became of a request, for the log. It stands among the extensions of every answer and holds no address, no
/// token and nothing of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// In snake case: `recorded`, `invalid`, `origin_not_allowed`, …
    pub name: &'static str,
    /// About whom, where it is known.
    pub lead: Option<LeadId>,
    /// What failed, where something of ours did.
    pub error: Option<String>,
}

/// An answer without a story.
pub(crate) fn bytes(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    set(&mut response, header::CONTENT_TYPE, content_type);
    set(&mut response, header::CACHE_CONTROL, "no-store");
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Our addresses bear tokens: no page that is linked from ours gets to know them.
    set(&mut response, header::REFERRER_POLICY, "no-referrer");
    // Browsers mind it over HTTPS alone (RFC 6797, section 8.1), so that `sillon dev` is not bound by it.
    set(&mut response, header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
    set(&mut response, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    response
}

/// JSON, for scripts and servers.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    bytes(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
}

/// A sentence, for programs that show none.
pub(crate) fn text(status: StatusCode, sentence: &str) -> Response {
    bytes(status, "text/plain; charset=utf-8", format!("{sentence}\n"))
}

/// A page of ours. It may load nothing, run nothing and be framed by nobody; its style is known by its hash.
pub(crate) fn html(status: StatusCode, markup: Markup) -> Response {
    let mut response = bytes(status, "text/html; charset=utf-8", markup.into_string());
    set(&mut response, header::CONTENT_SECURITY_POLICY, &page::content_security_policy());
    response
}

/// Sends the visitor elsewhere: 303 after a post, 302 otherwise.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Response {
    let mut response = bytes(status, "text/plain; charset=utf-8", Bytes::new());
    set(&mut response, header::LOCATION, location);
    response
}

/// Tells which methods there are.
pub(crate) fn allowing(mut response: Response, methods: &[Method]) -> Response {
    let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
    set(&mut response, header::ALLOW, &methods.join(", "));
    response
}

/// Tells when to try again.
pub(crate) fn retriable(response: Response) -> Response {
    retriable_after(response, RETRY_AFTER)
}

/// Tells that it may be tried again after so many seconds.
pub(crate) fn retriable_after(mut response: Response, seconds: i64) -> Response {
    set(&mut response, header::RETRY_AFTER, &seconds.max(1).to_string());
    response
}

/// What a HEAD gets of the answer to a GET.
pub(crate) fn head(mut response: Response) -> Response {
    let length = response.body().len().to_string();
    set(&mut response, header::CONTENT_LENGTH, &length);
    *response.body_mut() = Bytes::new();
    response
}

/// Sets a header; one that would be malformed is left out.
pub(crate) fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Tells the log what happened.
pub(crate) fn logged(mut response: Response, name: &'static str) -> Response {
    response.extensions_mut().insert(Outcome { name, lead: None, error: None });
    response
}

/// Tells the log what happened to whom.
pub(crate) fn logged_of(mut response: Response, name: &'static str, lead: &LeadId) -> Response {
    response.extensions_mut().insert(Outcome { name, lead: Some(lead.clone()), error: None });
    response
}

/// Tells the log what failed.
pub(crate) fn failed(
    mut response: Response,
    lead: Option<&LeadId>,
    error: &dyn std::error::Error,
) -> Response {
    let outcome = Outcome { name: "failed", lead: lead.cloned(), error: Some(error.to_string()) };
    response.extensions_mut().insert(outcome);
    response
}

/// What became of an input, in the log's words.
pub(crate) fn applied(applied: Applied) -> &'static str {
    match applied {
        Applied::Recorded => "recorded",
        Applied::Duplicate => "duplicate",
        Applied::Rejected(_) => "rejected",
    }
}
