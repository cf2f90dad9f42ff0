//! Sending stops by itself when too many e-mails come back, nobody loses their place, and one command resumes.

use std::path::Path;
use std::process::{Command, Output};

use app::gate::Gate;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::dev::Dev;
use tests::envelopes;
use tests::functions::{Functions, TABLE};
use tests::http::Request;
use tests::programs::{infra, program};
use tests::stack::{Mail, Stack};
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
            "tags": { "send": [mail["send_id"]], "lead": [mail["tags"]["lead"]], "step": [mail["step"]] },
        },
    });
    let sent_at: jiff::Timestamp = mail["sent_at"].as_str().and_then(|at| at.parse().ok()).expect("a time");
    let at = sent_at + jiff::SignedDuration::from_millis(i64::try_from(second).expect("a second"));
    let mut part = part.clone();
    part["timestamp"] = json!(at);
    record[kind.to_lowercase()] = part;
    record
}

/// SES tells that of an e-mail, once each second.
fn tell(dev: &Dev, mail: &Value, kind: &str, seconds: std::ops::Range<usize>) {
    let part = match kind {
        "Bounce" => json!({ "bounceType": "Permanent", "bounceSubType": "General" }),
        _ => json!({}),
    };
    for second in seconds {
        let reply = dev.send(&Request::json("/dev/feedback", &event(mail, kind, &part, second)));
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

/// Presses the button behind the link of the last e-mail.
fn confirm(dev: &Dev) {
    let confirmation = dev.mails().pop().expect("a confirmation").path("c");
    assert_eq!(dev.send(&Request::form(&confirmation, &[])).status, 200);
}

/// Anybody can post addresses that do not exist; those who confirmed theirs get what they asked for all the same.
#[test]
fn bounces_of_confirmations_stop_confirmations_alone() {
    let data = TempDir::new().expect("a folder");
    let dev = Dev::start(&infra(), data.path());
    // E-mails leave in office hours, whenever the test runs.
    dev.pass_to(at(MONDAY));
    submit(&dev, "ada");
    confirm(&dev);
    submit(&dev, "bea");
    let asked = dev.inbox().pop().expect("a confirmation");
    tell(&dev, &asked, "Delivery", 0..96);
    tell(&dev, &asked, "Bounce", 96..100);
    let told = sillon(data.path(), &[]);
    assert_eq!(told.status.code(), Some(1));
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("Confirmations are stopped since"), "{told}");
    let why = "4 of 100 e-mails bounced: 4.00 %, and 4 % is the most; without confirmations, 0 of 0 bounced";
    assert!(told.contains(why), "{told}");
    assert!(told.contains("Confirmations among them: 96 delivered, 4 bounced, 0 called spam."), "{told}");

    submit(&dev, "eve");
    let before = dev.inbox().len();
    dev.advance("5d");
    let since: Vec<Value> = dev.inbox().into_iter().skip(before).map(|mail| mail["to"].clone()).collect();
    assert!(
        !since.is_empty() && since.iter().all(|to| to == "ada@example.com"),
        "nurture goes on: {since:?}"
    );
    assert!(dev.send(&Request::get("/")).text().contains("Confirmations are stopped"));

    assert!(sillon(data.path(), &["resume"]).status.success());
    dev.advance("15m");
    assert_eq!(dev.inbox().pop().expect("an e-mail")["to"], "eve@example.com", "who waited is asked");
    assert_eq!(sillon(data.path(), &[]).status.code(), Some(0));
}

#[test]
fn too_many_bounces_stop_sending_until_somebody_resumes() {
    let data = TempDir::new().expect("a folder");
    let dev = Dev::start(&infra(), data.path());
    submit(&dev, "ada");
    confirm(&dev);
    let mail = dev.inbox().pop().expect("the guide");
    tell(&dev, &mail, "Delivery", 0..96);
    tell(&dev, &mail, "Bounce", 96..99);
    submit(&dev, "bea");
    let before = dev.inbox().len();
    assert_eq!(dev.inbox()[before - 1]["to"], "bea@example.com", "3 of 99 are not too many");
    tell(&dev, &mail, "Bounce", 99..100);

    submit(&dev, "eve");
    dev.advance("2d");
    assert_eq!(dev.inbox().len(), before, "nothing leaves, however much time passes");
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
    let steps: Vec<Value> = dev.inbox().into_iter().skip(before).map(|mail| mail["to"].clone()).collect();
    assert_eq!(steps, ["eve@example.com"]);
    let told = sillon(data.path(), &["--format", "json"]);
    assert_eq!(told.status.code(), Some(0));
    let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    assert_eq!(told["stopped"], Value::Null);
    assert_eq!(told["counted"]["bounced"], 0, "it counts anew");
}

#[test]
fn a_stop_has_a_reason_and_keeps_its_first() {
    let data = TempDir::new().expect("a folder");
    let _dev = Dev::start(&infra(), data.path());
    for reason in ["", "  "] {
        let refused = sillon(data.path(), &["stop", "--because", reason]);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && told.contains("say why"), "{told}");
    }
    assert_eq!(sillon(data.path(), &[]).status.code(), Some(0), "it is not stopped");

    let stop = |reason| {
        let told = sillon(data.path(), &["stop", "--because", reason]);
        assert_eq!(told.status.code(), Some(0));
        String::from_utf8_lossy(&told.stdout).into_owned()
    };
    let first = stop("a wrong price");
    assert!(first.contains(": a wrong price.") && !first.contains("already"), "{first}");
    let second = stop("a wrong picture");
    assert!(second.contains("already") && second.contains(": a wrong price."), "{second}");
    assert!(!second.contains("picture"), "{second}");
}

