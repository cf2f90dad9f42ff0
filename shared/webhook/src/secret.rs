//! The secrets by which receivers know that a notification is ours, and the signatures made with them.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::WebhookId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Stands before a secret (Standard Webhooks, "Symmetric").
const PREFIX: &str = "whsec_";
/// As few bytes as the specification allows, and as many.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The secrets of each webhook. One that stands twice is being replaced: both sign until receivers know the new one.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<WebhookId, Vec<Vec<u8>>>);

/// Which secret cannot be read. Never tells the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSecrets(String);

impl Secrets {
    /// Reads `crm:whsec_...,erp:whsec_...`. An empty text holds none.
    pub fn parse(text: &str) -> Result<Self, InvalidSecrets> {
        let mut secrets = Self::default();
        for (place, pair) in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()).enumerate() {
            let fault = |what: &str| InvalidSecrets(format!("the secret in place {} {what}", place + 1));
            let (name, secret) = pair.split_once(':').ok_or_else(|| fault("is not `<webhook>:<secret>`"))?;
            let name = WebhookId::parse(name).map_err(|_| fault("stands behind no webhook's name"))?;
            let bytes = secret.strip_prefix(PREFIX).and_then(|encoded| STANDARD.decode(encoded).ok());
            let bytes = bytes.filter(|bytes| BYTES.contains(&bytes.len()));
            let bytes = bytes.ok_or_else(|| fault("is not `whsec_` and 24 to 64 bytes in base64"))?;
            secrets.0.entry(name).or_default().push(bytes);
        }
        Ok(secrets)
    }

    /// The header `webhook-signature`, with a signature by each secret of the webhook; none if it has no secret.
    pub fn sign(&self, webhook: &WebhookId, id: &str, timestamp: i64, body: &str) -> Option<String> {
        let signed = format!("{id}.{timestamp}.{body}");
        let signature = |secret: &Vec<u8>| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
            mac.update(signed.as_bytes());
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        };
        let signatures: Vec<String> = self.0.get(webhook)?.iter().filter_map(signature).collect();
        (!signatures.is_empty()).then(|| signatures.join(" "))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn sign(secrets: &str, webhook: &str) -> Option<String> {
        let webhook = WebhookId::parse(webhook).expect("a name");
        let secrets = Secrets::parse(secrets).expect("secrets");
        secrets.sign(&webhook, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#)
    }

    #[test]
    fn the_example_of_the_specification() {
        assert_eq!(sign(&format!("crm:{SECRET}"), "crm").as_deref(), Some(SIGNATURE));
    }

    #[test]
    fn while_a_secret_is_replaced_both_sign() {
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let both = sign(&format!("crm:{other}, erp:{other}, crm:{SECRET}"), "crm").expect("signed");
        let (first, second) = both.split_once(' ').expect("two signatures");
        assert_eq!(second, SIGNATURE);
        assert_eq!(Some(first.to_owned()), sign(&format!("crm:{other}"), "crm"));
    }

    #[test]
    fn who_has_no_secret_cannot_sign() {
        assert_eq!(sign(&format!("crm:{SECRET}"), "erp"), None);
        assert_eq!(sign("", "crm"), None);
    }

    #[test]
    fn what_cannot_be_read_is_told_without_the_secret() {
        for faulty in
            ["crm", "CRM:whsec_AAAA", "crm:MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "crm:whsec_AAAA", "crm:whsec_%"]
        {
            let error = Secrets::parse(&format!("erp:{SECRET},{faulty}")).expect_err(faulty).to_string();
            assert!(error.contains("place 2"), "{error}");
            assert!(!error.contains("AAAA") && !error.contains("MfKQ"), "{error}");
        }
        assert_eq!(format!("{:?}", Secrets::parse(&format!("crm:{SECRET}"))), r#"Ok({WebhookId("crm")})"#);
    }
}
