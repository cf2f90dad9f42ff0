//! Each read of a lead by a person stands in the lead's own log; what cannot be noted is not shown.

use std::path::Path;
use std::process::{Command, Output};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::Request;
use tests::programs::{infra, program};
use tests::stack::Stack;

const ADA: &str = "ada@example.com";

fn sillon(arguments: &[&str]) -> Output {
    let infra = infra();
    let mut command = Command::new(program("sillon"));
    command.args(arguments).env_remove("USER").env_remove("LOGNAME").env_remove("USERNAME");
    if arguments[0] == "why" {
        command.arg("--infra").arg(infra);
    }
    command.output().expect("sillon runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Who read it, and with what.
fn reads(activities: &Value) -> Vec<(&str, &str)> {
    let activities = activities.as_array().expect("activities").iter();
    let reads = activities.filter(|activity| activity["kind"] == "lead_read");
    reads.map(|read| (read["by"].as_str().expect("a name"), read["how"].as_str().expect("a verb"))).collect()
}

/// Ada is there, and confirmed.
fn with_ada(data: &Path) -> Dev {
    let dev = Dev::start(&infra(), data);
    let posted = dev.send(&Request::form("/f/guide-solaire", &[("email", ADA), ("housing", "house")]));
    assert!(posted.status < 400, "{}", posted.text());
    let confirmation = dev.mails().pop().expect("an e-mail");
    dev.send(&Request::form(&confirmation.path("c"), &[]));
    dev
}

#[test]
fn who_reads_a_lead_stands_in_its_timeline_and_in_its_own_data() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let dev = with_ada(&data);
    let out = folder.path().join("leads.jsonl");
    for (arguments, how) in
        [(&["why", ADA][..], "sillon why"), (&["export", ADA, "--out", text(&out)], "sillon export")]
    {
        let told = sillon(&[arguments, &["--data", text(&data), "--by", "Grace"]].concat());
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        assert_eq!(reads(&dev.lead(ADA)["activities"]).last(), Some(&("Grace", how)));
    }
    let exported = std::fs::read_to_string(&out).expect("the export");
    assert_eq!(exported.lines().count(), 1, "of one lead: {exported}");
    let timeline = dev.send(&Request::get("/dev/leads/ada@example.com")).text();
    assert!(timeline.contains("Read by Grace, with sillon why"), "{timeline}");

    // All leads at once: noted once, and told each of them.
    let told = sillon(&["export", "--data", text(&data), "--by", "Joan"]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert_eq!(reads(&dev.lead(ADA)["activities"]).len(), 2);
    let preferences = dev.mails().pop().expect("an e-mail with a footer").path("p");
    dev.send(&Request::form(&preferences, &[("ask", "export")]));
    let own = dev.mails().pop().expect("an e-mail").path("p");
    let own = dev.send(&Request::get(&format!("{own}?as=json"))).json();
    let expected = [("Grace", "sillon why"), ("Grace", "sillon export"), ("Joan", "sillon export")];
    assert_eq!(reads(&own["activities"]), expected);
}

#[test]
fn a_log_file_is_a_copy_of_which_nothing_is_noted() {
    let folder = TempDir::new().expect("a folder");
    let (data, log) = (folder.path().join("data"), folder.path().join("leads.jsonl"));
    let dev = with_ada(&data);
    let exported = sillon(&["export", "--data", text(&data), "--by", "Grace", "--out", text(&log)]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    for verb in ["why", "export"] {
        let told = sillon(&[verb, ADA, "--log", text(&log)]);
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    }
    assert_eq!(reads(&dev.lead(ADA)["activities"]), []);
}

#[test]
fn whoever_does_not_say_who_they_are_reads_nothing() {
    let data = TempDir::new().expect("a folder");
    let dev = with_ada(data.path());
    for (arguments, by) in [
        (&["why", ADA][..], None),
        (&["export"], None),
        (&["export", ADA], Some("two\nlines")),
        (&["erase", ADA], None),
    ] {
        let by: Vec<&str> = by.into_iter().flat_map(|by| ["--by", by]).collect();
        let told = sillon(&[arguments, &["--data", text(data.path())], &by].concat());
        let words = String::from_utf8_lossy(&told.stderr);
        assert_eq!((told.status.code(), told.stdout.len()), (Some(2), 0), "{arguments:?}: {words}");
        assert!(words.contains("--by"), "{words}");
    }
    assert_eq!(reads(&dev.lead(ADA)["activities"]), []);
}

/// Before a table: whoever asks may read it and write nothing.
async fn read_only(endpoint: String) -> String {
    let pass_on = move |headers: HeaderMap, body: Bytes| {
        let endpoint = endpoint.clone();
        async move {
            let target = headers["x-amz-target"].to_str().expect("an operation").to_owned();
            if !target.ends_with(".Scan") && !target.ends_with(".GetItem") && !target.ends_with(".Query") {
                let denied = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no"}"#;
                return (StatusCode::BAD_REQUEST, denied.as_bytes().to_vec());
            }
            let headers = headers
                .iter()
                .filter(|(name, _)| *name != "host")
                .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
            let request = Request {
                method: "POST".into(),
                path: "/".into(),
                headers: headers.collect(),
                body: body.into(),
            };
            let reply = tokio::task::spawn_blocking(move || tests::http::send(&endpoint, &request));
            let reply = reply.await.expect("it ends").expect("an answer");
            (StatusCode::from_u16(reply.status).expect("a status"), reply.body)
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass_on)).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_noted_is_not_shown() {
    use app::ports::{LeadStore, Record, Write};
    use domain::{Activity, EmailAddress, Fact, InputId, LeadId, LeadKey, evolve};

    let endpoint = tests::dynamodb::embedded().await;
    let client = tests::dynamodb::client(&endpoint, tests::dynamodb::Requests::default());
    let store = dynamodb::Store::new(client, "leads", vec![4]);
    store.create_table().await.expect("a table");
    let now = "2026-01-01T09:00:00Z".parse().expect("a time");
    let email = EmailAddress::parse(ADA).expect("an address");
    let id = LeadId::of(&LeadKey::new("a key for these tests").expect("a key"), &email);
    let created = Activity { at: now, fact: Fact::LeadCreated { lead: id, email } };
    let lead = evolve(None, &created).expect("a lead");
    let record = Record { input_id: InputId::of("test", &[]), version: 1, activities: vec![created] };
    let write = Write { expected: None, lead: &lead, records: &[record], limits: &[], now };
    store.commit(&write).await.expect("stored");

    let guarded = read_only(endpoint.clone()).await;
    let run = |endpoint: &str, arguments: &'static [&'static str]| {
        let endpoint = endpoint.to_owned();
        tokio::task::spawn_blocking(move || {
            let mut command = Command::new(program("sillon"));
            command.args(arguments).args(["--table", "leads", "--by", "Grace"]);
            if arguments[0] == "why" {
                command.arg("--infra").arg(infra());
            }
            command.env("AWS_ENDPOINT_URL_DYNAMODB", endpoint).env("AWS_REGION", "eu-west-3");
            command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").output()
        })
    };
    for arguments in [&["why", ADA][..], &["export", ADA], &["export"]] {
        let told = run(&guarded, arguments).await.expect("it ends").expect("sillon runs");
        let words = String::from_utf8_lossy(&told.stderr);
        assert_eq!((told.status.code(), told.stdout.len()), (Some(1), 0), "{arguments:?}: {words}");
        assert!(words.contains("cannot be noted that you read it"), "{words}");
        let told = run(&endpoint, arguments).await.expect("it ends").expect("sillon runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        assert!(String::from_utf8_lossy(&told.stdout).contains(ADA), "{arguments:?}");
    }
}