/// SES tells that 96 of a hundred arrived, and the others came back.
fn tell_functions(functions: &Functions, mail: &Mail) {
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
}

/// What comes of `sillon sending` at the functions' table.
fn asked(functions: &Functions, words: &[&str]) -> Output {
    let mut command = Command::new(program("sillon"));
    command.arg("sending").args(words).args(["--table", TABLE]);
    command.env("AWS_ENDPOINT_URL_DYNAMODB", &functions.endpoint).env("AWS_REGION", "eu-west-3");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.output().expect("sillon runs")
}

/// With which exit code it ends.
fn sending(functions: &Functions, words: &[&str]) -> Option<i32> {
    asked(functions, words).status.code()
}

#[test]
fn the_functions_try_a_carrier_in_doubt_and_trust_it_again() {
    let functions = Functions::start(&infra(), at(MONDAY));
    submit(&functions, "ada");
    let confirmation = functions.mails().pop().expect("the confirmation").path("c");
    assert_eq!(functions.send(&Request::form(&confirmation, &[])).status, 200);
    let before = functions.mails().len();
    functions.wait_for(functions.store().doubt(functions.now())).expect("told");
    let told = String::from_utf8_lossy(&asked(&functions, &[]).stdout).into_owned();
    assert!(told.starts_with("SES does not tell whether e-mails leave."), "{told}");

    functions.tick_at(functions.now() + SignedDuration::from_hours(24 * 7), 1);
    let words = "SES does not tell whether e-mails leave";
    assert!(functions.say(words), "an alarm hears it: {:#?}", functions.logs());
    assert_eq!(functions.mails().len(), before + 1, "one tries, and SES takes it");
    let state = functions.wait_for(functions.store().state()).expect("a state");
    assert_eq!(state.trial_at, None, "all others may leave");
}

/// The same through the functions: `update-score` counts, and `send-nurture` asks the gate.
#[test]
fn the_functions_stop_and_resume_together() {
    let functions = Functions::start(&infra(), at(MONDAY));
    submit(&functions, "ada");
    let confirmation = functions.mails().pop().expect("the confirmation").path("c");
    assert_eq!(functions.send(&Request::form(&confirmation, &[])).status, 200);
    let mail = functions.mails().pop().expect("the guide");
    let before = functions.mails().len();
    tell_functions(&functions, &mail);

    submit(&functions, "eve");
    functions.tick_at(functions.now() + SignedDuration::from_mins(1), 3);
    assert_eq!(functions.mails().len(), before, "nothing leaves");
    assert!(functions.say("4 of 100 e-mails bounced"), "an alarm hears why: {:#?}", functions.logs());

    assert_eq!(sending(&functions, &[]), Some(1));
    assert_eq!(sending(&functions, &["resume"]), Some(0));
    functions.tick_at(functions.now() + SignedDuration::from_mins(1), 1);
    let last = functions.mails().pop().expect("an e-mail");
    assert_eq!((last.step.as_str(), last.to.as_str()), ("confirm", "eve@example.com"), "its turn was kept");
}

#[test]
fn the_functions_stop_confirmations_alone() {
    let functions = Functions::start(&infra(), at(MONDAY));
    submit(&functions, "ada");
    let of_ada = functions.mails().pop().expect("a confirmation");
    submit(&functions, "bea");
    let of_bea = functions.mails().pop().expect("a confirmation").path("c");
    assert_eq!(functions.send(&Request::form(&of_bea, &[])).status, 200);
    tell_functions(&functions, &of_ada);
    let words = "sending is stopped: only confirmations wait";
    assert!(functions.say(words), "an alarm hears it: {:#?}", functions.logs());

    let before = functions.mails().len();
    submit(&functions, "eve");
    functions.pass_to(functions.now() + SignedDuration::from_hours(24 * 5));
    let since: Vec<String> = functions.mails().into_iter().skip(before).map(|mail| mail.to).collect();
    assert!(!since.is_empty() && since.iter().all(|to| to == "bea@example.com"), "{since:?}");

    assert_eq!(sending(&functions, &[]), Some(1));
    assert_eq!(sending(&functions, &["resume"]), Some(0));
    functions.tick_at(functions.now() + SignedDuration::from_mins(16), 1);
    let last = functions.mails().pop().expect("an e-mail");
    assert_eq!((last.step.as_str(), last.to.as_str()), ("confirm", "eve@example.com"), "who waited is asked");
}
