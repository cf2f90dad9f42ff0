//! A simulation's result, for people.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};
use domain::Campaign;
use jiff::ToSpan;
use jiff::civil::Date;
use rehearsal::outline::in_order;
use rehearsal::simulation::{Cost, Counts, Simulation, StepCounts};

/// A longer time is told by the week.
const MOST_DAYS: usize = 45;
const BAR: usize = 30;

pub fn render(simulation: &Simulation<'_>, counts: &Counts, cost: Option<&Cost>, quota: u64) -> String {
    let mut text = String::new();
    let campaign = simulation.campaign;
    let zone = domain::schedule::zone(None, &simulation.bundle.organisation.time_zone);
    let first = simulation.from.to_zoned(zone).date();
    let _ = writeln!(
        text,
        "{}: {} leads from {first} on, over {} days (seed {})\n",
        campaign.id,
        number(counts.leads),
        simulation.days,
        simulation.seed
    );
    funnel(&mut text, campaign, counts);
    steps(&mut text, campaign, counts);
    emails(&mut text, campaign, counts, quota);
    if let (Some(half), Some(most)) = (counts.days_to_goal_of(0.5), counts.days_to_goal_of(0.9)) {
        let _ = writeln!(
            text,
            "\nOf those who convert, half do within {}, nine of ten within {}.",
            days(half),
            days(most)
        );
    }
    match cost {
        Some(cost) => costs(&mut text, counts, cost),
        None => text.push_str("\nWhat it costs is told if there is a `prices.yaml` beside `sillon.yaml`.\n"),
    }
    text
}

fn funnel(text: &mut String, campaign: &Campaign, counts: &Counts) {
    let goal = campaign.goal.as_deref().unwrap_or("the goal");
    let mut rows = vec![("posted the form".to_owned(), counts.leads)];
    if campaign.form.as_ref().is_some_and(|form| form.consent.double_opt_in) {
        rows.push(("confirmed".to_owned(), counts.confirmed));
    }
    rows.extend(counts.stages.iter().map(|(stage, leads)| (format!("became {}", stage.as_str()), *leads)));
    rows.push((format!("reached {goal}"), counts.converted));
    rows.push(("left".to_owned(), counts.left));
    rows.push(("bounced or complained".to_owned(), counts.suppressed));
    let mut table = table();
    for (what, leads) in rows {
        table.add_row([what, number(leads), share(leads, counts.leads), bar(leads, counts.leads)]);
    }
    align(&mut table, 1..=2);
    let _ = writeln!(text, "{table}\n");
}

fn steps(text: &mut String, campaign: &Campaign, counts: &Counts) {
    let Some(steps) = counts.steps.get(&campaign.id) else { return };
    let mut table = table();
    table.set_header(["step", "came", "sent", "opened", "clicked", "then", "still there"]);
    for id in in_order(&campaign.sequence) {
        let Some(step) = steps.get(id) else { continue };
        table.add_row([
            id.to_string(),
            number_or_nothing(came(step)),
            number_or_nothing(step.sent),
            share_or_nothing(step.opened, step.sent),
            share_or_nothing(step.clicked, step.sent),
            ways(step),
            number_or_nothing(step.waiting),
        ]);
    }
    align(&mut table, 1..=4);
    align(&mut table, 6..=6);
    let _ = writeln!(text, "{table}\n");
}

/// A step that takes no time is not begun; its ways tell who came.
fn came(step: &StepCounts) -> u64 {
    step.began.max(step.ways.values().sum())
}

fn ways(step: &StepCounts) -> String {
    let all: u64 = step.ways.values().sum();
    let ways = step.ways.iter().map(|(way, leads)| format!("{way} {}", share(*leads, all)));
    ways.collect::<Vec<_>>().join(", ")
}

fn emails(text: &mut String, campaign: &Campaign, counts: &Counts, quota: u64) {
    let Some((day, most)) = counts.busiest_day() else { return };
    let by_week = counts.emails_by_day.len() > MOST_DAYS;
    let step = if by_week { 7.days() } else { 1.days() };
    let mut rows: Vec<(Date, u64)> = Vec::new();
    for (date, emails) in &counts.emails_by_day {
        let monday = i64::from(date.weekday().to_monday_zero_offset());
        let start = if by_week { date.saturating_sub(monday.days()) } else { *date };
        // A time in which nothing leaves has a row, too.
        while let Some(next) =
            rows.last().map(|(last, _)| last.saturating_add(step)).filter(|next| *next < start)
        {
            rows.push((next, 0));
        }
        match rows.last_mut().filter(|(last, _)| *last == start) {
            Some((_, sum)) => *sum += emails,
            None => rows.push((start, *emails)),
        }
    }
    let highest = rows.iter().map(|(_, emails)| *emails).max().unwrap_or_default();
    let mut table = table();
    table.set_header([if by_week { "week of" } else { "day" }, "e-mails", ""]);
    for (start, emails) in rows {
        table.add_row([start.to_string(), number(emails), bar(emails, highest)]);
    }
    align(&mut table, 1..=1);
    let _ = writeln!(text, "{table}\n");
    if counts.steps.len() > 1 {
        let others = counts.steps.keys().filter(|id| **id != campaign.id);
        let others: Vec<&str> = others.map(|id| id.as_str()).collect();
        let _ = writeln!(
            text,
            "These are all e-mails of these leads: those of {} are among them.",
            others.join(", ")
        );
    }
    let _ = writeln!(
        text,
        "Busiest day: {day} with {} e-mails, {} of the quota of {}.",
        number(most),
        share(most, quota),
        number(quota)
    );
    let a_second = counts.busiest_hour as f64 / 3600.0;
    let _ = writeln!(text, "Busiest hour: {} e-mails, {a_second:.1} a second.", number(counts.busiest_hour));
    if most > quota {
        let _ = writeln!(
            text,
            "That is more than SES lets you send: ask AWS for more, or let fewer leads arrive at once."
        );
    }
}

fn costs(text: &mut String, counts: &Counts, cost: &Cost) {
    let mut table = table();
    table.set_header(["cost", "units", "", cost.currency.as_str()]);
    for line in &cost.lines {
        let amount = format!("{:.2}", line.amount);
        table.add_row([
            line.service.to_owned(),
            number(line.units.round() as u64),
            line.of.to_owned(),
            amount,
        ]);
    }
    table.add_row(["all".to_owned(), String::new(), String::new(), format!("{:.2}", cost.total)]);
    align(&mut table, 1..=1);
    align(&mut table, 3..=3);
    let _ = writeln!(text, "\n{table}");
    if counts.converted > 0 {
        let each = cost.total / counts.converted as f64;
        let _ = writeln!(text, "\n{each:.4} {} for each who converts.", cost.currency);
    }
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table
}

fn align(table: &mut Table, columns: std::ops::RangeInclusive<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// 1,234,567.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

fn number_or_nothing(count: u64) -> String {
    if count == 0 { String::new() } else { number(count) }
}

fn share(part: u64, of: u64) -> String {
    if of == 0 { String::new() } else { format!("{:.1}%", 100.0 * part as f64 / of as f64) }
}

fn share_or_nothing(part: u64, of: u64) -> String {
    if part == 0 { String::new() } else { share(part, of) }
}

fn days(days: i64) -> String {
    match days {
        0 => "the day".to_owned(),
        1 => "a day".to_owned(),
        _ => format!("{days} days"),
    }
}

/// Blocks of eighths of a character.
fn bar(part: u64, of: u64) -> String {
    let eighths = (part as f64 / of.max(1) as f64 * (BAR * 8) as f64).round() as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}
