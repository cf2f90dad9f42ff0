//! What an error of `SendEmail` means for the e-mail: refused for now, refused for good, or nobody knows.
//!
//! Whatever leaves room for the e-mail to have left is uncertain. Only an answer of SES that puts the fault on our side
//! (4xx), or a connection that never came about, is a refusal.

use std::error::Error;

use aws_sdk_sesv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use domain::input::SendResult;

/// The account, the identity or the pace is at fault, and that passes or is mended; the e-mail itself is fine.
const MAY_BE_TAKEN_LATER: [&str; 16] = [
    "AccountSuspendedException",
    "LimitExceededException",
    "MailFromDomainNotVerifiedException",
    "NotFoundException",
    "SendingPausedException",
    "TooManyRequestsException",
    // common to all of AWS
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "Throttling",
    "ThrottlingException",
    "UnrecognizedClientException",
];

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
