//! One HTTP client for all AWS services, on rustls with *ring*.
//!
//! The SDK's default, AWS-LC, spends some 70 ms of CPU on its entropy at the first TLS handshake; *ring* does not. On a
//! small function that is most of a cold start (see `docs/performance.md`).

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// The region, credentials and endpoints of the environment. Lambda puts credentials nowhere else; to look for them in all
/// the places that the SDK knows means to make a client of STS first.
pub async fn load() -> SdkConfig {
    let http_client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client)
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .load()
        .await
}
