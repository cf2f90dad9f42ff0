//! `sillon verify`: whether each lead's profile is what its log says, and its item what its profile says.

use std::process::ExitCode;

use app::ports::{LeadStore, StoreError};
use dynamodb::Inspected;
use futures_util::future::join_all;
use rehearsal::log::Log;
use serde_json::{Value, json};

use crate::Format;
use crate::leads::Store;
use crate::terminal::{count, print_line};

/// Profiles that are read side by side.
const AT_ONCE: usize = 32;
/// What the log tells and a profile need not: whoever wrote it last may have had a version that did not keep it, and what
/// reads a profile takes that into account.
const KEPT_LATER: [&str; 2] = ["/consent/request/counted_for", "/consent/request/has_place"];

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
    loop {
        let logs: Vec<Log> = leads.by_ref().take(AT_ONCE).collect();
        if logs.is_empty() {
            break;
        }
        read += logs.len();
        let compared = to.runtime.block_on(join_all(logs.iter().map(|log| compared(&to.store, log))));
        for (log, differences) in logs.iter().zip(compared) {
            let differences = differences?;
            if differences.is_empty() {
                continue;
            }
            wrong += 1;
            leads.aside(|| match arguments.format {
                Format::Text => print_line(format_args!("{}\n  {}", log.lead, differences.join("\n  "))),
                Format::Json => print_line(json!({ "lead": log.lead, "differences": differences })),
            })?;
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

/// What differs. A lead that seems to was perhaps written between its log and its profile, so both are read once more.
async fn compared(store: &dynamodb::Store, log: &Log) -> anyhow::Result<Vec<String>> {
    let found = differences(log, store.inspect(&log.lead).await)?;
    if found.is_empty() {
        return Ok(found);
    }
    let Ok(records) = store.records(&log.lead).await else { return Ok(found) };
    let activities = records.into_iter().flat_map(|record| record.activities).collect();
    let log = Log { lead: log.lead.clone(), activities };
    differences(&log, store.inspect(&log.lead).await)
}

/// Where the profile is not the fold of the log: places, never values, which are personal.
fn differences(log: &Log, profile: Result<Option<Inspected>, StoreError>) -> anyhow::Result<Vec<String>> {
    let profile = match profile {
        Ok(profile) => profile,
        Err(error) => return Ok(vec![format!("the profile cannot be read: {error}")]),
    };
    let folded = match domain::fold(&log.activities) {
        Ok(folded) => folded,
        Err(fault) => return Ok(vec![fault.to_string()]),
    };
    let mut places = Vec::new();
    let stored = profile.as_ref().map(|profile| &profile.stored.lead);
    compare("", &serde_json::to_value(folded)?, &serde_json::to_value(stored)?, &mut places);
    let attributes = profile.iter().flat_map(|profile| &profile.other);
    places.extend(attributes.map(|name| format!("attribute {name}: the profile says otherwise")));
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
        (_, Value::Null) if KEPT_LATER.contains(&place) => {}
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
    use app::ports::Stored;
    use domain::{Activity, EmailAddress, Fact, Lead, LeadId, Stage};

    use super::*;

    #[test]
    fn a_profile_of_an_earlier_version_is_no_other_than_its_log() {
        let at: jiff::Timestamp = "2026-11-23T11:00:00Z".parse().expect("a time");
        let id = LeadId::parse("00112233445566778899aabbccddeeff").expect("an id");
        let email = EmailAddress::parse("ada@example.com").expect("an address");
        let asked = |campaign: &str, mail_due| Fact::ConfirmationRequested {
            campaign: domain::CampaignId::parse(campaign).expect("an id"),
            request: 1,
            mail_due,
            topics: Default::default(),
        };
        let facts = [
            Fact::LeadCreated { lead: id.clone(), email },
            asked("guide", Some(at)),
            asked("news", Some(at)),
        ];
        let activities: Vec<Activity> = facts.into_iter().map(|fact| Activity { at, fact }).collect();
        let mut earlier = domain::fold(&activities).expect("a log").expect("a lead");
        let log = Log { lead: id, activities };
        let told = |lead: &Lead| {
            let stored = Stored { lead: lead.clone(), version: 3 };
            differences(&log, Ok(Some(Inspected { stored, other: Vec::new() }))).expect("JSON")
        };
        let request = earlier.consent.request.as_mut().expect("a request");
        assert!(request.counted_for.take().is_some(), "the log tells it");
        assert_eq!(told(&earlier), Vec::<String>::new());
        earlier.consent.request.as_mut().expect("a request").counted_for = Some(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(told(&earlier), ["/consent/request/counted_for: the log says otherwise (a value)"]);
        earlier.consent.request = None;
        assert_eq!(told(&earlier), ["/consent/request: the log has it, the profile has not (an object)"]);
    }

    #[test]
    fn differences_are_told_by_place_and_without_values() {
        let at = "2026-11-23T11:00:00Z".parse().expect("a time");
        let id = LeadId::parse("00112233445566778899aabbccddeeff").expect("an id");
        let email = EmailAddress::parse("ada@example.com").expect("an address");
        let created = Fact::LeadCreated { lead: id.clone(), email: email.clone() };
        let log = Log { lead: id.clone(), activities: vec![Activity { at, fact: created }] };
        let lead = Lead::new(id, email, at);
        let told = |lead: Option<&Lead>, other: &[&str]| {
            let other = other.iter().map(ToString::to_string).collect();
            let stored = lead.map(|lead| Stored { lead: lead.clone(), version: 1 });
            differences(&log, Ok(stored.map(|stored| Inspected { stored, other }))).expect("JSON")
        };
        assert_eq!(told(Some(&lead), &[]), Vec::<String>::new());
        assert_eq!(told(Some(&lead), &["due_sk"]), ["attribute due_sk: the profile says otherwise"]);

        let mut other = lead;
        other.stage = Stage::Customer;
        other.time_zone = Some("Europe/Paris".into());
        let expected = [
            "/stage: the log says otherwise (a value)",
            "/time_zone: the profile has it, the log has not (a value)",
        ];
        assert_eq!(told(Some(&other), &[]), expected);
        assert_eq!(told(None, &[]), ["the profile: the log has it, the profile has not (an object)"]);
    }
}
