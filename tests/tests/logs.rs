//! Logs tell what happened, and nothing of whom it happened to. Every program that a test starts is held to this when it ends
//! (`tests::log`); here they are made to say as much as they can.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::dev::Dev;
use tests::functions::Functions;
use tests::http::Request;
use tests::programs::{infra, infra_with};
use tests::stack::Stack;
use tests::story::{MONDAY, at, tell};

const VICTIM: &str = "victim.of.logs@example.com";

/// What strangers may send, so that whatever repeats it is found out.
fn strange_requests() -> Vec<Request> {
    let json = |text: &str| Request::post("/f/guide-solaire", "application/json", text);
    let mut requests = vec![
        Request::get(&format!("/f/{VICTIM}")),
        Request::get(&format!("/f/guide-solaire?email={VICTIM}&lang={VICTIM}")),
        Request::form(&format!("/f/{VICTIM}"), &[("email", VICTIM)]),
        Request::form("/f/guide-solaire", &[("email", VICTIM), ("housing", VICTIM), ("surface", VICTIM)]),
        Request::form("/f/guide-solaire", &[("email", VICTIM), ("_shown", VICTIM), ("_next", VICTIM)]),
        Request::form("/f/guide-solaire", &[("email", VICTIM), ("housing", "house"), ("_gotcha", VICTIM)]),
        Request::form("/f/guide-solaire", &[("email", VICTIM)])
            .header("origin", &format!("https://{VICTIM}")),
        Request::post("/f/guide-solaire", VICTIM, VICTIM),
        Request::post("/f/guide-solaire", &format!("multipart/form-data; boundary={VICTIM}"), VICTIM),
        json(&format!("{{\"email\": \"{VICTIM}\", \"housing\": {VICTIM}")),
        json(&format!("\"{VICTIM}\"")),
        Request::json("/v1/events", &json!({ "userId": VICTIM, "event": VICTIM })),
        Request::post("/v1/events", "application/json", VICTIM)
            .header("authorization", &format!("Bearer {VICTIM}")),
    ];
    for route in ["c", "u", "p", "d"] {
        requests.push(Request::get(&format!("/{route}/{VICTIM}")));
        requests.push(Request::form(&format!("/{route}/a.{VICTIM}.b?{VICTIM}"), &[("email", VICTIM)]));
    }
    let named = |request: Request| {
        request.header("user-agent", VICTIM).header("referer", &format!("https://x/{VICTIM}"))
    };
    requests.into_iter().map(named).collect()
}

/// Messages that nobody can read, or whose parts stand where others belong.
fn strange_messages() -> Vec<String> {
    let notification = |record: Value| json!({ "Message": record.to_string() }).to_string();
    vec![
        VICTIM.to_owned(),
        json!({ "Message": VICTIM }).to_string(),
        json!({ "by": VICTIM, "events": VICTIM }).to_string(),
        json!({ "by": "server", "received_at": VICTIM, "events": [VICTIM] }).to_string(),
        notification(
            json!({ "eventType": VICTIM, "mail": { "messageId": VICTIM, "tags": { "lead": [VICTIM] } } }),
        ),
        notification(
            json!({ "eventType": "Click", "mail": { "timestamp": VICTIM, "tags": VICTIM }, "click": VICTIM }),
        ),
    ]
}

/// Campaigns that check clean, with an e-mail that cannot be written for one first name, which would tell that name.
fn unwritable_for_one(folder: &Path) -> PathBuf {
    let infra = infra_with(folder, "");
    let email = infra.join("campaigns/guide-solaire/emails/bienvenue.fr.md");
    let written = fs::read_to_string(&email).expect("an e-mail");
    let more = "{% if lead.first_name == \"Ottoline\" %}[Pour vous, {{ lead.first_name }}]({{ lead.phone }}){% endif %}";
    fs::write(&email, format!("{written}\n{more}\n")).expect("it can be written");
    infra
}

#[test]
fn the_functions_logs_tell_of_nobody_however_much_they_are_asked_to() {
    let settings =
        [("AWS_LAMBDA_LOG_LEVEL", "TRACE"), ("AWS_LAMBDA_LOG_FORMAT", "JSON"), ("RUST_LOG", "trace")];
    let folder = TempDir::new().expect("a folder");
    let functions = Functions::start_with(&unwritable_for_one(folder.path()), at(MONDAY), &settings);
    tell(&functions);
    for request in strange_requests() {
        assert!(functions.send(&request).status < 500, "{request:?}");
    }
    functions.offer(&strange_messages()).expect("those that are not read are named");
    let form = json!({ "email": VICTIM, "housing": "house", "first_name": "Ottoline" });
    assert_eq!(functions.send(&Request::json("/f/guide-solaire", &form)).status, 200);
    let confirmation = functions.mails().pop().expect("it was sent").path("c");
    assert_eq!(functions.send(&Request::form(&confirmation, &[])).status, 200);
    assert!(functions.say("could not be written"), "that one cannot be");
    for spoilt in
        [VICTIM.to_owned(), json!(VICTIM).to_string(), json!({ "id": VICTIM, "email": VICTIM }).to_string()]
    {
        functions.replace_state(VICTIM, &spoilt);
        functions.send(&Request::get(&confirmation.replace("/c/", "/p/")));
        functions.send(&Request::form(&confirmation, &[]));
        functions.tick_at(functions.now() + jiff::SignedDuration::from_hours(24 * 9), 1);
    }
    let logs = functions.logs();
    let levels: Vec<Value> =
        logs.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok()).collect();
    assert!(levels.len() > 100, "they were heard: {logs:#?}");
    for line in &levels {
        assert!(["INFO", "WARN", "ERROR"].contains(&line["level"].as_str().unwrap_or_default()), "{line}");
    }
    for outcome in ["recorded", "invalid", "stale", "trapped", "not_found", "unreadable"] {
        assert!(logs.iter().any(|line| line.contains(outcome)), "{outcome} is told");
    }
}

#[test]
fn what_sillon_dev_prints_tells_of_nobody() {
    let data = TempDir::new().expect("a folder");
    let dev = Dev::start(&infra(), data.path());
    for request in strange_requests() {
        assert!(dev.send(&request).status < 500, "{request:?}");
    }
    for path in ["/dev/leads/victim.of.logs@example.com.json", "/dev/leads/victim.of.logs@example.com"] {
        dev.send(&Request::get(path));
    }
    dev.send(&Request::json("/dev/feedback", &json!({ "eventType": VICTIM, "mail": VICTIM })));
    dev.advance("40d");
}
