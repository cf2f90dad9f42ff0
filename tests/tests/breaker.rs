//! Sending stops by itself when too many e-mails come back, nobody loses their place, and one command resumes.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::Request;
use tests::programs::{infra, program};

fn sillon(data: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(program("sillon"));
    command.arg("sending").args(words).arg("--data").arg(data).output().expect("sillon runs")
}

fn submit(dev: &Dev, name: &str) {
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
