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
    for expected in ["1 lead will be looked at within 12h.", "0 leads will be looked at within 12h."] {
        let told = sillon(&["look", "--data", text(data.path()), "--over", "12h"]);
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        assert_eq!(String::from_utf8_lossy(&told.stdout).trim(), expected);
    }
    dev.advance("4d");
    let steps: Vec<_> = dev.inbox().iter().map(|mail| mail["step"].clone()).collect();
    assert_eq!(steps, ["still-there"]);
}

#[test]
fn what_cannot_work_is_told() {
    for arguments in [&["look"][..], &["look", "--log", "a"], &["look", "--data", "a", "--over", "soon"]] {
        assert_eq!(sillon(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
