//! What the links in e-mails lead to: confirming, leaving, choosing, and the magnet.
//!
//! Scanners open every link of a mail. So opening one never changes anything but the count of downloads; what is meant
//! to change something is a button on the page behind it.

mod confirm;
mod date;
mod leave;
mod magnet;
mod media;
mod own;
mod own_words;
mod preferences;
mod words;

use app::App;
use app::ports::{Clock, LeadStore};
use app::token::{InvalidToken, Own, Purpose};
use domain::{Campaign, Organisation};
use http::{HeaderName, Method, StatusCode};
use maud::{Markup, html};

use crate::accept::prefers_json;
use crate::form::{Posted, Unreadable, refusal};
use crate::language::Language;
use crate::page::{Frame, Trouble, layout, trouble};
use crate::request::header;
use crate::route::{CONFIRM, LEAVE, MAGNET, PREFERENCES};
use crate::{MOST_BYTES, Request, Response, Route, reply};
use words::{Notice, Words};

/// Answers `/c/{token}`, `/u/{token}`, `/p/{token}` and `/d/{token}`, and whatever nobody else answers. `ip` is the visitor's,
/// as the gateway saw it.
pub async fn link<S: LeadStore, C: Clock>(app: &App<S, C>, request: Request, ip: Option<&str>) -> Response {
    let visit = Visit { organisation: &app.bundle.organisation, campaign: None, request: &request, ip };
    let answer = answer(app, &visit).await;
    if request.method() == Method::HEAD { reply::head(answer) } else { answer }
}

async fn answer<S: LeadStore, C: Clock>(app: &App<S, C>, visit: &Visit<'_>) -> Response {
    let request = visit.request;
    let Some((route, token)) = Route::of(request.uri().path()) else {
        return visit.elsewhere(StatusCode::NOT_FOUND, Trouble::NotFound);
    };
    if !route.methods.contains(request.method()) {
        let answer = visit.elsewhere(StatusCode::METHOD_NOT_ALLOWED, Trouble::MethodNotAllowed);
        return reply::allowing(answer, route.methods);
    }
    if request.body().len() > MOST_BYTES {
        return visit.trouble(StatusCode::PAYLOAD_TOO_LARGE, Trouble::TooLarge);
    }
    let posts = request.method() == Method::POST;
    match (route.path, posts) {
        (CONFIRM, false) => confirm::ask(app, visit, token).await,
        (CONFIRM, true) => confirm::answer(app, visit, token).await,
        (LEAVE, false) => leave::ask(app, visit, token),
        (LEAVE, true) => leave::answer(app, visit, token).await,
        (PREFERENCES, posts) => match (app.token_keys.open::<Own>(token, app.clock.now()), posts) {
            (Ok(own), false) => own::ask(app, visit, own).await,
            (Ok(own), true) => own::answer(app, visit, own).await,
            (Err(_), false) => preferences::ask(app, visit, token).await,
            (Err(_), true) => preferences::answer(app, visit, token).await,
        },
        (MAGNET, _) => magnet::fetch(app, visit, token).await,
        _ => visit.elsewhere(StatusCode::NOT_FOUND, Trouble::NotFound),
    }
}

/// Who follows a link, and whose.
struct Visit<'a> {
    organisation: &'a Organisation,
    /// What the page is about, where that is known.
    campaign: Option<&'a Campaign>,
    request: &'a Request,
    ip: Option<&'a str>,
}

impl<'a> Visit<'a> {
    /// A link tells nothing of its lead's language; the browser does.
    fn language(&self) -> Language<'a> {
        match self.campaign {
            Some(campaign) => Language::of_campaign(self.organisation, campaign, None, self.request),
            None => Language::of(self.organisation, None, self.request),
        }
    }

    /// The same visit of a page that bears a campaign's words.
    fn about(&self, campaign: Option<&'a Campaign>) -> Self {
        Self { campaign, ..*self }
    }

    fn words(&self) -> &'static Words {
        Words::of(self.language().tongue)
    }

    fn trouble(&self, status: StatusCode, why: Trouble) -> Response {
        reply::logged(unlisted(trouble(status, self.language(), why)), why.code())
    }

    /// It is no link that was followed. A program gets to read why, too.
    fn elsewhere(&self, status: StatusCode, why: Trouble) -> Response {
        if prefers_json(self.request) {
            return reply::logged(refusal(status, why), why.code());
        }
        self.trouble(status, why)
    }

    /// The store failed. Pressing the button again does no harm.
    fn unavailable(&self, lead: Option<&domain::LeadId>, error: &dyn std::error::Error) -> Response {
        let page = trouble(StatusCode::SERVICE_UNAVAILABLE, self.language(), Trouble::Unavailable);
        reply::failed(reply::retriable(unlisted(page)), lead, error)
    }

    /// What the token allows, or the page that says that it allows nothing. Whoever tries tokens learns nothing from it:
    /// it is the same page for a link that was cut, one of another purpose and one that is too old. The log knows.
    fn open<S, C: Clock, P: Purpose>(&self, app: &App<S, C>, token: &str) -> Result<P, Box<Response>> {
        app.token_keys.open(token, app.clock.now()).map_err(|invalid| {
            let site = self.organisation.website.as_ref();
            let more =
                html! { @if let Some(site) = site { a.button href=(site) { (self.organisation.name) } } };
            let page = self.notice(StatusCode::NOT_FOUND, &self.words().invalid, &more);
            Box::new(reply::logged(
                page,
                match invalid {
                    InvalidToken::Damaged => "damaged",
                    InvalidToken::Expired => "expired",
                },
            ))
        })
    }

    /// A page that says how things stand, and what may follow.
    fn notice(&self, status: StatusCode, notice: &Notice, more: &Markup) -> Response {
        let main = html! {
            h1 { (notice.title) }
            p { (notice.text) }
            (more)
        };
        self.page(status, self.language(), notice.title, false, &main)
    }

    /// A page of ours. One that answers a post has no links to itself in other languages.
    fn page(
        &self,
        status: StatusCode,
        language: Language<'_>,
        title: &str,
        asks: bool,
        main: &Markup,
    ) -> Response {
        let frame = Frame { language, title, switch: asks.then_some("") };
        unlisted(reply::html(status, layout(&frame, main)))
    }

    /// What was posted to this link.
    async fn posted(&self) -> Result<Posted, Unreadable> {
        let content_type = header(self.request, http::header::CONTENT_TYPE).unwrap_or_default();
        Posted::read(&content_type, self.request.body()).await
    }
}

/// No search engine is to know an address that bears a token.
fn unlisted(mut response: Response) -> Response {
    reply::set(&mut response, HeaderName::from_static("x-robots-tag"), "noindex");
    response
}
