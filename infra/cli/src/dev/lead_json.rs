//! A lead as `/dev/leads.json` shows it.

use domain::{Activity, Bundle, Lead, Score, computed};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The outside contract's view of a lead at `now`.
pub fn lead(bundle: &Bundle, lead: &Lead, now: Timestamp) -> Value {
    let score = Score::of(bundle, lead, now);
    let temperature = score.temperature(bundle.organisation.score.temperature);
    let enrolments: Vec<Value> = lead
        .enrolments
        .iter()
        .map(|(campaign, enrolment)| {
            json!({
                "campaign": campaign,
                "step": enrolment.step,
                "state": enrolment.state.as_str(),
                "due_at": enrolment.due_at,
            })
        })
        .collect();
    json!({
        "email": lead.email,
        "traits": *computed::traits_of(bundle, lead),
        "locale": lead.locale,
        "consent": lead.consent.state.as_str(),
        "suppressed": lead.suppression,
        "attribution": lead.attribution,
        "stage": lead.stage.as_str(),
        "temperature": temperature.as_str(),
        "score": score,
        "enrolments": enrolments,
    })
}

/// The same with everything that happened.
pub fn lead_with_activities(bundle: &Bundle, state: &Lead, activities: &[Activity], now: Timestamp) -> Value {
    let mut value = lead(bundle, state, now);
    value["activities"] = json!(activities);
    value
}
