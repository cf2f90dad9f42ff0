//! `/f/{campaign}/embed.js`: the script that enhances a campaign's forms, on our page and on any other.

use domain::Campaign;
use domain::campaign::Form;
use http::{Method, StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::page::Trouble;
use crate::request::header;
use crate::{Request, Response, Route, reply};

/// Made of `embed.js` by `npm run embed` in tests/browser, which also checks that it was.
const SCRIPT: &str = include_str!("embed.min.js");
/// What stands in the script where the campaign is to stand.
const PLACE: &str = "(FORM)";
/// An hour, after which a browser asks whether the script has changed.
const CACHE: &str = "public, max-age=3600, stale-while-revalidate=86400";

/// Answers whatever is asked of the script's address.
pub(super) fn answer(route: &Route, campaign: &Campaign, form: &Form, request: &Request) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD => served(campaign, form, request),
        // No preflight is needed to read a script; whoever asks nonetheless may.
        Method::OPTIONS => {
            open(reply::allowing(reply::bytes(StatusCode::NO_CONTENT, "text/javascript", ""), route.methods))
        }
        _ => reply::allowing(
            super::answer::refusal(StatusCode::METHOD_NOT_ALLOWED, Trouble::MethodNotAllowed),
            route.methods,
        ),
    }
}

fn served(campaign: &Campaign, form: &Form, request: &Request) -> Response {
    let script = SCRIPT.replacen(PLACE, &about(campaign, form), 1);
    let hash: String = Sha256::digest(&script)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let mut response = if is_known(request, &tag) {
        let mut unchanged = reply::bytes(StatusCode::NOT_MODIFIED, "text/javascript", "");
        unchanged.headers_mut().remove(header::CONTENT_TYPE);
        unchanged
    } else {
        reply::bytes(StatusCode::OK, "text/javascript; charset=utf-8", script)
    };
    reply::set(&mut response, header::ETAG, &tag);
    reply::set(&mut response, header::CACHE_CONTROL, CACHE);
    reply::logged(open(response), "script_shown")
}

/// What the script needs to know of a campaign: its id, the names of the fields that are asked later, and how many at once.
fn about(campaign: &Campaign, form: &Form) -> String {
    let later: Vec<&str> = form.later_fields().collect();
    // Shorter than a list, and names have no spaces.
    let later = match later.as_slice() {
        [] => "[]".to_owned(),
        names => format!("{}.split(\" \")", json!(names.join(" "))),
    };
    format!("({},{later},{})", json!(campaign.id), form.asked_at_once())
}

/// The same for everybody, and not secret: any page may load it, with `integrity` or without.
fn open(mut response: Response) -> Response {
    reply::set(&mut response, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    reply::set(
        &mut response,
        header::HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    );
    response
}

/// RFC 9110, section 13.1.2: tags are compared weakly, since a proxy that compresses makes them weak.
fn is_known(request: &Request, tag: &str) -> bool {
    let known = header(request, header::IF_NONE_MATCH).unwrap_or_default();
    known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}
