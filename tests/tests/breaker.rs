//! Sending stops by itself when too many e-mails come back, nobody loses their place, and one command resumes.

use std::path::Path;
use std::process::{Command, Output};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::dev::Dev;
use tests::envelopes;
use tests::functions::{Functions, TABLE};
use tests::http::Request;
use tests::programs::{infra, program};
use tests::stack::Stack;
use tests::story::{MONDAY, at};

fn sillon(data: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(program("sillon"));
    command.arg("sending").args(words).arg("--data").arg(data).output().expect("sillon runs")
}

fn submit(dev: &impl Stack, name: &str) {
    let email = format!("{name}@example.com");
    let fields = [("email", email.as_str()), ("housing", "house"), ("consent", "on")];
    let reply = dev.send(&Request::form("/f/guide-solaire", &fields));
    assert!(reply.status < 400, "{}", reply.text());
}

/// An event of SES about an e-mail, at that second after it was sent.
fn event(mail: &Value, kind: &str, part: &Value, second: usize) -> Value {
    let mut record = json!({
        "eventType": kind,
        "mail": {
            "timestamp": mail["sent_at"],
            "messageId": mail["id"],
            "destination": [mail["to"]],
            "tags": { "send": [mail["send_id"]], "lead": [mail["tags"]["lead"]] },
        },
    });
    let sent_at: jiff::Timestamp = mail["sent_at"].as_str().and_then(|at| at.parse().ok()).expect("a time");
    let at = sent_at + jiff::SignedDuration::from_millis(i64::try_from(second).expect("a second"));
    let mut part = part.clone();
    part["timestamp"] = json!(at);
    record[kind.to_lowercase()] = part;
    record
}

#[test]
fn too_many_bounces_stop_sending_until_somebody_resumes() {
    let data = TempDir::new().expect("a folder");
    let dev = Dev::start(&infra(), data.path());
    submit(&dev, "ada");
    let mail = dev.inbox().remove(0);
    let tell = |record: &Value| {
        let reply = dev.send(&Request::json("/dev/feedback", record));
        assert_eq!(reply.status, 200, "{}", reply.text());
    };
    for second in 0..96 {
        tell(&event(&mail, "Delivery", &json!({}), second));
    }
    let bounce = json!({ "bounceType": "Permanent", "bounceSubType": "General" });
    for second in 96..99 {
        tell(&event(&mail, "Bounce", &bounce, second));
    }
    submit(&dev, "bea");
    assert_eq!(dev.inbox().len(), 2, "3 of 99 are not too many");
    tell(&event(&mail, "Bounce", &bounce, 99));

    submit(&dev, "eve");
    dev.advance("2d");
    assert_eq!(dev.inbox().len(), 2, "nothing leaves, however much time passes");
    assert_eq!(dev.lead("eve@example.com")["consent"], "pending");
    assert!(dev.send(&Request::get("/")).text().contains("Sending is stopped"));
    let told = sillon(data.path(), &[]);
    assert_eq!(told.status.code(), Some(1));
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("4 of 100 e-mails bounced"), "{told}");
    assert!(told.contains(&format!("sillon sending resume --data {}", data.path().display())), "{told}");
    let counted = "96 e-mails delivered; bounced: 4 (4.00 %; 4 % stops sending); called spam: 0 (0.00 %; 0.08 % stops sending)";
    assert!(told.contains(counted), "{told}");

    assert!(sillon(data.path(), &["resume"]).status.success());
    dev.advance("1m");
    let steps: Vec<Value> = dev.inbox().into_iter().map(|mail| mail["to"].clone()).collect();
    assert_eq!(steps, ["ada@example.com", "bea@example.com", "eve@example.com"]);
    let told = sillon(data.path(), &["--format", "json"]);
    assert_eq!(told.status.code(), Some(0));
    let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    assert_eq!(told["stopped"], Value::Null);
    assert_eq!(told["counted"]["bounced"], 0, "it counts anew");
}

/// The same through the functions: `update-score` counts, and `send-nurture` asks the gate.
#[test]
fn the_functions_stop_and_resume_together() {
    let functions = Functions::start(&infra(), at(MONDAY));
    submit(&functions, "ada");
    let mail = functions.mails().pop().expect("the confirmation");
    let tell = |kind: &str, part: &Value, place: i64| {
        let told_at = (functions.now() + SignedDuration::from_millis(place)).to_string();
        let mut record = envelopes::click(&mail.message_id, &mail.tags, &mail.to, &told_at);
        let mut part = part.clone();
        part["timestamp"] = json!(told_at);
        record["eventType"] = json!(kind);
        record[kind.to_lowercase()] = part;
        functions.feedback(&record);
    };
    (0..96).for_each(|place| tell("Delivery", &json!({}), place));
    let bounce = json!({ "bounceType": "Permanent", "bounceSubType": "General" });
    (96..100).for_each(|place| tell("Bounce", &bounce, place));

    submit(&functions, "eve");
    functions.tick_at(functions.now() + SignedDuration::from_mins(1), 3);
    assert_eq!(functions.mails().len(), 1, "nothing leaves");
    let logs = functions.logs().join("\n");
    assert!(logs.contains("4 of 100 e-mails bounced"), "an alarm of the template hears why: {logs}");

    let sending = |words: &[&str]| {
        let mut command = Command::new(program("sillon"));
        command.arg("sending").args(words).args(["--table", TABLE]);
        command.env("AWS_ENDPOINT_URL_DYNAMODB", &functions.endpoint).env("AWS_REGION", "eu-west-3");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.output().expect("sillon runs").status.code()
    };
    assert_eq!(sending(&[]), Some(1));
    assert_eq!(sending(&["resume"]), Some(0));
    functions.tick_at(functions.now() + SignedDuration::from_mins(1), 1);
    let last = functions.mails().pop().expect("an e-mail");
    assert_eq!((last.step.as_str(), last.to.as_str()), ("confirm", "eve@example.com"), "its turn was kept");
}
