//! Pages for whoever sits at this machine, and for nobody else.

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Json, Response};
use serde_json::json;

use crate::WrongUse;

/// Nothing here asks for a password.
pub fn must_be_loopback(listen: SocketAddr) -> Result<(), WrongUse> {
    if listen.ip().is_loopback() {
        return Ok(());
    }
    Err(WrongUse(format!("--listen {listen}: only loopback addresses, such as 127.0.0.1 or [::1]")))
}

/// A page elsewhere can have its own name lead here (DNS rebinding), and would then be of our origin: it could read what
/// is shown. So whoever asks must call us by a name that never leads elsewhere.
pub async fn for_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let called = host.map(str::to_owned).or_else(|| request.uri().authority().map(ToString::to_string));
    match called {
        Some(host) if !is_loopback(&host) => {
            let error = format!("`{host}` is no name of this machine: ask localhost");
            (StatusCode::FORBIDDEN, Json(json!({ "error": error }))).into_response()
        }
        _ => next.run(request).await,
    }
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
    let local = name == "localhost" || name.ends_with(".localhost");
    local || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
