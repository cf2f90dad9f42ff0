//! Signed tokens: what a link may do, to whom, and until when.
//!
//! A token is `key.payload.signature`, the last two in base64url. The signature (HMAC-SHA-256, cut to 128 bits) covers
//! the purpose too, so that a token of one purpose never passes for another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{CampaignId, LeadId};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

const SIGNATURE_BYTES: usize = 16;
/// No token of ours is longer; whatever is, is not looked at.
const MOST_BYTES: usize = 1024;

/// What a token is for.
pub trait Purpose: Serialize + DeserializeOwned {
    /// Signed with the payload; never changes.
    const NAME: &'static str;
    /// After this it is worth nothing; none for what must work as long as the e-mail is kept.
    const LIFE: Option<SignedDuration>;
}

const DAY: i64 = 24;

macro_rules! purpose {
    ($(#[$doc:meta])* $name:ident, $text:literal, $life:expr, { $($(#[$field_doc:meta])* $field:ident: $type:ty),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type),* }
        impl Purpose for $name {
            const NAME: &'static str = $text;
            const LIFE: Option<SignedDuration> = $life;
        }
    };
}

purpose!(
    /// Answers yes to one request.
    Confirm, "confirm", Some(domain::consent::CONFIRMATION_LIVES), {
        /// Who was asked.
        lead: LeadId,
        /// Whose form asked.
        campaign: CampaignId,
        /// Which request.
        request: u32
    }
);
purpose!(
    /// Leaves. It works as long as the e-mail that bears it is kept (RFC 8058 knows no end).
    Leave, "leave", None, {
        /// Who leaves.
        lead: LeadId,
        /// Whose e-mail bears it; none in links that tell nothing of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<CampaignId>
    }
);
purpose!(
    /// Shows and changes preferences.
    Prefer, "prefer", Some(SignedDuration::from_hours(400 * DAY)), {
        /// Whose.
        lead: LeadId
    }
);
purpose!(
    /// Shows a lead all that is stored of it, and erases it. It is mailed when it is asked for, and lasts no longer than it
    /// takes to read an e-mail: mails get forwarded.
    Own, "own", Some(SignedDuration::from_hours(1)), {
        /// Whose data.
        lead: LeadId
    }
);
purpose!(
    /// Fetches the magnet.
    Download, "download", Some(SignedDuration::from_hours(400 * DAY)), {
        /// Who fetches it.
        lead: LeadId,
        /// Whose magnet.
        campaign: CampaignId
    }
);
purpose!(
    /// Tells events of one lead from a browser.
    Track, "track", Some(SignedDuration::from_hours(90 * DAY)), {
        /// Of whom.
        lead: LeadId
    }
);

purpose!(
    /// Tells when our own page showed a form. It says nothing of the visitor.
    Shown, "shown", Some(SignedDuration::from_hours(DAY)), {
        /// Whose form.
        campaign: CampaignId,
        /// When, in milliseconds since 1970.
        at: i64
    }
);

/// Why a text is no valid token. For the log alone: the answer to the visitor is one and the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Not a token at all, or one of another purpose, or signed by a key that is gone.
    #[error("the link is damaged: a mail program may have cut it")]
    Damaged,
    /// It was good once.
    #[error("the link is too old")]
    Expired,
}

/// A set of keys whose text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "token keys are `id:secret` pairs, separated by commas: ids of letters and digits, secrets of at least 16 bytes"
)]
pub struct InvalidKeys;

/// The keys that sign tokens: the first one signs, all of them verify, so that keys can rotate.
#[derive(Clone)]
pub struct TokenKeys(Vec<(String, Vec<u8>)>);

#[derive(Serialize, Deserialize)]
struct Payload<P> {
    #[serde(flatten)]
    purpose: P,
    #[serde(rename = "exp", skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

impl TokenKeys {
    /// Reads `id:secret,id:secret`.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let key = |pair: &str| {
            let (id, secret) = pair.trim().split_once(':')?;
            let valid = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()) && secret.len() >= 16;
            valid.then(|| (id.to_owned(), secret.as_bytes().to_vec()))
        };
        let keys: Option<Vec<_>> = text.split(',').map(key).collect();
        keys.filter(|keys| !keys.is_empty()).map(Self).ok_or(InvalidKeys)
    }

    /// A token for a URL.
    pub fn sign<P: Purpose>(&self, purpose: P, now: Timestamp) -> String {
        let (id, secret) = &self.0[0];
        let expires = P::LIFE.map(|life| (now + life).as_second());
        let payload = serde_json::to_vec(&Payload { purpose, expires }).unwrap_or_default();
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let signature = URL_SAFE_NO_PAD.encode(signature(secret, P::NAME, &payload));
        format!("{id}.{payload}.{signature}")
    }

    /// What the token allows, if it is ours, of that purpose, and not too old.
    pub fn open<P: Purpose>(&self, token: &str, now: Timestamp) -> Result<P, InvalidToken> {
        if token.len() > MOST_BYTES {
            return Err(InvalidToken::Damaged);
        }
        let mut parts = token.split('.');
        let (Some(id), Some(payload), Some(given), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidToken::Damaged);
        };
        let key = self.0.iter().find(|(known, _)| known == id);
        let (_, secret) = key.ok_or(InvalidToken::Damaged)?;
        let given = URL_SAFE_NO_PAD.decode(given).map_err(|_| InvalidToken::Damaged)?;
        if !bool::from(given.ct_eq(&signature(secret, P::NAME, payload))) {
            return Err(InvalidToken::Damaged);
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| InvalidToken::Damaged)?;
        let payload: Payload<P> = serde_json::from_slice(&payload).map_err(|_| InvalidToken::Damaged)?;
        match payload.expires {
            Some(expires) if now.as_second() >= expires => Err(InvalidToken::Expired),
            _ => Ok(payload.purpose),
        }
    }
}

