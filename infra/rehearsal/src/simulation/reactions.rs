//! Reactions: what may become of an e-mail, and what each possibility brings about later.

use domain::lead::{Purpose, Send};
use domain::{Bundle, CampaignId};
use jiff::SignedDuration;

use super::rates::{EmailRates, Rates};

/// People answer soon, or when they next look: how long after the e-mail, and how many of them.
const DELAYS: [(SignedDuration, f64); 2] =
    [(SignedDuration::from_mins(40), 0.6), (SignedDuration::from_hours(20), 0.4)];
/// What follows a click follows it so soon.
const AFTER_CLICK: SignedDuration = SignedDuration::from_mins(20);
const BOUNCE_AFTER: SignedDuration = SignedDuration::from_mins(1);
const LEAVE_AFTER: SignedDuration = SignedDuration::from_hours(3);

/// One thing that a lead will do, unless the simulation ends before.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Doing {
    /// Presses the button of the open request.
    Confirm,
    Receive,
    Bounce,
    Complain,
    Leave,
    Open,
    Click,
    Download(CampaignId),
    Event(String),
}

/// One possibility.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Outcome {
    /// Its probability.
    pub share: f64,
    pub opened: bool,
    pub clicked: bool,
    /// What is done how long after the e-mail; nothing makes no difference to what the campaign does.
    pub doings: Vec<(SignedDuration, Doing)>,
}

/// What may become of e-mails.
pub(super) struct Reactions<'a> {
    bundle: &'a Bundle,
    rates: &'a Rates,
    /// Whether any rule asks about openings. If none does, those who open need not be told from those who do not.
    opens_matter: bool,
    delivery_matters: bool,
}

impl<'a> Reactions<'a> {
    pub fn new(bundle: &'a Bundle, rates: &'a Rates) -> Self {
        let written = serde_json::to_string(bundle).unwrap_or_default();
        let opens_matter =
            ["email_opened", "days_since_last_activity"].iter().any(|name| written.contains(name));
        Self { bundle, rates, opens_matter, delivery_matters: written.contains("email_delivered") }
    }

    /// Whether any rule asks about deliveries.
    pub fn delivery_matters(&self) -> bool {
        self.delivery_matters
    }

    /// All possibilities; their shares add up to one. Only the `first` e-mail finds out that an address does not exist.
    pub fn to(&self, send: &Send, first: bool) -> Vec<Outcome> {
        let bounce = if first { self.rates.bounce } else { 0.0 };
        let mut outcomes = match &send.purpose {
            Purpose::Confirmation { .. } => self.to_confirmation(bounce),
            Purpose::Nurture { email, .. } => {
                let magnet = self
                    .bundle
                    .campaign(&send.campaign)
                    .filter(|campaign| campaign.magnet_emails.contains(email))
                    .map(|campaign| campaign.id.clone());
                self.to_nurture(self.rates.of(email), magnet, bounce)
            }
            _ => Vec::new(),
        };
        let rest = 1.0 - outcomes.iter().map(|outcome| outcome.share).sum::<f64>();
        outcomes.push(Outcome { share: rest.max(0.0), ..Outcome::default() });
        outcomes
    }

    fn to_confirmation(&self, bounce: f64) -> Vec<Outcome> {
        let arrives = 1.0 - bounce;
        let confirm = |(delay, share): (SignedDuration, f64)| Outcome {
            share: arrives * self.rates.confirm * share,
            doings: vec![(delay, Doing::Confirm)],
            ..Outcome::default()
        };
        DELAYS.into_iter().map(confirm).chain([bounces(bounce)]).collect()
    }

    fn to_nurture(&self, rates: EmailRates, magnet: Option<CampaignId>, bounce: f64) -> Vec<Outcome> {
        let arrives = 1.0 - bounce;
        let end = |share: f64, doing: Doing| Outcome {
            share: arrives * share,
            doings: vec![(LEAVE_AFTER, doing)],
            opened: true,
            ..Outcome::default()
        };
        let mut outcomes =
            vec![bounces(bounce), end(rates.complain, Doing::Complain), end(rates.leave, Doing::Leave)];
        let only_opened = arrives * (rates.open - rates.click - rates.leave - rates.complain).max(0.0);
        if self.opens_matter {
            outcomes.extend(DELAYS.map(|(delay, share)| Outcome {
                share: only_opened * share,
                doings: vec![(delay, Doing::Open)],
                opened: true,
                clicked: false,
            }));
        } else {
            outcomes.push(Outcome { share: only_opened, opened: true, ..Outcome::default() });
        }
        for (delay, share) in DELAYS {
            self.to_click(arrives * rates.click * share, delay, magnet.as_ref(), &mut outcomes);
        }
        outcomes
    }

    /// Of those who click, some do one thing more.
    fn to_click(
        &self,
        share: f64,
        delay: SignedDuration,
        magnet: Option<&CampaignId>,
        into: &mut Vec<Outcome>,
    ) {
        let mut doings = Vec::new();
        if self.opens_matter {
            doings.push((delay, Doing::Open));
        }
        doings.push((delay, Doing::Click));
        doings.extend(magnet.map(|campaign| (delay, Doing::Download(campaign.clone()))));
        let clicked = Outcome { share, opened: true, clicked: true, doings };
        let mut rest = 1.0;
        for (event, probability) in &self.rates.events {
            let probability = probability.min(rest);
            rest -= probability;
            let mut outcome = Outcome { share: share * probability, ..clicked.clone() };
            outcome.doings.push((delay + AFTER_CLICK, Doing::Event(event.clone())));
            into.push(outcome);
        }
        into.push(Outcome { share: share * rest, ..clicked });
    }
}

fn bounces(share: f64) -> Outcome {
    Outcome { share, doings: vec![(BOUNCE_AFTER, Doing::Bounce)], ..Outcome::default() }
}
