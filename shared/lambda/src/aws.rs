//! One HTTP client for all AWS services, on rustls with *ring*.
//!
//! The SDK's default, AWS-LC, spends some 70 ms of CPU on its entropy at the first TLS handshake; *ring* does not. On a
//! small function that is most of a cold start (see `docs/performance.md`).

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// Between two calls Lambda freezes a function, and whoever is at the other end closes the connection meanwhile. What was idle
/// for longer is not used again, lest an e-mail be written into it and nobody know whether it left.
const IDLE: Duration = Duration::from_secs(10);
/// A connection within this, and an answer within that, or the SDK tries again: both take milliseconds, and a function has no
/// more than some seconds in all.
const CONNECT: Duration = Duration::from_millis(1_500);
const ATTEMPT: Duration = Duration::from_secs(3);

/// The region, credentials and endpoints of the environment. Lambda puts credentials nowhere else; to look for them in all
/// the places that the SDK knows means to make a client of STS first.
pub async fn load() -> SdkConfig {
    let http_client =
        Builder::new().pool_idle_timeout(IDLE).tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client)
        .timeout_config(timeouts)
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .load()
        .await
}
