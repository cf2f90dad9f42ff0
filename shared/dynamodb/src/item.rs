//! What the items hold.
//!
//! A lead's state, and a record's activities, are one compact JSON text each: a third of the size of DynamoDB's typed
//! maps, quicker to write and to read, and no name in them can clash with a reserved word. Beside it stand the few
//! attributes that the table needs, and those that help somebody who looks at an item in the console. A lead
//! is read back from its `version` and the JSON text alone.

use std::collections::HashMap;

use app::ports::{Mark, Record, Stored};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::consent::{ConsentState, SuppressionReason};
use domain::{Activity, EmailAddress, Fact, Lead, Stage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use crate::keys;

/// One item, as the SDK takes it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// DynamoDB's limit of an item, names of attributes included (Developer Guide, "Quotas in Amazon DynamoDB").
pub(crate) const MOST_BYTES: usize = 400 * 1024;

/// An item that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ItemError {
    /// Asked before it is sent, since stand-ins for DynamoDB do not all ask.
    #[error("{what} of lead {lead} takes {bytes} bytes, and DynamoDB holds {MOST_BYTES} in one item")]
    TooLarge { what: String, lead: String, bytes: usize },
    #[error("the item {key} cannot be read: {fault}")]
    Unreadable { key: String, fault: String },
    #[error("the item cannot be written: {0}")]
    Unwritable(String),
}

#[derive(Serialize)]
struct Profile<'a> {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: &'static str,
    version: u64,
    state: String,
    // for readers in the console
    email: &'a EmailAddress,
    stage: Stage,
    consent: ConsentState,
    // tells a lead from one of the same address that was erased before it
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<SuppressionReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    // for the index
    #[serde(skip_serializing_if = "Option::is_none")]
    due_pk: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_sk: Option<String>,
    /// What the stream's filter looks for; never `false`, so that its absence is the only other case.
    #[serde(skip_serializing_if = "Option::is_none")]
    nudge: Option<bool>,
}

/// The profile of a lead, in the index if something is due.
pub(crate) fn profile(lead: &Lead, version: u64, now: Timestamp, shards: u32) -> Result<Item, ItemError> {
    let due = lead.due_at();
    write(
        "the profile",
        lead.id.as_str(),
        &Profile {
            pk: keys::lead_pk(&lead.id),
            sk: keys::PROFILE,
            version,
            state: json(lead)?,
            email: &lead.email,
            stage: lead.stage,
            consent: lead.consent.state,
            created_at: created_at(lead),
            suppression: lead.suppression,
            due_at: due.map(keys::fixed_width),
            due_pk: due.map(|_| keys::due_pk_of(&lead.id, lead.is_waited_for(), shards)),
            due_sk: due.map(|at| keys::due_sk(at, &lead.id)),
            nudge: lead.wants_nudge(now).then_some(true),
        },
    )
}

/// When the lead was first heard of, as its profile bears it.
pub(crate) fn created_at(lead: &Lead) -> String {
    keys::fixed_width(lead.created_at)
}

/// The lead of a profile's item.
pub(crate) fn stored(item: Item) -> Result<Stored, ItemError> {
    #[derive(Deserialize)]
    struct Read {
        version: u64,
        state: String,
    }
    let key = key_of(&item);
    let read: Read = read(&key, item)?;
    let lead = serde_json::from_str(&read.state).map_err(|error| unreadable(&key, place_of(&error)))?;
    Ok(Stored { lead, version: read.version })
}

#[derive(Serialize)]
struct RecordItem {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    version: u64,
    activities: String,
    // for readers in the console
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    kinds: Vec<String>,
}

/// The record of one input.
pub(crate) fn record(lead: &Lead, record: &Record) -> Result<Item, ItemError> {
    write(
        &format!("the record of input {}", record.input_id),
        lead.id.as_str(),
        &RecordItem {
            pk: keys::lead_pk(&lead.id),
            sk: keys::record_sk(&record.input_id),
            version: record.version,
            activities: json(&record.activities)?,
            at: record.activities.first().map(|activity| keys::fixed_width(activity.at)),
            kinds: record.activities.iter().map(Activity::kind).collect(),
        },
    )
}

/// The record of an item.
pub(crate) fn recorded(item: Item) -> Result<Record, ItemError> {
    #[derive(Deserialize)]
    struct Read {
        #[serde(rename = "SK")]
        sk: String,
        version: u64,
        activities: String,
    }
    let key = key_of(&item);
    let read: Read = read(&key, item)?;
    let input_id = keys::input_of(&read.sk).ok_or_else(|| unreadable(&key, "its key names no input"))?;
    let activities =
        serde_json::from_str(&read.activities).map_err(|error| unreadable(&key, place_of(&error)))?;
    Ok(Record { input_id, version: read.version, activities })
}

/// What a suppression's item tells beside its lead's mark: no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suppression {
    pub reason: String,
    pub at: String,
}

/// The suppression that the records tell of, if any. One that repeats an earlier suppression makes none, since the item of
/// that one is there and knows the reason.
pub(crate) fn suppression(records: &[Record]) -> Result<Option<Suppression>, ItemError> {
    let activities = records.iter().flat_map(|record| &record.activities);
    let told = activities.rev().find_map(|activity| match activity.fact {
        Fact::Suppressed { reason } if reason != SuppressionReason::Earlier => Some((reason, activity.at)),
        _ => None,
    });
    let Some((reason, at)) = told else { return Ok(None) };
    Ok(Some(Suppression { reason: self::reason(reason)?, at: keys::fixed_width(at) }))
}

