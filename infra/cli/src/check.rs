//! `sillon check`: every fault of the campaigns, at once; and the mends of those that leave no doubt.

pub mod mend;

use std::path::Path;
use std::process::ExitCode;

use campaign_file::{Reading, Severity};
use jiff::Timestamp;

use crate::CheckFormat;
use crate::terminal::{coloured, count, print, print_line};

/// Tells the findings.
pub fn run(infra: &Path, format: CheckFormat) -> anyhow::Result<ExitCode> {
    crate::infra::check_folder(infra)?;
    #[expect(clippy::disallowed_methods, reason = "the command is where the clock enters")]
    let reading = crate::infra::with_companions(infra, Timestamp::now());
    tell(&reading, format)?;
    Ok(ExitCode::from(u8::from(reading.has_errors())))
}

/// Mends what can be mended, or shows how it would be; then tells what is left.
pub fn fix(infra: &Path, format: CheckFormat, dry_run: bool) -> anyhow::Result<ExitCode> {
    crate::infra::check_folder(infra)?;
    let mending = campaign_file::mend(infra);
    if dry_run {
        mending.files.iter().try_for_each(|file| print(mend::difference(file)))?;
    } else {
        mending.files.iter().try_for_each(mend::write)?;
    }
    if format == CheckFormat::Text {
        for finding in &mending.mended {
            print_line(mend::describe(finding))?;
        }
        let verb = if dry_run { "can be mended" } else { "mended" };
        let mended = count(mending.mended.len(), "fault");
        print_line(format_args!("{mended} {verb}, {} left.\n", mending.left.findings.len()))?;
    }
    // A dry run by a program is for the differences.
    if !(dry_run && format != CheckFormat::Text) {
        tell(&mending.left, format)?;
    }
    let good = !mending.left.has_errors() && (!dry_run || mending.mended.is_empty());
    Ok(ExitCode::from(u8::from(!good)))
}

fn tell(reading: &Reading, format: CheckFormat) -> anyhow::Result<()> {
    match format {
        CheckFormat::Json => print_line(campaign_file::to_json(&reading.findings)),
        CheckFormat::Sarif => print_line(campaign_file::to_sarif(&reading.findings)),
        CheckFormat::Text => {
            print(campaign_file::render(&reading.findings, coloured(&std::io::stdout())))?;
            print_line(summary(reading))
        }
    }
}

fn summary(reading: &Reading) -> String {
    let errors = reading.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let found = format!("{}, {}", count(errors, "error"), count(reading.findings.len() - errors, "warning"));
    match &reading.bundle {
        Some(bundle) => format!("{}: {found}.", count(bundle.campaigns.len(), "campaign")),
        None => format!("{found}."),
    }
}
