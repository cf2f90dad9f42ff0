//! `sillon score backtest`: how well scoring rules would have told who converts.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use comfy_table::{CellAlignment, Table, presets};
use domain::{Bundle, Stage};
use rehearsal::backtest::{Backtest, Band, Goal, Moments, Replay, Separation};
use serde_json::json;

use crate::leads::Source;
use crate::terminal::{count, print, print_line};
use crate::who::Who;
use crate::{Format, Infra, WrongUse, infra};

/// So many leads are named; JSON names all of them.
const MOST_NAMED: usize = 20;

#[derive(clap::Subcommand)]
pub enum Score {
    /// Replay what leads did under edited rules: who stands elsewhere, and how well the score tells who converts.
    Backtest(Arguments),
}

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    infra: Infra,
    /// The rules to compare with: another such folder, or the bundle.json of a deployment.
    #[arg(long, value_name = "FOLDER|FILE")]
    against: Option<PathBuf>,
    /// What counts as a conversion: an event, or `stage:customer`. Without it, the goals of the campaigns.
    #[arg(long, value_name = "EVENT|stage:STAGE")]
    goal: Option<String>,
    /// How to tell it.
    #[arg(long, default_value = "text")]
    format: Format,
}

pub fn run(Score::Backtest(arguments): &Score) -> anyhow::Result<ExitCode> {
    let goal = arguments.goal.as_deref().map_or(Ok(Goal::OfCampaigns), goal)?;
    let Some(new) = infra::bundle_or_findings(&arguments.infra.folder, arguments.format)? else {
        return Ok(ExitCode::from(1));
    };
    let old = match &arguments.against {
        None => None,
        Some(path) => match compared_with(path, arguments.format)? {
            Some(bundle) => Some(bundle),
            None => return Ok(ExitCode::from(1)),
        },
    };
    if arguments.source.is_standard_input() {
        let message = "--log -: the leads are read twice, so that memory need not hold them: name a file";
        return Err(WrongUse(message.to_owned()).into());
    }
    // It names the leads that stand elsewhere, and where.
    if old.is_some() {
        arguments.source.note_read(None, &arguments.who, "sillon score backtest")?;
    }
    let mut moments = Moments::default();
    arguments.source.leads()?.silent().for_each(|log| moments.see(&log, &new, &goal));
    let mut replay = Replay::new(&new, old.as_ref(), &goal, moments);
    let mut leads = arguments.source.leads()?;
    while let Some(log) = leads.next() {
        if let Err(fault) = replay.add(&log) {
            leads.tell(&format!("lead {}: {fault}", log.lead));
        }
    }
    let found = replay.weighed();
    match arguments.format {
        Format::Json => {
            let moves: Vec<_> = found
                .moves()
                .into_iter()
                .map(|((what, from, to), leads)| json!({ "what": what, "from": from, "to": to, "leads": leads }))
                .collect();
            let mut value = json!(found);
            value["moves"] = json!(moves);
            print_line(format_args!("{value:#}"))?;
        }
        Format::Text => print(text(&found))?,
    }
    let nobody = arguments.goal.as_ref().filter(|_| found.converted == 0);
    if let Some(goal) = nobody {
        eprintln!(
            "{}: nobody reached `{goal}`; is it written as your site or CRM tells it?",
            arguments.source
        );
    }
    Ok(ExitCode::from(u8::from(leads.faults() > 0 || nobody.is_some())))
}

fn goal(text: &str) -> anyhow::Result<Goal> {
    let Some(name) = text.strip_prefix("stage:") else { return Ok(Goal::Event(text.to_owned())) };
    let stage = Stage::BY_RULE.into_iter().find(|stage| stage.as_str() == name);
    let known = Stage::BY_RULE.map(Stage::as_str).join(", ");
    Ok(Goal::Stage(stage.ok_or_else(|| WrongUse(format!("--goal {text}: the stages are {known}")))?))
}

