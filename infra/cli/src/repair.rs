//! `sillon repair`: the leads that were set aside since they could not be served, and the way back.

use std::process::ExitCode;

use domain::LeadId;
use serde_json::json;

use crate::leads::Store;
use crate::terminal::{count, print_line};
use crate::who::Who;
use crate::{Format, WrongUse};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    store: Store,
    /// Put this lead back, once what was wrong is mended. May be repeated.
    #[arg(long, value_name = "ID")]
    back: Vec<String>,
    #[command(flatten)]
    who: Who,
    /// Put all of them back.
    #[arg(long, conflicts_with = "back")]
    all_back: bool,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let named = arguments.back.iter().map(|id| {
        LeadId::parse(id)
            .map_err(|fault| WrongUse(format!("--back {id}: {fault}; `sillon repair` lists ids")))
    });
    let named = named.collect::<Result<Vec<_>, _>>()?;
    let to = arguments.store.open()?;
    let aside = to.runtime.block_on(to.store.all_aside())?;
    let chosen: Vec<LeadId> =
        if arguments.all_back { aside.iter().map(|aside| aside.lead.clone()).collect() } else { named };
    if chosen.is_empty() {
        for aside in &aside {
            match arguments.format {
                Format::Text => {
                    print_line(format_args!("{}  since {}: {}", aside.lead, aside.since, aside.because))?;
                }
                Format::Json => {
                    print_line(json!({ "lead": aside.lead, "since": aside.since, "because": aside.because }))?
                }
            }
        }
        if let Format::Text = arguments.format {
            print_line(format_args!("{} set aside.", count(aside.len(), "lead")))?;
        }
        return Ok(ExitCode::from(u8::from(!aside.is_empty())));
    }
    let (by, now) = (arguments.who.name()?, arguments.store.now()?);
    let mut back = 0;
    for lead in &chosen {
        if !aside.iter().any(|aside| aside.lead == *lead) {
            eprintln!("sillon: {lead} is not set aside");
            continue;
        }
        match to.runtime.block_on(app::put_back(&to.store, lead, &by, now)) {
            Ok(true) => back += 1,
            Ok(false) => eprintln!("sillon: {lead} is gone"),
            Err(error) => eprintln!("sillon: {lead} stays aside, since what is wrong is not mended: {error}"),
        }
    }
    print_line(format_args!("{} due again where it stood.", count(back, "lead")))?;
    Ok(ExitCode::from(u8::from(back < chosen.len())))
}
