//! `/p/{token}`: what a lead wants to hear of, in which language, and from when on.
//!
//! The page shows neither address nor answers: footers get forwarded, and so does this link.

use std::collections::BTreeSet;

use app::ports::{Clock, LeadStore};
use app::token::{Leave, Prefer};
use app::{App, PreferencesView};
use domain::consent::ConsentState;
use domain::{LeadId, Locale, TopicId};
use http::StatusCode;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use maud::{Markup, html};

use super::Visit;
use super::date::date;
use super::words::Words;
use crate::form::{Posted, Unreadable};
use crate::language::{Language, own_name};
use crate::page::Trouble;
use crate::request::{query, visitor};
use crate::{Response, reply};

/// Shows what is chosen.
pub(super) async fn ask<S: LeadStore, C: Clock>(app: &App<S, C>, visit: &Visit<'_>, token: &str) -> Response {
    show(app, visit, token, false).await
}

/// Keeps what was chosen, and shows it.
pub(super) async fn answer<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    visit: &Visit<'_>,
    token: &str,
) -> Response {
    let Prefer { lead } = match visit.open(app, token) {
        Ok(token) => token,
        Err(page) => return *page,
    };
    let posted = match visit.posted().await {
        Ok(posted) => posted,
        Err(Unreadable::MediaType) => {
            return visit.trouble(StatusCode::UNSUPPORTED_MEDIA_TYPE, Trouble::Unreadable);
        }
        Err(_) => return visit.trouble(StatusCode::UNPROCESSABLE_ENTITY, Trouble::Unreadable),
    };
    let view = match app.preferences(&lead).await {
        Ok(Some(view)) => view,
        Ok(None) => return show(app, visit, token, false).await,
        Err(error) => return visit.unavailable(Some(&lead), &error),
    };
    if posted.first("ask").is_some() {
        return mail_link(app, visit, &lead).await;
    }
    let Some(choice) = Choice::read(&posted, &view, visit, app.clock.now()) else {
        return visit.trouble(StatusCode::UNPROCESSABLE_ENTITY, Trouble::NoSuchChoice);
    };
    match app.change_preferences(&lead, choice.left_topics, choice.locale, choice.paused_until).await {
        Ok(true) => show(app, visit, token, true).await,
        Ok(false) => {
            let enough = &visit.words().enough_for_today;
            let page = visit.notice(StatusCode::TOO_MANY_REQUESTS, enough, &Markup::default());
            reply::logged_of(page, "enough_for_today", &lead)
        }
        Err(error) => visit.unavailable(Some(&lead), &error),
    }
}

/// The same page whether an e-mail leaves or one left a while ago: whoever has a forwarded link learns nothing.
async fn mail_link<S: LeadStore, C: Clock>(app: &App<S, C>, visit: &Visit<'_>, lead: &LeadId) -> Response {
    match app.ask_access(lead, visitor(visit.request, visit.ip)).await {
        Ok(()) => {
            let page = visit.notice(StatusCode::OK, &visit.words().link_mailed, &Markup::default());
            reply::logged_of(page, "link_asked", lead)
        }
        Err(error) => visit.unavailable(Some(lead), &error),
    }
}

async fn show<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    visit: &Visit<'_>,
    token: &str,
    saved: bool,
) -> Response {
    let Prefer { lead } = match visit.open(app, token) {
        Ok(token) => token,
        Err(page) => return *page,
    };
    let view = match app.preferences(&lead).await {
        Ok(Some(view)) => view,
        Ok(None) => {
            let page = visit.notice(StatusCode::GONE, &visit.words().gone, &Markup::default());
            return reply::logged_of(page, "gone", &lead);
        }
        Err(error) => return visit.unavailable(Some(&lead), &error),
    };
    // Once the language is chosen, the page speaks it, whatever the address said before.
    let asked = query(visit.request, "lang").is_some() && !saved;
    let language =
        if asked { visit.language() } else { Language::in_locale(visit.organisation, &view.locale) };
    let leave = app.token_keys.sign(Leave { lead: lead.clone(), campaign: None }, app.clock.now());
    let sheet = Sheet {
        view: &view,
        language,
        words: Words::of(language.tongue),
        saved,
        now: app.clock.now(),
        leave: &format!("{}/u/{leave}", app.public_url),
    };
    let page = visit.page(StatusCode::OK, language, sheet.words.preferences.title, !saved, &sheet.markup());
    reply::logged_of(page, if saved { "saved" } else { "asked" }, &lead)
}

