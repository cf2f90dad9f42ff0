//! The secret key by which Cloudflare knows whose challenge it was.

use std::fmt;

/// The key. It shows in no log.
#[derive(Clone)]
pub struct Secret(String);

/// What is no key. Never tells the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no secret key of Turnstile: letters, digits, `_` and `-`, as Cloudflare shows it")]
pub struct InvalidSecret;

impl Secret {
    /// Reads the key as Cloudflare shows it.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let letters = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let valid = (1..=256).contains(&text.len()) && text.chars().all(letters);
        valid.then(|| Self(text.to_owned())).ok_or(InvalidSecret)
    }

    /// Whether it is one of Cloudflare's keys for tests, which judge everybody alike (Turnstile, "Test your implementation").
    pub fn is_for_tests(&self) -> bool {
        ["1x000000", "2x000000", "3x000000"].iter().any(|start| self.0.starts_with(start))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
