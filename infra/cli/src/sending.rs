//! `sillon sending`: whether e-mails may leave, why not, and the word that lets them.

use std::process::ExitCode;

use app::gate::{DAYS_COUNTED, Gate, GateState, Stop};
use app::ports::StoreError;
use clap::Subcommand;
use domain::deliverability::{Deliveries, MOST_BOUNCES, MOST_COMPLAINTS, Told};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Format;
use crate::leads::Store;
use crate::terminal::{count, print_line};

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
        #[arg(long, value_name = "TEXT", value_parser = reason)]
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

/// Whoever finds sending stopped has nothing else to go by.
fn reason(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("say why: whoever finds sending stopped reads it") } else { Ok(text.to_owned()) }
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let asked = match &arguments.act {
        None => &arguments.asked,
        Some(Act::Stop { asked, .. } | Act::Resume(asked)) => asked,
    };
    let to = asked.store.open()?;
    let now = asked.store.now()?;
    let (before, state, counted) = to.runtime.block_on(async {
        let before = to.store.state().await?;
        match &arguments.act {
            None => {}
            Some(Act::Stop { because, .. }) => {
                to.store.stop(&Stop { because: because.clone(), since: now }).await?;
            }
            Some(Act::Resume(_)) => to.store.resume().await?,
        }
        Ok::<_, StoreError>((before, to.store.state().await?, to.store.counted(now).await?))
    })?;
    // The gate keeps its first reason, be it another's.
    let too_late = matches!(arguments.act, Some(Act::Stop { .. })) && before.stopped.is_some();
    match asked.format {
        Format::Json => print_line(as_json(&state, &counted))?,
        Format::Text => {
            if too_late {
                print_line("It was stopped already. Its reason stays, and yours is not kept.")?;
            }
            tell(&state, &asked.store, now)?;
            tell_counted(&counted)?;
        }
    }
    Ok(ExitCode::from(u8::from(
        arguments.act.is_none() && (state.stopped.is_some() || state.confirmations_stopped.is_some()),
    )))
}

fn as_json(state: &GateState, counted: &Told) -> Value {
    let stop = |stop: &Option<Stop>| {
        stop.as_ref().map(|stop| json!({ "because": stop.because, "since": stop.since }))
    };
    let told = |of: &Deliveries| json!({ "delivered": of.delivered, "bounced": of.bounced, "complained": of.complained });
    let mut all = told(&counted.all);
    all["days"] = json!(DAYS_COUNTED);
    all["confirmations"] = told(&counted.confirmations);
    json!({
        "stopped": stop(&state.stopped),
        "confirmations_stopped": stop(&state.confirmations_stopped),
        "next_at": state.next_at,
        "trial_at": state.trial_at,
        "counted": all,
    })
}

fn tell(state: &GateState, place: &Store, now: Timestamp) -> anyhow::Result<()> {
    if let (None, Some(Stop { because, since })) = (&state.stopped, &state.confirmations_stopped) {
        print_line(format_args!("Confirmations are stopped since {since}: {because}."))?;
        print_line(format_args!(
            "All other e-mails leave. Once the cause is mended: sillon sending resume {}",
            place.as_arguments()
        ))?;
        return Ok(());
    }
    match &state.stopped {
        None if let Some(trial_at) = state.trial_at => {
            let next = if trial_at > now { format!("at {trial_at}") } else { "when it falls due".to_owned() };
            print_line(format_args!(
                "SES does not tell whether e-mails leave. One a minute tries it, the next {next}; the others wait."
            ))?;
            print_line(format_args!("If SES is well: sillon sending resume {}", place.as_arguments()))
        }
        None => match state.next_at.filter(|next_at| *next_at > now) {
            Some(next_at) => print_line(format_args!("E-mails leave; the next free moment is {next_at}.")),
            None => print_line("E-mails leave as soon as they are due."),
        },
        Some(Stop { because, since }) => {
            print_line(format_args!("Sending is stopped since {since}: {because}."))?;
            print_line(format_args!(
                "Leads wait and keep their place. Once the cause is mended: sillon sending resume {}",
                place.as_arguments()
            ))
        }
    }
}

/// How near sending is to stopping by itself.
fn tell_counted(told: &Told) -> anyhow::Result<()> {
    let counted = &told.all;
    if counted.is_empty() {
        return print_line(format_args!("Nothing was told of any e-mail in the last {DAYS_COUNTED} days."));
    }
    let share = |part: u64, most: f64| {
        format!("{part} ({:.2} %; {} % stops sending)", counted.share(part) * 100.0, most * 100.0)
    };
    print_line(format_args!(
        "In the last {DAYS_COUNTED} days {} delivered; bounced: {}; called spam: {}.",
        count(usize::try_from(counted.delivered)?, "e-mail"),
        share(counted.bounced, MOST_BOUNCES),
        share(counted.complained, MOST_COMPLAINTS),
    ))?;
    let of = &told.confirmations;
    print_line(format_args!(
        "Confirmations among them: {} delivered, {} bounced, {} called spam.",
        of.delivered, of.bounced, of.complained
    ))
}