/// What the lead chose.
struct Choice {
    left_topics: BTreeSet<TopicId>,
    locale: Option<Locale>,
    paused_until: Option<Timestamp>,
}

impl Choice {
    /// None for what is not on offer. A topic that the page did not show stays as it is, so that an empty post
    /// changes nothing.
    fn read(posted: &Posted, view: &PreferencesView, visit: &Visit<'_>, now: Timestamp) -> Option<Self> {
        let kept = posted.texts("topic").ok()?;
        let shown = posted.texts("shown").ok()?;
        let left = |topic: &&TopicId| {
            if shown.contains(&topic.as_str()) {
                !kept.contains(&topic.as_str())
            } else {
                view.preferences.left_topics.contains(*topic)
            }
        };
        let locale = match posted.one("locale").ok()? {
            None => None,
            Some(code) => {
                Some(visit.organisation.locales.iter().find(|locale| locale.as_str() == code)?.clone())
            }
        };
        let paused_until = match posted.one("pause").ok()? {
            None | Some("keep") => view.preferences.paused_until,
            Some("none") => None,
            Some(pause) => Some(after(now, PAUSES.iter().find(|(name, _)| *name == pause)?.1())?),
        };
        let left_topics = visit.organisation.topics.keys().filter(left).cloned().collect();
        Some(Self { left_topics, locale, paused_until })
    }
}

/// The pauses on offer, by what is posted.
const PAUSES: [(&str, Pause); 3] = [("2w", || 2.weeks()), ("30d", || 30.days()), ("3m", || 3.months())];

type Pause = fn() -> Span;

fn after(now: Timestamp, pause: Span) -> Option<Timestamp> {
    Some(now.to_zoned(TimeZone::UTC).checked_add(pause).ok()?.timestamp())
}

struct Sheet<'a> {
    view: &'a PreferencesView,
    language: Language<'a>,
    words: &'a Words,
    saved: bool,
    now: Timestamp,
    leave: &'a str,
}

impl Sheet<'_> {
    fn markup(&self) -> Markup {
        let words = self.words;
        html! {
            h1 { (words.preferences.title) }
            @if self.saved { div.notice role="status" { p { (words.saved) } } }
            @if self.view.consent != ConsentState::Granted { div.notice { p { (words.receives_nothing) } } }
            p { (words.preferences.text) }
            form method="post" {
                (self.topics())
                (self.locales())
                (self.pauses())
                button type="submit" { (words.save_button) }
            }
            div.apart { a.button.quiet href=(self.leave) { (words.rather_leave) } }
            div.apart {
                h2 { (words.data.title) }
                p { (words.data.text) }
                form method="post" {
                    div.choices {
                        button.quiet type="submit" name="ask" value="export" { (words.get_data) }
                        button.quiet type="submit" name="ask" value="erase" { (words.erase_data) }
                    }
                }
            }
        }
    }

    fn topics(&self) -> Markup {
        let topics = &self.language.organisation.topics;
        html! {
            @if !topics.is_empty() {
                fieldset {
                    legend { (self.words.topics) }
                    @for (id, name) in topics {
                        input type="hidden" name="shown" value=(id);
                        label.tick {
                            input type="checkbox" name="topic" value=(id)
                                checked[!self.view.preferences.left_topics.contains(id)];
                            span { (self.language.text(name)) }
                        }
                    }
                }
            }
        }
    }

    fn locales(&self) -> Markup {
        let locales = &self.language.organisation.locales;
        html! {
            @if locales.len() > 1 {
                fieldset {
                    legend { (self.words.language) }
                    div.choices {
                        @for locale in locales {
                            label.tick {
                                input type="radio" name="locale" value=(locale) checked[*locale == self.view.locale];
                                span lang=(locale) { (own_name(locale)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn pauses(&self) -> Markup {
        let words = self.words;
        let paused_until = self.view.preferences.paused_until.filter(|until| *until > self.now);
        let names = [words.two_weeks, words.thirty_days, words.three_months];
        html! {
            fieldset {
                legend { (words.pause) }
                @if let Some(until) = paused_until {
                    (pause("keep", true, &html! { (words.paused_until) " " (date(self.language, until)) }))
                }
                div.choices {
                    (pause("none", paused_until.is_none(), &html! { (words.no_pause) }))
                    @for ((value, _), name) in PAUSES.iter().zip(names) { (pause(value, false, &html! { (name) })) }
                }
            }
        }
    }
}

fn pause(value: &str, checked: bool, name: &Markup) -> Markup {
    html! {
        label.tick {
            input type="radio" name="pause" value=(value) checked[checked];
            span { (name) }
        }
    }
}
