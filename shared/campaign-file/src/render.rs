//! Findings as a person reads them in a terminal, and as an editor reads them.

use std::fmt::Write;

use crate::{Finding, Severity};

const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const BLUE: &str = "\u{1b}[1;34m";
const BOLD: &str = "\u{1b}[1m";
const RESET: &str = "\u{1b}[0m";

/// The findings as text: `path:line:column: error: what is wrong`, the line with what is meant underlined, and the mend.
pub fn render(findings: &[Finding], colour: bool) -> String {
    let mut out = String::new();
    for finding in findings {
        // Writing to a `String` cannot fail.
        let _ = render_one(&mut out, finding, colour);
    }
    out
}

/// The findings as a JSON array, one object each.
pub fn to_json(findings: &[Finding]) -> String {
    // A finding is made of texts and numbers: nothing that JSON could refuse.
    serde_json::to_string_pretty(findings).unwrap_or_default()
}

fn render_one(out: &mut String, finding: &Finding, colour: bool) -> std::fmt::Result {
    let paint = |code: &'static str| if colour { code } else { "" };
    let tone = match finding.severity {
        Severity::Error => paint(RED),
        Severity::Warning => paint(YELLOW),
    };
    let (blue, bold, reset) = (paint(BLUE), paint(BOLD), paint(RESET));
    let Finding { file, line, column, message, help, .. } = finding;
    let severity = finding.severity.as_str();
    writeln!(
        out,
        "{bold}{}:{line}:{column}: {tone}{severity}{reset}{bold}: {}{reset}",
        shown(file),
        shown(message)
    )?;
    let margin = " ".repeat(line.to_string().len());
    if let Some(text) = &finding.source_line {
        writeln!(out, "{margin} {blue}|{reset}")?;
        writeln!(out, "{blue}{line} |{reset} {}", shown(text))?;
        let carets = "^".repeat(finding.length.max(1));
        writeln!(out, "{margin} {blue}|{reset} {}{tone}{carets}{reset}", indent(text, column - 1))?;
    }
    if let Some(related) = &finding.related {
        let place = format!("{}:{}:{}", shown(&related.file), related.line, related.column);
        writeln!(out, "{margin} {blue}={reset} {bold}note{reset}: {} ({place})", shown(&related.note))?;
    }
    if !help.is_empty() {
        writeln!(out, "{margin} {blue}={reset} {bold}help{reset}: {}", shown(help))?;
    }
    writeln!(out)
}

/// What stands before the carets: tabs stay tabs, so that the carets meet what is meant at any width of a tab.
fn indent(text: &str, characters: usize) -> String {
    text.chars().take(characters).map(|c| if c == '\t' { '\t' } else { ' ' }).collect()
}

/// Without the control characters by which a file could drive the terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}
