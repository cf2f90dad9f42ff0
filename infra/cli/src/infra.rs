//! Reads the campaigns for verbs that need them without a fault, and what stands beside them.

use std::path::Path;
use std::process::ExitCode;

use campaign_file::{Finding, Reading};
use domain::Bundle;
use jiff::Timestamp;
use rehearsal::{scenario, simulation};
use serde_json::json;

use crate::preview::samples;
use crate::terminal::{coloured, count, print_line};
use crate::{Format, WrongUse};

/// Refuses what is no folder: no file in it could be told of.
pub fn check_folder(infra: &Path) -> Result<(), WrongUse> {
    if infra.is_dir() {
        return Ok(());
    }
    let found = if infra.exists() { "this is no folder" } else { "there is no such folder" };
    let help = "name the one that holds `sillon.yaml` by --infra, or stand where it is called `infra`";
    Err(WrongUse(format!("{}: {found}; {help}", infra.display())))
}

/// The bundle; or nothing, after every finding was told. Warnings alone are only counted, on standard error.
pub fn bundle_or_findings(infra: &Path, format: Format) -> anyhow::Result<Option<Bundle>> {
    check_folder(infra)?;
    let reading = campaign_file::read(infra);
    if reading.has_errors() {
        tell(&reading.findings, format)?;
    } else if !reading.findings.is_empty() {
        let warnings = count(reading.findings.len(), "warning");
        eprintln!("{warnings}: see `sillon check --infra {}`", infra.display());
    }
    Ok(reading.bundle)
}

/// Tells findings, for people on standard error and for programs on standard output; what is left to do is to end with 1.
pub fn tell(findings: &[Finding], format: Format) -> anyhow::Result<ExitCode> {
    match format {
        Format::Text => eprint!("{}", campaign_file::render(findings, coloured(&std::io::stderr()))),
        Format::Json => print_line(json!({ "findings": findings }))?,
    }
    Ok(ExitCode::from(1))
}

/// The campaigns with all that stands beside them, as `sillon check` reads them: scenarios, rates, leads to preview, prices;
/// and the dates in them that are past `now`.
pub fn with_companions(infra: &Path, now: Timestamp) -> Reading {
    let mut reading = campaign_file::read(infra);
    let Some(bundle) = &reading.bundle else { return reading };
    let mut findings = scenario::read(infra, bundle).findings;
    findings.extend(campaign_file::past(infra, bundle, now));
    let known = samples::known(bundle);
    for campaign in bundle.campaigns.values() {
        let folder = infra.join("campaigns").join(campaign.id.as_str());
        let (rates, leads) = (folder.join("simulation.yaml"), folder.join("preview.yaml"));
        if rates.exists() {
            let read = simulation::rates(&rates, bundle, campaign, &simulation::Rates::default());
            findings.extend(read.err().unwrap_or_default());
        }
        if leads.exists() {
            findings.extend(samples::read(&leads, &known).1);
        }
    }
    let prices = infra.join("prices.yaml");
    if prices.exists() {
        findings.extend(simulation::prices(&prices).err().unwrap_or_default());
    }
    reading.findings.extend(findings);
    reading
}
