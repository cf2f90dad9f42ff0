//! `/f/{campaign}`: a form is shown, or posted; and `/f/{campaign}/embed.js`, which makes it handier.

mod answer;
mod body;
mod challenge;
mod country;
mod embed;
mod fault;
mod field;
mod fields;
mod hosted;
mod json;
mod next;
mod number;
mod number_plan;
mod page;
mod phone;
mod stamp;
mod thanks;
mod touch;
mod words;

use app::ports::{Challenge, Clock, LeadStore};
use app::{App, ApplyError};
use domain::input::{NewLead, Submission};
use domain::{Campaign, CampaignId, Input, InputBody, InputId};
use http::{Method, StatusCode, header};
use jiff::tz::TimeZone;

use crate::language::Language;
use crate::page::{Trouble, trouble};
use crate::request::{header, visitor};
use crate::route::{FORM, SCRIPT};
use crate::{MOST_BYTES, Request, Response, Route, cors, reply};
use answer::Answers;
pub(crate) use answer::refusal;
pub(crate) use body::{Posted, Unreadable};
use fields::{Customs, Filled};
use hosted::Clockwork;
use stamp::Pace;

/// Seconds within which the same fields are the same post: a double click, a reload, a browser's second try.
const SLOT: i64 = 5 * 60;

/// Answers whatever is asked of `/f/{campaign}` and `/f/{campaign}/embed.js`. `challenge` is asked about posts where the
/// organisation has Turnstile. `ip` is the visitor's, as the gateway saw it.
pub async fn form<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    challenge: &impl Challenge,
    request: Request,
    ip: Option<&str>,
) -> Response {
    let answer = answer_to(app, challenge, &request, ip).await;
    if request.method() == Method::HEAD { reply::head(answer) } else { answer }
}

async fn answer_to<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    challenge: &impl Challenge,
    request: &Request,
    ip: Option<&str>,
) -> Response {
    let organisation = &app.bundle.organisation;
    let route = Route::of(request.uri().path()).filter(|(route, _)| [FORM, SCRIPT].contains(&route.path));
    let found = route.and_then(|(route, id)| {
        let campaign = app.bundle.campaign(&CampaignId::parse(id).ok()?)?;
        Some((route, campaign, campaign.form.as_ref()?))
    });
    let Some((route, campaign, form)) = found else {
        let answer = if crate::accept::prefers_json(request) {
            answer::refusal(StatusCode::NOT_FOUND, Trouble::NotFound)
        } else {
            trouble(StatusCode::NOT_FOUND, Language::of(organisation, None, request), Trouble::NotFound)
        };
        return reply::logged(answer, "not_found");
    };
    if route.path == SCRIPT {
        return embed::answer(route, campaign, form, request);
    }
    let answers = Answers {
        public_url: &app.public_url,
        organisation,
        campaign,
        form,
        request,
        clockwork: Clockwork { keys: &app.token_keys, now: app.clock.now() },
    };
    match *request.method() {
        Method::GET | Method::HEAD => answers.page(),
        Method::OPTIONS => answers.preflight(route.methods),
        Method::POST => {
            let answer = post(app, challenge, &answers, ip).await;
            cors::readable_by(answer, answers.origin().as_deref().filter(|origin| answers.allows(origin)))
        }
        _ => reply::allowing(
            answers.refuse(StatusCode::METHOD_NOT_ALLOWED, Trouble::MethodNotAllowed),
            route.methods,
        ),
    }
}

async fn post<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    challenge: &impl Challenge,
    answers: &Answers<'_>,
    ip: Option<&str>,
) -> Response {
    let request = answers.request;
    if request.body().len() > MOST_BYTES {
        return answers.refuse(StatusCode::PAYLOAD_TOO_LARGE, Trouble::TooLarge);
    }
    if answers.origin().is_some_and(|origin| !answers.allows(&origin)) {
        return answers.refuse(StatusCode::FORBIDDEN, Trouble::OriginNotAllowed);
    }
    let content_type = header(request, header::CONTENT_TYPE).unwrap_or_default();
    let posted = match Posted::read(&content_type, request.body()).await {
        Ok(posted) => posted,
        Err(unreadable) => return answers.unreadable(&unreadable),
    };
    if posted.first("_gotcha").is_some() {
        return reply::logged(answers.success(&posted), "trapped");
    }
    match answers.pace(&posted) {
        Pace::Human => {}
        Pace::TooSoon => return reply::logged(answers.success(&posted), "too_soon"),
        Pace::Stale => return answers.stale(&posted),
    }
    let language = answers.language(&posted);
    let time_zone = posted.first("_time_zone").and_then(known_time_zone);
    let filled = match fields::read(answers.form, &posted, &customs(answers, language, time_zone.as_deref()))
    {
        Ok(filled) => filled,
        Err(faults) => return answers.invalid(&posted, &faults),
    };
    let input = Input {
        id: input_id(answers.campaign, &posted, &filled, language, app.clock.now().as_second()),
        at: app.clock.now(),
        body: InputBody::SubmitForm(Submission {
            lead: NewLead::of(&app.lead_key, filled.email),
            campaign: answers.campaign.id.clone(),
            traits: filled.traits,
            topics: filled.topics,
            locale: language.locale.clone(),
            time_zone,
            touch: touch::touch(&posted, request),
            visitor: visitor(request, ip),
        }),
    };
    if answers.organisation.turnstile.is_some() {
        match challenge::is_solved(app, challenge, &posted, &input.id).await {
            Ok(true) => {}
            Ok(false) => return answers.unsolved(&posted),
            Err(error) => return reply::failed(answers.unverified(&posted), None, &error),
        }
    }
    let Some(lead) = input.new_lead().map(|lead| lead.id.clone()) else { return answers.success(&posted) };
    match app.apply_to_new(&lead, input).await {
        Ok(applied) => reply::logged_of(answers.success(&posted), reply::applied(applied), &lead),
        Err(ApplyError::TooMany { until }) => {
            answers.too_many(&posted, until.duration_since(app.clock.now()).as_secs() + 1)
        }
        Err(error) => reply::failed(answers.unavailable(&posted, &error), Some(&lead), &error),
    }
}

fn customs(answers: &Answers<'_>, language: Language<'_>, time_zone: Option<&str>) -> Customs {
    let accepted = header(answers.request, header::ACCEPT_LANGUAGE).unwrap_or_default();
    let countries = phone::countries(time_zone, &accepted, &answers.organisation.time_zone, language.locale);
    Customs { tongue: language.tongue, countries }
}

/// The zone's own spelling; none for what no clock knows.
fn known_time_zone(name: &str) -> Option<String> {
    TimeZone::get(name).ok()?.iana_name().map(str::to_owned)
}

/// A post that bears a token of its own is known by it; any other by what it says, for a while.
fn input_id(
    campaign: &Campaign,
    posted: &Posted,
    filled: &Filled,
    language: Language<'_>,
    now: i64,
) -> InputId {
    let campaign = campaign.id.as_str();
    let email = filled.email.as_str();
    match posted.first("_token").or_else(|| posted.first("_id")) {
        Some(token) => InputId::of("form", &[campaign, email, "token", token]),
        None => {
            let traits = serde_json::to_string(&filled.traits).unwrap_or_default();
            let slot = now.div_euclid(SLOT).to_string();
            let topics: Vec<&str> = filled.topics.iter().map(domain::TopicId::as_str).collect();
            let said = [campaign, email, "slot", &traits, language.locale.as_str(), &slot];
            InputId::of("form", &[&said[..], &topics[..]].concat())
        }
    }
}
