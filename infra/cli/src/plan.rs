//! `sillon plan`: what an edit would do, before it is deployed.

pub mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use domain::Bundle;
use jiff::Timestamp;
use rehearsal::plan::{Flight, Plan};

use crate::leads::Source;
use crate::terminal::{coloured, count, print, print_line};
use crate::{Format, Infra, WrongUse};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    infra: Infra,
    /// What is deployed: `bundle.json`, or a folder that holds it. `sillon bundle` writes it to target/bundle, so keep that
    /// folder with each deployment; `sillon dev` keeps its own in .sillon.
    #[arg(long, value_name = "FILE|FOLDER")]
    deployed: PathBuf,
    #[command(flatten)]
    source: Source,
    /// How many e-mails and alerts the edit may make due within a day.
    #[arg(long, default_value_t = 100, value_name = "N")]
    allow: usize,
    /// The moment at which the edit would be deployed, instead of now: for a log file that is not fresh.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let deployed = deployed(&arguments.deployed)?;
    let Some(edited) = crate::infra::bundle_or_findings(&arguments.infra.folder, arguments.format)? else {
        return Ok(ExitCode::from(1));
    };
    let mut faults = 0;
    let flight = if arguments.source.is_absent() {
        None
    } else {
        let now = arguments.at.map_or_else(|| arguments.source.now(), Ok)?;
        let mut flight = Flight::new(&deployed, &edited, now);
        let mut leads = arguments.source.leads()?;
        while let Some(log) = leads.next() {
            match log.fold() {
                Ok(lead) => flight.add(&lead),
                Err(fault) => leads.tell(&format!("lead {}: {fault}", log.lead)),
            }
        }
        faults = leads.faults();
        Some(flight)
    };
    let plan = Plan::of(&deployed, &edited, flight);
    match arguments.format {
        Format::Json => print_line(serde_json::to_string_pretty(&plan)?)?,
        Format::Text => print(table::plan(&plan, coloured(&std::io::stdout())))?,
    }
    Ok(verdict(&plan, arguments.allow, faults))
}

fn verdict(plan: &Plan, allow: usize, faults: usize) -> ExitCode {
    let sends = plan.sends();
    if sends > allow {
        let mails = count(sends, "e-mail");
        too_many(&format!("{mails} would leave within a day because of this edit"), sends, allow);
    }
    if faults > 0 {
        eprintln!("{} could not be read, and are not counted: see above", count(faults, "lead"));
    }
    ExitCode::from(u8::from(sends > allow || faults > 0))
}

/// Says that more would happen than is allowed, and what to do.
pub fn too_many(what: &str, many: usize, allow: usize) {
    eprintln!(
        "{what}, more than {allow}. If that is meant, say `--allow {many}`; if not, look at the steps above, or deploy with \
         `paused: true` first."
    );
}

/// The bundle that a file or a folder holds.
pub fn deployed(path: &Path) -> anyhow::Result<Bundle> {
    let places = [path.to_owned(), path.join("bundle.json"), path.join("sillon/bundle.json")];
    let file = places.iter().find(|place| place.is_file()).ok_or_else(|| {
        let help =
            "name the bundle.json of your last deployment, or the folder that `sillon bundle` wrote then";
        WrongUse(format!("{}: there is no bundle.json; {help}", path.display()))
    })?;
    let text =
        std::fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{}: not a bundle of Sillon", file.display()))
}
