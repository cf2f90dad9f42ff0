//! Chance: everything that is not certain is drawn from the seed, and from nothing else.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Draws by a seed. ChaCha gives the same numbers on every machine.
#[derive(Debug)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The draws of that seed.
    pub fn of(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Other draws of that seed: what is drawn from them leaves the rest of its story as it is.
    pub fn apart(seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(1);
        Self(generator)
    }

    /// A number from `from` up to, but not including, `to`.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = u64::try_from(to - from).unwrap_or(1).max(1);
        from + i64::try_from(self.0.next_u64() % span).unwrap_or_default()
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: i64) -> bool {
        // Nothing is drawn for what never happens, so that a world without a fault is the same without its code.
        per_mille > 0 && self.between(0, 1_000) < per_mille
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let place = self.between(0, i64::try_from(of.len()).unwrap_or(1));
        of[usize::try_from(place).unwrap_or_default()]
    }
}

/// How often each thing goes wrong, in a thousand. Each seed has some faults and lacks others, since faults that are always
/// there hide one another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// A worker dies at a port call, before its effect or after it.
    pub crash: i64,
    /// The store is not to be had.
    pub throttle: i64,
    /// Another transaction is at the same items.
    pub conflict: i64,
    /// The store's answer is lost: before the effect, after it, or while the effect is still on its way.
    pub lost_answer: i64,
    /// A port call takes seconds.
    pub slow: i64,
    /// The due index lags by minutes.
    pub lag: i64,
    /// The carrier does not answer in time: it took the e-mail, or did not, or takes it later.
    pub time_out: i64,
    /// The carrier refuses for now.
    pub refuse: i64,
    /// The carrier takes nothing for a moment, whichever e-mail it is.
    pub full: i64,
    /// The carrier pauses the account.
    pub pause: i64,
    /// The carrier refuses for good.
    pub refuse_for_good: i64,
    /// A message, a nudge or a tick comes twice.
    pub twice: i64,
    /// A message or a nudge comes late, after others.
    pub late: i64,
    /// A nudge is lost.
    pub lost_nudge: i64,
    /// The carrier never tells what became of an e-mail.
    pub silence: i64,
}

impl Faults {
    /// What goes wrong in a seed's world.
    pub fn of(draw: &mut Draw) -> Self {
        let mut up_to = |most: i64| if draw.chance(500) { draw.between(1, most + 1) } else { 0 };
        Self {
            crash: up_to(40),
            throttle: up_to(80),
            conflict: up_to(80),
            lost_answer: up_to(80),
            slow: up_to(100),
            lag: up_to(300),
            time_out: up_to(300),
            refuse: up_to(300),
            full: up_to(200),
            pause: up_to(40),
            refuse_for_good: up_to(60),
            twice: up_to(300),
            late: up_to(200),
            lost_nudge: up_to(500),
            silence: up_to(600),
        }
    }
}
