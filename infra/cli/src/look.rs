//! `sillon look`: has leads that are there already looked at, so that new audiences find them, and a new retention period.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use domain::{Bundle, LeadId, lot};
use jiff::{SignedDuration, Timestamp};
use rehearsal::plan::{Looked, Looks};

use crate::leads::{Opened, Store};
use crate::plan::{self, table};
use crate::terminal::{count, print, print_line};
use crate::{Format, WrongUse};

/// Where `sillon bundle` writes.
const BUNDLE: &str = "target/bundle";

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    store: Store,
    /// What is deployed: `bundle.json`, or a folder that holds it. Without it: target/bundle, where `sillon bundle` wrote it,
    /// or the folder that --data names.
    #[arg(long, value_name = "FILE|FOLDER")]
    deployed: Option<PathBuf>,
    /// Spread the looks over this time, so that those who enter do not all get their e-mails at once.
    #[arg(long, default_value = "1d", value_name = "DURATION")]
    over: String,
    /// How many e-mails and alerts the looks may make leave, how many leads enter campaigns, and how many are erased. If it is
    /// more, nobody is looked at.
    #[arg(long, default_value_t = 100, value_name = "N")]
    allow: usize,
    /// Tell what would happen, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let over =
        campaign_file::duration(&arguments.over).map_err(|fault| WrongUse(format!("--over: {fault}")))?;
    let to = if arguments.dry_run { arguments.store.open()? } else { arguments.store.open_to_write()? };
    let now = arguments.store.now()?;
    let beside = arguments.store.data().unwrap_or(Path::new(BUNDLE));
    let bundle = plan::deployed(arguments.deployed.as_deref().unwrap_or(beside))?;
    let (looked, unread) = weigh(&arguments.store, &bundle, now, over)?;
    let (entries, sends, erased) = (looked.entries(), looked.sends(), looked.erased);
    // A first e-mail may wait for days, for a window; so entries count as well.
    let many = entries.max(sends).max(erased);
    let too_many = many > arguments.allow;
    let stays = too_many || arguments.dry_run;
    if arguments.format == Format::Text {
        print(table::looked(&looked))?;
    }
    let (known, faults) = if stays { (looked.leads, unread) } else { look(arguments, &to, now, over)? };
    match arguments.format {
        Format::Json => {
            let done = !stays;
            print_line(
                serde_json::json!({ "done": done, "entries": entries, "sends": sends, "erased": erased, "looks": looked }),
            )?;
        }
        Format::Text => {
            let (would, leads) = (if stays { "would" } else { "will" }, count(known, "lead"));
            print_line(format_args!("{leads} {would} be looked at within {}.", arguments.over))?;
        }
    }
    if too_many {
        let (leads, mails, gone) = (count(entries, "lead"), count(sends, "e-mail"), count(erased, "lead"));
        let what = format!("{leads} would enter, {mails} leave and {gone} be erased because of these looks");
        plan::too_many(&what, many, arguments.allow);
    }
    Ok(ExitCode::from(u8::from(too_many || faults > 0)))
}

/// What the looks would do, and how many leads cannot be read.
fn weigh(
    store: &Store,
    bundle: &Bundle,
    now: Timestamp,
    over: SignedDuration,
) -> anyhow::Result<(Looked, usize)> {
    let mut looks = Looks::new(bundle, now);
    let mut leads = store.leads()?;
    while let Some(log) = leads.next() {
        match log.fold() {
            Ok(lead) => looks.add(&lead, now + share_of(over, &log.lead)),
            Err(fault) => leads.tell(&format!("lead {}: {fault}", log.lead)),
        }
    }
    Ok((looks.looked(), leads.faults()))
}

/// Answers how many will be looked at, and how many could not be reached.
fn look(
    arguments: &Arguments,
    to: &Opened,
    now: Timestamp,
    over: SignedDuration,
) -> anyhow::Result<(usize, usize)> {
    let mut leads = arguments.store.leads()?;
    let mut looked = 0;
    while let Some(log) = leads.next() {
        let at = now + share_of(over, &log.lead);
        match to.runtime.block_on(app::look_again(&to.store, &log.lead, at, now)) {
            Ok(true) => looked += 1,
            Ok(false) => {}
            Err(error) => leads.tell(&format!("lead {}: {error}", log.lead)),
        }
    }
    Ok((looked, leads.faults()))
}

/// Each lead's own place in that time.
fn share_of(over: SignedDuration, lead: &LeadId) -> SignedDuration {
    let seconds = u64::try_from(over.as_secs()).unwrap_or_default();
    let place = lot::below(seconds, &["look", lead.as_str()]);
    SignedDuration::from_secs(i64::try_from(place).unwrap_or_default())
}
