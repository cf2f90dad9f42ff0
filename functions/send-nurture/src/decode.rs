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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_schedule_ticks() {
        let event = json!({
            "version": "0",
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "time": "2027-03-01T10:00:00Z",
            "detail": "{}",
        });
        assert_eq!(serde_json::from_value::<Wake>(event).expect("an event"), Wake::Tick);
    }

    #[test]
    fn the_stream_names_leads() {
        let id = "0123456789abcdef0123456789abcdef";
        let record = |key: &str| {
            json!({
                "eventName": "MODIFY",
                "eventSource": "aws:dynamodb",
                "dynamodb": { "Keys": { "PK": { "S": key }, "SK": { "S": "PROFILE" } } },
            })
        };
        let event =
            json!({ "Records": [record(&format!("LEAD#{id}")), record("SUPPRESSED#x"), record("LEAD#x")] });
        let lead = LeadId::parse(id).expect("an id");
        assert_eq!(serde_json::from_value::<Wake>(event).expect("an event"), Wake::Nudge(vec![lead]));
    }
}
