//! `sillon look`: has leads that are there already looked at, so that new audiences find them, and a new retention period.

use std::process::ExitCode;

use domain::{LeadId, lot};
use jiff::SignedDuration;

use crate::WrongUse;
use crate::leads::Store;
use crate::terminal::{count, print_line};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    store: Store,
    /// Spread the looks over this time, so that those who enter do not all get their e-mails at once.
    #[arg(long, default_value = "1d", value_name = "DURATION")]
    over: String,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let over =
        campaign_file::duration(&arguments.over).map_err(|fault| WrongUse(format!("--over: {fault}")))?;
    let to = arguments.store.open()?;
    let now = arguments.store.now()?;
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
    print_line(format_args!("{} will be looked at within {}.", count(looked, "lead"), arguments.over))?;
    Ok(ExitCode::from(u8::from(leads.faults() > 0)))
}

/// Each lead's own place in that time.
fn share_of(over: SignedDuration, lead: &LeadId) -> SignedDuration {
    let seconds = u64::try_from(over.as_secs()).unwrap_or_default();
    let place = lot::below(seconds, &["look", lead.as_str()]);
    SignedDuration::from_secs(i64::try_from(place).unwrap_or_default())
}
