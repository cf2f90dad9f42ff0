//! `/u/{token}`: leaving altogether, by the page's button or by the mail client's own (RFC 8058).

use app::App;
use app::ports::{Clock, LeadStore};
use app::token::Leave;
use domain::CampaignId;
use domain::activity::Withdrawal;
use http::StatusCode;
use maud::{Markup, html};

use super::Visit;
use crate::request::{form_fields, visitor};
use crate::{Response, reply};

/// What a mail client posts (RFC 8058, section 3.1).
const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");

/// Shows the button.
pub(super) fn ask<S, C: Clock>(app: &App<S, C>, visit: &Visit<'_>, token: &str) -> Response {
    let token: Leave = match visit.open(app, token) {
        Ok(token) => token,
        Err(page) => return *page,
    };
    let words = visit.words();
    let main = html! {
        h1 { (words.leave.title) }
        p { (words.leave.text) }
        form method="post" { button type="submit" { (words.leave_button) } }
    };
    let page = visit.page(StatusCode::OK, visit.language(), words.leave.title, true, &main);
    reply::logged_of(page, "asked", &token.lead)
}

/// Whatever is posted here, the lead leaves: nobody is kept for a malformed body.
pub(super) async fn answer<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    visit: &Visit<'_>,
    token: &str,
) -> Response {
    let token: Leave = match visit.open(app, token) {
        Ok(token) => token,
        Err(page) => return *page,
    };
    let one_click = is_one_click(visit).await;
    let through = if one_click { Withdrawal::OneClick } else { Withdrawal::Page };
    if let Err(error) = app.leave(&token.lead, through, visitor(visit.request, visit.ip)).await {
        return visit.unavailable(Some(&token.lead), &error);
    }
    let words = visit.words();
    let page = if one_click {
        reply::text(StatusCode::OK, words.left.text)
    } else {
        let back = way_back(app, visit, token.campaign.as_ref());
        visit.notice(StatusCode::OK, &words.left, &back)
    };
    reply::logged_of(page, "left", &token.lead)
}

/// Mail clients send it urlencoded or as multipart, and not all of them say which.
async fn is_one_click(visit: &Visit<'_>) -> bool {
    let (name, value) = ONE_CLICK;
    let told = match visit.posted().await {
        Ok(posted) => posted.first(name).map(str::to_owned),
        Err(_) => form_fields(visit.request.body()).remove(name),
    };
    told.is_some_and(|told| told.trim().eq_ignore_ascii_case(value))
}

/// The form of the campaign whose e-mail bore the link, and no other: footers get forwarded, and who reads one learns no more than
/// the e-mail tells.
fn way_back<S, C: Clock>(app: &App<S, C>, visit: &Visit<'_>, campaign: Option<&CampaignId>) -> Markup {
    let campaign = campaign.and_then(|id| app.bundle.campaign(id)).filter(|known| known.form.is_some());
    let language = visit.language();
    html! {
        @if let Some(campaign) = campaign {
            div.apart {
                p { (visit.words().way_back) }
                ul {
                    li {
                        a href={ (app.public_url) "/f/" (campaign.id) "?lang=" (language.locale) } {
                            (language.text(&campaign.title))
                        }
                    }
                }
            }
        }
    }
}
