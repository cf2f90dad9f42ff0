//! Erasing a lead: its profile goes at once, its records follow, and a mark tells how far it has come.
//!
//! | step | in one request | a crash after it leaves |
//! |---|---|---|
//! | begin | the profile is deleted, and the lead's mark says `erasing` and stands in the index `due` | a lead that nobody knows any more, whose records the next worker deletes |
//! | records | up to 99 are deleted, if the mark still says so | fewer records |
//! | end | the mark no longer says `erasing`, nor does it stand in the index | nothing that is to be done |
//!
//! Whoever read the lead before and writes it after finds its condition broken, since the profile is gone; whoever would
//! insert it anew finds the mark. So nothing is added to what is being deleted, and steps may be repeated at will, by
//! several workers at once: `erasing` bears the moment of its beginning, and no worker of another erasure goes on with it.

use app::ports::{Erasure, Mark, StoreError};
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};
use domain::LeadId;
use domain::consent::SuppressionReason;
use jiff::Timestamp;

use crate::failure::{self, Doubt};
use crate::item::{self, Item};
use crate::{Store, keys};

/// DynamoDB takes 100 items in a transaction, and the mark is one.
const AT_ONCE: i32 = 99;
/// An erasure that was interrupted stands before everything else that is due.
const BEFORE_ALL: Timestamp = Timestamp::UNIX_EPOCH;
const ERASING: &str = "erasing = :this";

impl Store {
    pub(crate) async fn begin(
        &self,
        lead: &LeadId,
        erasure: Erasure<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let items = vec![
            self.delete_profile(lead, erasure).map_err(permanent)?,
            self.mark_erasing(lead, erasure, now).map_err(permanent)?,
        ];
        self.transact(items).await
    }

