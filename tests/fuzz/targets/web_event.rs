//! Posts a body to `/v1/events`, and applies what was queued of it.
#![no_main]

use domain::{InputBody, LeadId, decide, evolve};
use fuzz::visits::{check_harmless, run};
use fuzz::web_support::{NOW, json_of, request, world};
use http::Method;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Without the key, a token in the body may say who sends it; none is good.
    let stranger = world();
    let answer = run(stranger.events(request(Method::POST, "/v1/events", &[], bytes)));
    check_harmless(&answer);
    assert_eq!(answer.status(), 401);
    assert!(stranger.queue.messages.lock().expect("the queue").is_empty());

    let world = world();
    let headers = [("authorization", "Bearer first"), ("content-type", "application/json")];
    let answer = run(world.events(request(Method::POST, "/v1/events", &headers, bytes)));
    check_harmless(&answer);
    let messages = world.queue.messages.lock().expect("the queue");
    match answer.status().as_u16() {
        202 => {}
        400 | 413 | 422 => return assert!(messages.is_empty(), "refused, and queued"),
        _ => panic!("{answer:?}"),
    }
    let accepted =
        usize::try_from(json_of(&answer)["accepted"].as_u64().expect("a number")).expect("a count");
    let Some(message) = messages.first() else { return assert_eq!(accepted, 0) };
    let inputs = web::decode_events(&world.app.lead_key, message).expect("what was accepted can be read");
    assert_eq!(inputs.len(), accepted);
    for (id, input) in &inputs {
        let now: Timestamp = NOW.parse().expect("a time");
        let new = input.new_lead().expect("a server names somebody");
        let key = &world.app.lead_key;
        assert_eq!((&LeadId::of(key, &new.email), &new.id), (id, id));
        assert!(matches!(input.body, InputBody::Track(_)));
        let Ok(decision) = decide(&world.app.bundle, None, input, now) else { continue };
        let mut folded = None;
        for activity in &decision.activities {
            folded = Some(evolve(folded, activity).expect("a log in order"));
        }
        assert_eq!(folded.as_ref(), Some(&decision.lead));
        let kept = serde_json::to_string(&decision.activities).expect("activities are JSON");
        let read: Vec<domain::Activity> = serde_json::from_str(&kept).expect("what was kept");
        assert_eq!(read, decision.activities, "{kept}");
    }
});
