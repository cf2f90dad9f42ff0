//! `sillon sending`: whether e-mails may leave, why not, and the word that lets them.

use std::process::ExitCode;

use app::gate::{Gate, GateState, Stop};
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

use crate::Format;
use crate::leads::Store;
use crate::terminal::print_line;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Subcommand)]
enum Act {
    /// Stop all sending: leads wait and keep their place.
    Stop {
        /// Why; whoever looks is told.
        #[arg(long, value_name = "TEXT")]
        because: String,
        #[command(flatten)]
        asked: Asked,
    },
    /// Let e-mails leave again, and count bounces and complaints anew.
    Resume(Asked),
}

#[derive(clap::Args)]
struct Asked {
    #[command(flatten)]
    store: Store,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let asked = match &arguments.act {
        None => &arguments.asked,
        Some(Act::Stop { asked, .. } | Act::Resume(asked)) => asked,
    };
    let to = asked.store.open()?;
    let now = asked.store.now()?;
    let state = to.runtime.block_on(async {
        match &arguments.act {
            None => {}
            Some(Act::Stop { because, .. }) => {
                to.store.stop(&Stop { because: because.clone(), since: now }).await?;
            }
            Some(Act::Resume(_)) => to.store.resume().await?,
        }
        to.store.state().await
    })?;
    tell(&state, asked.format, now)?;
    Ok(ExitCode::from(u8::from(arguments.act.is_none() && state.stopped.is_some())))
}

fn tell(state: &GateState, format: Format, now: Timestamp) -> anyhow::Result<()> {
    if let Format::Json = format {
        let stopped =
            state.stopped.as_ref().map(|stop| json!({ "because": stop.because, "since": stop.since }));
        return print_line(json!({ "stopped": stopped, "next_at": state.next_at }));
    }
    match &state.stopped {
        None => match state.next_at.filter(|next_at| *next_at > now) {
            Some(next_at) => print_line(format_args!("E-mails leave; the next free moment is {next_at}.")),
            None => print_line("E-mails leave as soon as they are due."),
        },
        Some(Stop { because, since }) => {
            print_line(format_args!("Sending is stopped since {since}: {because}."))?;
            print_line("Leads wait and keep their place. Once the cause is mended: sillon sending resume")
        }
    }
}
