//! What wakes the function: the schedule's tick, or profiles that the table's stream passed on.

use domain::LeadId;
use serde::Deserialize;

/// Why it was woken.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(from = "Event")]
pub enum Wake {
    /// A minute has passed: serve whoever is due.
    Tick,
    /// These leads became due at once.
    Nudge(Vec<LeadId>),
}

/// A scheduled event has no records; a stream's has.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Option<Vec<Record>>,
}

#[derive(Deserialize)]
struct Record {
    dynamodb: Change,
}

#[derive(Deserialize)]
struct Change {
    #[serde(rename = "Keys")]
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    #[serde(rename = "PK")]
    partition: Text,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

impl From<Event> for Wake {
    fn from(event: Event) -> Self {
        let Some(records) = event.records else { return Self::Tick };
        let mut leads: Vec<LeadId> = records
            .iter()
            .filter_map(|record| record.dynamodb.keys.partition.text.strip_prefix("LEAD#"))
            .filter_map(|id| LeadId::parse(id).ok())
            .collect();
        leads.dedup();
        Self::Nudge(leads)
    }
}
