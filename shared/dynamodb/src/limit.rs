//! Limits: one item for each count, which a transaction raises unless it is full, and which DynamoDB deletes when it is over.

use app::limit::{Limit, LimitKind};
use app::ports::Commit;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use jiff::SignedDuration;

use crate::keys;

/// An item is kept so much longer than it counts, for clocks that differ.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Raises a count by one.
pub(crate) fn raise(table: &str, limit: &Limit) -> Result<TransactWriteItem, BuildError> {
    let number = |number: i64| AttributeValue::N(number.to_string());
    let update = Update::builder()
        .table_name(table)
        .key("PK", AttributeValue::S(keys::limit_pk(limit)))
        .key("SK", AttributeValue::S(keys::limit_sk(limit)))
        .update_expression("SET expires_at = :expires_at ADD taken :one")
        .condition_expression("attribute_not_exists(taken) OR taken < :most")
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":most", number(limit.most.into()))
        .expression_attribute_values(":expires_at", number((limit.until + KEPT).as_second()))
        .build()?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// What it means that these are full. Who may not post at all is told that, whatever the mailbox has room for.
pub(crate) fn refusal<'a>(full: impl Iterator<Item = &'a Limit>) -> Option<Commit> {
    let mut refusal = None;
    for limit in full {
        match limit.kind {
            LimitKind::Network => return Some(Commit::TooMany { until: limit.until }),
            LimitKind::Mailbox => refusal = Some(Commit::MailboxTaken),
        }
    }
    refusal
}
