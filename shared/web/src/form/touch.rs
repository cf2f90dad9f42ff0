//! Where the visitor of a form came from.

use domain::attribution::Touch;
use http::header;
use url::Url;

use super::body::Posted;
use crate::Request;
use crate::request::header;
use crate::text::{cut, fold};

/// The fields of a post that tell of a campaign, in the order of [`Touch`].
pub(crate) const UTM: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
/// No text of a touch has more characters.
const MOST_CHARACTERS: usize = 500;

/// What the post tells, else what the address of the page with the form does. The two are not mixed: a page's `utm_*`
/// belong together.
pub(crate) fn touch(posted: &Posted, request: &Request) -> Touch {
    let referer = header(request, header::REFERER).and_then(|address| Url::parse(&address).ok());
    let told = UTM.map(|name| posted.first(name).map(str::to_owned));
    let [utm_source, utm_medium, utm_campaign, utm_term, utm_content] = if told.iter().any(Option::is_some) {
        told
    } else {
        UTM.map(|name| referer.as_ref().and_then(|page| in_query(page, name)))
    };
    let field = |name| posted.first(name).map(without_query);
    Touch {
        utm_source: tidy(utm_source),
        utm_medium: tidy(utm_medium),
        utm_campaign: tidy(utm_campaign),
        utm_term: tidy(utm_term),
        utm_content: tidy(utm_content),
        referrer: tidy(field("_referrer").or_else(|| field("referrer"))),
        landing_page: tidy(field("_landing_page").or_else(|| Some(without_query(referer?.as_str())))),
    }
}

fn in_query(page: &Url, name: &str) -> Option<String> {
    page.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// What follows the question mark, or the number sign, may name the visitor.
pub(super) fn without_query(page: &str) -> String {
    page.split(['?', '#']).next().unwrap_or_default().to_owned()
}

fn tidy(text: Option<String>) -> Option<String> {
    text.map(|text| cut(&fold(&text), MOST_CHARACTERS)).filter(|text| !text.is_empty())
}
