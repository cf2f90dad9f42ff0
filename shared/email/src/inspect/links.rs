//! Links: where they lead, and whether readers and spam filters can trust them.

use super::{Flag, Weight, html};

/// Beyond this, some programs break an address into two lines.
const LONGEST: usize = 500;

/// A link of an e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What the reader sees.
    pub text: String,
    /// Where it leads.
    pub address: String,
}

/// Every link, in the order of the text.
pub(super) fn links(document: &str) -> Vec<Link> {
    html::tags(document, "a")
        .filter_map(|(tag, after)| {
            let address = html::attribute(tag, "href")?;
            let inner = after.split("</a>").next().unwrap_or_default();
            let image = html::images(inner).into_iter().find_map(|image| image.alternative);
            let text = html::plain(inner).trim().to_owned();
            let text = if text.is_empty() { image.unwrap_or_default() } else { text };
            Some(Link { text, address })
        })
        .collect()
}

pub(super) fn flags(link: &Link) -> Vec<Flag> {
    let Link { text, address } = link;
    let named = if text.is_empty() { address } else { text };
    let mut flags = Vec::new();
    let mut add = |weight, reason: String, mend: &str| flags.push(Flag::new(weight, "link", reason, mend));
    let lower = address.to_ascii_lowercase();
    if address.trim().is_empty() || address == "#" {
        add(Weight::Error, format!("the link `{named}` leads nowhere"), "give it an address");
        return flags;
    }
    if lower.starts_with("mailto:") || lower.starts_with("tel:") {
        return flags;
    }
    let Some((scheme, rest)) = lower.split_once("://") else {
        let reason = format!("the link `{named}` leads to `{address}`, which means nothing in an e-mail");
        add(Weight::Error, reason, "write the whole address: `https://…`");
        return flags;
    };
    let host = host(rest);
    if is_local(host) {
        let reason = format!("the link `{named}` leads to `{host}`, which no reader can reach");
        add(Weight::Error, reason, "write the address of the public site");
    } else if scheme == "http" {
        let reason =
            format!("the link `{named}` is not encrypted: browsers warn of it, and spam filters count it");
        add(Weight::Warning, reason, "write `https://`");
    } else if scheme != "https" {
        let reason = format!("the link `{named}` begins with `{scheme}:`, which mail programs do not open");
        add(Weight::Error, reason, "write `https://`");
    }
    if address.len() > LONGEST {
        let reason =
            format!("the address of `{named}` has {} characters: some programs break it", address.len());
        add(Weight::Warning, reason, "leave out the parameters that nobody reads");
    }
    if text.is_empty() {
        let reason = format!("the link to `{address}` has no text: nobody sees where to click");
        add(Weight::Error, reason, "write its text: `[text](address)`");
    }
    if let Some(promised) = promised_host(text).filter(|promised| !same_site(promised, host)) {
        let reason = format!("the link says `{promised}` and leads to `{host}`: so do those who phish");
        add(Weight::Error, reason, "name in words what it leads to, or lead where it says");
    }
    let vague = ["click here", "here", "cliquez ici", "ici", "hier", "hier klicken", "aquí", "clic aquí"];
    if vague.contains(&text.to_lowercase().as_str()) {
        let reason = format!("`{text}` does not say where the link leads: screen readers read links alone");
        add(Weight::Warning, reason, "name what is there: “Read the case”");
    }
    flags
}

fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() }
}

fn is_local(host: &str) -> bool {
    let private = ["127.", "10.", "192.168.", "0.0.0.0", "[::1]"];
    host == "localhost"
        || host.ends_with(".localhost")
        || host.ends_with(".local")
        || private.iter().any(|start| host.starts_with(start))
}

/// The host that a text names, if it looks like an address.
fn promised_host(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let candidate = bare.or_else(|| text.starts_with("www.").then_some(text.as_str()))?;
    Some(host(candidate).to_owned()).filter(|host| host.contains('.'))
}

fn same_site(one: &str, other: &str) -> bool {
    let bare = |host: &str| host.trim_start_matches("www.").to_owned();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Read on", "https://a.example/x", &[])]
    #[case("Write to us", "mailto:a@a.example", &[])]
    #[case("https://a.example", "https://www.a.example/x", &[])]
    #[case("Read on", "http://a.example/x", &["is not encrypted"])]
    #[case("Read on", "http://localhost:3000/", &["no reader can reach"])]
    #[case("Read on", "https://192.168.1.4/", &["no reader can reach"])]
    #[case("Read on", "/guide", &["means nothing in an e-mail"])]
    #[case("Read on", "", &["leads nowhere"])]
    #[case("Read on", "#", &["leads nowhere"])]
    #[case("Read on", "ftp://a.example", &["do not open"])]
    #[case("", "https://a.example", &["has no text"])]
    #[case("https://bank.example", "https://evil.example", &["says `bank.example` and leads to `evil.example`"])]
    #[case("www.bank.example", "https://bank.example.evil.example", &["so do those who phish"])]
    #[case("here", "https://a.example", &["does not say where"])]
    fn links_are_judged(#[case] text: &str, #[case] address: &str, #[case] told: &[&str]) {
        let found = flags(&Link { text: text.into(), address: address.into() });
        assert_eq!(found.len(), told.len(), "{found:?}");
        for (flag, part) in found.iter().zip(told) {
            assert!(flag.reason.contains(part), "{}", flag.reason);
            assert!(!flag.mend.is_empty());
        }
    }

    #[test]
    fn a_long_address() {
        let address = format!("https://a.example/?{}", "x".repeat(600));
        assert_eq!(flags(&Link { text: "Read on".into(), address }).len(), 1);
    }

    #[test]
    fn links_are_found_with_their_texts() {
        let html = "<p><a class=\"b\" href=\"https://a.example/?a=1&amp;b=2\"><b>One</b> two</a> \
                    <a href=\"https://b.example\"><img src=\"x\" alt=\"Logo\"></a><abbr>x</abbr></p>";
        let found = links(html);
        assert_eq!(found[0], Link { text: "One two".into(), address: "https://a.example/?a=1&b=2".into() });
        assert_eq!(found[1].text, "Logo");
        assert_eq!(found.len(), 2);
    }
}
