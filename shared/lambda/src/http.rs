//! API Gateway's requests and replies, as the routes know them.

use bytes::Bytes;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response, tracing};

/// The request with its body as bytes, and the address that it came from.
pub fn request(request: Request) -> (web::Request, Option<String>) {
    let ip = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    };
    let body = |body| match body {
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    let (parts, old) = request.into_parts();
    (http::Request::from_parts(parts, body(old)), ip)
}

/// The reply; a body that is not text travels in base64.
pub fn reply(reply: web::Response) -> Response<Body> {
    let (parts, body) = reply.into_parts();
    let body = match String::from_utf8(body.into()) {
        Ok(text) => Body::Text(text),
        Err(binary) => Body::Binary(binary.into_bytes()),
    };
    Response::from_parts(parts, body)
}

/// One line per request: what was asked, by route and never by path, which bears tokens, and what became of it.
pub fn log(route: &str, method: &http::Method, reply: &web::Response) {
    let status = reply.status().as_u16();
    let outcome = reply.extensions().get::<web::Outcome>();
    let name = outcome.map_or("answered", |outcome| outcome.name);
    let lead = outcome.and_then(|outcome| outcome.lead.as_ref()).map(tracing::field::display);
    match outcome.and_then(|outcome| outcome.error.as_deref()) {
        Some(reason) => tracing::error!(route, %method, status, lead, reason, "{name}"),
        None => tracing::info!(route, %method, status, lead, "{name}"),
    }
}
