//! The routes of `sillon preview`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::files::Files;
use super::pages::{self, Asked};
use super::{mails, now};

type Shared = State<Arc<Files>>;

/// A page of ours runs nothing but our script, and that asks nobody but us.
const OURS: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; script-src 'self'; \
                    connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// An e-mail runs nothing at all. It may load images, as a mail program would.
const MAIL: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; frame-ancestors 'self'; \
                    sandbox allow-popups allow-popups-to-escape-sandbox";

pub fn router(files: Arc<Files>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/mail", get(mail))
        .route("/stamp", get(stamp))
        .route("/reload.js", get(script))
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is no such page") })
        .layer(middleware::from_fn(crate::loopback::for_this_machine))
        .with_state(files)
}

fn asked(request: &Request) -> Asked {
    Asked::new(&web::form_fields(request.uri().query().unwrap_or_default().as_bytes()))
}

fn with(policy: &'static str, html: String) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(html)).into_response()
}

async fn page(State(files): Shared, request: Request) -> Response {
    let loaded = files.load();
    with(OURS, pages::page(&loaded, &asked(&request), now()).into_string())
}

/// The e-mail alone, for a frame.
async fn mail(State(files): Shared, request: Request) -> Response {
    let loaded = files.load();
    let Some(bundle) = &loaded.bundle else { return StatusCode::NOT_FOUND.into_response() };
    let Some(shown) = asked(&request).find(&loaded, bundle) else {
        return (StatusCode::NOT_FOUND, "there is no such e-mail").into_response();
    };
    match mails::render(bundle, shown.campaign, &shown.mail, shown.language, &shown.sample, now()) {
        // A link opens a page of its own: others refuse to be framed.
        Ok(message) => with(MAIL, message.html.replacen("<head>", "<head><base target=\"_blank\">", 1)),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
    }
}

async fn stamp(State(files): Shared) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], files.stamp()).into_response()
}

async fn script() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, include_str!("reload.js")).into_response()
}
