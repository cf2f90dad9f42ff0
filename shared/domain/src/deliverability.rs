//! Deliverability: how many e-mails arrive, and when so few do that sending must stop before the carrier stops it.

use std::ops::AddAssign;

use crate::input::FeedbackKind;
use crate::{Input, InputBody};

/// SES reviews an account at 5 % bounces and at 0.1 % complaints, and may pause it at 10 % and 0.5 % (SES Developer Guide,
/// "Reputation metrics: status messages"). We stop a little before the first.
pub const MOST_BOUNCES: f64 = 0.04;
/// The share of complaints at which sending stops, for the same reason.
pub const MOST_COMPLAINTS: f64 = 0.0008;
/// Of fewer e-mails no share says anything.
const LEAST_SAMPLE: u64 = 100;
/// One complaint alone says nothing either: it may be a slip of the thumb; nor does one bounce.
const LEAST: u64 = 2;

/// What became of e-mails of which something was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// The recipient's server took them.
    pub delivered: u64,
    /// They came back for good.
    pub bounced: u64,
    /// Somebody called them spam.
    pub complained: u64,
}

impl Deliveries {
    /// Those that are not among the others.
    fn without(&self, others: &Self) -> Self {
        Self {
            delivered: self.delivered.saturating_sub(others.delivered),
            bounced: self.bounced.saturating_sub(others.bounced),
            complained: self.complained.saturating_sub(others.complained),
        }
    }

    /// Whether so large a share came back, or was called spam, that sending had to stop if it were known of enough e-mails.
    fn is_bad(&self) -> bool {
        let is_too_much = |part, most| part >= LEAST && self.share(part) >= most;
        is_too_much(self.bounced, MOST_BOUNCES) || is_too_much(self.complained, MOST_COMPLAINTS)
    }

    /// Why sending must stop; none while it need not.
    pub fn alarm(&self) -> Option<String> {
        let sample = self.sample();
        if sample < LEAST_SAMPLE {
            return None;
        }
        let told = |what: &str, part: u64, most: f64| {
            let (share, most) = (self.share(part) * 100.0, most * 100.0);
            format!("{part} of {sample} e-mails {what}: {share:.2} %, and {most} % is the most")
        };
        if self.share(self.bounced) >= MOST_BOUNCES {
            return Some(told("bounced", self.bounced, MOST_BOUNCES));
        }
        let complaints = self.complained >= LEAST && self.share(self.complained) >= MOST_COMPLAINTS;
        complaints.then(|| told("were called spam", self.complained, MOST_COMPLAINTS))
    }

    /// The e-mails whose fate is known; a complaint is about one that was delivered.
    pub fn sample(&self) -> u64 {
        self.delivered + self.bounced
    }

    /// How much that part is of them, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "they are counts of e-mails")]
    pub fn share(&self, part: u64) -> f64 {
        part as f64 / self.sample().max(1) as f64
    }

    /// Whether it tells nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What was told of e-mails, and of those among them that anybody can have us send: confirmations, links to one's data, and
/// whatever goes to addresses that nobody has confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Of all of them, as the carrier counts.
    pub all: Deliveries,
    /// Of those that are confirmations or the like.
    pub confirmations: Deliveries,
}

/// What must stop, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// All sending.
    All(String),
    /// Confirmations alone: without them, few enough come back, as far as that is known.
    Confirmations(String),
}

impl Told {
    /// What one input tells; mostly nothing.
    pub fn by(input: &Input) -> Self {
        let InputBody::Feedback(feedback) = &input.body else { return Self::default() };
        let mut all = Deliveries::default();
        match feedback.kind {
            FeedbackKind::Delivery => all.delivered = 1,
            FeedbackKind::Bounce { permanent: true } => all.bounced = 1,
            FeedbackKind::Complaint => all.complained = 1,
            _ => {}
        }
        Self { all, confirmations: if feedback.of_confirmation { all } else { Deliveries::default() } }
    }

    /// What must stop; none while nothing need. Whoever posts addresses of dead mailboxes must not stop the e-mails of those
    /// who confirmed theirs.
    pub fn alarm(&self) -> Option<Alarm> {
        let because = self.all.alarm()?;
        let others = self.all.without(&self.confirmations);
        if others.is_bad() || !self.confirmations.is_bad() {
            return Some(Alarm::All(because));
        }
        let Deliveries { bounced, complained, .. } = others;
        let sample = others.sample();
        Some(Alarm::Confirmations(format!(
            "{because}; without confirmations, {bounced} of {sample} bounced and {complained} were called spam"
        )))
    }

    /// Whether it tells nothing at all.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl AddAssign for Told {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.confirmations += other.confirmations;
    }
}

impl AddAssign for Deliveries {
    fn add_assign(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.bounced += other.bounced;
        self.complained += other.complained;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sending_stops_at_four_per_cent_bounces_or_eight_in_ten_thousand_complaints() {
        let table = [
            ((0, 0, 0), None),
            ((0, 99, 0), None),
            ((97, 3, 0), None),
            ((96, 4, 0), Some("4 of 100 e-mails bounced: 4.00 %, and 4 % is the most")),
            ((961, 39, 0), None),
            ((960, 40, 0), Some("40 of 1000 e-mails bounced: 4.00 %, and 4 % is the most")),
            ((1_000, 0, 1), None),
            ((2_500, 0, 2), Some("2 of 2500 e-mails were called spam: 0.08 %, and 0.08 % is the most")),
            ((2_501, 0, 2), None),
            ((10_000, 0, 8), Some("8 of 10000 e-mails were called spam: 0.08 %, and 0.08 % is the most")),
        ];
        for ((delivered, bounced, complained), expected) in table {
            let deliveries = Deliveries { delivered, bounced, complained };
            assert_eq!(deliveries.alarm().as_deref(), expected, "{deliveries:?}");
        }
    }
}
