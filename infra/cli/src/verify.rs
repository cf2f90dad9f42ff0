//! `sillon verify`: whether each lead's profile is what its log says, and the due index what its profile says.

use std::process::ExitCode;

use app::ports::LeadStore;
use rehearsal::log::Log;
use serde_json::{Value, json};

use crate::Format;
use crate::leads::Store;
use crate::terminal::{count, print_line};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    store: Store,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let to = arguments.store.open()?;
    let mut leads = arguments.store.leads()?;
    let (mut read, mut wrong) = (0, 0);
    for log in leads.by_ref() {
        read += 1;
        let differences = match to.runtime.block_on(to.store.load(&log.lead)) {
            Ok(stored) => differences(&log, stored.map(|stored| stored.lead).as_ref())?,
            Err(error) => vec![format!("the profile cannot be read: {error}")],
        };
        if differences.is_empty() {
            continue;
        }
        wrong += 1;
        match arguments.format {
            Format::Text => print_line(format_args!("{}\n  {}", log.lead, differences.join("\n  ")))?,
            Format::Json => print_line(json!({ "lead": log.lead, "differences": differences }))?,
        }
    }
    if let Format::Text = arguments.format {
        let unreadable = leads.faults();
        print_line(format_args!(
            "{} read, {wrong} other than their log, {unreadable} unreadable.",
            count(read, "lead")
        ))?;
    }
    Ok(ExitCode::from(u8::from(wrong > 0 || leads.faults() > 0)))
}

/// Where the profile is not the fold of the log: places, never values, which are personal.
fn differences(log: &Log, profile: Option<&domain::Lead>) -> anyhow::Result<Vec<String>> {
    let folded = match domain::fold(&log.activities) {
        Ok(folded) => folded,
        Err(fault) => return Ok(vec![fault.to_string()]),
    };
    let mut places = Vec::new();
    compare("", &serde_json::to_value(folded)?, &serde_json::to_value(profile)?, &mut places);
    Ok(places)
}

fn compare(place: &str, folded: &Value, stored: &Value, places: &mut Vec<String>) {
    match (folded, stored) {
        (Value::Object(folded), Value::Object(stored)) => {
            let mut names: Vec<&String> = folded.keys().chain(stored.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let of =
                    |object: &serde_json::Map<String, Value>| object.get(name).cloned().unwrap_or_default();
                compare(&format!("{place}/{name}"), &of(folded), &of(stored), places);
            }
        }
        (folded, stored) if folded == stored => {}
        (folded, Value::Null) => places.push(told(place, "the log has it, the profile has not", folded)),
        (Value::Null, stored) => places.push(told(place, "the profile has it, the log has not", stored)),
        (folded, _) => places.push(told(place, "the log says otherwise", folded)),
    }
}

fn told(place: &str, what: &str, value: &Value) -> String {
    let place = if place.is_empty() { "the profile" } else { place };
    let kind = match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        _ => "a value",
    };
    format!("{place}: {what} ({kind})")
}

#[cfg(test)]
mod tests {
    use domain::{Activity, EmailAddress, Fact, Lead, LeadId, Stage};

    use super::*;

    #[test]
    fn differences_are_told_by_place_and_without_values() {
        let at = "2026-11-23T11:00:00Z".parse().expect("a time");
        let id = LeadId::parse("00112233445566778899aabbccddeeff").expect("an id");
        let email = EmailAddress::parse("ada@example.com").expect("an address");
        let created = Fact::LeadCreated { lead: id.clone(), email: email.clone() };
        let log = Log { lead: id.clone(), activities: vec![Activity { at, fact: created }] };
        let lead = Lead::new(id, email, at);
        assert_eq!(differences(&log, Some(&lead)).expect("JSON"), Vec::<String>::new());

        let mut other = lead;
        other.stage = Stage::Customer;
        other.time_zone = Some("Europe/Paris".into());
        let told = differences(&log, Some(&other)).expect("JSON");
        let expected = [
            "/stage: the log says otherwise (a value)",
            "/time_zone: the profile has it, the log has not (a value)",
        ];
        assert_eq!(told, expected);
        let told = differences(&log, None).expect("JSON");
        assert_eq!(told, ["the profile: the log has it, the profile has not (an object)"]);
    }
}
