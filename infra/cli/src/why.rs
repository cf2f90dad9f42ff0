//! `sillon why`: what led to an e-mail or a point, delayed it or stopped it.

use std::process::ExitCode;

use rehearsal::why::{self, Unknown};

use crate::leads::{Source, Whom};
use crate::terminal::{coloured, print, print_line};
use crate::who::Who;
use crate::{Format, Infra, WrongUse};

#[derive(clap::Args)]
pub struct Arguments {
    /// Whom it is about: the lead's address or its id.
    #[arg(value_name = "LEAD")]
    lead: String,
    /// Which e-mail: its name, its step, or the id of one send. Without it, all of them and the score.
    #[arg(value_name = "SEND")]
    send: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    infra: Infra,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let infra = arguments.infra.folder.as_path();
    let wanted = &arguments.lead;
    let whom = Whom::parse(wanted)?;
    let Some(bundle) = crate::infra::bundle_or_findings(infra, arguments.format)? else {
        return Ok(ExitCode::from(1));
    };
    let Some(log) = whom.among(arguments.source.leads()?) else {
        eprintln!("{}: there is no lead `{wanted}`", arguments.source);
        return Ok(ExitCode::from(1));
    };
    arguments.source.note_read(Some(&log.lead), &arguments.who, "sillon why")?;
    let asked = arguments.send.as_deref();
    let answer = match why::explain(&bundle, infra, &log.activities, arguments.source.now()?, asked) {
        Ok(answer) => answer,
        Err(error @ Unknown::Send { .. }) => return Err(WrongUse(error.to_string()).into()),
        Err(error) => return Err(error.into()),
    };
    if arguments.format == Format::Json {
        print_line(why::to_json(&answer))?;
    } else {
        print(why::to_text(&answer, coloured(&std::io::stdout())))?;
    }
    Ok(ExitCode::SUCCESS)
}
