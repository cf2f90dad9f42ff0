//! Identifiers that cannot be built wrong: each one is parsed, or derived, never assembled by hand.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

use crate::EmailAddress;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct InvalidId {
    text: String,
    expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the identifier; fails when the text has another form.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId { text, expected: $expected })
                }
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

text_id!(
    /// A campaign's folder name.
    CampaignId,
    "a campaign id: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// A step's stable name within its campaign's sequence.
    StepId,
    "a step id: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// The name of an e-mail: its file's name without language and ending.
    EmailName,
    "an e-mail's name: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// The name of a text that e-mails share: its file's name without language and ending.
    PartialName,
    "a partial's name: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// A subject that a lead can leave without leaving altogether.
    TopicId,
    "a topic id: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// The name of one of the ways of an experiment.
    VariantId,
    "a variant's name: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// A mark that steps put on leads and take away.
    Tag,
    "a tag: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// The name of one of the organisation's webhooks.
    WebhookId,
    "a webhook's name: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// The name of one of the organisation's senders.
    SenderId,
    "a sender id: lower-case letters, digits, `-` and `_`, at most 64",
    is_slug
);
text_id!(
    /// A lead's identity: a keyed hash of its address, so that keys and logs hold no address.
    LeadId,
    "a lead id: 32 hexadecimal digits",
    is_hash
);
text_id!(
    /// The identity of one e-mail to one lead. No lead receives the same one twice.
    SendId,
    "a send id: 32 hexadecimal digits",
    is_hash
);
text_id!(
    /// What makes a repetition of an input the same input. Its record exists at most once.
    InputId,
    "an input id: 1 to 200 printable ASCII characters without `#`",
    |text| (1..=200).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_graphic() && c != '#')
);
text_id!(
    /// A language as a two or three letter code with an optional region: `fr`, `en`, `pt-br`.
    Locale,
    "a language code such as `fr` or `pt-br`",
    |text| {
        let mut parts = text.split('-');
        let language = parts.next().unwrap_or_default();
        (2..=3).contains(&language.len())
            && text.len() <= 12
            && language.chars().all(|c| c.is_ascii_lowercase())
            && parts.all(|part| {
                !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            })
    }
);

impl Locale {
    /// The code itself, then the same with fewer and fewer parts: `pt-br`, `pt`.
    pub fn and_wider(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |code| Some(code.rsplit_once('-')?.0))
    }
}

/// The key under which addresses become lead ids. It is never rotated: a new key would make every lead a stranger.
#[derive(Clone)]
pub struct LeadKey(Vec<u8>);

impl LeadKey {
    /// Wraps secret bytes; at least 16 of them.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, InvalidId> {
        let secret = secret.into();
        if secret.len() < 16 {
            return Err(InvalidId { text: "(secret)".into(), expected: "a lead key: at least 16 bytes" });
        }
        Ok(Self(secret))
    }

    /// A keyed hash of something else that is counted and not to be known, such as a network; `kind` keeps hashes of one
    /// kind from those of another, and from lead ids.
    pub fn hash(&self, kind: &str, text: &str) -> String {
        self.mac(&[kind.as_bytes(), b"\0", text.as_bytes()])
    }

    /// HMAC-SHA-256, cut to 128 bits.
    fn mac(&self, parts: &[&[u8]]) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        for part in parts {
            mac.update(part);
        }
        hex16(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for LeadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LeadKey(secret)")
    }
}

fn hex16(bytes: &[u8]) -> String {
    bytes[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first 128 bits of SHA-256 over the parts, each followed by a byte that no part holds.
fn hash(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    hex16(&digest.finalize())
}

impl LeadId {
    /// HMAC-SHA-256 of the normalised address, cut to 128 bits.
    pub fn of(key: &LeadKey, email: &EmailAddress) -> Self {
        Self(key.mac(&[email.as_str().as_bytes()]))
    }

    /// One of `shards` partitions of the due index, always the same one for the same lead.
    pub fn shard(&self, shards: u32) -> u32 {
        u32::from_str_radix(&self.0[..8], 16).unwrap_or_default() % shards.max(1)
    }
}

impl SendId {
    /// `occurrence` tells a repeated confirmation, alert or enrolment from the one before it.
    pub fn of(lead: &LeadId, campaign: &CampaignId, step: &StepId, occurrence: impl fmt::Display) -> Self {
        Self(hash(&[&lead.0, &campaign.0, &step.0, &occurrence.to_string()]))
    }
}

impl InputId {
    /// An id for an input that bears none of its own: the hash of what makes it the same input.
    pub fn of(kind: &str, parts: &[&str]) -> Self {
        Self(format!("{kind}-{}", hash(parts)))
    }
}
