//! `/c/{token}`: the second half of a double opt-in.

use app::ports::{Clock, LeadStore};
use app::token::Confirm;
use app::{App, Confirmed};
use http::StatusCode;
use maud::{Markup, html};

use super::Visit;
use crate::request::visitor;
use crate::{Response, reply};

/// Shows the button.
pub(super) fn ask<S, C: Clock>(app: &App<S, C>, visit: &Visit<'_>, token: &str) -> Response {
    let token: Confirm = match visit.open(app, token) {
        Ok(token) => token,
        Err(page) => return *page,
    };
    let visit = &visit.about(app.bundle.campaign(&token.campaign));
    let words = visit.words();
    let language = visit.language();
    let main = html! {
        h1 { (words.confirm.title) }
        @if let Some(campaign) = visit.campaign {
            p { (words.confirm.text) " " strong { (language.text(&campaign.title)) } }
            @if let Some(form) = &campaign.form { p.wording { (language.text(&form.consent.wording)) } }
        }
        form method="post" { button type="submit" { (words.confirm_button) } }
        p.hint { (words.not_you) }
    };
    let page = visit.page(StatusCode::OK, language, words.confirm.title, true, &main);
    reply::logged_of(page, "asked", &token.lead)
}

/// The button was pressed.
pub(super) async fn answer<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    visit: &Visit<'_>,
    token: &str,
) -> Response {
    let token: Confirm = match visit.open(app, token) {
        Ok(token) => token,
        Err(page) => return *page,
    };
    let visit = &visit.about(app.bundle.campaign(&token.campaign));
    let words = visit.words();
    let (name, page) = match app.confirm(&token, visitor(visit.request, visit.ip)).await {
        Ok(Confirmed::Now) => {
            ("confirmed", visit.notice(StatusCode::OK, &words.confirmed, &Markup::default()))
        }
        Ok(Confirmed::Before) => {
            ("confirmed_before", visit.notice(StatusCode::OK, &words.confirmed_before, &Markup::default()))
        }
        Ok(Confirmed::Spent) => {
            let form = format!("{}/f/{}", app.public_url, token.campaign);
            let more = html! { a.button href=(form) { (words.to_the_form) } };
            ("spent", visit.notice(StatusCode::GONE, &words.spent, &more))
        }
        Err(error) => return visit.unavailable(Some(&token.lead), &error),
    };
    reply::logged_of(page, name, &token.lead)
}
