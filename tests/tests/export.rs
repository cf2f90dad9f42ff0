//! `sillon export`: what it writes is what `sillon dev` knows, from a store, a table or another log file.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::Request;
use tests::programs::{infra, program};

fn export(arguments: &[&str]) -> Output {
    Command::new(program("sillon")).arg("export").args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn what_dev_knows_is_written_while_it_runs_and_read_again() {
    let data = TempDir::new().unwrap();
    let dev = Dev::start(&infra(), data.path());
    for name in ["ada", "grace"] {
        let fields = [("email", &*format!("{name}@example.com")), ("housing", "house")];
        let reply = dev.send(&Request::form("/f/guide-solaire", &fields));
        assert!(reply.status < 400, "{}", reply.text());
    }
    dev.advance("1h");
    let out = data.path().join("leads.jsonl");
    let told = export(&["--data", text(data.path()), "--out", text(&out), "--by", "Grace"]);
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    assert_eq!(told.status.code(), Some(0), "{words}");
    assert!(words.contains("2 leads") && words.contains("personal data"), "{words}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let lines: Vec<Value> = read(&out);
    assert_eq!(lines.len(), 2);
    for line in &lines {
        let email = line["activities"][0]["email"].as_str().unwrap();
        assert_eq!(line["activities"], dev.lead(email)["activities"], "{email}");
    }

    let again = export(&["--log", text(&out)]);
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(String::from_utf8(again.stdout).unwrap(), std::fs::read_to_string(&out).unwrap());
}

#[test]
fn a_bad_line_is_told_and_the_others_are_written() {
    let data = TempDir::new().unwrap();
    let file = data.path().join("leads.jsonl");
    let id = "00112233445566778899aabbccddeeff";
    let created = json!({ "at": "2027-01-01T09:00:00Z", "kind": "lead_created", "lead": id, "email": "ada@example.com" });
    std::fs::write(&file, format!("odd\n{}\n", json!({ "lead": id, "activities": [created] }))).unwrap();
    let told = export(&["--log", text(&file)]);
    assert_eq!(told.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&told.stdout).lines().count(), 1);
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(words.contains("leads.jsonl: line 1: "), "{words}");
}

#[test]
fn what_cannot_work_is_told() {
    let data = TempDir::new().unwrap();
    for (arguments, code, words) in [
        (&[][..], 2, "--log FILE"),
        (&["--log", "a", "--data", "b"], 2, "cannot be used with"),
        (&["--log", "no/such/file"], 2, "no/such/file: there is no such file"),
        (&["--data", text(data.path())], 2, "there are no leads"),
    ] {
        let told = export(arguments);
        let stderr = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(words), "{arguments:?}: {stderr}");
    }
}

fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_read_by_the_environment() {
    use app::ports::{LeadStore, Record, Write};
    use domain::{Activity, EmailAddress, Fact, InputId, LeadId, LeadKey, evolve};

    let endpoint = tests::dynamodb::embedded().await;
    let client = tests::dynamodb::client(&endpoint, tests::dynamodb::Requests::default());
    let store = dynamodb::Store::new(client, "leads", vec![4]);
    store.create_table().await.unwrap();
    let now = "2027-01-01T09:00:00Z".parse().unwrap();
    for number in 0..40 {
        let email = EmailAddress::parse(&format!("lead{number}@example.com")).unwrap();
        let id = LeadId::of(&LeadKey::new("a key for these tests").unwrap(), &email);
        let created = Activity { at: now, fact: Fact::LeadCreated { lead: id, email } };
        let lead = evolve(None, &created).unwrap();
        let record = Record { input_id: InputId::of("test", &[]), version: 1, activities: vec![created] };
        let write = Write { expected: None, lead: &lead, records: &[record], limits: &[], now };
        store.commit(&write).await.unwrap();
    }
    let run = |table: &'static str| {
        let endpoint = endpoint.clone();
        tokio::task::spawn_blocking(move || {
            let mut command = Command::new(program("sillon"));
            command
                .args(["export", "--table", table, "--by", "Grace"])
                .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint);
            command.env("AWS_REGION", "eu-west-3").env("AWS_ACCESS_KEY_ID", "test");
            command.env("AWS_SECRET_ACCESS_KEY", "test").output().unwrap()
        })
    };
    let told = run("leads").await.unwrap();
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    assert_eq!(told.status.code(), Some(0), "{words}");
    assert_eq!(String::from_utf8_lossy(&told.stdout).lines().count(), 40);

    let told = run("other").await.unwrap();
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    assert_eq!(told.status.code(), Some(1), "{words}");
    assert!(words.contains("table other cannot be read"), "{words}");
}
