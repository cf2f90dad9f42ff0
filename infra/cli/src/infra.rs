//! Reads the campaigns for verbs that need them without a fault.

use std::io::IsTerminal;
use std::path::Path;

use domain::Bundle;

/// The bundle; or nothing, after every finding was told on standard error. Warnings are told, too.
pub fn bundle_or_findings(infra: &Path) -> anyhow::Result<Option<Bundle>> {
    let outcome = campaign_file::read(infra);
    if !outcome.findings.is_empty() {
        eprint!("{}", campaign_file::render(&outcome.findings, std::io::stderr().is_terminal()));
    }
    Ok(outcome.bundle)
}
