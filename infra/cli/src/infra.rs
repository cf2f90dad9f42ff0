//! Reads the campaigns for verbs that need them without a fault.

use std::io::IsTerminal;
use std::path::Path;

use domain::Bundle;

/// The bundle; or nothing, after every finding was told on standard error. Warnings alone are only counted.
pub fn bundle_or_findings(infra: &Path) -> anyhow::Result<Option<Bundle>> {
    let reading = campaign_file::read(infra);
    if reading.has_errors() {
        eprint!("{}", campaign_file::render(&reading.findings, std::io::stderr().is_terminal()));
    } else if !reading.findings.is_empty() {
        let (count, folder) = (reading.findings.len(), infra.display());
        eprintln!("{count} warnings; `sillon check --infra {folder}` tells them");
    }
    Ok(reading.bundle)
}
