//! The addresses of our own that one lead's e-mail carries.

/// Addresses that bear tokens, each made for this lead alone. Whoever holds one can act for the lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// Where the lead leaves; also takes the one-click POST of RFC 8058.
    pub unsubscribe: String,
    /// Where it chooses topics, language and pauses.
    pub preferences: String,
    /// Where the guide is had, if the campaign has one.
    pub magnet: Option<String>,
    /// What lets the lead's browser send events, for a link such as `https://shop.example/?lead={{ events_token }}`.
    pub events_token: Option<String>,
}

impl Links {
    /// What a link must not be rewritten for: a click tracker would keep the token, and scanners would follow it.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        let optional = [&self.magnet, &self.events_token];
        [&self.unsubscribe, &self.preferences]
            .into_iter()
            .chain(optional.into_iter().flatten())
            .map(String::as_str)
            .filter(|secret| !secret.is_empty())
            .collect()
    }
}
