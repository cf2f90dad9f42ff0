//! Campaigns with faults stop `dev` and `bundle`, with the findings that `check` tells.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use tests::programs::{infra, program};

fn sillon(verb: &str, infra: &Path, more: &[&str]) -> Output {
    Command::new(program("sillon"))
        .arg(verb)
        .arg("--infra")
        .arg(infra)
        .args(more)
        .output()
        .expect("sillon starts")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { std::fs::copy(&from, &to).map(|_| ()).expect("a file") }
    }
}

/// The campaigns of this repository, with one file changed.
fn changed(file: &str, from: &str, to: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    copy(&infra().join("campaigns"), &folder.path().join("campaigns"));
    std::fs::copy(infra().join("sillon.yaml"), folder.path().join("sillon.yaml")).expect("a file");
    let path = folder.path().join(file);
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains(from), "{file} has no `{from}`");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("a file");
    folder
}

#[test]
fn our_own_campaigns_are_sound() {
    let output = sillon("check", &infra(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn findings_stop_dev_and_bundle() {
    let folder = changed("campaigns/guide-solaire/campaign.yaml", "score.total >= 40", "score.totl >= 40");
    let check = sillon("check", folder.path(), &[]);
    assert_eq!(check.status.code(), Some(1));
    let told = String::from_utf8(check.stdout).expect("text");
    let finding = told.lines().find(|line| line.contains("error:")).expect("a finding");
    assert!(finding.contains("campaigns/guide-solaire/campaign.yaml:"), "{finding}");
    assert!(told.contains("score.total"), "the mend: {told}");

    let data = TempDir::new().expect("a folder");
    let (out, data) = (data.path().join("bundle"), data.path().join("data"));
    let bundle = sillon("bundle", folder.path(), &["--out", out.to_str().expect("a path")]);
    let dev =
        sillon("dev", folder.path(), &["--listen", "127.0.0.1:0", "--data", data.to_str().expect("a path")]);
    for (verb, output) in [("bundle", bundle), ("dev", dev)] {
        assert_eq!(output.status.code(), Some(1), "{verb}");
        let errors = String::from_utf8(output.stderr).expect("text");
        assert!(errors.contains(finding), "{verb} tells other findings: {errors}");
    }
    assert!(!out.exists(), "nothing is written");
}

#[test]
fn json_findings_say_the_same() {
    let folder = changed("sillon.yaml", "half_life: 30d", "half_life: 30x");
    let output = sillon("check", folder.path(), &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = findings.as_array().expect("a list");
    let finding = findings.iter().find(|finding| finding["severity"] == "error").expect("an error");
    assert!(finding["file"].as_str().is_some_and(|file| file.ends_with("sillon.yaml")), "{finding}");
    assert!(finding["line"].is_u64() && finding["column"].is_u64(), "{finding}");
}

#[test]
fn wrong_use_is_told_apart() {
    assert_eq!(sillon("plow", &infra(), &[]).status.code(), Some(2));
    assert_eq!(sillon("dev", &infra(), &["--listen", "0.0.0.0:0"]).status.code(), Some(2));
}
