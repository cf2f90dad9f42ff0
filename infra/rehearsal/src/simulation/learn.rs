//! Rates learnt from a log: what leads did before is the best guess at what they will do.

use std::collections::{BTreeMap, BTreeSet};

use domain::activity::EmailEvent;
use domain::lead::Purpose;
use domain::{Activity, Campaign, EmailName, Fact, SendId, TraitValue};

use super::rates::{EmailRates, Rates};
use crate::clicks::Disowned;

/// How many leads each rate is mixed with that behave as all e-mails together do: ten sends tell little.
const PRIOR: f64 = 200.0;

/// What a log tells about one campaign, lead by lead.
#[derive(Debug, Clone, Default)]
pub struct Learnt {
    /// Leads that were asked to confirm, and those who did.
    asked: u64,
    confirmed: u64,
    total: Seen,
    emails: BTreeMap<EmailName, Seen>,
    events: BTreeMap<String, u64>,
    traits: BTreeMap<String, BTreeMap<String, (TraitValue, u64)>>,
    /// Leads that posted the campaign's form, and those of them whose address does not exist.
    leads: u64,
    bounced: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    sent: u64,
    opened: u64,
    clicked: u64,
    left: u64,
    complained: u64,
}

impl Learnt {
    /// Adds one lead's log.
    pub fn add(&mut self, campaign: &Campaign, log: &[Activity]) {
        let mut mine: BTreeMap<&SendId, Option<&EmailName>> = BTreeMap::new();
        let mut sent: Vec<&SendId> = Vec::new();
        let (mut opened, mut clicked) = (BTreeSet::new(), BTreeSet::new());
        let (mut posted, mut bounced) = (false, false);
        let disowned = Disowned::of(log);
        for activity in log.iter().filter(|activity| !disowned.has(activity)) {
            match &activity.fact {
                Fact::FormSubmitted { campaign: of, traits, .. } if *of == campaign.id => {
                    posted = true;
                    for (name, value) in traits {
                        let values = self.traits.entry(name.clone()).or_default();
                        values.entry(value.to_string()).or_insert((value.clone(), 0)).1 += 1;
                    }
                }
                Fact::SendClaimed { send_id, campaign: of, purpose, .. } if *of == campaign.id => {
                    if let Purpose::Nurture { email, .. } = purpose {
                        mine.insert(send_id, Some(email));
                    } else if matches!(purpose, Purpose::Confirmation { .. }) {
                        mine.insert(send_id, None);
                    }
                }
                Fact::EmailSent { send_id, .. } if mine.contains_key(send_id) => sent.push(send_id),
                Fact::EmailOpened(EmailEvent { send_id, machine: false, .. }) => {
                    opened.insert(send_id);
                }
                Fact::EmailClicked(EmailEvent { send_id, machine: false, .. }) => {
                    clicked.insert(send_id);
                }
                Fact::EmailBounced(event) => bounced |= mine.contains_key(&event.send_id),
                Fact::EmailComplained(event) => {
                    self.count(&mine, &event.send_id, |seen| seen.complained += 1);
                }
                // Nobody knows by which e-mail somebody left: the last one is the likeliest.
                Fact::ConsentWithdrawn { .. } => {
                    if let Some(send_id) = sent.last() {
                        self.count(&mine, send_id, |seen| seen.left += 1);
                    }
                }
                Fact::Occurred { kind, .. } if !clicked.is_empty() => {
                    *self.events.entry(kind.clone()).or_default() += 1;
                }
                _ => {}
            }
        }
        self.leads += u64::from(posted);
        self.bounced += u64::from(posted && bounced);
        self.asked += u64::from(mine.values().any(Option::is_none));
        let confirmed = log.iter().any(|activity| matches!(activity.fact, Fact::OptInConfirmed { .. }));
        self.confirmed += u64::from(confirmed && mine.values().any(Option::is_none));
        for send_id in sent {
            self.count(&mine, send_id, |seen| seen.sent += 1);
            if opened.contains(send_id) || clicked.contains(send_id) {
                self.count(&mine, send_id, |seen| seen.opened += 1);
            }
            if clicked.contains(send_id) {
                self.count(&mine, send_id, |seen| seen.clicked += 1);
            }
        }
    }

    fn count(
        &mut self,
        mine: &BTreeMap<&SendId, Option<&EmailName>>,
        send_id: &SendId,
        count: impl Fn(&mut Seen),
    ) {
        if let Some(Some(email)) = mine.get(send_id) {
            count(&mut self.total);
            count(self.emails.entry((*email).clone()).or_default());
        }
    }

    /// How many leads posted the campaign's form.
    pub fn leads(&self) -> u64 {
        self.leads
    }

    /// The rates that the log tells; what it says nothing about stays as it was.
    pub fn rates(&self, before: &Rates) -> Rates {
        let share = |part: u64, of: u64, prior: f64| (part as f64 + PRIOR * prior) / (of as f64 + PRIOR);
        let email = |seen: &Seen, prior: EmailRates| EmailRates {
            open: share(seen.opened, seen.sent, prior.open),
            click: share(seen.clicked, seen.sent, prior.click),
            leave: share(seen.left, seen.sent, prior.leave),
            complain: share(seen.complained, seen.sent, prior.complain),
        };
        let all = email(&self.total, before.email);
        let clicks = self.total.clicked.max(1);
        let mut rates = before.clone();
        rates.confirm = share(self.confirmed, self.asked, before.confirm);
        rates.bounce = share(self.bounced, self.leads, before.bounce);
        rates.emails = self.emails.iter().map(|(name, seen)| (name.clone(), email(seen, all))).collect();
        rates.email = all;
        let events = self.events.iter();
        rates
            .events
            .extend(events.map(|(kind, times)| (kind.clone(), (*times as f64 / clicks as f64).min(1.0))));
        for (name, values) in &self.traits {
            let values = values.values().map(|(value, times)| (value.clone(), *times as f64));
            // What hardly two leads have in common, such as names, makes no kinds of leads.
            let values: Vec<_> = values.collect();
            if values.len() <= 20 {
                rates.traits.insert(name.clone(), values);
            }
        }
        rates
    }
}
