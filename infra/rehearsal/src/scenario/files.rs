//! Finds the scenarios of all campaigns, and tells every fault in them.

use std::path::{Path, PathBuf};

use campaign_file::tree::{self, Findings, Reader};
use campaign_file::{Finding, Severity};
use domain::Bundle;

use super::names::Names;
use super::{Scenario, read as reading};

/// What came of reading the scenarios.
#[derive(Debug)]
pub struct Scenarios {
    /// Those without a fault, by campaign and file.
    pub scenarios: Vec<Scenario>,
    /// Every fault of the others, at its place.
    pub findings: Vec<Finding>,
}

/// Reads `campaigns/<id>/scenarios/*.yaml` below the folder that the bundle was read from.
pub fn read(infra: &Path, bundle: &Bundle) -> Scenarios {
    let findings = Findings::default();
    let mut scenarios = Vec::new();
    for campaign in bundle.campaigns.values() {
        let folder = infra.join("campaigns").join(campaign.id.as_str()).join("scenarios");
        for path in files(&folder, &findings) {
            scenarios.extend(scenario(&path, Names { bundle, campaign }, &findings));
        }
    }
    Scenarios { scenarios, findings: findings.into_sorted() }
}

fn scenario(path: &Path, names: Names<'_>, findings: &Findings) -> Option<Scenario> {
    let source = tree::open(path, findings)?;
    let root = tree::parse(&source, 0..source.text.len(), findings)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    reading::scenario(Reader::alone(&source, findings), &root, names, &name)
        .filter(|_| !findings.has_error_in(&source))
}

/// The files of a folder in alphabetical order; a folder that is not there has none.
fn files(folder: &Path, findings: &Findings) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let message = format!("cannot be read: {error}");
            findings.add_for_path(Severity::Error, folder, message, "make it readable");
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| !path.file_name().unwrap_or_default().to_string_lossy().starts_with('.'));
    paths.sort();
    let (scenarios, others): (Vec<_>, Vec<_>) =
        paths.into_iter().partition(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    for path in others {
        let help = "a scenario's file is named `<name>.yaml`";
        findings.add_for_path(Severity::Warning, &path, "nothing reads this file", help);
    }
    scenarios
}
