//! The store: what reads and writes leads.

use std::collections::HashSet;

use app::ports::{Commit, Due, Erasure, LeadStore, Record, StoreError, Stored, Write};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::consent::SuppressionReason;
use domain::{Activity, LeadId};
use jiff::Timestamp;

use crate::item::{self, ItemError};
use crate::{failure, keys};

/// The shards of [`Store::new`] where nobody says otherwise: enough for 750 nurture e-mails a second, since an index takes 1,000
/// writes a second in each partition, an e-mail costs two, and half of it is left as a reserve. The fourth is for those for
/// whom somebody waits.
pub const DEFAULT_SHARDS: [u32; 1] = [4];

/// Leads in one DynamoDB table.
///
/// Repetitions are the client's own affair: the SDK's standard retries suit both reads and writes, since a repeated
/// transaction bears the token of the first attempt.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
    /// Never empty.
    shards: Vec<u32>,
}

/// All leads of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AllLeads {
    /// In no order.
    pub leads: Vec<Stored>,
    /// Why others cannot be read, one sentence for each.
    pub unreadable: Vec<String>,
}

impl Store {
    /// A store in `table`. The due index is written in as many shards as the first number says, and read in those and in
    /// the shards of every further number: after a change, name the old number second until nothing is due from before.
    /// Zeros are left out; without a number it is [`DEFAULT_SHARDS`].
    pub fn new(client: Client, table: impl Into<String>, shards: Vec<u32>) -> Self {
        let mut shards: Vec<u32> = shards.into_iter().filter(|count| *count > 0).collect();
        if shards.is_empty() {
            shards.extend(DEFAULT_SHARDS);
        }
        Self { client, table: table.into(), shards }
    }

    /// The same store, for whoever is not told how many shards there are: it writes the due index in as many as an entry says that
    /// stands there, since whoever reads that one finds the others; and in [`DEFAULT_SHARDS`] while nobody is due at all.
    pub async fn with_shards_found(self) -> Result<Self, StoreError> {
        let request = self.client.scan().table_name(&self.table).index_name(keys::DUE_INDEX).limit(1);
        let entry = request.into_paginator().items().send().next().await.transpose();
        let entry = entry.map_err(|error| failure::of_read("Scan", error))?;
        let shards = entry.and_then(|entry| keys::shards_of(entry.get("due_pk")?.as_s().ok()?));
        Ok(Self::new(self.client, self.table, shards.into_iter().collect()))
    }

    pub(crate) fn shards_written(&self) -> u32 {
        self.shards[0]
    }

    /// Every lead there is: reads the whole table. For `sillon dev` alone; a function never scans.
    pub async fn all_leads(&self) -> Result<AllLeads, StoreError> {
        let request = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression("SK = :profile")
            .expression_attribute_values(":profile", text(keys::PROFILE));
        let mut pages = request.into_paginator().send();
        let mut all = AllLeads::default();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure::of_read("Scan", error))?;
            for item in page.items.unwrap_or_default() {
                match item::stored(item) {
                    Ok(stored) => all.leads.push(stored),
                    Err(error) => all.unreadable.push(error.to_string()),
                }
            }
        }
        Ok(all)
    }

    /// Who is due first, at `until` or before, whether anybody waits for it or not. For `sillon dev` alone, whose clock goes from
    /// one such moment to the next.
    pub async fn first_due(&self, until: Timestamp) -> Result<Option<Due>, StoreError> {
        let until = keys::due_until(until);
        let mut first = None;
        for count in &self.shards {
            for shard in 0..*count {
                let due = self.due_in_shard(shard, *count, &until, 1).await?;
                first = first.into_iter().chain(due).min();
            }
        }
        Ok(first)
    }

    /// The earliest entries of one shard, at most `limit`.
    async fn due_in_shard(
        &self,
        shard: u32,
        count: u32,
        until: &str,
        limit: usize,
    ) -> Result<Vec<Due>, StoreError> {
        let partition = keys::due_pk(count, shard);
        let is_waited_for = keys::is_waited_for(count, shard);
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::DUE_INDEX)
            .key_condition_expression("due_pk = :partition AND due_sk < :until")
            .expression_attribute_values(":partition", text(&partition))
            .expression_attribute_values(":until", text(until))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let mut pages = request.into_paginator().send();
        let mut due = Vec::new();
        while due.len() < limit
            && let Some(page) = pages.next().await
        {
            let page = page.map_err(|error| failure::of_read("Query", error))?;
            for item in page.items.unwrap_or_default() {
                let key = item.get("due_sk").and_then(|value| value.as_s().ok()).map_or("", String::as_str);
                match keys::due_of(key) {
                    Some((at, lead)) => due.push(Due { at, lead, is_waited_for }),
                    // Somebody's own hand wrote it: nobody else waits for that.
                    None => tracing::error!(
                        partition,
                        "an entry of the due index is not ours, and is passed over"
                    ),
                }
            }
        }
        Ok(due)
    }
}

