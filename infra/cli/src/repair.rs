//! `sillon repair`: the leads that were set aside since they could not be served, and the way back.

use std::process::ExitCode;

use domain::LeadId;
use dynamodb::Aside;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::leads::{Opened, Store, bar};
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
    let puts_back = arguments.all_back || !named.is_empty();
    let by = puts_back.then(|| arguments.who.name()).transpose()?;
    let to = if puts_back { arguments.store.open_to_write()? } else { arguments.store.open()? };
    let aside = all_aside(&to)?;
    let Some(by) = by else {
        list(&aside, arguments)?;
        return Ok(ExitCode::from(u8::from(!aside.is_empty())));
    };
    let chosen =
        if arguments.all_back { aside.iter().map(|aside| aside.lead.clone()).collect() } else { named };
    let now = arguments.store.now()?;
    let outcomes = chosen.iter().map(|lead| (lead, put_back(&to, &aside, lead, &by, now)));
    tell(&outcomes.collect::<Vec<_>>(), arguments.format)
}

fn all_aside(to: &Opened) -> anyhow::Result<Vec<Aside>> {
    let bar = bar(None, "{spinner} {pos} items read, {elapsed}");
    let aside = to.runtime.block_on(to.store.all_aside(|read| bar.set_position(read)));
    bar.finish_and_clear();
    Ok(aside?)
}

fn list(aside: &[Aside], arguments: &Arguments) -> anyhow::Result<()> {
    for Aside { lead, because, since } in aside {
        match arguments.format {
            Format::Text => print_line(format_args!("{lead}  since {since}: {because}"))?,
            Format::Json => print_line(json!({ "lead": lead, "since": since, "because": because }))?,
        }
    }
    if let Format::Json = arguments.format {
        return Ok(());
    }
    print_line(format_args!("{} set aside.", count(aside.len(), "lead")))?;
    if aside.is_empty() {
        return Ok(());
    }
    let place = arguments.store.as_arguments();
    print_line(format_args!("Once the cause is mended: sillon repair {place} --back ID, or --all-back"))
}

/// Why it is not back, if it is not.
fn put_back(to: &Opened, aside: &[Aside], lead: &LeadId, by: &str, now: Timestamp) -> Result<(), String> {
    if !aside.iter().any(|aside| aside.lead == *lead) {
        return Err("is not set aside".to_owned());
    }
    match to.runtime.block_on(app::put_back(&to.store, lead, by, now)) {
        Ok(true) => Ok(()),
        Ok(false) => Err("is gone".to_owned()),
        Err(error) => Err(format!("stays aside, since what is wrong is not mended: {error}")),
    }
}

fn tell(outcomes: &[(&LeadId, Result<(), String>)], format: Format) -> anyhow::Result<ExitCode> {
    let back: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(lead, _)| lead).collect();
    let others = outcomes.iter().filter_map(|(lead, outcome)| Some((lead, outcome.as_ref().err()?)));
    match format {
        Format::Json => {
            let others: Vec<Value> =
                others.map(|(lead, because)| json!({ "lead": lead, "because": because })).collect();
            print_line(json!({ "back": back, "not_back": others }))?;
        }
        Format::Text => {
            others.for_each(|(lead, because)| eprintln!("sillon: {lead} {because}"));
            print_line(format_args!("{} due again where it stood.", count(back.len(), "lead")))?;
        }
    }
    Ok(ExitCode::from(u8::from(back.len() < outcomes.len())))
}
