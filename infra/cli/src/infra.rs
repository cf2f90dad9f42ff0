//! Reads the campaigns for verbs that need them without a fault.

use std::path::Path;
use std::process::ExitCode;

use domain::Bundle;

use crate::terminal::{coloured, count};

/// The bundle; or nothing, after every finding was told on standard error. Warnings alone are only counted.
pub fn bundle_or_findings(infra: &Path) -> anyhow::Result<Option<Bundle>> {
    let reading = campaign_file::read(infra);
    if reading.has_errors() {
        eprint!("{}", campaign_file::render(&reading.findings, coloured(&std::io::stderr())));
    } else if !reading.findings.is_empty() {
        let warnings = count(reading.findings.len(), "warning");
        eprintln!("{warnings}: see `sillon check --infra {}`", infra.display());
    }
    Ok(reading.bundle)
}

/// Tells findings on standard error; what is left to do is to end with 1.
pub fn tell(findings: &[campaign_file::Finding]) -> ExitCode {
    eprint!("{}", campaign_file::render(findings, coloured(&std::io::stderr())));
    ExitCode::from(1)
}
