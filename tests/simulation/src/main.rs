//! Runs many seeds, or tells the story of one.

use std::process::ExitCode;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

const HOW: &str = "tests/simulation/run --seeds COUNT [--from SEED]   runs so many worlds
tests/simulation/run --seed SEED                    tells what happens in one
tests/simulation/run --mutations SEEDS              tells within how many each deliberate fault is noticed";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| -> Option<u64> {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)?.replace('_', "").parse().ok()
    };
    match (number("--seed"), number("--seeds")) {
        (Some(seed), None) => story(seed),
        (None, Some(count)) => many(number("--from").unwrap_or(0), count),
        (None, None) if number("--mutations").is_some() => mutations(number("--mutations").unwrap_or(0)),
        _ => {
            eprintln!("{HOW}");
            ExitCode::from(2)
        }
    }
}

fn story(seed: u64) -> ExitCode {
    let (log, violation) = simulation::Simulation::new(None).tell(seed);
    log.iter().for_each(|line| println!("{line}"));
    match violation {
        None => ExitCode::SUCCESS,
        Some(simulation::Violation { rule, what }) => {
            println!("\nseed {seed} breaks the rule {rule:?}: {what}");
            ExitCode::from(1)
        }
    }
}

fn mutations(seeds: u64) -> ExitCode {
    let mut unnoticed = 0;
    for mutation in simulation::Mutation::ALL {
        match simulation::first_failure(0..seeds, Some(*mutation), |_| {}) {
            Some(failure) => {
                let simulation::Violation { rule, what } = failure.violation;
                let told: String = what.chars().take(80).collect();
                let named =
                    if mutation.noticed_by().contains(&rule) { "" } else { " (which is not its own)" };
                println!("{mutation:?}: seed {}, {rule:?}{named}: {told}", failure.seed);
                unnoticed += u32::from(!named.is_empty());
            }
            None => {
                println!("{mutation:?}: not within {seeds} seeds");
                unnoticed += 1;
            }
        }
    }
    ExitCode::from(u8::from(unnoticed > 0))
}

#[expect(clippy::disallowed_methods, reason = "the progress line tells how quick it is")]
fn many(from: u64, count: u64) -> ExitCode {
    let begun = Instant::now();
    let rate = |done: u64| done as f64 / begun.elapsed().as_secs_f64();
    let style = "{bar:30} {human_pos} of {human_len} seeds, {per_sec}, {eta} left";
    let bar = ProgressBar::new(count).with_style(ProgressStyle::with_template(style).unwrap());
    let progress = |done: u64| {
        bar.set_position(done);
        if bar.is_hidden() && done.is_multiple_of(10_000) {
            eprintln!("{done} of {count} seeds, {:.0} a second", rate(done));
        }
    };
    let failure = simulation::first_failure(from..from + count, None, progress);
    bar.finish_and_clear();
    match failure {
        None => {
            println!("{count} seeds from {from} keep every promise ({:.0} a second)", rate(count));
            ExitCode::SUCCESS
        }
        Some(failure) => {
            println!("{failure}");
            ExitCode::from(1)
        }
    }
}