/// The reason, as a mark bears it.
pub(crate) fn reason(reason: SuppressionReason) -> Result<String, ItemError> {
    let reason = serde_json::to_value(reason).map_err(|error| ItemError::Unwritable(error.to_string()))?;
    Ok(reason.as_str().unwrap_or_default().to_owned())
}

/// When a mark's lead asked to be erased, if it did.
pub(crate) fn erased_at(mark: &Item) -> Option<Timestamp> {
    mark.get("erased_at")?.as_s().ok()?.parse().ok()
}

/// The mark of a lead that asked to be erased.
pub(crate) fn mark(item: Item) -> Result<Mark, ItemError> {
    #[derive(Deserialize)]
    struct Read {
        #[serde(rename = "PK")]
        pk: String,
        erased_at: Timestamp,
        erased_by: Option<String>,
        reason: Option<SuppressionReason>,
    }
    let key = key_of(&item);
    let read: Read = read(&key, item)?;
    let lead = keys::suppressed_lead_of(&read.pk).ok_or_else(|| unreadable(&key, "its key names no lead"))?;
    Ok(Mark { lead, erased_at: read.erased_at, by: read.erased_by, suppressed: read.reason })
}

fn json(value: &impl Serialize) -> Result<String, ItemError> {
    serde_json::to_string(value).map_err(|error| ItemError::Unwritable(error.to_string()))
}

fn write(what: &str, lead: &str, value: &impl Serialize) -> Result<Item, ItemError> {
    let item: Item =
        serde_dynamo::to_item(value).map_err(|error| ItemError::Unwritable(error.to_string()))?;
    let bytes = size(&item);
    if bytes > MOST_BYTES {
        return Err(ItemError::TooLarge { what: what.to_owned(), lead: lead.to_owned(), bytes });
    }
    Ok(item)
}

fn read<'a, T: Deserialize<'a>>(key: &str, item: Item) -> Result<T, ItemError> {
    serde_dynamo::from_item(item).map_err(|error| unreadable(key, error))
}

/// Where it is wrong, and in what way. serde's own words would quote what stands there, which is personal.
fn place_of(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        Category::Data => "not what this version of Sillon writes",
        Category::Eof => "cut off",
        Category::Syntax | Category::Io => "not JSON",
    };
    format!("{kind}, at column {} of its JSON", error.column())
}

fn unreadable(key: &str, fault: impl std::fmt::Display) -> ItemError {
    ItemError::Unreadable { key: key.to_owned(), fault: fault.to_string() }
}

fn key_of(item: &Item) -> String {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map_or("?", String::as_str);
    format!("{} / {}", part("PK"), part("SK"))
}

/// The size as DynamoDB reckons it (Developer Guide, "DynamoDB item sizes and formats"), of the types that we write.
fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len().div_ceil(2) + 1,
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + size_of_value(value)).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{InputId, LeadId};

    fn lead() -> Lead {
        let id = LeadId::parse("00112233445566778899aabbccddeeff").unwrap();
        Lead::new(
            id,
            EmailAddress::parse("ada@example.com").unwrap(),
            "2027-01-01T00:00:00Z".parse().unwrap(),
        )
    }

    fn text<'a>(item: &'a Item, name: &str) -> &'a str {
        item[name].as_s().unwrap()
    }

    #[test]
    fn a_profile_shows_in_the_console_what_an_engineer_asks_for() {
        let item = profile(&lead(), 3, lead().created_at, 4).unwrap();
        assert_eq!(text(&item, "email"), "ada@example.com");
        assert_eq!(text(&item, "stage"), "subscriber");
        assert_eq!(text(&item, "consent"), "none");
        assert_eq!(item["version"], AttributeValue::N("3".into()));
        for absent in ["due_pk", "due_sk", "due_at", "nudge", "suppression"] {
            assert!(!item.contains_key(absent), "{absent}: nothing is due");
        }
    }

    #[test]
    fn a_suppression_tells_why_and_since_when() {
        let at = "2027-01-01T00:00:00Z".parse().unwrap();
        let told = |reason| Record {
            input_id: InputId::of("ses", &["x"]),
            version: 1,
            activities: vec![Activity { at, fact: Fact::Suppressed { reason } }],
        };
        let suppressed = suppression(&[told(SuppressionReason::Bounce)]).unwrap().unwrap();
        assert_eq!(
            suppressed,
            Suppression { reason: "bounce".into(), at: "2027-01-01T00:00:00.000Z".into() }
        );
        assert_eq!(suppression(&[told(SuppressionReason::Earlier)]).unwrap(), None);
    }

    #[test]
    fn the_fault_of_an_unreadable_item_names_its_key() {
        let mut item = profile(&lead(), 3, lead().created_at, 4).unwrap();
        item.insert("state".into(), AttributeValue::S("{".into()));
        let fault = stored(item).unwrap_err().to_string();
        assert!(
            fault.starts_with("the item LEAD#00112233445566778899aabbccddeeff / PROFILE cannot be read: "),
            "{fault}"
        );
    }
}
