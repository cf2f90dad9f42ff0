//! What wakes the function: the schedule's tick, profiles that the table's stream passed on, or turns from the queue.

use app::ports::Turn;
use domain::LeadId;
use serde::Deserialize;

/// Why it was woken.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(from = "Event")]
pub enum Wake {
    /// A minute has passed: see who is due.
    Tick,
    /// These leads became due at once.
    Leads(Vec<LeadId>),
    /// It is the turn of these.
    Turns(Vec<Turn>),
}

/// A scheduled event has no records; a stream's and a queue's have.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Option<Vec<Record>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Record {
    Changed { dynamodb: Change },
    Queued { body: String },
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
        let (mut leads, mut turns) = (Vec::new(), Vec::new());
        for record in records {
            match record {
                Record::Changed { dynamodb } => leads.extend(dynamodb.lead()),
                // One that cannot be read is of another version; its leads are due still, and the next tick finds them.
                Record::Queued { body } => turns.extend(serde_json::from_str::<Turn>(&body).ok()),
            }
        }
        leads.dedup();
        if leads.is_empty() && !turns.is_empty() { Self::Turns(turns) } else { Self::Leads(leads) }
    }
}

impl Change {
    fn lead(&self) -> Option<LeadId> {
        LeadId::parse(self.keys.partition.text.strip_prefix("LEAD#")?).ok()
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
        assert_eq!(serde_json::from_value::<Wake>(event).expect("an event"), Wake::Leads(vec![lead]));
    }

    #[test]
    fn the_queue_brings_turns() {
        let id = "0123456789abcdef0123456789abcdef";
        let body = json!({ "leads": [id], "good_until": "2027-03-01T10:02:00Z" });
        let record = |body: String| json!({ "messageId": "m", "eventSource": "aws:sqs", "body": body });
        let event = json!({ "Records": [record(body.to_string()), record("of another version".into())] });
        let turn = Turn {
            leads: vec![LeadId::parse(id).expect("an id")],
            good_until: "2027-03-01T10:02:00Z".parse().expect("a time"),
        };
        assert_eq!(serde_json::from_value::<Wake>(event).expect("an event"), Wake::Turns(vec![turn]));
    }
}
