//! `POST /v1/events`: websites, shops and CRMs tell what leads do, in the shapes that Segment's clients send.

mod authority;
mod batch;
mod event;
mod name;
mod queued;

pub use authority::{InvalidWriteKeys, WriteKeys};
pub use batch::MOST_EVENTS;
pub use queued::{InvalidEvents, decode_events};

use app::App;
use app::ports::{Clock, EventQueue};
use http::{Method, StatusCode, header};
use serde::Serialize;
use serde_json::json;

use crate::page::{Trouble, message};
use crate::request::{header, media_type};
use crate::route::EVENTS;
use crate::{MOST_BYTES, Request, Response, Route, cors, reply};
use authority::Authority;
use batch::Batch;
use queued::Queued;

/// One thing that is wrong with a request, as JSON spells it.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Fault {
    /// Which event of the batch, counted from 0; none for what concerns the whole request.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    /// Which member of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// For programs; never changes.
    code: &'static str,
    /// For people.
    message: String,
}

/// Checks who sends the events and what they are, and queues them: one message for one request.
pub async fn events<S, C: Clock, Q: EventQueue>(
    app: &App<S, C>,
    write_keys: &WriteKeys,
    queue: &Q,
    request: Request,
) -> Response {
    let forms = app.bundle.campaigns.values().filter_map(|campaign| campaign.form.as_ref());
    let origins = forms.flat_map(|form| form.allowed_origins.iter().map(String::as_str));
    let origin = header(&request, header::ORIGIN);
    let origin = origin
        .as_deref()
        .filter(|origin| cors::is_among(origin, origins) || cors::is_own(origin, &app.public_url, &request));
    let route = Route::of(request.uri().path()).map(|(route, _)| route);
    let Some(route) = route.filter(|route| route.path == EVENTS) else {
        return refuse(StatusCode::NOT_FOUND, Trouble::NotFound);
    };
    match *request.method() {
        Method::POST => cors::readable_by(
            post(app, write_keys, queue, &request).await.unwrap_or_else(|answer| *answer),
            origin,
        ),
        Method::OPTIONS => match origin {
            Some(origin) => {
                let answer = cors::preflight(origin, &[Method::POST], "authorization, content-type");
                reply::logged(answer, "preflight")
            }
            None => cors::readable_by(refuse(StatusCode::FORBIDDEN, Trouble::OriginNotAllowed), None),
        },
        _ => {
            reply::allowing(refuse(StatusCode::METHOD_NOT_ALLOWED, Trouble::MethodNotAllowed), route.methods)
        }
    }
}

async fn post<S, C: Clock, Q: EventQueue>(
    app: &App<S, C>,
    write_keys: &WriteKeys,
    queue: &Q,
    request: &Request,
) -> Result<Response, Box<Response>> {
    if request.body().len() > MOST_BYTES {
        return Err(Box::new(refuse(StatusCode::PAYLOAD_TOO_LARGE, Trouble::TooLarge)));
    }
    let now = app.clock.now();
    let credentials = header(request, header::AUTHORIZATION);
    let authority = credentials
        .as_deref()
        .map(|credentials| Authority::of_header(credentials, write_keys, &app.token_keys, now))
        .transpose()
        .map_err(|fault| unauthorised(&fault))?;
    let batch = Batch::read(request.body());
    let authority = match (authority, &batch) {
        (Some(authority), _) => authority,
        // A beacon cannot set headers, so its token stands in its body.
        (None, Ok(Batch { token: Some(token), .. })) => {
            Authority::of_token(token, &app.token_keys, now).map_err(|fault| unauthorised(&fault))?
        }
        (None, _) => return Err(Box::new(unauthorised(&authority::Unauthorised::Nothing))),
    };
    let content_type = header(request, header::CONTENT_TYPE).unwrap_or_default();
    if !matches!(media_type(&content_type).as_str(), "application/json" | "text/plain" | "") {
        return Err(Box::new(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, Trouble::Unreadable)));
    }
    let batch = batch.map_err(|fault| invalid(&[fault]))?;
    if let Some(fault) = batch.too_many_of_a_browser().filter(|_| authority != Authority::Server) {
        return Err(Box::new(invalid(&[fault])));
    }
    let queued = Queued { by: authority, received_at: now, events: batch.events };
    let faults = queued.faults(&app.bundle);
    if !faults.is_empty() {
        return Err(Box::new(invalid(&faults)));
    }
    let accepted = queued.events.len();
    if accepted > 0
        && let Err(error) = queue.put(queued.to_message()).await
    {
        let answer = refuse(StatusCode::SERVICE_UNAVAILABLE, Trouble::Unavailable);
        return Err(Box::new(reply::failed(reply::retriable(answer), None, &error)));
    }
    let answer = reply::json(StatusCode::ACCEPTED, &json!({ "accepted": accepted }));
    Ok(reply::logged(answer, "queued"))
}

fn refuse(status: StatusCode, why: Trouble) -> Response {
    let message = match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            "the content type is neither `application/json` nor `text/plain`"
        }
        StatusCode::FORBIDDEN => "this origin is not among the `allowed_origins` of any campaign's form",
        _ => message(why),
    };
    let fault = Fault { index: None, field: None, code: why.code(), message: message.to_owned() };
    reply::logged(reply::json(status, &json!({ "status": "refused", "errors": [fault] })), why.code())
}

fn invalid(faults: &[Fault]) -> Response {
    let answer =
        reply::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "status": "invalid", "errors": faults }));
    reply::logged(answer, "invalid")
}

fn unauthorised(why: &authority::Unauthorised) -> Response {
    let fault = Fault { index: None, field: None, code: "unauthorised", message: why.to_string() };
    let mut answer =
        reply::json(StatusCode::UNAUTHORIZED, &json!({ "status": "refused", "errors": [fault] }));
    reply::set(&mut answer, header::WWW_AUTHENTICATE, "Bearer realm=\"events\"");
    reply::logged(answer, "unauthorised")
}
