//! `sillon simulate`: many leads go through a campaign in simulated time.

mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use domain::{Bundle, Campaign, CampaignId};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::civil::Date;
use rehearsal::simulation::{self, Learnt, Prices, Rates, Simulation};

use crate::leads::Source;
use crate::terminal::{print, print_line};
use crate::{Format, Infra, WrongUse};

#[derive(clap::Args)]
pub struct Arguments {
    /// The campaign; may be left out if only one has a form.
    campaign: Option<String>,
    /// How many leads post the form.
    #[arg(long, default_value_t = 10_000, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    leads: u64,
    /// The first day of arrivals; today, if it is left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Date>,
    /// Over how many days leads arrive, evenly.
    #[arg(long, default_value_t = 30, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
    /// How many days are simulated after the last arrival.
    #[arg(long, default_value_t = 180, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(0..=3_660))]
    days_after: u32,
    /// The same seed gives the same result, to the byte.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// How often leads confirm, open, click, leave and convert. Without it: the campaign's `simulation.yaml`, if there is
    /// one.
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
    /// What AWS asks for. Without it: `prices.yaml` beside `sillon.yaml`, if it is there.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// How many e-mails SES lets you send in a day. More on any day is a finding.
    #[arg(long, default_value_t = 50_000, value_name = "NUMBER")]
    quota: u64,
    #[command(flatten)]
    learn_from: Source,
    #[command(flatten)]
    infra: Infra,
    /// How to tell the result.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Some(bundle) = crate::infra::bundle_or_findings(&arguments.infra.folder, arguments.format)? else {
        return Ok(ExitCode::from(1));
    };
    let campaign = campaign(&bundle, arguments.campaign.as_deref())?;
    let Some(rates) = rates(arguments, &bundle, campaign)? else { return Ok(ExitCode::from(1)) };
    let prices = match price_file(arguments).map(|path| simulation::prices(&path)).transpose() {
        Ok(prices) => prices,
        Err(findings) => return crate::infra::tell(&findings, arguments.format),
    };
    let from = first_day(arguments.from, &bundle);
    let simulation = Simulation {
        bundle: &bundle,
        campaign,
        rates: &rates,
        leads: arguments.leads,
        from,
        days: arguments.days,
        days_after: arguments.days_after,
        seed: arguments.seed,
    };
    let bar = ProgressBar::new(arguments.leads);
    bar.set_style(ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} leads, {eta} left")?);
    let counts = simulation.run(&mut |leads| bar.set_position(leads));
    bar.finish_and_clear();
    let cost = prices.as_ref().map(|prices: &Prices| prices.of(&counts.work));
    let over_quota = counts.busiest_day().is_some_and(|(_, emails)| emails > arguments.quota);
    match arguments.format {
        Format::Text => {
            print(table::render(&simulation, &counts, cost.as_ref(), arguments.quota))?;
        }
        Format::Json => print_line(json(&simulation, &counts, cost.as_ref(), arguments.quota))?,
    }
    Ok(ExitCode::from(u8::from(over_quota)))
}

fn campaign<'a>(bundle: &'a Bundle, wanted: Option<&str>) -> anyhow::Result<&'a Campaign> {
    let with_form = || bundle.campaigns.values().filter(|campaign| campaign.form.is_some());
    let names = || with_form().map(|campaign| campaign.id.as_str()).collect::<Vec<_>>();
    let wrong = |what: String| anyhow::Error::from(WrongUse(what));
    match wanted {
        Some(name) => {
            let found = CampaignId::parse(name).ok().and_then(|id| bundle.campaign(&id));
            let known = campaign_file::tree::mend(name, names(), "");
            let campaign = found.ok_or_else(|| wrong(format!("there is no campaign `{name}`; {known}")))?;
            let no_form = || wrong(format!("nobody arrives at `{name}`, since it has no form"));
            campaign.form.as_ref().ok_or_else(no_form)?;
            Ok(campaign)
        }
        None => {
            let mut campaigns = with_form();
            match (campaigns.next(), campaigns.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(wrong("no campaign has a form".to_owned())),
                _ => Err(wrong(format!("say which campaign: {}", names().join(", ")))),
            }
        }
    }
}

/// What is known without a log or a file, then what the log tells, then what the file says.
fn rates(arguments: &Arguments, bundle: &Bundle, campaign: &Campaign) -> anyhow::Result<Option<Rates>> {
    let mut rates = Rates::default();
    rates.events.extend(campaign.goal.clone().map(|goal| (goal, 0.05)));
    if !arguments.learn_from.is_absent() {
        let mut learnt = Learnt::default();
        for log in arguments.learn_from.leads()? {
            learnt.add(campaign, &log.activities);
        }
        if learnt.leads() == 0 {
            eprintln!(
                "{}: nobody there came by `{}`, so its rates are guesses",
                arguments.learn_from, campaign.id
            );
        }
        rates = learnt.rates(&rates);
    }
    let folder = arguments.infra.folder.join("campaigns").join(campaign.id.as_str());
    let own = Some(folder.join("simulation.yaml")).filter(|path| path.exists());
    let Some(path) = arguments.rates.clone().or(own) else { return Ok(Some(rates)) };
    match simulation::rates(&path, bundle, campaign, &rates) {
        Ok(rates) => Ok(Some(rates)),
        Err(findings) => {
            crate::infra::tell(&findings, arguments.format)?;
            Ok(None)
        }
    }
}

fn price_file(arguments: &Arguments) -> Option<PathBuf> {
    let beside = Some(arguments.infra.folder.join("prices.yaml")).filter(|path| path.exists());
    arguments.prices.clone().or(beside)
}

/// The day's first moment in the organisation's zone.
#[expect(clippy::disallowed_methods, reason = "the command is where the clock enters")]
fn first_day(day: Option<Date>, bundle: &Bundle) -> Timestamp {
    let zone = domain::schedule::zone(None, &bundle.organisation.time_zone);
    let day = day.unwrap_or_else(|| Timestamp::now().to_zoned(zone.clone()).date());
    day.to_zoned(zone).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

fn json(
    simulation: &Simulation<'_>,
    counts: &simulation::Counts,
    cost: Option<&simulation::Cost>,
    quota: u64,
) -> serde_json::Value {
    serde_json::json!({
        "campaign": simulation.campaign.id,
        "from": simulation.from,
        "days": simulation.days,
        "seed": simulation.seed,
        "quota": quota,
        "counts": counts,
        "days_to_goal": { "median": counts.days_to_goal_of(0.5), "nine_of_ten": counts.days_to_goal_of(0.9) },
        "cost": cost,
    })
}
