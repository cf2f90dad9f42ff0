//! Which pages elsewhere may talk to us from a browser (Fetch Standard, "CORS protocol").

use http::{Method, StatusCode, header};
use url::{Origin, Url};

use crate::request::header;
use crate::{Request, Response, reply};

/// Seconds for which a browser may remember a preflight's answer.
const REMEMBER: &str = "7200";

/// The origin of an address, spelled as browsers spell it; none for what has no origin of its own.
pub(crate) fn origin_of(address: &str) -> Option<String> {
    match Url::parse(address).ok()?.origin() {
        origin @ Origin::Tuple(..) => Some(origin.ascii_serialization()),
        Origin::Opaque(_) => None,
    }
}

/// Whether the origin is one of these. `null` never is.
pub(crate) fn is_among<'a>(origin: &str, allowed: impl IntoIterator<Item = &'a str>) -> bool {
    allowed.into_iter().filter_map(origin_of).any(|known| known.eq_ignore_ascii_case(origin))
}

/// Whether the request comes from a page of this very host, whatever it is called from outside.
pub(crate) fn is_own(origin: &str, public_url: &str, request: &Request) -> bool {
    let host = header(request, header::HOST);
    let same_host = |host: &str| {
        let given = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        given.is_some_and(|given| given.eq_ignore_ascii_case(host))
    };
    is_among(origin, [public_url]) || host.is_some_and(|host| same_host(&host))
}

/// Lets the page of that origin read the answer.
pub(crate) fn readable_by(mut response: Response, origin: Option<&str>) -> Response {
    reply::set(&mut response, header::VARY, "Origin, Accept, Accept-Language");
    if let Some(origin) = origin {
        reply::set(&mut response, header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// Answers a preflight of an allowed origin.
pub(crate) fn preflight(origin: &str, methods: &[Method], headers: &str) -> Response {
    let mut response = reply::allowing(reply::bytes(StatusCode::NO_CONTENT, "text/plain", ""), methods);
    response.headers_mut().remove(header::CONTENT_TYPE);
    let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
    reply::set(&mut response, header::ACCESS_CONTROL_ALLOW_METHODS, &methods.join(", "));
    reply::set(&mut response, header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
    reply::set(&mut response, header::ACCESS_CONTROL_MAX_AGE, REMEMBER);
    readable_by(response, Some(origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::as_written("https://shop.example", true)]
    #[case::other_case("HTTPS://Shop.Example", true)]
    #[case::with_the_default_port_spelled_out_in_the_file("https://port.example", true)]
    #[case::other_scheme("http://shop.example", false)]
    #[case::other_port("https://shop.example:8443", false)]
    #[case::longer_name("https://shop.example.evil.example", false)]
    #[case::shorter_name("https://example", false)]
    #[case::with_a_path("https://shop.example/", false)]
    #[case::null("null", false)]
    #[case::empty("", false)]
    fn an_origin_is_among_the_allowed(#[case] origin: &str, #[case] expected: bool) {
        assert_eq!(is_among(origin, ["https://shop.example/", "https://port.example:443"]), expected);
    }
}