fn compared_with(path: &Path, format: Format) -> anyhow::Result<Option<Bundle>> {
    if path.join("sillon.yaml").is_file() {
        return infra::bundle_or_findings(path, format);
    }
    let file = if path.is_dir() { path.join("bundle.json") } else { path.to_owned() };
    if !file.is_file() {
        let help = "name a folder that holds sillon.yaml, or a bundle.json";
        return Err(WrongUse(format!("--against {}: there is nothing there; {help}", path.display())).into());
    }
    let json =
        std::fs::read_to_string(&file).with_context(|| format!("{}: cannot be read", file.display()))?;
    serde_json::from_str(&json)
        .map(Some)
        .with_context(|| format!("{}: not a bundle of Sillon", file.display()))
}

fn text(found: &Backtest) -> String {
    let mut text = format!("{}, {} converted.\n", count(found.leads, "lead"), found.converted);
    let old = found.old.as_ref();
    let auc = |separation: &Separation| separation.auc.map_or("none".to_owned(), |auc| format!("{auc:.3}"));
    text += &match old {
        Some(old) => format!("AUC {} under the old rules, {} under the new ones", auc(old), auc(&found.new)),
        None => format!("AUC {}", auc(&found.new)),
    };
    text += ": the chance that one who converted scored above one who did not; 0.5 is guessing.\n\n";
    text += &format!("Lift by tenths of the leads, the highest scores first\n{}\n\n", lifts(old, &found.new));
    text += &format!("Share that converted by score\n{}\n", bands(old, &found.new));
    if old.is_none() {
        return text;
    }
    text += &format!("\nStanding elsewhere under the new rules: {}.\n", count(found.changes.len(), "lead"));
    for ((what, from, to), leads) in found.moves() {
        text += &format!("  {what} {from} → {to}: {leads}\n");
    }
    for change in found.changes.iter().take(MOST_NAMED) {
        let (old, new) = (&change.old, &change.new);
        let converted = if change.converted { ", converted" } else { "" };
        text += &format!(
            "  {}: {} → {}, {} → {}, {} → {}{converted}\n",
            change.lead, old.score, new.score, old.stage, new.stage, old.temperature, new.temperature
        );
    }
    let more = found.changes.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        text += &format!("  and {more} more: --format json names them\n");
    }
    text
}

fn lifts(old: Option<&Separation>, new: &Separation) -> Table {
    let mut table = table(&["tenth", "old lift", "new lift"], old.is_some());
    let lift = |separation: &Separation, place: usize| {
        let lift = separation.deciles.get(place).and_then(|decile| decile.lift);
        lift.map_or("–".to_owned(), |lift| format!("{lift:.2}"))
    };
    for place in 0..new.deciles.len() {
        let mut row = vec![(place + 1).to_string()];
        row.extend(old.map(|old| lift(old, place)));
        row.push(lift(new, place));
        table.add_row(row);
    }
    table
}

fn bands(old: Option<&Separation>, new: &Separation) -> Table {
    let mut table = table(&["score", "old rules", "new rules"], old.is_some());
    let mut edges: Vec<(Option<f64>, Option<f64>)> =
        old.iter().flat_map(|old| &old.bands).chain(&new.bands).map(|band| (band.from, band.below)).collect();
    edges.sort_by(|a, b| {
        let from = |edge: &Option<f64>| edge.unwrap_or(f64::NEG_INFINITY);
        from(&a.0).total_cmp(&from(&b.0))
    });
    edges.dedup();
    let share = |separation: &Separation, edge: (Option<f64>, Option<f64>)| {
        let band = separation.bands.iter().find(|band| (band.from, band.below) == edge);
        band.map_or("–".to_owned(), |Band { leads, converted, rate, .. }| {
            format!("{:.0} % ({converted} of {leads})", rate * 100.0)
        })
    };
    for edge in edges {
        let name = match edge {
            (None, Some(below)) => format!("below {below}"),
            (Some(from), Some(below)) => format!("{from} to {below}"),
            (from, _) => format!("from {}", from.unwrap_or_default()),
        };
        let mut row = vec![name];
        row.extend(old.map(|old| share(old, edge)));
        row.push(share(new, edge));
        table.add_row(row);
    }
    table
}

/// A table of which the second column is the old rules', if there are any.
fn table(header: &[&str], with_old: bool) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(
        header.iter().enumerate().filter(|(place, _)| with_old || *place != 1).map(|(_, name)| *name),
    );
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
