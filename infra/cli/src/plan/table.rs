//! A plan as people read it.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use domain::StepId;
use rehearsal::plan::{CampaignChange, Changes, Looked, Plan, What};

use crate::terminal::count;

/// The whole plan; coloured on a terminal.
pub fn plan(plan: &Plan, coloured: bool) -> String {
    let mut text = String::new();
    let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
    let _ = writeln!(text, "Deployed {}, edited {}.\n", short(&plan.deployed), short(&plan.edited));
    changes(&mut text, &plan.changes, coloured);
    let Some(leads) = &plan.leads else {
        text.push_str(
            "\nNo leads were looked at: name them by --log FILE, --data .sillon or --table NAME.\n",
        );
        return text;
    };
    let on_their_way: usize = leads.standing.iter().map(|standing| standing.leads).sum();
    let _ = writeln!(text, "\n{}; {on_their_way} places in sequences.", count(leads.leads, "lead"));
    if !leads.standing.is_empty() {
        let mut table =
            table(&["campaign", "stands on", "leads", "stay", "go on at", "leave", "complete"], 2..=6);
        for standing in &leads.standing {
            let moves: Vec<String> =
                standing.move_to.iter().map(|(step, leads)| format!("{step} {leads}")).collect();
            table.add_row([
                standing.campaign.to_string(),
                standing.step.to_string(),
                standing.leads.to_string(),
                number(standing.keep),
                moves.join(", "),
                number(standing.exit),
                number(standing.complete),
            ]);
        }
        let _ = writeln!(text, "\n{table}");
    }
    if !leads.due.is_empty() {
        let mut table =
            table(&["campaign", "sends within a day", "e-mails", "by this edit", "no longer"], 2..=4);
        for due in &leads.due {
            table.add_row([
                due.campaign.to_string(),
                due.step.to_string(),
                number(due.sends),
                number(due.by_this_edit),
                number(due.no_longer),
            ]);
        }
        let _ = writeln!(text, "\n{table}");
    }
    for (campaign, leads) in &leads.entering {
        let _ = writeln!(text, "{} would enter {campaign} within a day.", count(*leads, "lead"));
    }
    for change in &leads.stages {
        let (from, to) = (change.from.as_str(), change.to.as_str());
        let _ = writeln!(text, "{} would reach {to} instead of {from}.", count(change.leads, "lead"));
    }
    text
}

/// What looks would do.
pub fn looked(looked: &Looked) -> String {
    let mut text = String::new();
    if !looked.due.is_empty() {
        let mut table = table(&["campaign", "sends", "e-mails"], 2..=2);
        for due in &looked.due {
            table.add_row([due.campaign.to_string(), due.step.to_string(), number(due.by_this_edit)]);
        }
        let _ = writeln!(text, "{table}\n");
    }
    for (campaign, leads) in &looked.entering {
        let _ = writeln!(text, "{} would enter {campaign}.", count(*leads, "lead"));
    }
    if looked.erased > 0 {
        let _ = writeln!(
            text,
            "{} would be erased, having been inactive for as long as `retention` says.",
            count(looked.erased, "lead")
        );
    }
    text
}

fn changes(text: &mut String, changes: &Changes, coloured: bool) {
    if changes.is_empty() {
        text.push_str("The campaigns are the same.\n");
        return;
    }
    let mut line = |mark: char, words: &str| {
        let colour = match mark {
            '+' => "\u{1b}[32m",
            '-' => "\u{1b}[31m",
            _ => "\u{1b}[33m",
        };
        let _ = if coloured {
            writeln!(text, "{colour}{mark}\u{1b}[0m {words}")
        } else {
            writeln!(text, "{mark} {words}")
        };
    };
    if !changes.organisation.is_empty() {
        line('~', &format!("sillon.yaml: {}", changes.organisation.join(", ")));
    }
    for campaign in &changes.added {
        line('+', &format!("campaign {campaign}"));
    }
    for campaign in &changes.removed {
        line('-', &format!("campaign {campaign}"));
    }
    for (campaign, change) in &changes.changed {
        line('~', &format!("campaign {campaign}"));
        campaign_changes(&mut line, change);
    }
}

fn campaign_changes(line: &mut impl FnMut(char, &str), change: &CampaignChange) {
    match change.paused {
        Some(true) => line('~', "  is paused: nothing of it leaves, and leads keep their places"),
        Some(false) => line('~', "  goes on: it is paused no longer"),
        None => {}
    }
    if !change.keys.is_empty() {
        line('~', &format!("  {}", change.keys.join(", ")));
    }
    change.added.iter().for_each(|step| line('+', &format!("  step {step}")));
    change.removed.iter().for_each(|step| line('-', &format!("  step {step}")));
    for step in &change.never_there {
        let mend = campaign_file::tree::mend(
            step.as_str(),
            change.removed.iter().map(StepId::as_str),
            "leave it out",
        );
        line('!', &format!("  removed_steps: `{step}` was never deployed; {mend}"));
    }
    change.moved.iter().for_each(|step| line('~', &format!("  step {step} stands elsewhere")));
    for changed in &change.changed {
        let what: Vec<String> = changed.what.iter().map(part).collect();
        line('~', &format!("  step {}: {}", changed.step, what.join("; ")));
    }
    for (email, locales) in &change.emails {
        for (locale, parts) in locales {
            line('~', &format!("  e-mail {email} ({locale}): {}", parts.join(", ")));
        }
    }
}

fn part(what: &What) -> String {
    let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    format!("{} {} → {}", what.part, or_none(&what.before), or_none(&what.after))
}

fn table(head: &[&str], numbers: std::ops::RangeInclusive<usize>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header(head);
    for place in numbers {
        if let Some(column) = table.column_mut(place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Nothing for none, so that what there is stands out.
fn number(number: usize) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}
