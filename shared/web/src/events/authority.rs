//! Who may tell events: a server by its write key, a lead's browser by the lead's token.

use app::token::{TokenKeys, Track};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use domain::LeadId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// On whose word events are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Authority {
    /// A server's, which names its leads by their addresses.
    Server,
    /// A lead's, which speaks for itself alone.
    Lead(LeadId),
}

/// Why nobody's word is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unauthorised {
    #[error(
        "say who sends the events: a server by `Authorization: Bearer <write key>`, or Basic with the key as user; \
         a browser by `Authorization: Bearer <token>`, or a member `token` of the body"
    )]
    Nothing,
    #[error(
        "this is neither a write key nor a lead's token that still holds; a newer one comes with each e-mail that has a link with `events_token`"
    )]
    Unknown,
}

/// The keys by which servers are known. Several may hold at once, so that they can rotate.
#[derive(Clone)]
pub struct WriteKeys(Vec<[u8; 32]>);

/// No key in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write keys are texts without commas or spaces, separated by commas; at least one")]
pub struct InvalidWriteKeys;

impl WriteKeys {
    /// Reads `key,key`.
    pub fn parse(text: &str) -> Result<Self, InvalidWriteKeys> {
        let keys: Vec<&str> = text.split(',').map(str::trim).collect();
        if keys.iter().any(|key| key.is_empty() || key.contains(char::is_whitespace)) {
            return Err(InvalidWriteKeys);
        }
        Ok(Self(keys.into_iter().map(digest).collect()))
    }

    /// Takes the same time for every text: hashes hide its length, and all keys are looked at.
    fn know(&self, text: &str) -> bool {
        let given = digest(text);
        let known = self.0.iter().fold(Choice::from(0), |known, key| known | key.ct_eq(&given));
        known.into()
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl std::fmt::Debug for WriteKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WriteKeys(secret)")
    }
}

impl Authority {
    /// By the header `Authorization`: a write key, or a lead's token.
    pub fn of_header(
        header: &str,
        write_keys: &WriteKeys,
        token_keys: &TokenKeys,
        now: Timestamp,
    ) -> Result<Self, Unauthorised> {
        let (scheme, credentials) = header.trim().split_once(' ').ok_or(Unauthorised::Unknown)?;
        let credentials = credentials.trim();
        if scheme.eq_ignore_ascii_case("basic") {
            let known = user(credentials).is_some_and(|user| write_keys.know(&user));
            return known.then_some(Self::Server).ok_or(Unauthorised::Unknown);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Unauthorised::Unknown);
        }
        if write_keys.know(credentials) {
            return Ok(Self::Server);
        }
        Self::of_token(credentials, token_keys, now)
    }

    /// By a lead's token.
    pub fn of_token(token: &str, token_keys: &TokenKeys, now: Timestamp) -> Result<Self, Unauthorised> {
        token_keys
            .open::<Track>(token, now)
            .map(|Track { lead }| Self::Lead(lead))
            .map_err(|_| Unauthorised::Unknown)
    }
}

/// Segment's clients send the key as user, and no password.
fn user(credentials: &str) -> Option<String> {
    let pair = STANDARD.decode(credentials).or_else(|_| STANDARD_NO_PAD.decode(credentials)).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    let (user, password) = pair.split_once(':').unwrap_or((&pair, ""));
    password.is_empty().then(|| user.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EmailAddress, LeadKey};
    use rstest::rstest;

    fn now() -> Timestamp {
        "2027-01-01T09:00:00Z".parse().unwrap()
    }

    #[rstest]
    #[case::a_write_key("Bearer first", Some(Authority::Server))]
    #[case::another_write_key("bearer  second ", Some(Authority::Server))]
    #[case::basic("Basic Zmlyc3Q6", Some(Authority::Server))]
    #[case::basic_without_a_colon("Basic Zmlyc3Q=", Some(Authority::Server))]
    #[case::basic_with_a_password("Basic Zmlyc3Q6cGFzcw==", None)]
    #[case::basic_nonsense("Basic ***", None)]
    #[case::unknown("Bearer third", None)]
    #[case::the_beginning_of_a_key("Bearer firs", None)]
    #[case::nothing("Bearer ", None)]
    #[case::empty("", None)]
    #[case::another_scheme("Digest first", None)]
    fn a_header_is_believed(#[case] header: &str, #[case] expected: Option<Authority>) {
        let write_keys = WriteKeys::parse("first, second").unwrap();
        let token_keys = TokenKeys::parse("a:0123456789abcdef").unwrap();
        assert_eq!(Authority::of_header(header, &write_keys, &token_keys, now()).ok(), expected);
    }

    #[test]
    fn a_lead_is_believed_about_itself_until_its_token_is_too_old() {
        let write_keys = WriteKeys::parse("first").unwrap();
        let token_keys = TokenKeys::parse("a:0123456789abcdef").unwrap();
        let key = LeadKey::new("0123456789abcdef").unwrap();
        let lead = LeadId::of(&key, &EmailAddress::parse("ada@example.org").unwrap());
        let header = format!("Bearer {}", token_keys.sign(Track { lead: lead.clone() }, now()));
        let of = |now| Authority::of_header(&header, &write_keys, &token_keys, now);
        assert_eq!(of(now()), Ok(Authority::Lead(lead)));
        assert_eq!(of("2028-01-01T09:00:00Z".parse().unwrap()), Err(Unauthorised::Unknown));
    }

    #[rstest]
    #[case("")]
    #[case("a,,b")]
    #[case("a b")]
    fn no_keys(#[case] text: &str) {
        assert_eq!(WriteKeys::parse(text).unwrap_err(), InvalidWriteKeys);
    }
}
