//! The carrier: one e-mail, one call.

use std::time::Duration;

use app::ports;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::BuildError;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message as Letter, MessageHeader, MessageTag,
};
use domain::input::SendResult;
use email::Message;

use crate::{address, verdict};

/// An open connection within this, or the e-mail has certainly not left.
const CONNECT: Duration = Duration::from_secs(3);
/// An answer within this, or nobody knows. Far shorter than the lease of a claim.
const WHOLE_CALL: Duration = Duration::from_secs(10);
/// SES API reference, `MessageTag`.
const LONGEST_TAG: usize = 256;

/// Carries e-mails through SES.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    configuration_set: Option<String>,
}

impl Mailer {
    /// A mailer that calls SES as `config` says (an `&SdkConfig` will do), but never twice: SES has no token that would
    /// tell a repetition from a second e-mail. Without a configuration set no feedback comes.
    pub fn new(config: impl Into<Builder>, configuration_set: Option<String>) -> Self {
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(WHOLE_CALL).build();
        let config = config.into().retry_config(RetryConfig::disabled()).timeout_config(timeouts);
        Self { client: Client::from_conf(config.build()), configuration_set }
    }
}

impl ports::Mailer for Mailer {
    async fn send(&self, message: &Message) -> SendResult {
        let (content, tags) = match (content(message), tags(message)) {
            (Ok(content), Ok(tags)) => (content, tags),
            (Err(error), _) | (_, Err(error)) => {
                return SendResult::Rejected { code: format!("message: {error}"), retryable: false };
            }
        };
        let recipients = message.to.iter().map(|to| address::in_header(to)).collect();
        let answer = self
            .client
            .send_email()
            .from_email_address(address::in_header(&message.from))
            .set_reply_to_addresses(message.reply_to.as_deref().map(|to| vec![address::in_header(to)]))
            .destination(Destination::builder().set_to_addresses(Some(recipients)).build())
            .content(content)
            .set_email_tags(Some(tags))
            .set_configuration_set_name(self.configuration_set.clone())
            .send()
            .await;
        match answer {
            Ok(accepted) => SendResult::Accepted { message_id: accepted.message_id.unwrap_or_default() },
            Err(error) => verdict::on(&error),
        }
    }
}

/// A simple message with headers of its own, among them those of one-click unsubscribing: they stand in the message before SES
/// signs it, and RFC 8058 (section 4) asks that the DKIM signature covers them. AWS does not say which headers Easy DKIM covers;
/// e-mails that were sent like this have all of them in the signature's `h=`.
fn content(message: &Message) -> Result<EmailContent, BuildError> {
    let header = |(name, value): &(String, String)| MessageHeader::builder().name(name).value(value).build();
    let headers: Vec<MessageHeader> = message.headers.iter().map(header).collect::<Result<_, _>>()?;
    let headers = (!headers.is_empty()).then_some(headers);
    let body = Body::builder().html(utf8(&message.html)?).text(utf8(&message.text)?).build();
    let letter = Letter::builder().subject(utf8(&message.subject)?).body(body).set_headers(headers).build();
    Ok(EmailContent::builder().simple(letter).build())
}

fn utf8(text: &str) -> Result<Content, BuildError> {
    Content::builder().data(text).charset("UTF-8").build()
}

/// `send`, `lead` and `unproven` are what feedback is known by; `campaign` and `step` are for whoever looks at SES's own metrics.
fn tags(message: &Message) -> Result<Vec<MessageTag>, BuildError> {
    let tags = [
        ("send", Some(message.send_id.as_str())),
        ("lead", message.lead.as_ref().map(|lead| lead.as_str())),
        ("campaign", Some(message.campaign.as_str())),
        ("step", Some(message.step.as_str())),
        ("unproven", message.unproven.then_some("true")),
    ];
    let tags =
        tags.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| is_tag(value))?)));
    tags.map(|(name, value)| MessageTag::builder().name(name).value(value).build()).collect()
}

/// SES refuses an e-mail for one odd tag.
fn is_tag(value: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=LONGEST_TAG).contains(&value.len()) && value.chars().all(allowed)
}
