//! Leads that cannot be served: after a few failures they leave the due index, with the reason, until somebody has mended the
//! cause. Nothing of theirs is lost, and the others go on.

use app::ports::StoreError;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::LeadId;
use jiff::{SignedDuration, Timestamp};

use crate::failure::{self, Doubt};
use crate::item::Item;
use crate::store::text;
use crate::{Store, keys};

/// One failure may come of a deployment that is under way; the third, minutes later, does not.
const MOST_FAILURES: u32 = 3;
/// Failures that follow each other sooner count as one: the stream repeats what failed at once, and ticks come each minute.
const APART: SignedDuration = SignedDuration::from_secs(45);

/// A lead that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Who.
    pub lead: LeadId,
    /// What went wrong when it was last tried.
    pub because: String,
    /// When it was set aside, in RFC 3339.
    pub since: String,
}

impl Store {
    /// Counts a failure that will not pass by itself, and sets the lead aside after the third in a row. Answers whether it is
    /// aside now. Any later write of the profile ends both, since it replaces the item; [`app::put_back`] is one. From the first
    /// failure on only ticks take the lead up: the stream would tell of this very write as of one more nudge.
    pub async fn note_failure(
        &self,
        lead: &LeadId,
        because: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let counted = self
            .update_profile(
                lead,
                "SET failed_at = :now REMOVE nudge ADD failures :one",
                "attribute_exists(due_pk) AND (attribute_not_exists(failed_at) OR failed_at <= :before)",
            )
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .expression_attribute_values(":now", text(&keys::fixed_width(now)))
            .expression_attribute_values(":before", text(&keys::fixed_width(now - APART)))
            .return_values(ReturnValue::UpdatedNew);
        let Some(counted) = changed(counted).await? else { return Ok(false) };
        let failures = counted.get("failures").and_then(|value| value.as_n().ok()?.parse::<u32>().ok());
        match failures {
            Some(MOST_FAILURES..) => self.set_aside(lead, because, now).await,
            _ => Ok(false),
        }
    }

    /// Sets a lead aside. Answers whether it was in the due index.
    pub async fn set_aside(&self, lead: &LeadId, because: &str, now: Timestamp) -> Result<bool, StoreError> {
        let aside = "SET set_aside = :because, set_aside_at = :now REMOVE due_pk, due_sk, nudge";
        let aside = self
            .update_profile(lead, aside, "attribute_exists(due_pk)")
            .expression_attribute_values(":because", text(because))
            .expression_attribute_values(":now", text(&keys::fixed_width(now)));
        Ok(changed(aside).await?.is_some())
    }

    /// The leads that are set aside: reads the whole table, and tells `progress` how many items of it were read so far.
    pub async fn all_aside(&self, mut progress: impl FnMut(u64)) -> Result<Vec<Aside>, StoreError> {
        let request = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression("attribute_exists(set_aside)")
            .projection_expression("PK, set_aside, set_aside_at");
        let mut pages = request.into_paginator().send();
        let (mut aside, mut read) = (Vec::new(), 0);
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure::of_read("Scan", error))?;
            aside.extend(page.items().iter().filter_map(aside_of));
            read += u64::try_from(page.scanned_count).unwrap_or_default();
            progress(read);
        }
        Ok(aside)
    }

    fn update_profile(&self, lead: &LeadId, update: &str, condition: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("PK", text(&keys::lead_pk(lead)))
            .key("SK", text(keys::PROFILE))
            .update_expression(update)
            .condition_expression(condition)
    }
}

/// What an update answered; none if its condition did not hold.
async fn changed(update: UpdateItemFluentBuilder) -> Result<Option<Item>, StoreError> {
    let doubt = Doubt::default();
    match update.customize().interceptor(doubt.clone()).send().await {
        Ok(done) => Ok(Some(done.attributes.unwrap_or_default())),
        Err(SdkError::ServiceError(answer))
            if matches!(answer.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
        {
            Ok(None)
        }
        Err(error) => Err(failure::of_write("UpdateItem", error, &doubt)),
    }
}

fn aside_of(item: &Item) -> Option<Aside> {
    let word = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    Some(Aside {
        lead: keys::lead_of(&word("PK")?)?,
        because: word("set_aside")?,
        since: word("set_aside_at").unwrap_or_default(),
    })
}
