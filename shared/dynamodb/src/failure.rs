//! What went wrong between us and DynamoDB, by what can be done about it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::ports::StoreError;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::{BoxError, ProvideErrorMetadata, SdkError};

/// What is wrong with the request itself (Developer Guide, "Error handling with DynamoDB"). Everything else passes, or somebody
/// mends it: a table that is too slow or not there, a right that lacks, credentials that ran out.
const PERMANENT: [&str; 4] = [
    "ValidationException",
    "SerializationException",
    "ItemCollectionSizeLimitExceededException",
    "IdempotentParameterMismatchException",
];

/// The answer to one request, told so that a log line says all of it.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed: {told}")]
pub(crate) struct Failure {
    operation: &'static str,
    told: String,
    #[source]
    source: BoxError,
}

/// A failed read: nothing can have been written, so nothing is ambiguous.
pub(crate) fn of_read<E>(operation: &'static str, error: SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let permanent = is_permanent(&error);
    let failure = Box::new(failure(operation, error));
    if permanent { StoreError::Permanent(failure) } else { StoreError::Transient(failure) }
}

/// A failed write, of which some attempt may have been carried out or not.
pub(crate) fn of_write<E>(operation: &'static str, error: SdkError<E>, doubt: &Doubt) -> StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let permanent = is_permanent(&error);
    let in_progress = error.code() == Some("TransactionInProgressException");
    let failure = Box::new(failure(operation, error));
    if doubt.is_there() || in_progress {
        StoreError::Ambiguous(failure)
    } else if permanent {
        StoreError::Permanent(failure)
    } else {
        StoreError::Transient(failure)
    }
}

/// Whether DynamoDB, or the SDK before it asked, refuses this request for good.
fn is_permanent<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or_default();
            PERMANENT.contains(&code)
        }
        _ => false,
    }
}

fn failure<E>(operation: &'static str, error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let told = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => chain(&error),
    };
    Failure { operation, told, source: Box::new(error) }
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}

/// How many attempts of one write went off and were never definitely answered: any of them may have been carried out. The
/// SDK tells only of its last attempt: when the first one timed out and the second was throttled, "throttled" is not
/// the whole truth.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubt(Arc<AtomicUsize>);

impl Doubt {
    fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Intercept for Doubt {
    fn name(&self) -> &'static str {
        "Doubt"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_client_error() {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
