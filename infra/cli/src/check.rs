//! `sillon check`: every fault of the campaigns, at once; and the mends of those that leave no doubt.

pub mod mend;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use campaign_file::{Reading, Severity};

use crate::CheckFormat;

/// Tells the findings.
pub fn run(infra: &Path, format: CheckFormat) -> anyhow::Result<ExitCode> {
    let reading = campaign_file::read(infra);
    tell(&reading, format);
    Ok(ExitCode::from(u8::from(reading.has_errors())))
}

/// Mends what can be mended, or shows how it would be; then tells what is left.
pub fn fix(infra: &Path, format: CheckFormat, dry_run: bool) -> anyhow::Result<ExitCode> {
    let mending = campaign_file::mend(infra);
    if dry_run {
        mending.files.iter().for_each(|file| print!("{}", mend::difference(file)));
    } else {
        mending.files.iter().try_for_each(mend::write)?;
    }
    if format == CheckFormat::Text {
        for finding in &mending.mended {
            println!("{}", mend::describe(finding));
        }
        let verb = if dry_run { "can be mended" } else { "mended" };
        println!("{} {verb}, {} left.\n", count(mending.mended.len(), "fault"), mending.left.findings.len());
    }
    // A dry run by a program is for the differences.
    if !(dry_run && format != CheckFormat::Text) {
        tell(&mending.left, format);
    }
    let good = !mending.left.has_errors() && (!dry_run || mending.mended.is_empty());
    Ok(ExitCode::from(u8::from(!good)))
}

fn tell(reading: &Reading, format: CheckFormat) {
    match format {
        CheckFormat::Json => println!("{}", campaign_file::to_json(&reading.findings)),
        CheckFormat::Sarif => println!("{}", campaign_file::to_sarif(&reading.findings)),
        CheckFormat::Text => {
            print!("{}", campaign_file::render(&reading.findings, coloured(&std::io::stdout())));
            println!("{}", summary(reading));
        }
    }
}

/// Whether a stream is a terminal that wants colours (<https://no-color.org>).
pub fn coloured(stream: &impl IsTerminal) -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR speaks to the command alone (https://no-color.org)"
    )]
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !plain
}

fn summary(reading: &Reading) -> String {
    let errors = reading.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let found = format!("{}, {}", count(errors, "error"), count(reading.findings.len() - errors, "warning"));
    match &reading.bundle {
        Some(bundle) => format!("{}: {found}.", count(bundle.campaigns.len(), "campaign")),
        None => format!("{found}."),
    }
}

/// `1 warning`, `2 warnings`.
pub fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}
