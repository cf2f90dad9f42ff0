//! Whether an answer is wanted as JSON or as a page (RFC 9110, section 12.5.1).

use http::header;

use crate::Request;
use crate::request::header;

/// How much one type is wanted.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Wish {
    /// From 0 to 1.
    quality: f32,
    /// 2 for the type by name, 1 for `application/*`, 0 for `*/*`.
    named: u8,
    /// Where it stood, counted backwards, so that what comes first is more.
    place: isize,
}

/// Whether JSON is wanted more than a page. Between equals, a script that says so by `Sec-Fetch-Mode` gets JSON.
pub(crate) fn prefers_json(request: &Request) -> bool {
    let accept = header(request, header::ACCEPT).unwrap_or_default().to_ascii_lowercase();
    let json = wish(&accept, "application", "json").filter(|wish| wish.quality > 0.0);
    let page = wish(&accept, "text", "html").filter(|wish| wish.quality > 0.0);
    match (json, page) {
        (Some(json), Some(page)) if json.quality == page.quality && json.named == page.named => {
            (json.named > 0 && json.place > page.place) || is_script(request)
        }
        (Some(json), Some(page)) => json > page,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => is_script(request),
    }
}

/// Whether a page is asked for by name.
pub(crate) fn names_html(request: &Request) -> bool {
    header(request, header::ACCEPT).is_some_and(|accept| accept.to_ascii_lowercase().contains("text/html"))
}

/// Browsers tell a page's script from a visitor who goes somewhere (Fetch Metadata Request Headers, section 2.2).
fn is_script(request: &Request) -> bool {
    request.headers().get("sec-fetch-mode").is_some_and(|mode| mode != "navigate")
}

fn wish(accept: &str, kind: &str, subtype: &str) -> Option<Wish> {
    let wishes = accept.split(',').enumerate().filter_map(|(place, range)| {
        let mut parts = range.split(';').map(str::trim);
        let (given_kind, given_subtype) = parts.next()?.split_once('/')?;
        let named = match (given_kind, given_subtype) {
            (given, name) if given == kind && name == subtype => 2,
            (given, "*") if given == kind => 1,
            ("*", "*") => 0,
            _ => return None,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        let quality = quality.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0));
        Some(Wish { quality, named, place: -place.cast_signed() })
    });
    wishes.max_by_key(|wish| wish.named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing_said("", "", false)]
    #[case::json("application/json", "", true)]
    #[case::capitals("Application/JSON", "", true)]
    #[case::a_browser("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "navigate", false)]
    #[case::axios("application/json, text/plain, */*", "cors", true)]
    #[case::anything("*/*", "", false)]
    #[case::a_script_that_takes_anything("*/*", "cors", true)]
    #[case::a_script_that_says_nothing("", "cors", true)]
    #[case::json_less("application/json;q=0.4, text/html", "", false)]
    #[case::html_less("text/html;q=0.4, application/json;q=0.5", "", true)]
    #[case::json_first("application/json, text/html", "", true)]
    #[case::html_first("text/html, application/json", "", false)]
    #[case::json_never("application/json;q=0, */*", "", false)]
    #[case::neither("image/png", "", false)]
    #[case::nonsense(";;;/,,q=", "", false)]
    fn json_is_preferred(#[case] accept: &str, #[case] mode: &str, #[case] expected: bool) {
        let mut request = http::Request::builder();
        if !accept.is_empty() {
            request = request.header("accept", accept);
        }
        if !mode.is_empty() {
            request = request.header("sec-fetch-mode", mode);
        }
        let request = request.body(bytes::Bytes::new()).unwrap();
        assert_eq!(prefers_json(&request), expected);
    }
}
