//! `sillon bundle`: the layer that the functions load.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::terminal::{count, print_line};

/// The layer is unpacked under `/opt`; the functions look in `/opt/sillon`.
const FOLDER_IN_LAYER: &str = "sillon";

pub fn run(infra: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    let Some(bundle) = crate::infra::bundle_or_findings(infra, crate::Format::Text)? else {
        return Ok(ExitCode::from(1));
    };
    let folder = out.join(FOLDER_IN_LAYER);
    campaign_file::write(&bundle, infra, &folder)
        .with_context(|| format!("{}: the bundle cannot be written", folder.display()))?;
    let campaigns = count(bundle.campaigns.len(), "campaign");
    print_line(format_args!("{}: {campaigns}, content hash {}", out.display(), bundle.content_hash))?;
    print_line(format_args!(
        "Keep {} with this deployment: `sillon plan --deployed` compares the next edit with it.",
        folder.join("bundle.json").display()
    ))?;
    if bundle.organisation.turnstile.is_some() {
        print_line(format_args!(
            "Forms ask Turnstile: deploy with its secret key as `TurnstileSecret`. Without it submit-form does not start."
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
