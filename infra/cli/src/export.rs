//! `sillon export`: the log file, of all leads or of one.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use rehearsal::log::Log;

use crate::leads::{Source, Whom};
use crate::terminal::count;
use crate::who::Who;

#[derive(clap::Args)]
pub struct Arguments {
    /// Only this lead: its address or its id.
    #[arg(value_name = "LEAD")]
    lead: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    who: Who,
    /// The file to write, which only you may read; without it, standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Told each time: a file that lies about is how addresses leak.
const WARNING: &str =
    "it holds personal data: keep it as you keep the leads, and delete it when it has served";

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { lead, source, who, out } = arguments;
    let out = out.as_deref();
    let Some(wanted) = lead else {
        let mut leads = source.leads()?;
        source.note_read(None, who, "sillon export")?;
        hand_out(&mut leads, source, out)?;
        return Ok(match leads.faults() {
            0 => ExitCode::SUCCESS,
            faults => {
                eprintln!("{} could not be read: see above", count(faults, "lead"));
                ExitCode::from(1)
            }
        });
    };
    let Some(log) = Whom::parse(wanted)?.among(source.leads()?) else {
        eprintln!("{source}: there is no lead `{wanted}`");
        return Ok(ExitCode::from(1));
    };
    source.note_read(Some(&log.lead), who, "sillon export")?;
    hand_out(&mut std::iter::once(log), source, out)?;
    Ok(ExitCode::SUCCESS)
}

fn hand_out(leads: &mut dyn Iterator<Item = Log>, source: &Source, out: Option<&Path>) -> anyhow::Result<()> {
    let written = match out {
        None => {
            if std::io::stdout().is_terminal() {
                eprintln!("sillon: personal data follow; write them to a file with --out leads.jsonl");
            }
            write(leads, std::io::stdout().lock()).context("standard output cannot be written")?
        }
        Some(path) => to_file(leads, path)
            .with_context(|| format!("{}: the export cannot be written", path.display()))?,
    };
    let place = out.map_or_else(|| source.to_string(), |path| path.display().to_string());
    eprintln!("{place}: {}; {WARNING}", count(written, "lead"));
    Ok(())
}

/// Writes beside the file first, so that it is there whole or not at all.
fn to_file(leads: &mut dyn Iterator<Item = Log>, path: &Path) -> anyhow::Result<usize> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let written = write(leads, private(&part)?)?;
    std::fs::rename(&part, path)?;
    Ok(written)
}

/// A fresh file that nobody else may read.
fn private(path: &Path) -> std::io::Result<File> {
    // One that is left of an export that was broken off may be readable by others.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write(leads: &mut dyn Iterator<Item = Log>, out: impl Write) -> std::io::Result<usize> {
    let mut out = BufWriter::new(out);
    let mut written = 0;
    for log in leads {
        log.write(&mut out)?;
        written += 1;
    }
    out.flush()?;
    Ok(written)
}
