//! What must be true of every reading of `infra/`, whatever the files hold.

use campaign_file::{Edit, Finding, Reading, render, to_json, to_sarif};

use crate::infra::Infra;

/// The most that all findings together may show: nobody reads on, and nothing may fill a disk.
const MOST_SHOWN: usize = 50_000_000;

/// Holds that there is a bundle or else an error, and that every finding points into its file and says what to do.
pub fn check(infra: &Infra, reading: &Reading) {
    assert_eq!(reading.bundle.is_none(), reading.has_errors(), "{:#?}", reading.findings);
    for finding in &reading.findings {
        assert!(!finding.message.is_empty() && !finding.help.is_empty(), "no mend: {finding:?}");
        check_place(infra, finding);
    }
    let shown = render(&reading.findings, true).len() + to_json(&reading.findings).len();
    assert!(shown <= MOST_SHOWN, "{shown} bytes are shown");
    let sarif = to_sarif(&reading.findings);
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("SARIF is JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), reading.findings.len());
}

fn check_place(infra: &Infra, finding: &Finding) {
    let Finding { line, column, length, source_line, .. } = finding;
    assert!(finding.file.starts_with(&*infra.path().to_string_lossy()), "another file: {finding:?}");
    assert!(*line > 0 && *column > 0, "{finding:?}");
    let Some(source_line) = source_line else {
        assert!(finding.edit.is_none(), "an edit of nothing: {finding:?}");
        return;
    };
    let there = line_of(infra, &finding.file, *line).unwrap_or_else(|| panic!("no such line: {finding:?}"));
    assert_eq!(there.trim_end_matches('\r'), source_line, "{finding:?}");
    let characters = there.chars().count();
    assert!(column - 1 + length <= characters, "beyond its line: {finding:?}");
    if let Some(Edit { line, column, end_column, text, .. }) = &finding.edit {
        let there = line_of(infra, &finding.file, *line).expect("the edit's line");
        assert!(column <= end_column && *end_column <= there.chars().count() + 1, "{finding:?}");
        assert!(!text.contains('\n'), "an edit of several lines: {finding:?}");
    }
    if let Some(related) = &finding.related {
        let there = line_of(infra, &related.file, related.line).expect("the second place's line");
        assert!(related.column > 0 && related.column <= there.chars().count() + 1, "{finding:?}");
    }
}

/// A line of a file, counted from 1, as an editor counts.
fn line_of(infra: &Infra, file: &str, line: usize) -> Option<String> {
    let text = String::from_utf8_lossy(infra.file(file)?);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    text.split('\n').nth(line - 1).map(str::to_owned)
}
