//! Pages in a real browser: runs the tests of `tests/browser`, which say in JavaScript what a person does and sees.
#![expect(clippy::disallowed_methods, reason = "the browser's tests are told where the programs are")]

use std::path::Path;
use std::process::Command;

use rstest::rstest;

#[rstest]
fn in_a_browser(#[values("embed", "form", "pages", "preview")] subject: &str) {
    let tools = std::env::var_os("SILLON_TEST_BROWSER_TOOLS");
    assert!(tools.is_some(), "the browser is not set up: run the tests with `tests/run`");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(format!("{subject}.test.js"));
    let output = Command::new("node").arg("--test").arg(file).output().expect("node starts");
    let told =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}");
}
