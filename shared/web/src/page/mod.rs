//! What all pages have in common: one look, one frame, and the pages that say that something did not work.

mod layout;
mod words;

pub(crate) use layout::{
    Frame, TURNSTILE_ORIGIN, content_security_policy, content_security_policy_of_form, layout,
};
pub(crate) use words::{Trouble, message};

use http::StatusCode;
use maud::{Markup, html};

use crate::language::Language;
use crate::{Response, reply};

/// A page that says what is the matter, and what to do.
pub(crate) fn trouble(status: StatusCode, language: Language<'_>, trouble: Trouble) -> Response {
    trouble_with(status, language, trouble, &Markup::default())
}

/// The same with something to go on with.
pub(crate) fn trouble_with(
    status: StatusCode,
    language: Language<'_>,
    trouble: Trouble,
    more: &Markup,
) -> Response {
    let words = trouble.words(language.tongue);
    let main = html! {
        h1 { (words.title) }
        p { (words.what_to_do) }
        (more)
    };
    reply::html(status, layout(&Frame { language, title: words.title, switch: None }, &main))
}
