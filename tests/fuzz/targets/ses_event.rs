//! Decodes what SES may tell, by itself and as `update-score` gets it, and applies it to the lead it is about.
#![no_main]

use domain::input::NewLead;
use domain::{EmailAddress, InputBody, Lead, LeadKey, decide, evolve};
use fuzz::web_support::{NOW, world};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use ses::decode_feedback;

/// What `update-score` does with a message of its queue.
#[path = "../../../functions/update-score/src/decode.rs"]
mod update_score;

/// What somebody else's server says is kept up to here, in characters.
const MOST_DETAIL: usize = 500;

fuzz_target!(|record: &str| {
    let key = LeadKey::new("0123456789abcdef").expect("a key");
    let decoded = decode_feedback(record);
    let wrapped = json!({ "Type": "Notification", "Message": record }).to_string();
    let queued = update_score::message(&key, &wrapped);
    // Whatever else stands in the queue must at least be told apart.
    let _ = update_score::message(&key, record);
    match (decoded, queued) {
        (Err(_), Err(refused)) => {
            let told = refused.to_string();
            assert_eq!(
                told, "no SES event record; it is kept in the dead-letter queue",
                "a record is in the log"
            );
        }
        (Ok(alone), Ok(queued)) => {
            assert_eq!(alone.clone().into_iter().collect::<Vec<_>>(), queued);
            let Some((id, input)) = alone else { return };
            let InputBody::Feedback(feedback) = &input.body else { panic!("{input:?}") };
            let detail = feedback.detail.as_deref().unwrap_or_default();
            assert!(detail.chars().count() <= MOST_DETAIL, "{} characters", detail.chars().count());
            assert_eq!(input.at.as_nanosecond() % 1_000_000, 0, "whole milliseconds: {}", input.at);

            let now: Timestamp = NOW.parse().expect("a time");
            let new = NewLead::of(&key, EmailAddress::parse("ada@example.com").expect("an address"));
            let lead = Lead::new(id, new.email, now);
            let Ok(decision) = decide(&world().app.bundle, Some(&lead), &input, now) else { return };
            let folded =
                decision.activities.iter().try_fold(lead, |lead, activity| evolve(Some(lead), activity));
            assert_eq!(folded.as_ref(), Ok(&decision.lead));
            let kept = serde_json::to_string(&decision.activities).expect("activities are JSON");
            let read: Vec<domain::Activity> = serde_json::from_str(&kept).expect("what was kept");
            assert_eq!(read, decision.activities);
        }
        (alone, queued) => panic!("{alone:?}, and wrapped {queued:?}"),
    }
});
