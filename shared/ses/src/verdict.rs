//! What an error of `SendEmail` means for the e-mail: refused for now, refused for good, or nobody knows.
//!
//! Whatever leaves room for the e-mail to have left is uncertain. Only an answer of SES that puts the fault on our side
//! (4xx), or a connection that never came about, is a refusal.

use std::error::Error;

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use domain::input::{CarrierLimit, SendResult};

/// Codes that are about the account and not about the e-mail: by which limit of the carrier's it takes nothing now (SES API
/// v2 reference, `SendEmail`, and the errors common to all of AWS).
const LIMITS: [(&str, CarrierLimit); 12] = [
    ("TooManyRequestsException", CarrierLimit::Rate),
    ("Throttling", CarrierLimit::Rate),
    ("ThrottlingException", CarrierLimit::Rate),
    ("LimitExceededException", CarrierLimit::Day),
    ("AccountSuspendedException", CarrierLimit::Paused),
    ("SendingPausedException", CarrierLimit::Paused),
    ("ExpiredTokenException", CarrierLimit::Access),
    ("IncompleteSignatureException", CarrierLimit::Access),
    ("InvalidClientTokenId", CarrierLimit::Access),
    ("InvalidSignatureException", CarrierLimit::Access),
    ("SignatureDoesNotMatch", CarrierLimit::Access),
    ("UnrecognizedClientException", CarrierLimit::Access),
];

/// What is about the configuration or our clock: mended by somebody, and then the same e-mail is taken.
const MAY_BE_TAKEN_LATER: [&str; 2] = ["NotFoundException", "RequestExpired"];

/// The meaning of an error.
pub(crate) fn on(error: &SdkError<SendEmailError>) -> SendResult {
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status();
            let told = answer.err().code().map(str::to_owned);
            let code = told.unwrap_or_else(|| format!("HTTP {}", status.as_u16()));
            if !status.is_client_error() || status.as_u16() == 408 {
                return SendResult::Uncertain { code };
            }
            if let Some(limit) = limit_of(&code, answer.err().message()) {
                return SendResult::Throttled { code, limit };
            }
            if is_account_paused(&code, answer.err().message()) {
                return SendResult::Throttled { code, limit: CarrierLimit::Paused };
            }
            if is_about_identity(&code, answer.err().message()) {
                return SendResult::identity_refused(code);
            }
            let retryable =
                MAY_BE_TAKEN_LATER.contains(&code.as_str()) || matches!(status.as_u16(), 403 | 429);
            SendResult::Rejected { code, retryable }
        }
        // Nothing was sent: a region or credentials are missing.
        SdkError::ConstructionFailure(_) => refused_before_it_left("ConstructionFailure"),
        SdkError::DispatchFailure(failure) if failure.as_connector_error().is_some_and(never_connected) => {
            refused_before_it_left("ConnectFailure")
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => uncertain("Timeout"),
        SdkError::DispatchFailure(_) => uncertain("ConnectionLost"),
        SdkError::TimeoutError(_) => uncertain("Timeout"),
        _ => uncertain("UnreadableAnswer"),
    }
}

/// SES gives the day's quota and the rate the same codes, and tells them apart in words: "Daily message quota exceeded.",
/// "Maximum sending rate exceeded." (SES Developer Guide, "Errors related to the sending quotas").
fn limit_of(code: &str, message: Option<&str>) -> Option<CarrierLimit> {
    let (_, limit) = LIMITS.into_iter().find(|(known, _)| *known == code)?;
    let by_pace = matches!(limit, CarrierLimit::Rate | CarrierLimit::Day);
    let words = message.unwrap_or_default().to_ascii_lowercase();
    Some(match limit {
        _ if by_pace && words.contains("daily") => CarrierLimit::Day,
        _ if by_pace && words.contains("rate") => CarrierLimit::Rate,
        limit => limit,
    })
}

/// Whether nothing of the account is taken. SES has codes for that, and says it by those of a faulty e-mail, too: "Sending paused
/// for this account. For more information, please check the inbox of the email address associated with your AWS account." (SES
/// Developer Guide, "Amazon SES sending errors").
fn is_account_paused(code: &str, message: Option<&str>) -> bool {
    const WORDS: [&str; 3] = ["sending paused", "sending suspended", "account is paused"];
    let words = message.unwrap_or_default().to_ascii_lowercase();
    matches!(code, "MessageRejected" | "BadRequestException")
        && WORDS.iter().any(|paused| words.contains(paused))
}

/// Whether the sender is not verified, or in the sandbox the recipient, or our role may not send from it. Others have other
/// senders, and go on. SES says all that it does not like of an e-mail by one code, and this in words: "Email address is not
/// verified. The following identities failed the check in region …" (SES Developer Guide, "Amazon SES sending errors").
fn is_about_identity(code: &str, message: Option<&str>) -> bool {
    let says_so = || message.is_some_and(|words| words.to_ascii_lowercase().contains("not verified"));
    match code {
        "AccessDeniedException" | "MailFromDomainNotVerifiedException" => true,
        "MessageRejected" => says_so(),
        _ => false,
    }
}

fn refused_before_it_left(code: &str) -> SendResult {
    SendResult::Rejected { code: code.to_owned(), retryable: true }
}

fn uncertain(code: &str) -> SendResult {
    SendResult::Uncertain { code: code.to_owned() }
}

/// Whether no connection came about: refused, not found, not secured, or not within the time for it.
fn never_connected(error: &(impl Error + 'static)) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|error| error.is_connect()) {
            return true;
        }
        cause = error.source();
    }
    false
}
