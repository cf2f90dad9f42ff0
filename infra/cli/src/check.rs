//! `sillon check`: every fault of the campaigns, at once.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use campaign_file::Severity;

pub fn run(infra: &Path, as_json: bool) -> anyhow::Result<ExitCode> {
    let outcome = campaign_file::read(infra);
    let errors = outcome.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let warnings = outcome.findings.len() - errors;
    if as_json {
        println!("{}", campaign_file::to_json(&outcome.findings));
    } else {
        print!("{}", campaign_file::render(&outcome.findings, std::io::stdout().is_terminal()));
        println!(
            "{}",
            summary(errors, warnings, outcome.bundle.as_ref().map(|bundle| bundle.campaigns.len()))
        );
    }
    Ok(ExitCode::from(u8::from(errors > 0)))
}

fn summary(errors: usize, warnings: usize, campaigns: Option<usize>) -> String {
    let found = format!("{}, {}", count(errors, "error"), count(warnings, "warning"));
    match campaigns {
        Some(campaigns) => format!("{}: {found}.", count(campaigns, "campaign")),
        None => format!("{found}."),
    }
}

/// `1 warning`, `2 warnings`.
pub fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}
