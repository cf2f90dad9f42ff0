//! One notification, one request: to the address that the files name, and to none that its answer names.

use std::sync::OnceLock;
use std::time::Duration;

use app::Notification;
use app::ports::{Clock, Notifier};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use domain::input::SendResult;
use url::{Host, Url};

use crate::Secrets;

/// An answer within this, or nobody knows. As long as an e-mail may take.
const WHOLE_CALL: Duration = Duration::from_secs(10);

/// Where notifications may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To other machines, by https. Beside a function, on its own machine, stand only parts of Lambda.
    OtherMachines,
    /// To programs on this machine.
    ThisMachine,
}

/// Posts notifications.
#[derive(Debug)]
pub struct Poster<C> {
    secrets: Secrets,
    clock: C,
    reach: Reach,
    /// Made for the first notification, since most runs have none: it reads the machine's certificates.
    connector: OnceLock<Connector>,
}

impl<C: Clock> Poster<C> {
    /// `clock` tells the real time: receivers refuse what seems old.
    pub fn new(secrets: Secrets, clock: C, reach: Reach) -> Self {
        Self { secrets, clock, reach, connector: OnceLock::new() }
    }

    fn request(&self, notification: &Notification) -> Result<HttpRequest, &'static str> {
        let loopback = is_loopback(&notification.url);
        let allowed = match self.reach {
            Reach::OtherMachines => notification.url.starts_with("https://") && !loopback,
            Reach::ThisMachine => loopback,
        };
        if !allowed {
            return Err("address_not_allowed");
        }
        let (id, timestamp) = (notification.id.as_str(), self.clock.now().as_second());
        let signature = self.secrets.sign(&notification.webhook, id, timestamp, &notification.body);
        let signature = signature.ok_or("no_secret")?;
        let mut request = HttpRequest::new(SdkBody::from(notification.body.as_str()));
        request.set_method("POST").map_err(|_| "no_request")?;
        request.set_uri(notification.url.as_str()).map_err(|_| "no_request")?;
        let headers = request.headers_mut();
        headers.insert("content-type", "application/json");
        headers.insert("user-agent", "Sillon");
        headers.insert("webhook-id", id.to_owned());
        headers.insert("webhook-timestamp", timestamp.to_string());
        headers.insert("webhook-signature", signature);
        Ok(request)
    }

    fn connector(&self) -> &Connector {
        self.connector
            .get_or_init(|| Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build())
    }
}

impl<C: Clock> Notifier for Poster<C> {
    async fn post(&self, notification: &Notification) -> SendResult {
        let request = match self.request(notification) {
            Ok(request) => request,
            // Settings are mended while it is tried again.
            Err(code) => return SendResult::Rejected { code: code.to_owned(), retryable: true },
        };
        // Only the answer's first line counts: its body is not read.
        match tokio::time::timeout(WHOLE_CALL, self.connector().call(request)).await {
            Ok(Ok(answer)) => verdict(answer.status().as_u16()),
            Ok(Err(error)) if error.is_timeout() => uncertain("timeout"),
            Ok(Err(_)) => uncertain("no_connection"),
            Err(_) => uncertain("timeout"),
        }
    }
}

/// What a status means: taken, refused for good (410, the receiver is gone), or refused for now. A redirect is a refusal.
fn verdict(status: u16) -> SendResult {
    match status {
        200..=299 => SendResult::Accepted { message_id: String::new() },
        _ => SendResult::Rejected { code: format!("http_{status}"), retryable: status != 410 },
    }
}

fn uncertain(code: &str) -> SendResult {
    SendResult::Uncertain { code: code.to_owned() }
}

/// Whether an address leads to this machine.
pub fn is_loopback(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let mapped = address.to_ipv4_mapped().is_some_and(|address| address.is_loopback());
            address.is_loopback() || address.is_unspecified() || mapped
        }
        None => false,
    }
}
