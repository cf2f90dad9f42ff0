//! `sillon draw`: campaigns as pictures.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use domain::Campaign;

use crate::terminal::{print, print_line};
use crate::{Infra, WrongUse};

#[derive(clap::Args)]
pub struct Arguments {
    /// Only these campaigns.
    #[arg(value_name = "CAMPAIGN")]
    only: Vec<String>,
    /// The folder to write `<campaign>.svg` to. Without it, the picture of a single campaign goes to standard output.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    #[command(flatten)]
    infra: Infra,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(bundle) = crate::infra::bundle_or_findings(&arguments.infra.folder, crate::Format::Text)? else {
        return Ok(ExitCode::from(1));
    };
    let only = &arguments.only;
    if let Some(unknown) = only.iter().find(|name| bundle.campaigns.keys().all(|id| id.as_str() != **name)) {
        let known = bundle.campaigns.keys().map(|id| id.as_str());
        let help = campaign_file::tree::mend(unknown, known, "");
        return Err(WrongUse(format!("there is no campaign `{unknown}`; {help}")).into());
    }
    let chosen = |campaign: &&Campaign| only.is_empty() || only.iter().any(|id| id == campaign.id.as_str());
    let campaigns: Vec<&Campaign> = bundle.campaigns.values().filter(chosen).collect();
    match (&arguments.out, campaigns.as_slice()) {
        (None, [campaign]) => print(rehearsal::draw::draw(&bundle, campaign))?,
        (None, _) => {
            let message = "name one campaign, or a folder for the pictures of several: --out docs/pictures";
            return Err(WrongUse(message.to_owned()).into());
        }
        (Some(folder), _) => {
            for campaign in campaigns {
                write(folder, campaign, &rehearsal::draw::draw(&bundle, campaign))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, campaign: &Campaign, picture: &str) -> anyhow::Result<()> {
    let path = folder.join(format!("{}.svg", campaign.id));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, picture))
        .with_context(|| format!("{}: the picture cannot be written", path.display()))?;
    print_line(path.display())
}
