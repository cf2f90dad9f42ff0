//! An e-mail address in the one form under which a lead is known.

use std::cmp::Ordering;

use email_address::EmailAddress as Syntax;
use serde::{Deserialize, Serialize};

/// A normalised address: trimmed, lower case, domain in Punycode. `+tags` and dots are kept, since only the
/// mail provider knows whether they matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// Why a text is not an address that can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// The text is not an address at all (RFC 5321, section 4.1.2).
    #[error("not an e-mail address")]
    Syntax,
    /// SES refuses local parts beyond ASCII (SES Developer Guide, "Verified identities").
    #[error("the part before the @ has letters that e-mail cannot carry everywhere")]
    LocalPartNotAscii,
    /// The domain cannot be written in Punycode (RFC 5891), has no dot, or ends in a number.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

impl EmailAddress {
    /// Reads and normalises an address.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let (local, domain) = text.trim().rsplit_once('@').ok_or(InvalidEmail::Syntax)?;
        if !local.is_ascii() {
            return Err(InvalidEmail::LocalPartNotAscii);
        }
        // Quoted local parts are legal and used by nobody but attackers of header parsers.
        if local.contains(|c: char| c.is_ascii_control() || " \"(),:;<>@[\\]".contains(c)) {
            return Err(InvalidEmail::Syntax);
        }
        let domain =
            idna::domain_to_ascii_strict(&domain.to_lowercase()).map_err(|_| InvalidEmail::Domain)?;
        // No top level is a number (RFC 3696, section 2): what ends in one is the address of a machine.
        let top = domain.rsplit_once('.').map_or("", |(_, top)| top);
        if top.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidEmail::Domain);
        }
        let address = format!("{}@{domain}", local.to_ascii_lowercase());
        if !Syntax::is_valid(&address) {
            return Err(InvalidEmail::Syntax);
        }
        Ok(Self(address))
    }

    /// The normalised address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the @.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The mailbox that the address leads to, in a canonical form: not to be written to, only to be compared. All
    /// addresses of a mailbox have the same, as far as is known of its provider; strangers' may, at worst, where a provider
    /// takes `+` for a letter like another.
    pub fn mailbox(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let (local, domain) = match domain.split_once('.') {
            Some((user, provider)) if BY_SUBDOMAIN.contains(&provider) => (user, provider),
            _ => (local, domain),
        };
        let untagged = match local.split_once('+') {
            Some((untagged, _)) if !untagged.is_empty() => untagged,
            _ => local,
        };
        match PROVIDERS.iter().find(|(domains, _)| domains.contains(&domain)) {
            Some((domains, ignored)) => format!("{}@{}", untagged.replace(*ignored, ""), domains[0]),
            None => format!("{untagged}@{domain}"),
        }
    }

    /// Whether the domain gives addresses to anybody, so that it says nothing of an employer.
    pub fn is_free(&self) -> bool {
        has_line(FREE, self.domain())
    }

    /// Whether the domain, or one above it, is known for addresses that are thrown away.
    pub fn is_disposable(&self) -> bool {
        let mut domain = self.domain();
        loop {
            if has_line(DISPOSABLE, domain) {
                return true;
            }
            match domain.split_once('.') {
                Some((_, above)) if above.contains('.') => domain = above,
                _ => return false,
            }
        }
    }
}

/// The domains of providers that know one mailbox under several, and what they ignore in what stands before the @ (Gmail
/// Help, "Dots don't matter in Gmail addresses"; Proton, "Addresses and aliases"; Yandex Help, "Mailbox aliases", whose logins
/// take a dot for a hyphen).
const PROVIDERS: &[(&[&str], &[char])] = &[
    (&["gmail.com", "googlemail.com"], &['.']),
    (&["proton.me", "protonmail.com", "protonmail.ch", "pm.me"], &['.', '-', '_']),
    (&["icloud.com", "me.com", "mac.com"], &[]),
    (
        &["yandex.com", "yandex.ru", "yandex.by", "yandex.kz", "yandex.ua", "yandex.com.tr", "ya.ru"],
        &['.', '-'],
    ),
];

/// Providers that bring whatever is written to `anything@ada.fastmail.com` to `ada@fastmail.com` (Fastmail Help, "Plus
/// addressing and subdomain addressing").
const BY_SUBDOMAIN: [&str; 2] = ["fastmail.com", "fastmail.fm"];

/// Both lists are sorted, one domain a line. The second is that of the project disposable-email-domains (CC0).
static FREE: &str = include_str!("free_domains.txt");
static DISPOSABLE: &str = include_str!("disposable_domains.txt");

/// Whether one of the sorted lines is this. The text itself is searched: to split ten thousand lines first costs a cold
/// start more than it takes to read the whole bundle.
fn has_line(sorted: &str, wanted: &str) -> bool {
    let mut rest = sorted;
    while !rest.is_empty() {
        let middle = rest.floor_char_boundary(rest.len() / 2);
        let start = rest[..middle].rfind('\n').map_or(0, |newline| newline + 1);
        let end = rest[start..].find('\n').map_or(rest.len(), |length| start + length);
        match wanted.cmp(&rest[start..end]) {
            Ordering::Equal => return true,
            Ordering::Less => rest = &rest[..start],
            Ordering::Greater => rest = rest.get(end + 1..).unwrap_or_default(),
        }
    }
    false
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;
    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
