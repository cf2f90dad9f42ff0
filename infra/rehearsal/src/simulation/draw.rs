//! Draws: how many of a number fall to each of several outcomes.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Binomial, Distribution};

/// Draws by a seed. ChaCha gives the same numbers on every machine.
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    pub fn of(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// How many of `number` something with this probability happens to.
    pub fn binomial(&mut self, number: u64, probability: f64) -> u64 {
        match Binomial::new(number, probability.clamp(0.0, 1.0)) {
            Ok(binomial) => binomial.sample(&mut self.0).min(number),
            Err(_) => 0,
        }
    }

    /// Divides `number` by shares, which need not add up to one: a draw from the multinomial distribution.
    pub fn multinomial(&mut self, number: u64, shares: &[f64]) -> Vec<u64> {
        let mut left = number;
        let mut weight: f64 = shares.iter().sum();
        let mut parts: Vec<u64> = Vec::with_capacity(shares.len());
        for (place, share) in shares.iter().enumerate() {
            let last = place + 1 == shares.len();
            let part = if last || left == 0 { left } else { self.binomial(left, share / weight) };
            parts.push(part);
            left -= part;
            weight -= share;
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_keep_to_their_shares() {
        let mut draw = Draw::of(7);
        let parts = draw.multinomial(1_000_000, &[1.0, 2.0, 0.0, 5.0]);
        assert_eq!(parts.iter().sum::<u64>(), 1_000_000);
        assert_eq!(parts[2], 0);
        for (part, expected) in parts.iter().zip([125_000.0, 250_000.0, 0.0, 625_000.0_f64]) {
            // Five standard deviations.
            assert!((*part as f64 - expected).abs() < 2_500.0, "{parts:?}");
        }
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| Draw::of(seed).multinomial(1_000, &[0.3, 0.3, 0.4]);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
