//! What the routes of `sillon dev` answer besides what AWS answers, too; and whom.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Json, Response};
use maud::Markup;
use serde_json::json;

/// What went wrong, as JSON.
pub struct Fault(pub StatusCode, pub String);

impl Fault {
    pub fn not_found(message: &str) -> Self {
        Self(StatusCode::NOT_FOUND, message.to_owned())
    }

    pub fn invalid(message: impl std::fmt::Display) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, message.to_string())
    }

    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

/// A page of ours: it runs nothing, whatever a visitor wrote that it shows.
pub fn show(page: Markup) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; \
                  form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page.into_string())).into_response()
}

/// An answer that no browser takes for something else, keeps, or tells others of. JSON shows and loads nothing.
pub async fn harmless(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A path on this server, and not what browsers take for an address elsewhere.
pub fn is_path(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    text.starts_with('/') && !text.starts_with("//") && plain
}

/// A page from elsewhere must not move our clock: browsers say where a request comes from.
pub fn same_origin(headers: &HeaderMap) -> Result<(), Fault> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
    let host = text(header::HOST).unwrap_or_default();
    if origin.strip_prefix("http://") == Some(host) {
        return Ok(());
    }
    Err(Fault(StatusCode::FORBIDDEN, format!("requests from {origin} are not taken here")))
}
