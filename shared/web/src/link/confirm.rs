//! `/c/{token}`: the second half of a double opt-in.

use app::ports::{Clock, LeadStore};
use app::token::Confirm;
use app::{App, Confirmed};
use domain::CampaignId;
use http::StatusCode;
use maud::{Markup, html};

use super::Visit;
use crate::request::visitor;
use crate::{Response, reply};

/// What the button says yes to.
const CAMPAIGN: &str = "campaign";

/// Shows what is asked for, by whatever form, and the button, which says yes to just that.
pub(super) async fn ask<S: LeadStore, C: Clock>(app: &App<S, C>, visit: &Visit<'_>, token: &str) -> Response {
    let token: Confirm = match visit.open(app, token) {
        Ok(token) => token,
        Err(page) => return *page,
    };
    let visit = &visit.about(app.bundle.campaign(&token.campaign));
    let asked = match app.asked_for(&token).await {
        Ok(asked) => asked,
        Err(error) => return visit.unavailable(Some(&token.lead), &error),
    };
    let mut ids: Vec<&CampaignId> = asked.keys().filter(|id| **id != token.campaign).collect();
    ids.insert(0, &token.campaign);
    let words = visit.words();
    let language = visit.language();
    let title = |topic| visit.organisation.topics.get(topic).map(|title| language.text(title));
    let main = html! {
        h1 { (words.confirm.title) }
        p { (words.confirm.text) }
        @for campaign in ids.iter().filter_map(|id| app.bundle.campaign(id)) {
            p { strong { (language.text(&campaign.title)) } }
            @if let Some(form) = &campaign.form { p.wording { (language.text(&form.consent.wording)) } }
            @let topics: Vec<&str> = asked.get(&campaign.id).into_iter().flatten().filter_map(title).collect();
            @if !topics.is_empty() { p.wording { (words.topics) ": " (topics.join(", ")) } }
        }
        form method="post" {
            @for id in &ids { input type="hidden" name=(CAMPAIGN) value=(id); }
            button type="submit" { (words.confirm_button) }
        }
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
    let posted = visit.posted().await.ok();
    let seen = posted.as_ref().and_then(|posted| posted.texts(CAMPAIGN).ok()).filter(|ids| !ids.is_empty());
    let seen = seen.map(|ids| ids.into_iter().filter_map(|id| CampaignId::parse(id).ok()).collect());
    let (name, page) = match app.confirm(&token, seen, visitor(visit.request, visit.ip)).await {
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
