//! The routes of `sillon dev`: those that AWS has, by the same code, and its own.

use std::sync::Arc;

use app::gate::Gate;
use app::ports::{Clock, EventQueue, LeadStore, QueueError};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Json, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use domain::{Activity, CampaignId, EmailAddress, Input, LeadId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::edits::Running;
use super::reply::{Fault, harmless, is_path, same_origin, show};
use super::sender::ClockError;
use super::{Dev, lead_json, pages, pretend};

/// More than any route takes: beyond it the connection is not read to its end.
const MOST_BYTES: usize = 8 * 1024 * 1024;

type Shared = State<Arc<Dev>>;

pub fn router(running: Running) -> Router {
    let ours = Router::new()
        .route("/", get(home))
        .route("/dev/inbox", get(inbox))
        .route("/dev/inbox/{id}", get(mail))
        .route("/dev/inbox/{id}/html", get(mail_html))
        .route("/dev/inbox/{id}/pretend", post(pretend))
        .route("/dev/inbox.json", get(inbox_json))
        .route("/dev/notifications.json", get(notifications_json))
        .route("/dev/drawings/{campaign}", get(drawing))
        .route("/dev/leads", get(leads))
        .route("/dev/leads.json", get(leads_json))
        .route("/dev/leads/{email}", get(lead))
        .route("/dev/clock", post(clock))
        .route("/dev/feedback", post(feedback))
        .layer(middleware::from_fn(crate::loopback::for_this_machine))
        .layer(middleware::map_response(harmless));
    Router::new()
        .merge(ours)
        .route("/f/{campaign}", axum::routing::any(form))
        .route("/f/{campaign}/embed.js", axum::routing::any(form))
        .route("/v1/events", axum::routing::any(events))
        .fallback(link)
        .with_state(running)
}

async fn home(State(dev): Shared) -> Result<Response, Fault> {
    let leads = dev.app.store.all_leads().await.map_err(Fault::internal)?;
    let gate = dev.app.store.state().await.map_err(Fault::internal)?;
    Ok(show(pages::home(&dev, leads.leads.len() + leads.unreadable.len(), &gate)))
}

async fn inbox(State(dev): Shared) -> Response {
    show(pages::inbox(&dev))
}

async fn mail(State(dev): Shared, Path(id): Path<String>) -> Result<Response, Fault> {
    let mail = dev.inbox.mail(&id).ok_or_else(|| Fault::not_found("there is no such e-mail"))?;
    Ok(show(pages::mail(&dev, &mail)))
}

/// The e-mail itself, for a frame. It may load nothing and run nothing.
async fn mail_html(State(dev): Shared, Path(id): Path<String>) -> Result<Response, Fault> {
    let mail = dev.inbox.mail(&id).ok_or_else(|| Fault::not_found("there is no such e-mail"))?;
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; frame-ancestors 'self'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    // A link opens a page of its own: our pages refuse to be framed.
    let html = mail.html.replacen("<head>", "<head><base target=\"_blank\">", 1);
    Ok((headers, html).into_response())
}

async fn inbox_json(State(dev): Shared) -> Response {
    list(&dev.inbox.mails())
}

async fn notifications_json(State(dev): Shared) -> Response {
    list(&dev.notifications.all())
}

fn list<T: Serialize>(kept: &[Arc<T>]) -> Response {
    Json(kept.iter().map(|one| json!(**one)).collect::<Vec<Value>>()).into_response()
}

/// A campaign as a picture. It runs nothing.
async fn drawing(State(dev): Shared, Path(campaign): Path<String>) -> Result<Response, Fault> {
    let id = CampaignId::parse(campaign).map_err(Fault::invalid)?;
    let bundle = &dev.app.bundle;
    let campaign = bundle.campaign(&id).ok_or_else(|| Fault::not_found("there is no such campaign"))?;
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
    ];
    Ok((headers, rehearsal::draw::draw(bundle, campaign)).into_response())
}

