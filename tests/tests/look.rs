//! `sillon look`: an audience that is deployed later finds the leads that were there before.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::Request;
use tests::programs::program;

const ORGANISATION: &str = "\
organisation:
  name: Atelier
  postal_address: 12 rue des Lilas, Lyon
  time_zone: Europe/Paris
  locales: [en]
senders: { hello: { from: hello@example.com } }
";
const GUIDE: &str = "\
title: A guide
sender: hello
form:
  fields: { email: { type: email } }
  consent: { double_opt_in: false, wording: I agree to get e-mails. }
sequence: [wait: 1d]
";

fn sillon(arguments: &[&str]) -> Output {
    Command::new(program("sillon")).args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_campaign_to_win_leads_back_finds_those_who_were_quiet_before_it() {
    let (infra, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    std::fs::create_dir_all(infra.path().join("campaigns/guide")).unwrap();
    std::fs::write(infra.path().join("sillon.yaml"), ORGANISATION).unwrap();
    std::fs::write(infra.path().join("campaigns/guide/campaign.yaml"), GUIDE).unwrap();
    let dev = Dev::start(infra.path(), data.path());
    assert!(dev.send(&Request::form("/f/guide", &[("email", "ada@example.com")])).status < 400);
    dev.advance("80d");
    dev.kill();

    let told = sillon(&["new", "win-back", "--infra", text(infra.path())]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let dev = Dev::start(infra.path(), data.path());
    dev.advance("30d");
    assert_eq!(dev.inbox().len(), 0, "nothing happens to the lead, and nobody looks");
    let look = |more: &[&str]| {
        let told = sillon(&[&["look", "--data", text(data.path()), "--over", "12h"], more].concat());
        let told_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        (told.status.code(), told_of(&told.stdout), told_of(&told.stderr))
    };
    assert!(look(&["--allow", "0"]).2.contains("more than 0. If that is meant, say `--allow 1`"));
    let (code, told, _) = look(&["--dry-run"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.ends_with("1 lead would enter win-back.\n1 lead would be looked at within 12h."), "{told}");
    let (code, _, fault) = look(&["--allow", "0"]);
    assert_eq!(code, Some(1), "{fault}");
    assert!(fault.contains("1 lead would enter, 0 e-mails leave and 0 leads be erased"), "{fault}");
    dev.advance("4d");
    assert_eq!(dev.inbox().len(), 0, "neither looked");
    for expected in ["1 lead will be looked at within 12h.", "0 leads will be looked at within 12h."] {
        let (code, told, fault) = look(&[]);
        assert_eq!(code, Some(0), "{fault}");
        assert!(told.ends_with(expected), "{told}");
    }
    dev.advance("4d");
    let steps: Vec<_> = dev.inbox().iter().map(|mail| mail["step"].clone()).collect();
    assert_eq!(steps, ["still-there"]);
}

#[test]
fn a_shorter_retention_finds_those_who_were_quiet_before_it_and_no_others() {
    let (infra, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    std::fs::create_dir_all(infra.path().join("campaigns/guide")).unwrap();
    let organisation = infra.path().join("sillon.yaml");
    std::fs::write(&organisation, format!("{ORGANISATION}retention: 1y\n")).unwrap();
    std::fs::write(infra.path().join("campaigns/guide/campaign.yaml"), GUIDE).unwrap();
    let dev = Dev::start(infra.path(), data.path());
    let post = |dev: &Dev, email: &str| {
        assert!(dev.send(&Request::form("/f/guide", &[("email", email)])).status < 400);
    };
    post(&dev, "ada@example.com");
    post(&dev, "grace@example.com");
    let id = dev.lead("grace@example.com")["activities"][0]["lead"].as_str().unwrap().to_owned();
    let bounce = serde_json::json!({
        "eventType": "Complaint",
        "mail": { "timestamp": "2026-11-22T10:00:00Z", "messageId": "m", "tags": { "lead": [id], "send": ["0".repeat(32)] } },
        "complaint": { "timestamp": "2026-11-22T10:00:00Z", "complainedRecipients": [] },
    });
    assert!(dev.send(&Request::json("/dev/feedback", &bounce)).status < 400);
    dev.advance("40d");
    post(&dev, "joan@example.com");
    dev.kill();

    std::fs::write(&organisation, format!("{ORGANISATION}retention: 60d\n")).unwrap();
    let dev = Dev::start(infra.path(), data.path());
    let names = |dev: &Dev| -> Vec<String> {
        let leads = dev.get_json("/dev/leads.json");
        leads.as_array().unwrap().iter().map(|lead| lead["email"].as_str().unwrap().to_owned()).collect()
    };
    dev.advance("30d");
    assert_eq!(names(&dev).len(), 3, "nobody looked: {:?}", names(&dev));
    let told = sillon(&["look", "--data", text(data.path()), "--allow", "1"]);
    assert_eq!(told.status.code(), Some(1), "two are erased");
    assert!(String::from_utf8_lossy(&told.stderr).contains("2 leads be erased"));
    let told = sillon(&["look", "--data", text(data.path()), "--over", "1h"]);
    let told = String::from_utf8_lossy(&told.stdout);
    assert!(told.contains("2 leads would be erased"), "{told}");
    assert!(told.ends_with("3 leads will be looked at within 1h.\n"), "{told}");
    dev.advance("2h");
    assert_eq!(names(&dev), ["joan@example.com"]);
    dev.advance("31d");
    assert_eq!(names(&dev), Vec::<String>::new());
}

#[test]
fn what_cannot_work_is_told() {
    for arguments in [&["look"][..], &["look", "--log", "a"], &["look", "--data", "a", "--over", "soon"]] {
        assert_eq!(sillon(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
