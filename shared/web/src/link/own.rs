//! `/p/{token}` with the link that is mailed for an hour: all that is stored of a lead, to read, to save and to erase.

use app::ports::{Clock, LeadStore};
use app::token::Own;
use app::{App, OwnData, Part};
use domain::consent::ConsentState;
use domain::form::FieldKind;
use domain::{Bundle, Campaign, Fact, TraitValue, computed};
use http::{StatusCode, header};
use maud::{Markup, html};

use super::Visit;
use super::date::{date, moment};
use super::own_words::Words;
use crate::language::{Language, own_name};
use crate::page::Trouble;
use crate::request::query;
use crate::{Response, reply};

/// The page tells so many of the latest things that happened, of e-mails, agreements and reasons; the file has them all.
const MOST: usize = 100;
/// Beyond so many bytes the page leaves it to the file to show all as it is stored.
const MOST_SHOWN: usize = 500_000;

/// Shows what is stored, or hands it out as a file. It changes nothing, and so leaves no trace: scanners open links, too.
pub(super) async fn ask<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    visit: &Visit<'_>,
    Own { lead }: Own,
) -> Response {
    let data = match app.own_data(&lead).await {
        Ok(Some(data)) => data,
        Ok(None) => return gone(visit, &lead),
        Err(error) => return visit.unavailable(Some(&lead), &error),
    };
    if query(visit.request, "as").as_deref() == Some("json") {
        let wanted = query(visit.request, "part").and_then(|part| part.parse().ok()).unwrap_or(1);
        return match data.parts().into_iter().nth(usize::saturating_sub(wanted, 1)) {
            Some(part) => reply::logged_of(file(&part), "exported", &lead),
            None => visit.trouble(StatusCode::NOT_FOUND, Trouble::NotFound),
        };
    }
    reply::logged_of(sheet(app, visit, &data, StatusCode::OK), "shown", &lead)
}

/// Erases, if whoever posts says that it is meant.
pub(super) async fn answer<S: LeadStore, C: Clock>(
    app: &App<S, C>,
    visit: &Visit<'_>,
    Own { lead }: Own,
) -> Response {
    let sure = visit.posted().await.is_ok_and(|posted| posted.first("sure") == Some("yes"));
    if !sure {
        return match app.own_data(&lead).await {
            Ok(Some(data)) => {
                let page = sheet(app, visit, &data, StatusCode::UNPROCESSABLE_ENTITY);
                reply::logged_of(page, "not_sure", &lead)
            }
            Ok(None) => gone(visit, &lead),
            Err(error) => visit.unavailable(Some(&lead), &error),
        };
    }
    // Also for a lead that is gone: an erasure that broke off goes on.
    match app.erase(&lead).await {
        Ok(()) => {
            let words = Words::of(visit.language().tongue);
            let page = visit.notice(StatusCode::OK, &words.erased, &Markup::default());
            reply::logged_of(page, "erased", &lead)
        }
        Err(error) => visit.unavailable(Some(&lead), &error),
    }
}

fn gone(visit: &Visit<'_>, lead: &domain::LeadId) -> Response {
    let page = visit.notice(StatusCode::GONE, &visit.words().gone, &Markup::default());
    reply::logged_of(page, "gone", lead)
}

fn file(part: &Part<'_>) -> Response {
    let mut response = reply::json(StatusCode::OK, part);
    let attachment = format!("attachment; filename=\"{}\"", name_of(part));
    reply::set(&mut response, header::CONTENT_DISPOSITION, &attachment);
    super::unlisted(response)
}

fn name_of(part: &Part<'_>) -> String {
    part.part.map_or_else(|| "my-data.json".to_owned(), |number| format!("my-data-{number}.json"))
}

fn sheet<S, C: Clock>(app: &App<S, C>, visit: &Visit<'_>, data: &OwnData, status: StatusCode) -> Response {
    let language = match query(visit.request, "lang") {
        Some(_) => visit.language(),
        None => {
            let locale = data.profile.locale.as_ref().map(domain::Locale::as_str);
            Language::in_locale(visit.organisation, visit.organisation.locale_or_default(locale))
        }
    };
    let words = Words::of(language.tongue);
    let traits = computed::traits_of(&app.bundle, &data.profile);
    let sheet = Sheet { data, parts: data.parts(), language, words };
    let main = html! {
        h1 { (words.title) }
        p { (words.text) }
        (sheet.files())
        h2 { (words.about) }
        dl {
            (entry(words.address, &html! { (data.profile.email) }))
            (entry(words.since, &date(language, data.profile.created_at)))
            @if let Some(locale) = &data.profile.locale { (entry(words.language, &html! { (own_name(locale)) })) }
            @for (name, value) in traits.iter() { (answer_as_asked(&app.bundle, language, words, name, value)) }
        }
        (sheet.consent())
        (sheet.mails(&app.bundle))
        (sheet.score())
        (sheet.activities())
        (sheet.whole())
        (sheet.erasure(status != StatusCode::OK))
    };
    visit.page(status, language, words.title, status == StatusCode::OK, &main)
}