async fn leads(State(dev): Shared) -> Result<Response, Fault> {
    let leads = dev.app.store.all_leads().await.map_err(Fault::internal)?;
    Ok(show(pages::leads(&dev, &leads)))
}

async fn leads_json(State(dev): Shared) -> Result<Response, Fault> {
    let mut leads = dev.app.store.all_leads().await.map_err(Fault::internal)?.leads;
    leads.sort_by(|a, b| (a.lead.created_at, &a.lead.id).cmp(&(b.lead.created_at, &b.lead.id)));
    let now = dev.app.clock.now();
    let leads = leads.iter().map(|stored| lead_json::lead(&dev.app.bundle, &stored.lead, now));
    Ok(Json(leads.collect::<Vec<Value>>()).into_response())
}

/// `/dev/leads/{email}` is a page, `/dev/leads/{email}.json` is data.
async fn lead(State(dev): Shared, Path(email): Path<String>) -> Result<Response, Fault> {
    let (email, as_json) = match email.strip_suffix(".json") {
        Some(email) => (email, true),
        None => (email.as_str(), false),
    };
    let email = EmailAddress::parse(email).map_err(Fault::invalid)?;
    let id = LeadId::of(&dev.app.lead_key, &email);
    let stored = dev.app.store.load(&id).await.map_err(Fault::internal)?;
    let lead = stored.ok_or_else(|| Fault::not_found("there is no such lead"))?.lead;
    let records = dev.app.store.records(&id).await.map_err(Fault::internal)?;
    let activities: Vec<Activity> = records.into_iter().flat_map(|record| record.activities).collect();
    if as_json {
        let now = dev.app.clock.now();
        return Ok(
            Json(lead_json::lead_with_activities(&dev.app.bundle, &lead, &activities, now)).into_response()
        );
    }
    Ok(show(pages::lead(&dev, &lead, &activities)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    advance: Option<String>,
    to: Option<String>,
    /// The page to go back to.
    back: Option<String>,
}

/// Takes JSON from programs, and the form of our own page.
async fn clock(State(dev): Shared, headers: HeaderMap, body: Bytes) -> Result<Response, Fault> {
    same_origin(&headers)?;
    // Told apart by the body, since programs such as curl call JSON a form, too.
    let from_page = !body.trim_ascii_start().starts_with(b"{");
    let change: ClockChange = if from_page {
        serde_json::from_value(json!(web::form_fields(&body))).map_err(Fault::invalid)?
    } else {
        serde_json::from_slice(&body).map_err(Fault::invalid)?
    };
    let moment = match (change.advance, change.to) {
        (Some(span), None) => {
            let span = campaign_file::duration(&span).map_err(Fault::invalid)?;
            dev.app.clock.now().checked_add(span).map_err(Fault::invalid)?
        }
        (None, Some(moment)) => moment.parse::<Timestamp>().map_err(Fault::invalid)?,
        _ => {
            return Err(Fault::invalid(
                "say either {\"advance\":\"3d\"} or {\"to\":\"2027-01-01T09:00:00Z\"}",
            ));
        }
    };
    let century = dev.app.clock.now() + SignedDuration::from_hours(24 * 36_525);
    if moment > century {
        return Err(Fault::invalid("that is more than a hundred years ahead"));
    }
    let sent = dev.move_clock(moment).await.map_err(|error| match error {
        ClockError::Past => Fault::invalid("that moment lies in the clock's past: time does not run back"),
        ClockError::Stuck => Fault::internal("a lead stays due although it was served"),
        ClockError::Store(error) => Fault::internal(error),
        ClockError::Clock(error) => Fault::internal(format!("{error:#}")),
    })?;
    if from_page {
        let back = change.back.filter(|path| is_path(path));
        return Ok(Redirect::to(back.as_deref().unwrap_or("/")).into_response());
    }
    Ok(Json(json!({ "now": dev.app.clock.now(), "sent": sent })).into_response())
}

/// Takes an SES event record as JSON, and the buttons of the inbox.
async fn feedback(State(dev): Shared, headers: HeaderMap, body: Bytes) -> Result<Response, Fault> {
    same_origin(&headers)?;
    let record = std::str::from_utf8(&body).map_err(Fault::invalid)?;
    let applied = match ses::decode_feedback(record).map_err(Fault::invalid)? {
        None => 0,
        Some((lead, input)) => apply(&dev, vec![(lead, input)]).await?,
    };
    dev.send_due().await.map_err(Fault::internal)?;
    Ok(Json(json!({ "applied": applied })).into_response())
}

/// The buttons of an e-mail's page.
async fn pretend(
    State(dev): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    same_origin(&headers)?;
    let mail = dev.inbox.mail(&id).ok_or_else(|| Fault::not_found("there is no such e-mail"))?;
    let fields = web::form_fields(&body);
    let event = fields.get("event").map(String::as_str).unwrap_or_default();
    let record = pretend::record(&mail, event, dev.app.clock.now());
    let record = record.ok_or_else(|| Fault::invalid(format!("`{event}` is no event that has a button")))?;
    if let Some((lead, input)) = ses::decode_feedback(&record.to_string()).map_err(Fault::invalid)? {
        apply(&dev, vec![(lead, input)]).await?;
    }
    dev.send_due().await.map_err(Fault::internal)?;
    Ok(Redirect::to(&pages::lead_path(&mail.to)).into_response())
}

async fn apply(dev: &Dev, inputs: Vec<(LeadId, Input)>) -> Result<usize, Fault> {
    let items = inputs.into_iter().map(|(lead, input)| (String::new(), lead, input)).collect();
    let report = dev.app.apply_batch(items, jiff::Timestamp::MAX).await;
    dev.app.watch(&dev.app.store, report.deliveries).await.map_err(Fault::internal)?;
    match report.failed.first() {
        Some((_, reason)) => Err(Fault::internal(reason)),
        None => Ok(report.recorded),
    }
}

async fn form(State(dev): Shared, request: Request) -> Result<Response, Fault> {
    let request = whole(request).await?;
    let reply = web::form(&dev.app, &*dev.challenge, request, Some("127.0.0.1")).await;
    finish(&dev, reply).await
}

async fn link(State(dev): Shared, request: Request) -> Result<Response, Fault> {
    let request = whole(request).await?;
    let reply = web::link(&dev.app, request, Some("127.0.0.1")).await;
    finish(&dev, reply).await
}

async fn events(State(dev): Shared, request: Request) -> Result<Response, Fault> {
    let request = whole(request).await?;
    let reply = web::events(&dev.app, &dev.write_keys, &AtOnce(&dev), request).await;
    finish(&dev, reply).await
}

/// No queue between: what AWS queues is applied at once.
struct AtOnce<'a>(&'a Dev);

impl EventQueue for AtOnce<'_> {
    async fn put(&self, body: String) -> Result<(), QueueError> {
        let inputs =
            web::decode_events(&self.0.app.lead_key, &body).map_err(|error| QueueError(Box::new(error)))?;
        let applied = apply(self.0, inputs).await;
        applied.map(|_| ()).map_err(|Fault(_, reason)| QueueError(reason.into()))
    }
}

async fn whole(request: Request) -> Result<web::Request, Fault> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MOST_BYTES)
        .await
        .map_err(|_| Fault(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large, or broke off".into()))?;
    Ok(web::Request::from_parts(parts, body))
}

/// What the stream's nudge does on AWS: what became due at once leaves at once.
async fn finish(dev: &Dev, reply: web::Response) -> Result<Response, Fault> {
    dev.send_due().await.map_err(Fault::internal)?;
    if let Some(web::Outcome { name: "erased", lead: Some(lead), .. }) = reply.extensions().get() {
        dev.forget(lead).map_err(|error| Fault::internal(format!("{error:#}")))?;
    }
    Ok(reply.map(Body::from))
}
