//! Asks Cloudflare's Turnstile whether its challenge was solved, and takes nothing but a plain yes for one.

mod answer;
mod secret;

pub use secret::{InvalidSecret, Secret};

use std::sync::OnceLock;
use std::time::Duration;

use app::ports::{Challenge, ChallengeError};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use sha2::{Digest, Sha256};

/// Where Cloudflare answers (Turnstile, "Validate the token").
pub const CLOUDFLARE: &str = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
/// An answer within this, or none. A visitor waits for it, and the form is to be shown again in time.
const WHOLE_CALL: Duration = Duration::from_secs(4);
/// No solution is longer (Turnstile, "Validate the token").
const LONGEST_SOLUTION: usize = 2048;
/// No answer of theirs comes near.
const LONGEST_ANSWER: usize = 16 * 1024;

/// One site's Turnstile.
#[derive(Debug)]
pub struct Turnstile {
    secret: Secret,
    url: String,
    /// Made for the first form: it reads the machine's certificates.
    connector: OnceLock<Connector>,
}

impl Turnstile {
    /// `url` is [`CLOUDFLARE`], but in tests.
    pub fn new(secret: Secret, url: impl Into<String>) -> Self {
        Self { secret, url: url.into(), connector: OnceLock::new() }
    }

    /// The visitor's address is not told, although it may be: Cloudflare saw it when the challenge was solved.
    fn request(&self, solution: &str, attempt: &str) -> Result<HttpRequest, ChallengeError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("secret", self.secret.expose())
            .append_pair("response", solution)
            .append_pair("idempotency_key", &uuid(attempt))
            .finish();
        let mut request = HttpRequest::new(SdkBody::from(body));
        let unfit = |_| ChallengeError::new("its address is none");
        request.set_method("POST").map_err(unfit)?;
        request.set_uri(self.url.as_str()).map_err(unfit)?;
        request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
        request.headers_mut().insert("user-agent", "Sillon");
        Ok(request)
    }

    async fn ask(&self, request: HttpRequest) -> Result<bool, ChallengeError> {
        let answer = self.connector().call(request).await.map_err(|error| {
            ChallengeError::new(if error.is_timeout() { "timeout" } else { "no connection" })
        })?;
        let status = answer.status().as_u16();
        let mut body = ByteStream::new(answer.into_body());
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            bytes.extend_from_slice(&chunk.map_err(|_| ChallengeError::new("the answer broke off"))?);
            if bytes.len() > LONGEST_ANSWER {
                return Err(ChallengeError::new("the answer has no end"));
            }
        }
        answer::judge(status, &bytes)
    }

    fn connector(&self) -> &Connector {
        self.connector
            .get_or_init(|| Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build())
    }
}

impl Challenge for Turnstile {
    async fn is_solved(&self, solution: &str, attempt: &str) -> Result<bool, ChallengeError> {
        if solution.is_empty() || solution.len() > LONGEST_SOLUTION {
            return Ok(false);
        }
        let request = self.request(solution, attempt)?;
        let answered = tokio::time::timeout(WHOLE_CALL, self.ask(request)).await;
        answered.unwrap_or_else(|_| Err(ChallengeError::new("timeout")))
    }
}

/// The same attempt has the same UUID. It follows from a hash, which would be version 8 of RFC 9562; it is written as version 4,
/// which every reader of UUIDs knows.
fn uuid(attempt: &str) -> String {
    let hash: String = Sha256::digest(attempt)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-4{}-8{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_has_a_uuid_of_its_own() {
        let one = uuid("one");
        assert_eq!(one, uuid("one"));
        assert_ne!(one, uuid("two"));
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!((one.as_bytes()[14], one.as_bytes()[19]), (b'4', b'8'), "version and variant of {one}");
    }
}
