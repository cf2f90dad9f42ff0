//! Bounds on a rate that hold at every look at once, so that looking often and stopping early does no harm.
//!
//! A lead succeeds or it does not. If the true rate were `p`, then after `s` successes and `f` failures
//! `M(p) = B(s+1, f+1) / (p^s (1-p)^f)` would be a martingale that begins at 1: all rates weighed evenly against `p`
//! (H. Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", 1970). It ever reaches `1/alpha` with
//! a chance of at most `alpha` (Ville's inequality). The rates at which it has not are the bounds: however often one
//! looks, the chance that they ever miss the true rate is at most `alpha`.

use serde::Serialize;

/// Halvings of an interval after which nothing changes any more.
const HALVINGS: usize = 45;

/// Between these lies the true rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// At least.
    pub lower: f64,
    /// At most.
    pub upper: f64,
}

impl Bounds {
    /// The bounds after so many successes and failures, which miss the true rate with a chance of at most `alpha`. The
    /// counts may be fractions, for what is only expected.
    pub fn of(successes: f64, failures: f64, alpha: f64) -> Self {
        let trials = successes + failures;
        if trials <= 0.0 {
            return Self { lower: 0.0, upper: 1.0 };
        }
        let mean = successes / trials;
        let beta = ln_factorial(successes) + ln_factorial(failures) - ln_factorial(trials + 1.0);
        let power = |count: f64, rate: f64| if count == 0.0 { 0.0 } else { count * rate.ln() };
        let evidence = |rate: f64| beta - power(successes, rate) - power(failures, 1.0 - rate);
        let limit = -alpha.ln();
        let excluded = |rate: f64| evidence(rate) >= limit;
        Self {
            lower: if successes > 0.0 { edge(0.0, mean, excluded) } else { 0.0 },
            upper: if failures > 0.0 { edge(1.0, mean, excluded) } else { 1.0 },
        }
    }
}

/// Where exclusion ends between a rate that is excluded and one that is not.
fn edge(mut outside: f64, mut inside: f64, excluded: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(outside, inside);
        if excluded(middle) { outside = middle } else { inside = middle }
    }
    outside
}

/// `ln(x!)`, by Stirling's series from 10 on (Abramowitz and Stegun, 6.1.41), and below by `x! = (x+1)! / (x+1)`.
fn ln_factorial(x: f64) -> f64 {
    if x < 10.0 {
        return ln_factorial(x + 1.0) - (x + 1.0).ln();
    }
    let z = x + 1.0;
    (z - 0.5) * z.ln() - z + 0.5 * std::f64::consts::TAU.ln() + 1.0 / (12.0 * z) - 1.0 / (360.0 * z.powi(3))
        + 1.0 / (1260.0 * z.powi(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-8, "{found} is not {expected}");
    }

    #[test]
    fn factorials() {
        for (x, factorial) in [(0.0, 1.0_f64), (1.0, 1.0), (5.0, 120.0), (12.0, 479_001_600.0)] {
            near(ln_factorial(x), factorial.ln());
        }
        near(ln_factorial(0.5), (std::f64::consts::PI.sqrt() / 2.0).ln());
    }

    /// Worked out by hand. Without successes `M(p) = 1 / ((n+1) (1-p)^n)`; with one of each, `M(p) = 1 / (6p(1-p))`.
    #[test]
    fn bounds_by_hand() {
        assert_eq!(Bounds::of(0.0, 0.0, 0.05), Bounds { lower: 0.0, upper: 1.0 });
        let none = Bounds::of(0.0, 10.0, 0.05);
        near(none.upper, 1.0 - (0.05_f64 / 11.0).powf(0.1));
        near(none.upper, 0.416_880_275_66);
        assert_eq!(none.lower, 0.0);
        let all = Bounds::of(10.0, 0.0, 0.05);
        near(all.lower, 1.0 - none.upper);
        assert_eq!(all.upper, 1.0);
        let one_each = Bounds::of(1.0, 1.0, 0.05);
        near(one_each.lower, (1.0 - (1.0_f64 - 0.05 * 4.0 / 6.0).sqrt()) / 2.0);
        near(one_each.upper, 1.0 - one_each.lower);
    }

    #[test]
    fn bounds_narrow_as_leads_come_and_hold_the_mean() {
        let mut width = 1.0;
        for scale in [1.0, 10.0, 100.0, 1_000.0, 100_000.0] {
            let bounds = Bounds::of(3.0 * scale, 27.0 * scale, 0.05);
            assert!(bounds.lower < 0.1 && 0.1 < bounds.upper, "{bounds:?}");
            assert!(bounds.upper - bounds.lower < width, "{bounds:?}");
            width = bounds.upper - bounds.lower;
        }
    }
}