impl LeadStore for Store {
    async fn load(&self, lead: &LeadId) -> Result<Option<Stored>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("PK", text(&keys::lead_pk(lead)))
            .key("SK", text(keys::PROFILE))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure::of_read("GetItem", error))?;
        answer.item.map(item::stored).transpose().map_err(unreadable)
    }

    async fn commit(&self, write: &Write<'_>) -> Result<Commit, StoreError> {
        self.write(write).await
    }

    /// Asks one shard after the other: each answers in milliseconds, and few are configured.
    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        let until = keys::due_until(until);
        let (mut due, mut others) = (Vec::new(), Vec::new());
        for count in &self.shards {
            for shard in 0..*count {
                let part = if keys::is_waited_for(*count, shard) { &mut due } else { &mut others };
                // Whoever comes after the last of those who are known has no place.
                let last =
                    part.get(limit.wrapping_sub(1)).map(|last: &Due| keys::due_sk(last.at, &last.lead));
                let until = last.as_ref().unwrap_or(&until);
                part.append(&mut self.due_in_shard(shard, *count, until, limit).await?);
                part.sort_unstable();
                // The index lags: an entry that has just moved may stand at both places.
                let mut seen = HashSet::new();
                part.retain(|entry| seen.insert(entry.lead.clone()));
                part.truncate(limit);
            }
        }
        due.append(&mut others);
        let mut seen = HashSet::new();
        due.retain(|entry| seen.insert(entry.lead.clone()));
        due.truncate(limit);
        Ok(due)
    }

    async fn records(&self, lead: &LeadId) -> Result<Vec<Record>, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("PK = :lead AND begins_with(SK, :records)")
            .expression_attribute_values(":lead", text(&keys::lead_pk(lead)))
            .expression_attribute_values(":records", text(keys::RECORDS));
        let mut pages = request.into_paginator().send();
        let mut records = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure::of_read("Query", error))?;
            for item in page.items.unwrap_or_default() {
                records.push(item::recorded(item).map_err(unreadable)?);
            }
        }
        records.sort_unstable_by_key(|record: &Record| record.version);
        Ok(records)
    }

    async fn reads_of_all(&self, since: Timestamp) -> Result<Vec<Activity>, StoreError> {
        self.reads(since).await
    }

    async fn begin_erasure(
        &self,
        lead: &LeadId,
        erasure: Erasure<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.begin(lead, erasure, now).await
    }

    async fn suppress_erased(
        &self,
        lead: &LeadId,
        reason: SuppressionReason,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.suppress_mark(lead, reason, at).await
    }

    async fn finish_erasure(&self, lead: &LeadId) -> Result<bool, StoreError> {
        self.go_on(lead).await
    }
}

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(crate) fn unreadable(error: ItemError) -> StoreError {
    StoreError::Permanent(Box::new(error))
}
