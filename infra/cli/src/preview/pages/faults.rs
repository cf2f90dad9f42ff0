//! What is wrong with the files, as `sillon check` tells it.

use campaign_file::{Finding, Severity};
use maud::{Markup, html};

use crate::preview::files::Loaded;
use crate::terminal::count;

pub fn faults(loaded: &Loaded) -> Markup {
    let (errors, warnings): (Vec<&Finding>, Vec<&Finding>) =
        loaded.findings.iter().partition(|finding| finding.severity == Severity::Error);
    html! {
        @if !errors.is_empty() {
            h1 { (count(errors.len(), "fault")) " in the files" }
            p.soft { "Mend them and save: the e-mails come back by themselves." }
            @for finding in errors { (card(finding)) }
        }
        @if !warnings.is_empty() {
            details.warnings {
                summary { (count(warnings.len(), "warning")) " about the files" }
                @for finding in warnings { (card(finding)) }
            }
        }
    }
}

fn card(finding: &Finding) -> Markup {
    let Finding { file, line, column, length, severity, message, help, source_line, .. } = finding;
    html! {
        section.card.fault {
            p { span class={ "weight " (severity.as_str()) } { (severity.as_str()) } " " strong { (message) } }
            p.soft.small { code { (file) ":" (line) ":" (column) } }
            @if let Some(text) = source_line {
                @let (before, marked, after) = split(text, *column, *length);
                pre { (before) mark { (marked) } (after) }
            }
            p.small { "→ " (help) }
        }
    }
}

/// The line in three: what is meant stands in the middle.
fn split(text: &str, column: usize, length: usize) -> (String, String, String) {
    let characters = || text.chars();
    let start = column.saturating_sub(1);
    (
        characters().take(start).collect(),
        characters().skip(start).take(length).collect(),
        characters().skip(start + length).collect(),
    )
}
