//! What a visitor sees after the form: the campaign's own text, or ours.

use domain::Campaign;
use domain::campaign::{Form, Thanks, ThanksText};
use maud::{Markup, PreEscaped, html};

use super::words::{self, Words};
use crate::language::Language;
use crate::page::{Frame, layout};

/// The thanks without markup, for a script that shows them in place.
pub(super) struct Told {
    pub title: String,
    /// Paragraph by paragraph.
    pub text: Vec<String>,
}

/// The page.
pub(super) fn page(campaign: &Campaign, form: &Form, language: Language<'_>, switch: &str) -> Markup {
    let (title, rest) = match own(form, language) {
        // Made of Markdown when the campaign was checked: no HTML of anybody's.
        Some(thanks) => (title(thanks, campaign, language), PreEscaped(thanks.html.clone())),
        None => {
            let ours = ours(form, language);
            (ours.title, html! { @for paragraph in ours.paragraphs { p { (paragraph) } } })
        }
    };
    let main = html! { h1 { (title) } (rest) };
    layout(&Frame { language, title, switch: Some(switch) }, &main)
}

/// The same without markup.
pub(super) fn told(form: &Form, language: Language<'_>, campaign: &Campaign) -> Told {
    match own(form, language) {
        Some(thanks) => Told {
            title: title(thanks, campaign, language).to_owned(),
            text: thanks.text.split("\n\n").map(str::to_owned).collect(),
        },
        None => {
            let ours = ours(form, language);
            Told {
                title: ours.title.to_owned(),
                text: ours.paragraphs.iter().map(|text| (*text).to_owned()).collect(),
            }
        }
    }
}

fn own<'a>(form: &'a Form, language: Language<'_>) -> Option<&'a ThanksText> {
    match &form.thanks {
        Some(Thanks::Text(texts)) => {
            texts.get(language.locale).or_else(|| texts.get(language.organisation.default_locale()))
        }
        Some(Thanks::Page(_)) | None => None,
    }
}

fn title<'a>(thanks: &'a ThanksText, campaign: &'a Campaign, language: Language<'a>) -> &'a str {
    if thanks.title.is_empty() { language.text(&campaign.title) } else { &thanks.title }
}

fn ours(form: &Form, language: Language<'_>) -> &'static words::Thanks {
    let words = Words::of(language.tongue);
    if form.consent.double_opt_in { &words.look_into_mailbox } else { &words.subscribed }
}
