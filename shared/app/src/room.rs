//! The room: how much of the carrier's rate is ours, while somebody else sends from the same account.

use jiff::{SignedDuration, Timestamp};

/// Refusals within this are one and the same: several e-mails were on their way.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(1);
/// Whoever else sends passes no gate of ours, and shows only in refusals. One alone is an accident; a second so soon is not.
const NO_ACCIDENT: SignedDuration = SignedDuration::from_secs(10);
/// E-mails that have their moment already, from before a cut, tell nothing new.
const ON_THEIR_WAY: SignedDuration = SignedDuration::from_secs(2);
/// What a cut leaves.
const LEFT: f64 = 0.6;
/// Never less: the others may go, and only who tries finds out.
const LEAST: f64 = 0.05;
/// How long it takes from nothing to the whole rate. The slower, the fewer calls are refused while others send.
const WHOLE_AGAIN: SignedDuration = SignedDuration::from_mins(30);

/// A share of the rate that refusals cut, and that grows again by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Room {
    /// The share that the last cut left, and when.
    cut: Option<(f64, Timestamp)>,
    refused_at: Option<Timestamp>,
}

impl Room {
    /// The share at that moment, at most 1.
    pub(crate) fn share(&self, now: Timestamp) -> f64 {
        self.cut.map_or(1.0, |(left, at)| {
            let grown = now.duration_since(at).as_secs_f64() / WHOLE_AGAIN.as_secs_f64();
            (left + grown.max(0.0)).min(1.0)
        })
    }

    /// The carrier refused an e-mail for its rate.
    pub(crate) fn refuse(&mut self, now: Timestamp) {
        let within = |span, from: Option<Timestamp>| from.is_some_and(|from| now < from + span);
        if within(ON_THEIR_WAY, self.cut.map(|(_, at)| at)) || within(AT_ONCE, self.refused_at) {
            return;
        }
        if within(NO_ACCIDENT, self.refused_at.replace(now)) {
            self.cut = Some(((self.share(now) * LEFT).max(LEAST), now));
            self.refused_at = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_in_a_row_cut_it_and_it_grows_again() {
        let start: Timestamp = "2027-03-10T09:00:00Z".parse().unwrap();
        let after = |seconds: f64| start + SignedDuration::from_secs_f64(seconds);
        // When refused, and the share right after that.
        let table = [
            (0.0, 1.0),
            (60.0, 1.0),
            (60.9, 1.0),
            (61.0, 0.6),
            (62.0, 0.6),
            (121.0, 0.633),
            (125.0, 0.381),
            (10_000.0, 1.0),
        ];
        let mut room = Room::default();
        for (seconds, expected) in table {
            room.refuse(after(seconds));
            let share = room.share(after(seconds));
            assert!((share - expected).abs() < 0.002, "{share} after {seconds} s, not {expected}");
        }
        (0..1_000).for_each(|place| room.refuse(after(20_000.0 + f64::from(place))));
        let least = room.share(after(20_999.0));
        assert!((LEAST..LEAST + 0.01).contains(&least), "{least}");
    }
}
