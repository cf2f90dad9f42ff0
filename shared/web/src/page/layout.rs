//! The frame of every page: who speaks above, what it is about, and where they are to be found below.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::language::{Language, Tongue, own_name};

const STYLE: &str = include_str!("style.css");

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'")
});

/// Nothing is loaded and nothing runs; the one style is known by its hash.
pub(crate) fn content_security_policy() -> String {
    format!("{}; form-action 'self'", *POLICY)
}

/// Where Cloudflare's script and frame come from (Turnstile, "Content Security Policy").
pub(crate) const TURNSTILE_ORIGIN: &str = "https://challenges.cloudflare.com";

/// A form has a script of its own, which posts it; and, if it asks Turnstile, that one's, which shows a frame.
///
/// There is no `form-action`: browsers hold it against the redirection that answers a post, too, and that leads to the
/// campaign's own page.
pub(crate) fn content_security_policy_of_form(asks_turnstile: bool) -> String {
    let turnstile = match asks_turnstile {
        true => format!(" {TURNSTILE_ORIGIN}; frame-src {TURNSTILE_ORIGIN}"),
        false => String::new(),
    };
    format!("{}; script-src 'self'{turnstile}; connect-src 'self'", *POLICY)
}

/// What a page is put into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// Whose page, in which language.
    pub language: Language<'a>,
    /// What the browser's tab says.
    pub title: &'a str,
    /// The rest of the query that links to the other languages keep; none where a page has one language only.
    pub switch: Option<&'a str>,
}

/// A whole page.
pub(crate) fn layout(frame: &Frame<'_>, main: &Markup) -> Markup {
    let language = frame.language;
    let organisation = language.organisation;
    html! {
        (DOCTYPE)
        html lang=(language.locale) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (frame.title) " · " (organisation.name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.name {
                        @match &organisation.website {
                            Some(website) => a href=(website) { (organisation.name) },
                            None => (organisation.name),
                        }
                    }
                    (languages(frame))
                }
                main { (main) }
                (footer(language))
            }
        }
    }
}

fn languages(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let label = match language.tongue {
        Tongue::French => "Langue",
        Tongue::English => "Language",
    };
    let Some(rest) = frame.switch.filter(|_| language.locales().count() > 1) else {
        return Markup::default();
    };
    html! {
        nav aria-label=(label) {
            @for locale in language.locales() {
                @if locale == language.locale {
                    span aria-current="true" lang=(locale) { (own_name(locale)) }
                } @else {
                    a href={ "?lang=" (locale) (rest) } hreflang=(locale) lang=(locale) { (own_name(locale)) }
                }
            }
        }
    }
}

fn footer(language: Language<'_>) -> Markup {
    let organisation = language.organisation;
    let privacy = match language.tongue {
        Tongue::French => "Confidentialité",
        Tongue::English => "Privacy",
    };
    html! {
        footer {
            p { (organisation.name) }
            p { (organisation.postal_address) }
            @if let Some(policy) = &organisation.privacy_policy {
                p { a href=(policy) { (privacy) } }
            }
        }
    }
}
