//! `sillon experiments`: what each experiment tells so far, and its winner written into the campaign.

use std::process::ExitCode;

use comfy_table::{CellAlignment, Table, presets};
use domain::{Bundle, CampaignId};
use rehearsal::experiments::{Report, Tally, VariantReport, Verdict};

use crate::check;
use crate::leads::Source;
use crate::terminal::{print, print_line};
use crate::{Format, Infra, WrongUse, infra};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    infra: Infra,
    /// Only this campaign's.
    #[arg(long, value_name = "CAMPAIGN")]
    campaign: Option<String>,
    /// A difference between two rates of at most so many points of a hundred does not matter.
    #[arg(long, default_value_t = 1.0, value_name = "POINTS")]
    smallest: f64,
    /// Write each winner into its campaign, as `settled:`, so that everybody new takes it once that is deployed.
    #[arg(long)]
    settle: bool,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let smallest = arguments.smallest / 100.0;
    if !(0.0..1.0).contains(&smallest) {
        return Err(WrongUse("--smallest: from 0 to less than 100 points".to_owned()).into());
    }
    let Some(mut bundle) = infra::bundle_or_findings(&arguments.infra.folder, arguments.format)? else {
        return Ok(ExitCode::from(1));
    };
    if let Some(name) = &arguments.campaign {
        keep(&mut bundle, name)?;
    }
    let mut leads = arguments.source.leads()?;
    let mut tally = Tally::new(&bundle);
    for log in leads.by_ref() {
        tally.count(&log.activities);
    }
    let reports = tally.reports(arguments.source.now()?, smallest);
    match arguments.format {
        Format::Json => print_line(format_args!("{:#}", serde_json::json!(reports)))?,
        Format::Text if reports.is_empty() => {
            print_line("There is no experiment in these campaigns.")?;
        }
        Format::Text => reports.iter().try_for_each(|report| print(text(report)))?,
    }
    if arguments.settle {
        settle(arguments, &reports)?;
    }
    Ok(ExitCode::from(u8::from(leads.faults() > 0)))
}

fn keep(bundle: &mut Bundle, name: &str) -> anyhow::Result<()> {
    let wanted = CampaignId::parse(name).ok().filter(|id| bundle.campaigns.contains_key(id));
    let known = bundle.campaigns.keys().map(CampaignId::as_str);
    let help = campaign_file::tree::mend(name, known, "");
    let wanted = wanted.ok_or_else(|| WrongUse(format!("there is no campaign `{name}`; {help}")))?;
    bundle.campaigns.retain(|id, _| *id == wanted);
    Ok(())
}

fn settle(arguments: &Arguments, reports: &[Report]) -> anyhow::Result<()> {
    for report in reports {
        let Verdict::Winner { variant } = &report.verdict else { continue };
        if report.settled.as_ref() == Some(variant) {
            continue;
        }
        let (campaign, experiment) = (&report.campaign, &report.experiment);
        let file = campaign_file::settle(&arguments.infra.folder, campaign, experiment, variant)?;
        check::mend::write(&file)?;
        eprintln!("{}: `{experiment}` is settled: {variant}", file.path.display());
    }
    Ok(())
}

fn text(report: &Report) -> String {
    let Report { campaign, experiment, measure, .. } = report;
    let within = rehearsal::words::span(report.within);
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["variant", "leads", "successes", "rate", "true rate between", "too recent"]);
    for variant in &report.variants {
        table.add_row(row(variant));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let verdict = verdict(report);
    let settled = match &report.settled {
        Some(variant) => format!("Settled: everybody new takes `{variant}`.\n"),
        None => String::new(),
    };
    format!(
        "{campaign}: {experiment}, by `{}` within {within}\n{table}\n{verdict}\n{settled}\n",
        measure.as_str()
    )
}

fn row(variant: &VariantReport) -> [String; 6] {
    [
        variant.variant.to_string(),
        variant.leads.to_string(),
        variant.successes.to_string(),
        variant.rate.map_or("-".to_owned(), percent),
        format!("{} and {}", percent(variant.bounds.lower), percent(variant.bounds.upper)),
        variant.too_recent.to_string(),
    ]
}

fn verdict(report: &Report) -> String {
    let largest = percent(report.largest_difference);
    match &report.verdict {
        Verdict::Winner { variant } => {
            format!(
                "`{variant}` is better than all others; looking often, one errs in less than 5 of 100 experiments."
            )
        }
        Verdict::NoDifference => {
            format!("No difference larger than {largest} can be left: stop, and take whichever you like.")
        }
        Verdict::Open { more_leads: Some(more) } => {
            format!(
                "Nobody knows yet: a difference of up to {largest} may be left. About {more} leads more will tell."
            )
        }
        Verdict::Open { more_leads: None } => {
            format!(
                "Nobody knows yet: a difference of up to {largest} may be left. How long it takes cannot be told."
            )
        }
    }
}

/// One decimal.
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
