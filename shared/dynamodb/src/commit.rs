//! One write, one transaction: the profile, its records, what guards or tells of a suppression, and limits.
//!
//! The client request token is left to the SDK, which makes a new one for each call and keeps it through its own
//! repetitions. So a repetition after a lost answer finds its own transaction and succeeds, while two calls, even of the
//! same content, are two transactions of which one wins: that is what makes a claim exclusive.

use app::ports::{Commit, MOST_RECORDS, StoreError, Write};
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use crate::failure::{self, Doubt};
use crate::item::{self, Item, Suppression};
use crate::{Store, keys, limit};

const ABSENT: &str = "attribute_not_exists(PK)";
const NOT_ERASING: &str = "attribute_not_exists(erasing)";
const NOT_ERASED_SINCE: &str = "(attribute_not_exists(erased_at) OR erased_at <= :created)";

/// A write that breaks the port's rules.
#[derive(Debug, thiserror::Error)]
enum Misuse {
    #[error("a write takes 1 to {MOST_RECORDS} records and limits, not {0}")]
    Count(usize),
    #[error("the record of input {input} has version {found}, and {wanted} comes next")]
    Version { input: String, found: u64, wanted: u64 },
}

/// A transaction that DynamoDB cancelled for a reason that will not pass.
#[derive(Debug, thiserror::Error)]
#[error("the transaction was cancelled: {0}")]
struct Cancelled(String);

impl Store {
    /// Carries out a write.
    pub(crate) async fn write(&self, write: &Write<'_>) -> Result<Commit, StoreError> {
        let version = last_version(write).map_err(permanent)?;
        let profile =
            item::profile(write.lead, version, write.now, self.shards_written()).map_err(permanent)?;
        let records: Result<Vec<Item>, _> =
            write.records.iter().map(|record| item::record(write.lead, record)).collect();
        let suppression = item::suppression(write.records).map_err(permanent)?;

        let mut items = vec![self.put_profile(profile, write).map_err(permanent)?];
        for record in records.map_err(permanent)? {
            items.push(self.put_absent(record).map_err(permanent)?);
        }
        match suppression {
            Some(suppression) => items.push(self.suppress(write, suppression).map_err(permanent)?),
            None if write.expected.is_none() => items.push(self.check_mark(write).map_err(permanent)?),
            None => {}
        }
        let first_limit = items.len();
        for limit in write.limits {
            items.push(limit::raise(&self.table, limit).map_err(permanent)?);
        }

        let doubt = Doubt::default();
        let request = self.client.transact_write_items().set_transact_items(Some(items));
        match request.customize().interceptor(doubt.clone()).send().await {
            Ok(_) => Ok(Commit::Committed),
            Err(error) => match reasons(&error) {
                Some(reasons) => outcome(write, reasons, first_limit),
                None => Err(failure::of_write("TransactWriteItems", error, &doubt)),
            },
        }
    }

