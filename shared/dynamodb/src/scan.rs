//! Reads the whole table, lead by lead. For commands that somebody types; a function never scans.

use std::collections::HashMap;

use app::ports::{LeadStore, Record, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::LeadId;

use crate::item::{self, Item};
use crate::{Store, failure, keys};

/// A lead and all that happened to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// Who.
    pub lead: LeadId,
    /// By version.
    pub records: Vec<Record>,
}

/// One part of the table, read page by page, so that memory holds a page and a lead and no more.
#[derive(Debug)]
pub struct Scan {
    store: Store,
    segment: i32,
    segments: i32,
    page: std::vec::IntoIter<Item>,
    /// Where the next page begins; none before the first one.
    from: Option<HashMap<String, AttributeValue>>,
    ended: bool,
    group: Option<Group>,
}

/// The items of one lead that stood together.
#[derive(Debug)]
struct Group {
    lead: LeadId,
    /// The profile's; none while it was not seen.
    version: Option<u64>,
    records: Vec<Record>,
    /// A record of it could not be read.
    broken: bool,
}

impl Store {
    /// The table in so many parts, which may be read at once. A lead stands in one of them.
    pub fn scan(&self, segments: u16) -> Vec<Scan> {
        let segments = i32::from(segments.max(1));
        let part = |segment| Scan {
            store: self.clone(),
            segment,
            segments,
            page: Vec::new().into_iter(),
            from: None,
            ended: false,
            group: None,
        };
        (0..segments).map(part).collect()
    }
}

impl Scan {
    /// The next lead; none at the end. A lead that cannot be read is an error, after which the others follow. A page that
    /// cannot be had, however often the SDK tried, is the last error.
    pub async fn next(&mut self) -> Option<Result<Log, StoreError>> {
        loop {
            while let Some(item) = self.page.next() {
                if let Some(whole) = self.take(item)
                    && let Some(log) = self.finish(whole).await
                {
                    return Some(log);
                }
            }
            if self.ended {
                let whole = self.group.take()?;
                return self.finish(whole).await;
            }
            if let Err(error) = self.turn_page().await {
                self.ended = true;
                self.group = None;
                return Some(Err(error));
            }
        }
    }

    async fn turn_page(&mut self) -> Result<(), StoreError> {
        let answer = self
            .store
            .client
            .scan()
            .table_name(&self.store.table)
            .projection_expression("PK, SK, version, activities")
            .segment(self.segment)
            .total_segments(self.segments)
            .set_exclusive_start_key(self.from.clone())
            .send()
            .await
            .map_err(|error| failure::of_read("Scan", error))?;
        self.from = answer.last_evaluated_key;
        self.ended = self.from.is_none();
        self.page = answer.items.unwrap_or_default().into_iter();
        Ok(())
    }

    /// Adds an item to its lead's group; gives the group before it, if that is another lead's.
    fn take(&mut self, item: Item) -> Option<Group> {
        let lead = item.get("PK").and_then(|pk| pk.as_s().ok()).and_then(|pk| keys::lead_of(pk))?;
        let other = self.group.take_if(|group| group.lead != lead);
        let group =
            self.group.get_or_insert(Group { lead, version: None, records: Vec::new(), broken: false });
        if item.get("SK").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == keys::PROFILE) {
            group.version = item.get("version").and_then(|version| version.as_n().ok()?.parse().ok());
        } else {
            match item::recorded(item) {
                Ok(record) => group.records.push(record),
                Err(_) => group.broken = true,
            }
        }
        other
    }

    /// The log of a lead. While we read, somebody may write, and nobody promises that a lead's items stand together: what
    /// is not whole is asked for again.
    async fn finish(&self, mut group: Group) -> Option<Result<Log, StoreError>> {
        let version = group.version?;
        let lead = group.lead;
        group.records.sort_unstable_by_key(|record| record.version);
        let versions = group.records.iter().map(|record| record.version);
        if !group.broken && versions.eq(1..=version) {
            return Some(Ok(Log { lead, records: group.records }));
        }
        let records = self.store.records(&lead).await;
        Some(records.map(|records| Log { lead, records }))
    }
}
