//! The sequential rule under continuous peeking, over leads that are drawn by seed.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

use domain::lot;
use rehearsal::confidence::Bounds;
use rehearsal::experiments::{ALPHA, Counts, Outcome, judge, more_leads};

/// Whether a lead of a run succeeds: always the same for the same run, variant and lead.
fn succeeds(rate: f64, run: u32, variant: usize, lead: u32) -> bool {
    const MILLION: u64 = 1_000_000;
    let parts = [run.to_string(), variant.to_string(), lead.to_string()];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    (lot::below(MILLION, &parts) as f64) < rate * MILLION as f64
}

/// Leads come one by one to each variant, and somebody looks at each of `looks`. The first winner, and after how many
/// leads of each variant it was told.
fn first_winner(rates: &[f64], run: u32, looks: impl Iterator<Item = u32>) -> Option<(usize, u32)> {
    let mut counts = vec![Counts::default(); rates.len()];
    let mut lead = 0;
    for look in looks {
        while lead < look {
            for (variant, rate) in rates.iter().enumerate() {
                counts[variant].leads += 1.0;
                counts[variant].successes += f64::from(u8::from(succeeds(*rate, run, variant, lead)));
            }
            lead += 1;
        }
        if let Some(Outcome::Winner(variant)) = judge(&counts, 0.0).outcome {
            return Some((variant, look));
        }
    }
    None
}

/// Every tenth lead.
fn looks(most: u32) -> impl Iterator<Item = u32> {
    (1..=most / 10).map(|look| look * 10)
}

#[test]
fn without_a_difference_hardly_any_run_tells_a_winner_however_often_one_looks() {
    for rates in [&[0.1, 0.1][..], &[0.5, 0.5], &[0.04, 0.04, 0.04]] {
        let runs = 100;
        let wrong = (0..runs).filter(|run| first_winner(rates, *run, looks(1_000)).is_some()).count();
        assert!(wrong as f64 <= ALPHA * f64::from(runs), "{rates:?}: {wrong} of {runs}");
    }
}

/// The promise itself, at each single lead: no more than `ALPHA` of all runs ever exclude the true rate.
#[test]
fn the_true_rate_is_never_excluded_in_more_than_alpha_of_the_runs() {
    let (rate, runs, alpha) = (0.2, 300, 0.2);
    let excluded = |run: &u32| {
        let mut successes = 0.0;
        (0..1_000).any(|lead| {
            successes += f64::from(u8::from(succeeds(rate, *run, 0, lead)));
            let bounds = Bounds::of(successes, f64::from(lead + 1) - successes, alpha);
            rate < bounds.lower || bounds.upper < rate
        })
    };
    let missed = (0..runs).filter(excluded).count() as f64 / f64::from(runs);
    assert!(missed <= alpha, "{missed}");
    assert!(missed > alpha / 50.0, "{missed}: the bounds are far wider than they need be");
}

#[test]
fn a_real_difference_is_found_and_the_right_one_wins() {
    for (rates, best, most) in [([0.1, 0.2], 1, 1_500), ([0.4, 0.25], 0, 1_500), ([0.05, 0.15], 1, 1_500)] {
        for run in 0..20 {
            let found = first_winner(&rates, run, looks(most));
            let (winner, leads) = found.unwrap_or_else(|| panic!("{rates:?}, run {run}: none in {most}"));
            assert_eq!(winner, best, "{rates:?}, run {run}, after {leads} leads each");
        }
    }
}

fn counts(of: &[(f64, f64)]) -> Vec<Counts> {
    of.iter().map(|(successes, leads)| Counts { leads: *leads, successes: *successes }).collect()
}

#[test]
fn what_is_small_enough_is_no_difference() {
    let judged = judge(&counts(&[(10_000.0, 100_000.0), (10_050.0, 100_000.0)]), 0.01);
    assert_eq!(judged.outcome, Some(Outcome::NoDifference));
    assert!(judged.largest_difference < 0.01, "{}", judged.largest_difference);
}

#[test]
fn an_open_experiment_tells_how_many_leads_it_needs_and_then_is_decided() {
    let now = [(20.0, 200.0), (36.0, 200.0)];
    assert_eq!(judge(&counts(&now), 0.01).outcome, None);
    let more = more_leads(&counts(&now), 0.01).expect("there is a difference");
    assert!((200..2_000).contains(&more), "{more}");
    let grown = |more: f64| {
        let times = (400.0 + more) / 400.0;
        judge(&counts(&now.map(|(successes, leads)| (successes * times, leads * times))), 0.01).outcome
    };
    assert_eq!(grown(more as f64 + 1.0), Some(Outcome::Winner(1)));
    assert_eq!(grown(more as f64 - 2.0), None);
}

#[test]
fn who_has_no_leads_keeps_everything_open() {
    for of in [&[(0.0, 0.0), (0.0, 0.0)][..], &[(50.0, 100.0), (0.0, 0.0)]] {
        assert_eq!(judge(&counts(of), 0.01).outcome, None);
        assert_eq!(more_leads(&counts(of), 0.01), None);
    }
}