    fn put_into(&self) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder().table_name(&self.table)
    }

    fn put_profile(&self, item: Item, write: &Write<'_>) -> Result<TransactWriteItem, BuildError> {
        let builder = self
            .put_into()
            .set_item(Some(item))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        put(match write.expected {
            None => builder.condition_expression(ABSENT),
            Some(version) => builder
                .condition_expression(
                    // A lead that was erased and came back has the versions of the one before, but not its beginning.
                    "#version = :read AND (created_at = :created OR attribute_not_exists(created_at))",
                )
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":read", AttributeValue::N(version.to_string()))
                .expression_attribute_values(":created", AttributeValue::S(item::created_at(write.lead))),
        })
    }

    fn put_absent(&self, item: Item) -> Result<TransactWriteItem, BuildError> {
        put(self.put_into().set_item(Some(item)).condition_expression(ABSENT))
    }

    /// A lead that is not there yet: its address must not be suppressed, nor must one of the same address have been erased,
    /// unless the lead says so itself; whoever is erasing that one must be done, and what brings this one must not have happened
    /// before that erasure: an event may have waited in a queue.
    fn check_mark(&self, write: &Write<'_>) -> Result<TransactWriteItem, BuildError> {
        let mut condition = format!("{NOT_ERASING} AND {NOT_ERASED_SINCE}");
        if write.lead.suppression.is_none() {
            condition += " AND attribute_not_exists(reason)";
        }
        if write.lead.erased_before.is_none() {
            condition += " AND attribute_not_exists(erased_at)";
        }
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .key("PK", AttributeValue::S(keys::suppression_pk(&write.lead.id)))
            .key("SK", AttributeValue::S(keys::SUPPRESSION.into()))
            .condition_expression(condition)
            .expression_attribute_values(":created", AttributeValue::S(item::created_at(write.lead)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Beside what the lead's mark may tell already.
    fn suppress(
        &self,
        write: &Write<'_>,
        Suppression { reason, at }: Suppression,
    ) -> Result<TransactWriteItem, BuildError> {
        let update = Update::builder()
            .table_name(&self.table)
            .key("PK", AttributeValue::S(keys::suppression_pk(&write.lead.id)))
            .key("SK", AttributeValue::S(keys::SUPPRESSION.into()))
            .update_expression("SET reason = :reason, #at = :at")
            .condition_expression(NOT_ERASING)
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":reason", AttributeValue::S(reason))
            .expression_attribute_values(":at", AttributeValue::S(at))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn put(builder: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<TransactWriteItem, BuildError> {
    Ok(TransactWriteItem::builder().put(builder.build()?).build())
}

fn permanent(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Permanent(Box::new(error))
}

fn last_version(write: &Write<'_>) -> Result<u64, Misuse> {
    let items = write.records.len() + write.limits.len();
    if write.records.is_empty() || items > MOST_RECORDS {
        return Err(Misuse::Count(items));
    }
    let mut version = write.expected.unwrap_or(0);
    for record in write.records {
        version += 1;
        if record.version != version {
            let input = record.input_id.to_string();
            return Err(Misuse::Version { input, found: record.version, wanted: version });
        }
    }
    Ok(version)
}

/// Why the transaction was cancelled, item by item; none if something else went wrong.
fn reasons(error: &SdkError<TransactWriteItemsError>) -> Option<&[CancellationReason]> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            Some(cancelled.cancellation_reasons())
        }
        _ => None,
    }
}

/// The reasons stand in the order of the items: the profile, the records, the lead's mark, the limits. An erasure that goes
/// on is told first; then what cannot change any more: a record that is there, then the profile, then a suppression, then
/// limits, then what may pass.
fn outcome(
    write: &Write<'_>,
    reasons: &[CancellationReason],
    first_limit: usize,
) -> Result<Commit, StoreError> {
    let failed =
        |place: usize| reasons.get(place).is_some_and(|reason| has_code(reason, "ConditionalCheckFailed"));
    let mark = write.records.len() + 1;
    if failed(mark) && reasons[mark].item().is_some_and(|mark| mark.contains_key("erasing")) {
        // It takes a moment; after a crash, until the next worker comes by. Until then there may be records of the lead that
        // was, which tell nothing about this one.
        return Err(StoreError::Conflict);
    }
    let current = if failed(0) { current(&reasons[0])? } else { None };
    let duplicates = write.records.iter().enumerate().filter(|(place, _)| failed(place + 1));
    let inputs: Vec<_> = duplicates.map(|(_, record)| record.input_id.clone()).collect();
    if !inputs.is_empty() {
        return Ok(Commit::Duplicate { inputs, current });
    }
    if let Some(current) = current {
        return Ok(Commit::Changed(current));
    }
    if failed(0) {
        // The profile that was read is gone: it was erased meanwhile, and a reload will say so.
        return Err(StoreError::Conflict);
    }
    if mark < first_limit && failed(mark) {
        let Some(at) = reasons[mark].item().and_then(item::erased_at) else { return Ok(Commit::Suppressed) };
        if write.lead.erased_before.is_none() {
            return Ok(Commit::ErasedBefore { at });
        }
        if write.expected.is_none() && at > write.lead.created_at {
            // It was recorded, as it were, and erased with all the rest.
            let inputs = write.records.iter().take(1).map(|record| record.input_id.clone()).collect();
            return Ok(Commit::Duplicate { inputs, current: None });
        }
        return Ok(Commit::Suppressed);
    }
    let full = write.limits.iter().enumerate().filter(|(place, _)| failed(first_limit + place));
    if let Some(refusal) = limit::refusal(full.map(|(_, limit)| limit)) {
        return Ok(refusal);
    }
    if reasons.iter().any(|reason| has_code(reason, "TransactionConflict")) {
        return Err(StoreError::Conflict);
    }
    let told = Cancelled(tell(reasons));
    let passes = ["ProvisionedThroughputExceeded", "ThrottlingError"];
    if reasons.iter().any(|reason| passes.iter().any(|code| has_code(reason, code))) {
        return Err(StoreError::Transient(Box::new(told)));
    }
    Err(permanent(told))
}

fn current(reason: &CancellationReason) -> Result<Option<Box<app::ports::Stored>>, StoreError> {
    match reason.item() {
        Some(item) if !item.is_empty() => {
            item::stored(item.clone()).map(|stored| Some(Box::new(stored))).map_err(permanent)
        }
        _ => Ok(None),
    }
}

fn has_code(reason: &CancellationReason, code: &str) -> bool {
    reason.code() == Some(code)
}

fn tell(reasons: &[CancellationReason]) -> String {
    let told = reasons.iter().enumerate().filter_map(|(place, reason)| {
        let code = reason.code().filter(|code| *code != "None")?;
        Some(format!("item {place}: {code}: {}", reason.message().unwrap_or("no message")))
    });
    told.collect::<Vec<_>>().join("; ")
}
