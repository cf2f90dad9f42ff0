//! The outcomes of scenarios, as a person and as a program reads them.

use std::fmt::Write;

use serde_json::json;

use super::{Failure, Line, Outcome, Scenario};

const RED: &str = "\u{1b}[1;31m";
const GREEN: &str = "\u{1b}[32m";
const SOFT: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

/// A line for each scenario; for those that fail, the timeline and the expectations that failed.
pub fn to_text(outcomes: &[(Scenario, Outcome)], colour: bool) -> String {
    let mut out = String::new();
    for (scenario, outcome) in outcomes {
        // Writing to a `String` cannot fail.
        let _ = one(&mut out, scenario, outcome, colour);
    }
    out
}

fn one(out: &mut String, scenario: &Scenario, outcome: &Outcome, colour: bool) -> std::fmt::Result {
    let paint = |code: &'static str| if colour { code } else { "" };
    let (red, green, soft, reset) = (paint(RED), paint(GREEN), paint(SOFT), paint(RESET));
    let Scenario { title, campaign, name, file, .. } = scenario;
    if outcome.failures.is_empty() {
        return writeln!(out, "{green}ok{reset}      {campaign}/{name}: {}", shown(title));
    }
    writeln!(out, "{red}FAILED{reset}  {campaign}/{name}: {}", shown(title))?;
    let mut last = String::new();
    for Line { at, text } in &outcome.timeline {
        // A moment stands once, before the first thing that happens then.
        let at = at.to_string();
        let told = if at == last { " ".repeat(at.chars().count()) } else { at.clone() };
        writeln!(out, "          {soft}{told}{reset}  {}", shown(text))?;
        last = at;
    }
    for Failure { place, at, expected, got } in &outcome.failures {
        writeln!(out, "        {red}✗{reset} {at}  expected {}", shown(expected))?;
        writeln!(out, "          {}  got {}", " ".repeat(at.to_string().chars().count()), shown(got))?;
        writeln!(out, "          {soft}{}:{}:{}{reset}", shown(file), place.line, place.column)?;
    }
    Ok(())
}

/// What e-mails and files hold, without the control characters by which it could drive the terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// An array with an object for each scenario.
pub fn to_json(outcomes: &[(Scenario, Outcome)]) -> String {
    let told: Vec<_> = outcomes
        .iter()
        .map(|(scenario, outcome)| {
            let failures = outcome.failures.iter().map(|failure| {
                let Failure { place, at, expected, got } = failure;
                json!({ "line": place.line, "column": place.column, "at": at, "expected": expected, "got": got })
            });
            let timeline = outcome.timeline.iter().map(|line| json!({ "at": line.at, "text": line.text }));
            json!({
                "campaign": scenario.campaign,
                "scenario": scenario.name,
                "title": scenario.title,
                "file": scenario.file,
                "passed": outcome.failures.is_empty(),
                "failures": failures.collect::<Vec<_>>(),
                "timeline": timeline.collect::<Vec<_>>(),
            })
        })
        .collect();
    serde_json::to_string_pretty(&told).unwrap_or_default()
}