fn signature(secret: &[u8], purpose: &str, payload: &str) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length");
    mac.update(purpose.as_bytes());
    mac.update(b".");
    mac.update(payload.as_bytes());
    mac.finalize().into_bytes()[..SIGNATURE_BYTES].to_vec()
}

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKeys(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "k1:0123456789abcdef";
    const NEW: &str = "k2:fedcba9876543210";

    fn keys(text: &str) -> TokenKeys {
        TokenKeys::parse(text).expect("keys")
    }

    fn leave() -> Leave {
        Leave { lead: LeadId::parse("0123456789abcdef0123456789abcdef").expect("an id"), campaign: None }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_token_opens_as_what_it_was_signed_for() {
        let token = keys(OLD).sign(leave(), at("2026-01-01T00:00:00Z"));
        assert_eq!(
            keys(OLD).open::<Leave>(&token, at("2036-01-01T00:00:00Z")),
            Ok(leave()),
            "it never expires"
        );
        assert_eq!(keys(OLD).open::<Prefer>(&token, at("2026-01-01T00:00:00Z")), Err(InvalidToken::Damaged));
    }

    /// Mailboxes are full of links of before the campaign was in them.
    #[test]
    fn a_link_to_leave_works_with_its_campaign_and_without() {
        let now = at("2026-01-01T00:00:00Z");
        let with = Leave { campaign: Some(CampaignId::parse("guide").expect("an id")), ..leave() };
        assert_eq!(keys(OLD).open::<Leave>(&keys(OLD).sign(with.clone(), now), now), Ok(with));
        let payload = URL_SAFE_NO_PAD.encode(format!("{{\"lead\":\"{}\"}}", leave().lead));
        let mac = signature(b"0123456789abcdef", Leave::NAME, &payload);
        let before = format!("k1.{payload}.{}", URL_SAFE_NO_PAD.encode(mac));
        assert_eq!(keys(OLD).open::<Leave>(&before, now), Ok(leave()));
    }

    #[test]
    fn what_is_too_old_is_told_apart() {
        let confirm =
            Confirm { lead: leave().lead, campaign: CampaignId::parse("guide").expect("an id"), request: 1 };
        let token = keys(OLD).sign(confirm.clone(), at("2026-01-01T00:00:00Z"));
        assert_eq!(keys(OLD).open(&token, at("2026-01-30T23:59:59Z")), Ok(confirm));
        assert_eq!(keys(OLD).open::<Confirm>(&token, at("2026-01-31T00:00:00Z")), Err(InvalidToken::Expired));
    }

    #[test]
    fn keys_rotate() {
        let now = at("2026-01-01T00:00:00Z");
        let token = keys(OLD).sign(leave(), now);
        let both = keys(&format!("{NEW},{OLD}"));
        assert_eq!(both.open::<Leave>(&token, now), Ok(leave()), "old tokens open");
        assert!(both.sign(leave(), now).starts_with("k2."), "the first key signs");
        assert_eq!(
            keys(NEW).open::<Leave>(&token, now),
            Err(InvalidToken::Damaged),
            "until the old key is gone"
        );
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let now = at("2026-01-01T00:00:00Z");
        let token = keys(OLD).sign(leave(), now);
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(keys(OLD).open::<Leave>(&changed, now), Err(InvalidToken::Damaged), "{changed}");
        }
    }

    #[test]
    fn keys_that_sign_nothing_are_refused() {
        for text in
            ["", "k1", "k1:short", ":0123456789abcdef", "k 1:0123456789abcdef", "k1:0123456789abcdef,"]
        {
            assert!(TokenKeys::parse(text).is_err(), "{text}");
        }
    }
}