/// A trait in the words of the form that asked for it; by its own name, if none did.
fn answer_as_asked(
    bundle: &Bundle,
    language: Language<'_>,
    words: &Words,
    name: &str,
    value: &TraitValue,
) -> Markup {
    let field = bundle.campaigns.values().flat_map(Campaign::fields).find(|field| field.name == name);
    let label = field.map(|field| language.text(&field.label)).filter(|label| !label.is_empty());
    let options = match field.map(|field| &field.kind) {
        Some(FieldKind::Choice { options }) => options.as_slice(),
        _ => &[],
    };
    let value = match value {
        TraitValue::Number(value) => number(words, *value),
        TraitValue::Boolean(true) => words.yes.to_owned(),
        TraitValue::Boolean(false) => words.no.to_owned(),
        TraitValue::Text(text) => {
            let chosen = options.iter().find(|option| option.value == *text);
            let label = chosen.map(|option| language.text(&option.label)).filter(|label| !label.is_empty());
            label.unwrap_or(text).to_owned()
        }
    };
    entry(label.unwrap_or(name), &html! { (value) })
}

/// A number as the page's language writes it.
fn number(words: &Words, number: f64) -> String {
    number.to_string().replace('.', words.decimal_mark)
}

fn entry(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

struct Sheet<'a> {
    data: &'a OwnData,
    parts: Vec<Part<'a>>,
    language: Language<'a>,
    words: &'a Words,
}

impl Sheet<'_> {
    fn files(&self) -> Markup {
        html! {
            @if self.parts.len() > 1 { p { (self.words.several) } }
            @for part in &self.parts {
                p {
                    @match (part.part, part.of) {
                        (Some(number), Some(of)) => {
                            a.button href={ "?as=json&part=" (number) } download=(name_of(part)) {
                                (self.words.save) " " (number) "/" (of)
                            }
                        }
                        _ => a.button href="?as=json" download=(name_of(part)) { (self.words.save) }
                    }
                }
            }
        }
    }

    fn whole(&self) -> Markup {
        let shown = self.parts.first().filter(|part| part.of.is_none());
        let json = shown.and_then(|part| serde_json::to_string_pretty(part).ok());
        let json = json.map(|json| html! { (json) }).filter(|json| json.0.len() <= MOST_SHOWN);
        html! {
            details {
                summary { (self.words.whole) }
                @match json {
                    Some(json) => pre { (json) }
                    None => p { (self.words.in_the_file) }
                }
            }
        }
    }

    fn consent(&self) -> Markup {
        let words = self.words;
        let state = match self.data.profile.consent.state {
            ConsentState::None => words.consent_none,
            ConsentState::Pending => words.consent_pending,
            ConsentState::Granted => words.consent_granted,
            ConsentState::Withdrawn => words.consent_withdrawn,
        };
        html! {
            h2 { (words.consent) }
            p { (state) }
            @for agreement in self.data.agreements().take(MOST) {
                blockquote {
                    p { (agreement.proof.wording) }
                    p.hint {
                        (moment(self.language, agreement.at))
                        @for told in [&agreement.proof.visitor.ip, &agreement.proof.visitor.user_agent].into_iter().flatten() {
                            " · " (told)
                        }
                    }
                }
            }
        }
    }

    fn mails(&self, bundle: &Bundle) -> Markup {
        let title = |id| bundle.campaign(id).map(|campaign| self.language.text(&campaign.title));
        let mut sends: Vec<_> =
            self.data.profile.sends.values().filter(|send| send.purpose.is_email()).collect();
        sends.sort_by_key(|send| std::cmp::Reverse(send.at));
        html! {
            @if !sends.is_empty() {
                h2 { (self.words.mails) }
                ul { @for send in sends.iter().take(MOST) { li {
                    (moment(self.language, send.at)) " · " (title(&send.campaign).unwrap_or(send.campaign.as_str())) " · " (send.step)
                } } }
            }
        }
    }

    fn score(&self) -> Markup {
        let score = &self.data.score;
        html! {
            @if !score.reasons.is_empty() {
                h2 { (self.words.score) }
                p { (self.words.score_text) " " strong { (number(self.words, score.total)) } }
                ul { @for reason in score.reasons.iter().take(MOST) { li { (number(self.words, reason.points)) " · " (reason.because) } } }
            }
        }
    }

    fn activities(&self) -> Markup {
        html! {
            details {
                summary { (self.words.happened) }
                ul { @for activity in self.data.activities.iter().rev().take(MOST) { li {
                    (moment(self.language, activity.at)) " · " code { (activity.kind()) }
                    @if let Fact::LeadRead { by, how } = &activity.fact { " · " (by) " · " (how) }
                } } }
            }
        }
    }

    fn erasure(&self, not_sure: bool) -> Markup {
        let words = self.words;
        html! {
            div.apart {
                h2 id="erase" { (words.erase) }
                p { (words.erase_text) }
                form method="post" {
                    fieldset {
                        label.tick {
                            input type="checkbox" name="sure" value="yes" required aria-invalid[not_sure];
                            span { (words.sure) }
                        }
                        @if not_sure { p.fault { (words.not_sure) } }
                    }
                    button.grave type="submit" { (words.erase_button) }
                }
            }
        }
    }
}
