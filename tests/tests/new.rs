//! Every template of `sillon new` makes a campaign that passes the check and its own scenarios.

use std::path::Path;
use std::process::Command;

use tests::programs::program;

const TEMPLATES: [&str; 6] = ["magnet", "webinar", "trial", "newsletter", "win-back", "event"];

/// Three languages, one of which no template speaks.
const SILLON: &str = "
organisation:
  name: Atelier Soleil
  postal_address: 12 rue des Lilas, 69003 Lyon, France
  website: https://atelier.example/
  time_zone: Europe/Paris
  locales: [fr, en, de]
senders:
  bonjour: { from: bonjour@atelier.example }
score:
  engagement: { points: { email_clicked: 5 } }
  temperature: { warm: 20, hot: 50 }
";

fn sillon(infra: &Path, arguments: &[&str]) -> (bool, String) {
    let mut sillon = Command::new(program("sillon"));
    let output = sillon.args(arguments).arg("--infra").arg(infra).output().expect("sillon runs");
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn each_template_passes_the_check_and_its_own_scenarios() {
    let infra = tempfile::tempdir().expect("a folder");
    std::fs::write(infra.path().join("sillon.yaml"), SILLON).expect("a file");
    for template in TEMPLATES {
        let (made, told) = sillon(infra.path(), &["new", template]);
        assert!(made, "{template}: {told}");
        assert!(told.contains("de.md"), "an e-mail for each language: {told}");
    }
    let (good, told) = sillon(infra.path(), &["check"]);
    assert!(good && told.contains("0 errors, 0 warnings"), "{told}");
    let (good, told) = sillon(infra.path(), &["test"]);
    assert!(good, "{told}");
    for template in TEMPLATES {
        assert!(told.contains(&format!("{template}/")), "{template} has no scenario: {told}");
    }
}

#[test]
fn an_id_that_is_taken_or_cannot_be_is_wrong_use_and_changes_nothing() {
    let infra = tempfile::tempdir().expect("a folder");
    std::fs::write(infra.path().join("sillon.yaml"), SILLON).expect("a file");
    assert!(sillon(infra.path(), &["new", "magnet", "guide"]).0);
    let (made, told) = sillon(infra.path(), &["new", "event", "guide"]);
    assert!(!made && told.contains("is there already"), "{told}");
    let (made, told) = sillon(infra.path(), &["new", "event", "../guide"]);
    assert!(!made && told.contains("lower-case letters"), "{told}");
    let (made, told) = sillon(infra.path(), &["new", "webinar", "late", "--date", "2020-01-01"]);
    assert!(!made && told.contains("2020-01-01 is past"), "{told}");
    assert!(!infra.path().join("campaigns/late").exists());
    assert!(sillon(infra.path(), &["check"]).0, "what was there is as it was");
}