    fn delete_profile(&self, lead: &LeadId, erasure: Erasure<'_>) -> Result<TransactWriteItem, BuildError> {
        let mut delete = Delete::builder()
            .table_name(&self.table)
            .key("PK", text(keys::lead_pk(lead)))
            .key("SK", text(keys::PROFILE));
        if let Erasure::Retention { read } = erasure {
            delete = delete
                .condition_expression("#version = :read")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":read", AttributeValue::N(read.to_string()));
        }
        Ok(TransactWriteItem::builder().delete(delete.build()?).build())
    }

    fn mark_erasing(
        &self,
        lead: &LeadId,
        erasure: Erasure<'_>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, BuildError> {
        let shards = self.shards_written();
        let mut update = Update::builder()
            .table_name(&self.table)
            .key("PK", text(keys::suppression_pk(lead)))
            .key("SK", text(keys::SUPPRESSION))
            .expression_attribute_values(":this", text(keys::fixed_width(now)))
            .expression_attribute_values(":due_pk", text(keys::due_pk_of(lead, true, shards)))
            .expression_attribute_values(":due_sk", text(keys::due_sk(BEFORE_ALL, lead)));
        let going = "SET erasing = :this, due_pk = :due_pk, due_sk = :due_sk";
        update = match erasure {
            Erasure::Asked { at, by: None } => update
                .update_expression(format!("{going}, erased_at = :at REMOVE erased_by"))
                .expression_attribute_values(":at", text(keys::fixed_width(at))),
            Erasure::Asked { at, by: Some(by) } => update
                .update_expression(format!("{going}, erased_at = :at, erased_by = :by"))
                .expression_attribute_values(":at", text(keys::fixed_width(at)))
                .expression_attribute_values(":by", text(by)),
            Erasure::Retention { .. } => update.update_expression(going),
        };
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }

    /// Deletes what is left, and ends the mark. False if the lead is not being erased, or not any more.
    pub(crate) async fn go_on(&self, lead: &LeadId) -> Result<bool, StoreError> {
        let mark = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("PK", text(keys::suppression_pk(lead)))
            .key("SK", text(keys::SUPPRESSION))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure::of_read("GetItem", error))?;
        let Some(this) = mark.item.and_then(|item| item.get("erasing").cloned()) else { return Ok(false) };
        loop {
            let found = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("PK = :lead")
                .expression_attribute_values(":lead", text(keys::lead_pk(lead)))
                .projection_expression("PK, SK")
                .limit(AT_ONCE)
                .send()
                .await
                .map_err(|error| failure::of_read("Query", error))?;
            let (items, more) = (found.items.unwrap_or_default(), found.last_evaluated_key.is_some());
            if items.is_empty() {
                return self.end(lead, this).await;
            }
            if !self.delete_all(lead, items, &this).await? {
                return Ok(false);
            }
            if !more {
                return self.end(lead, this).await;
            }
        }
    }

    /// False if another erasure took this one's place, or it has ended.
    async fn delete_all(
        &self,
        lead: &LeadId,
        found: Vec<Item>,
        this: &AttributeValue,
    ) -> Result<bool, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .key("PK", text(keys::suppression_pk(lead)))
            .key("SK", text(keys::SUPPRESSION))
            .condition_expression(ERASING)
            .expression_attribute_values(":this", this.clone())
            .build()
            .map_err(permanent)?;
        let mut items = vec![TransactWriteItem::builder().condition_check(check).build()];
        for key in found {
            let delete = Delete::builder().table_name(&self.table).set_key(Some(key)).build();
            items.push(TransactWriteItem::builder().delete(delete.map_err(permanent)?).build());
        }
        self.transact(items).await
    }

    /// All of it or nothing. False if a condition did not hold.
    async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
        let doubt = Doubt::default();
        let request = self.client.transact_write_items().set_transact_items(Some(items));
        match request.customize().interceptor(doubt.clone()).send().await {
            Ok(_) => Ok(true),
            Err(error) if cancelled_by(&error, "ConditionalCheckFailed") => Ok(false),
            Err(error) if cancelled_by(&error, "TransactionConflict") => Err(StoreError::Conflict),
            Err(error) => Err(failure::of_write("TransactWriteItems", error, &doubt)),
        }
    }

    /// What is left of the mark: why nothing is sent to the address, if so, and when it asked to be erased, if it did. If
    /// neither is so, nothing.
    async fn end(&self, lead: &LeadId, this: AttributeValue) -> Result<bool, StoreError> {
        let doubt = Doubt::default();
        let of_nothing = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("PK", text(keys::suppression_pk(lead)))
            .key("SK", text(keys::SUPPRESSION))
            .condition_expression(format!(
                "{ERASING} AND attribute_not_exists(reason) AND attribute_not_exists(erased_at)"
            ))
            .expression_attribute_values(":this", this.clone());
        match of_nothing.customize().interceptor(doubt.clone()).send().await {
            Ok(_) => return Ok(true),
            Err(error) if is_refused(&error, |error| error.is_conditional_check_failed_exception()) => {}
            Err(error) => return Err(failure::of_write("DeleteItem", error, &doubt)),
        }
        let ended = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("PK", text(keys::suppression_pk(lead)))
            .key("SK", text(keys::SUPPRESSION))
            .update_expression("REMOVE erasing, due_pk, due_sk")
            .condition_expression(ERASING)
            .expression_attribute_values(":this", this);
        match ended.customize().interceptor(doubt.clone()).send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error, |error| error.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            Err(error) => Err(failure::of_write("UpdateItem", error, &doubt)),
        }
    }

    /// What is told of an address too late, when its lead is gone, and its mark alone can keep it.
    pub(crate) async fn suppress_mark(
        &self,
        lead: &LeadId,
        reason: SuppressionReason,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let doubt = Doubt::default();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("PK", text(keys::suppression_pk(lead)))
            .key("SK", text(keys::SUPPRESSION))
            .update_expression("SET reason = :reason, #at = :at")
            .condition_expression("attribute_exists(PK) AND attribute_not_exists(reason)")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":reason", text(item::reason(reason).map_err(permanent)?))
            .expression_attribute_values(":at", text(keys::fixed_width(at)));
        match update.customize().interceptor(doubt.clone()).send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error, |error| error.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            Err(error) => Err(failure::of_write("UpdateItem", error, &doubt)),
        }
    }

    /// The marks of all leads that asked to be erased: reads the whole table. For commands; a function never scans.
    pub async fn marks(&self) -> Result<Vec<Mark>, StoreError> {
        let request = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .projection_expression("PK, erased_at, erased_by, reason")
            .filter_expression("begins_with(PK, :marks) AND attribute_exists(erased_at)")
            .expression_attribute_values(":marks", text(keys::SUPPRESSIONS));
        let mut pages = request.into_paginator().send();
        let mut marks = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure::of_read("Scan", error))?;
            for item in page.items.unwrap_or_default() {
                marks.push(item::mark(item).map_err(permanent)?);
            }
        }
        Ok(marks)
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn permanent(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Permanent(Box::new(error))
}

fn cancelled_by(error: &SdkError<TransactWriteItemsError>, code: &str) -> bool {
    matches!(
        error.as_service_error(),
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled))
            if cancelled.cancellation_reasons().iter().any(|reason| reason.code() == Some(code))
    )
}

fn is_refused<E>(error: &SdkError<E>, is_it: impl Fn(&E) -> bool) -> bool {
    error.as_service_error().is_some_and(is_it)
}
