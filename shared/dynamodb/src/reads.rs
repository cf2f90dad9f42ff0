//! What people read of all leads at once: one item each, since a record with every lead would be as many writes as there are
//! leads.

use app::ports::StoreError;
use domain::{Activity, Fact};
use jiff::Timestamp;

use crate::failure::{self, Doubt};
use crate::store::text;
use crate::{Store, keys};

impl Store {
    /// Takes note that `by` reads all leads, and `how`. To be done before the first of them is shown.
    pub async fn note_read_of_all(&self, (by, how): (&str, &str), now: Timestamp) -> Result<(), StoreError> {
        let at = keys::fixed_width(now);
        let doubt = Doubt::default();
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("PK", text(keys::READS))
            .item("SK", text(&format!("{at}#{by}")))
            .item("at", text(&at))
            .item("by", text(by))
            .item("how", text(how));
        let put = put.customize().interceptor(doubt.clone()).send().await;
        put.map(|_| ()).map_err(|error| failure::of_write("PutItem", error, &doubt))
    }

    pub(crate) async fn reads(&self, since: Timestamp) -> Result<Vec<Activity>, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :reads AND SK >= :since")
            .expression_attribute_values(":reads", text(keys::READS))
            .expression_attribute_values(":since", text(&keys::fixed_width(since)));
        let mut items = request.into_paginator().items().send();
        let mut reads = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failure::of_read("Query", error))?;
            let word = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
            let known = (word("at").and_then(|at| at.parse().ok()), word("by"), word("how"));
            if let (Some(at), Some(by), Some(how)) = known {
                reads.push(Activity { at, fact: Fact::LeadRead { by, how } });
            }
        }
        Ok(reads)
    }
}
