//! Reads what a request tells besides its body.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::consent::Visitor;
use http::header::{self, HeaderName};

use crate::Request;
use crate::text::cut;

/// The proof of a consent keeps no more of a browser's name.
const USER_AGENT_CHARACTERS: usize = 300;

/// The header's first value. Bytes that are no UTF-8 become replacement characters: nothing is refused for a header.
pub(crate) fn header(request: &Request, name: impl Into<HeaderName>) -> Option<Cow<'_, str>> {
    let value = request.headers().get(name.into())?;
    Some(String::from_utf8_lossy(value.as_bytes()))
}

/// The first value of that name in the query.
pub(crate) fn query(request: &Request, name: &str) -> Option<String> {
    pairs(request).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The query's names and values.
pub(crate) fn pairs(request: &Request) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
}

/// Who asks.
pub(crate) fn visitor(request: &Request, ip: Option<&str>) -> Visitor {
    Visitor {
        ip: ip.map(str::to_owned),
        user_agent: header(request, header::USER_AGENT).map(|agent| cut(&agent, USER_AGENT_CHARACTERS)),
    }
}

/// The content type without its parameters, in lower case; empty when there is none.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The fields of an urlencoded body; of those that come twice, the last value.
pub fn form_fields(body: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}
