//! Addresses: of e-mail, with or without a name, and of web pages and origins.

use domain::EmailAddress;
use url::{Host, Url};

use crate::time::Unreadable;

/// Checks `Name <address>`, or an address alone (RFC 5322, section 3.4).
pub(crate) fn mailbox(text: &str) -> Result<String, Unreadable> {
    if text.chars().any(char::is_control) {
        return Err(Unreadable::new("an address cannot hold a line break", "write it on one line"));
    }
    let text = text.trim();
    let Some((name, rest)) =
        text.split_once('<').filter(|_| !text.starts_with('"')).or_else(|| text.rsplit_once('<'))
    else {
        email(text)?;
        return Ok(text.to_owned());
    };
    let address = rest.strip_suffix('>').ok_or_else(|| {
        Unreadable::new(format!("`{text}` lacks its closing `>`"), "write `Name <name@example.org>`")
    })?;
    email(address)?;
    let name = name.trim();
    let quoted = name.len() >= 2 && name.starts_with('"') && name.ends_with('"');
    let inner = if quoted { &name[1..name.len() - 1] } else { name };
    let special = if quoted { "\"\\" } else { "()<>[]:;@\\,\"" };
    if inner.contains(|c| special.contains(c)) {
        let plain: String = inner.chars().filter(|c| !"\"\\".contains(*c)).collect();
        return Err(Unreadable::new(
            format!("the name `{name}` has signs that an address may not hold"),
            format!("quote the name: '\"{plain}\" <{address}>'"),
        )
        .or_write((plain == inner).then(|| format!("\"{plain}\" <{address}>"))));
    }
    Ok(text.to_owned())
}

/// Checks an address without a name.
pub(crate) fn email(text: &str) -> Result<String, Unreadable> {
    match EmailAddress::parse(text) {
        Ok(_) if !text.chars().any(char::is_control) => Ok(text.to_owned()),
        Ok(_) => Err(Unreadable::new("an address cannot hold a line break", "write it on one line")),
        Err(fault) => Err(Unreadable::new(
            format!("`{}` cannot be written to: {fault}", text.trim()),
            "write `name@example.org`",
        )),
    }
}

/// Checks the address of a web page: absolute and https. On this machine http will do.
pub(crate) fn page(text: &str) -> Result<String, Unreadable> {
    let fault =
        |message: &str| Unreadable::new(format!("`{text}` {message}"), "write `https://example.org/page`");
    let url = Url::parse(text).map_err(|_| fault("is not the full address of a page"))?;
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(fault("has blanks in it"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault("bears a password, which everybody could read"));
    }
    safe(&url).then(|| text.to_owned()).ok_or_else(|| fault("is not https"))
}

/// Checks an origin: scheme, host and port, nothing else (RFC 6454, section 6.2).
pub(crate) fn origin(text: &str) -> Result<String, Unreadable> {
    let fault = |message: &str, help: String| Unreadable::new(format!("`{text}` {message}"), help);
    let example = || "write `https://example.org`".to_owned();
    let url = Url::parse(text).map_err(|_| fault("is not an origin", example()))?;
    if !safe(&url) {
        return Err(fault("is not an https origin", example()));
    }
    let ascii = url.origin().ascii_serialization();
    if ascii == text {
        Ok(ascii)
    } else {
        let same = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        let fault = fault("is more than an origin, or not as browsers write it", format!("write `{ascii}`"));
        Err(fault.or_write(same.then_some(ascii)))
    }
}

/// Whether nobody on the way can read or change what passes there.
fn safe(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes() {
        for good in [
            "ann@example.org",
            "Ann <ann@example.org>",
            "Atelier Soleil & Cie <ann@example.org>",
            "Élodie d'Aix <ann@example.org>",
            "\"Soleil, Lyon\" <ann@example.org>",
            "\"A <b>\" <ann@example.org>",
            "<ann@example.org>",
        ] {
            assert_eq!(mailbox(good), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "Ann",
            "Ann ann@example.org",
            "Ann <ann@example.org> x",
            "Ann, Bob <ann@example.org>",
            "Ann <ann@example.org>, Bob <bob@example.org>",
            "Ann\r\nBcc: x <ann@example.org>",
            "\"An\"n\" <ann@example.org>",
            "a@b <ann@example.org>",
            "Ann <é@example.org>",
        ] {
            assert!(mailbox(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn origins() {
        for good in
            ["https://example.org", "https://example.org:8443", "http://localhost:3000", "http://127.0.0.1"]
        {
            assert_eq!(origin(good), Ok(good.to_owned()));
        }
        for bad in [
            "example.org",
            "*",
            "null",
            "https://",
            "https://example.org/",
            "https://example.org/page",
            "https://example.org?x",
            "https://example.org:443",
            "https://Example.org",
            "https://ann@example.org",
            "http://example.org",
            "http://localhost.example.org",
            "ftp://localhost",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pages() {
        for good in ["https://example.org/a?b#c", "https://example.org", "http://localhost:3000/merci"] {
            assert_eq!(page(good), Ok(good.to_owned()));
        }
        for bad in
            ["/merci", "example.org", "http://example.org", "javascript:alert(1)", "https://a b", "data:,x"]
        {
            assert!(page(bad).is_err(), "{bad}");
        }
        assert!(page("https://ann:secret@example.org").is_err());
    }
}
