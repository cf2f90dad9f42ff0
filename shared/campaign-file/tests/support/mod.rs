//! A copy of the example in which single things can be changed.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use campaign_file::Finding;

pub const ORGANISATION: &str = "sillon.yaml";
pub const CAMPAIGN: &str = "campaigns/guide-solaire/campaign.yaml";
pub const WELCOME: &str = "campaigns/guide-solaire/emails/bienvenue.fr.md";

/// The example, copied to a folder of its own.
pub struct Infra {
    pub folder: tempfile::TempDir,
}

impl Infra {
    pub fn example() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(Path::new("tests/fixtures/example"), folder.path());
        Self { folder }
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    /// Replaces the first occurrence of a text, which must be there.
    pub fn replace(&self, file: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(file)).expect("read");
        assert!(text.contains(old), "`{old}` is not in {file}");
        self.write(file, text.replacen(old, new, 1));
    }

    /// The findings, without those that the unchanged example has.
    pub fn findings(&self) -> Vec<Finding> {
        let all = campaign_file::read(self.folder.path()).findings;
        all.into_iter().filter(|finding| !finding.message.contains("such leads read it in")).collect()
    }

    /// The findings, one line each, with the folder left out.
    pub fn lines(&self) -> Vec<String> {
        let line = |finding: Finding| {
            let Finding { file, line, column, length, severity, message, help, .. } = finding;
            format!("{file}:{line}:{column} ({length}) {}: {message} ({help})", severity.as_str())
        };
        self.findings().into_iter().map(line).map(|line| self.without_folder(&line)).collect()
    }

    /// The same with the rule and the edit of each.
    pub fn whole_lines(&self) -> Vec<String> {
        let line = |finding: Finding| {
            let Finding { rule, file, line, column, length, severity, message, help, edit, .. } = finding;
            let (severity, rule) = (severity.as_str(), rule.id());
            let edit = edit.map(|edit| {
                format!("\n      edit {}:{}-{} → {}", edit.line, edit.column, edit.end_column, edit.text)
            });
            let edit = edit.unwrap_or_default();
            format!("{file}:{line}:{column} ({length}) {severity} {rule}: {message} ({help}){edit}")
        };
        self.findings().into_iter().map(line).map(|line| self.without_folder(&line)).collect()
    }

    fn without_folder(&self, line: &str) -> String {
        line.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

/// Each change by itself, with what is found.
pub fn report(changes: &[(&str, &str, &str)]) -> String {
    let mut report = String::new();
    for (file, old, new) in changes {
        let infra = Infra::example();
        infra.replace(file, old, new);
        let (old, new) = (old.replace('\n', "⏎"), new.replace('\n', "⏎"));
        writeln!(report, "{old}  →  {new}").expect("written");
        for line in infra.lines() {
            writeln!(report, "    {line}").expect("written");
        }
    }
    report
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("read") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
