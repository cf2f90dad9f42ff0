//! Shows and writes what `sillon check --fix` mends.

use std::fs;
use std::path::Path;

use anyhow::Context;
use campaign_file::{Finding, MendedFile};

/// The lines that change, as `diff -U0` shows them: a mend never adds or removes one.
pub fn difference(file: &MendedFile) -> String {
    let path = file.path.display();
    let mut shown = format!("--- {path}\n+++ {path}\n");
    let lines = file.before.split_inclusive('\n').zip(file.after.split_inclusive('\n'));
    for (at, (before, after)) in lines.enumerate().filter(|(_, (before, after))| before != after) {
        let line = at + 1;
        let (before, after) = (before.trim_end_matches(['\r', '\n']), after.trim_end_matches(['\r', '\n']));
        shown.push_str(&format!("@@ -{line} +{line} @@\n-{before}\n+{after}\n"));
    }
    shown
}

/// `path:line:column: unknown key ...: mended: postal_address`.
pub fn describe(finding: &Finding) -> String {
    let Finding { file, line, column, message, edit, .. } = finding;
    let text = edit.as_ref().map(|edit| edit.text.as_str()).unwrap_or_default();
    format!("{file}:{line}:{column}: {message}: write `{text}`")
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub fn write(file: &MendedFile) -> anyhow::Result<()> {
    let fault = || format!("{}: cannot be written", file.path.display());
    // A link stays a link.
    let path = fs::canonicalize(&file.path).with_context(fault)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = replace(&path, &beside, &file.after);
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written.with_context(fault)
}

fn replace(path: &Path, beside: &Path, text: &str) -> std::io::Result<()> {
    fs::write(beside, text)?;
    fs::set_permissions(beside, fs::metadata(path)?.permissions())?;
    fs::rename(beside, path)
}
