//! Rates: what the leads of a simulation are like and how often they do what.

use std::collections::BTreeMap;

use domain::{EmailName, TraitValue};

/// Shares are between 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// Of those who are asked to confirm.
    pub confirm: f64,
    /// Of the addresses, how many do not exist.
    pub bounce: f64,
    /// Of each e-mail, unless it has rates of its own.
    pub email: EmailRates,
    /// Of single e-mails.
    pub emails: BTreeMap<EmailName, EmailRates>,
    /// Events of the website or the shop, of those who click.
    pub events: BTreeMap<String, f64>,
    /// What form fields hold, and in which proportion.
    pub traits: BTreeMap<String, Vec<(TraitValue, f64)>>,
}

/// What becomes of an e-mail that arrives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmailRates {
    /// How many open it, by people and not by machines.
    pub open: f64,
    /// How many click in it; they have opened it, too.
    pub click: f64,
    /// How many leave by it.
    pub leave: f64,
    /// How many call it spam.
    pub complain: f64,
}

impl Default for Rates {
    /// Plausible, no more: a log of one's own leads knows better.
    fn default() -> Self {
        Self {
            confirm: 0.65,
            bounce: 0.01,
            email: EmailRates { open: 0.35, click: 0.06, leave: 0.003, complain: 0.0002 },
            emails: BTreeMap::new(),
            events: BTreeMap::new(),
            traits: BTreeMap::new(),
        }
    }
}

impl Rates {
    /// The rates of an e-mail.
    pub fn of(&self, email: &EmailName) -> EmailRates {
        self.emails.get(email).copied().unwrap_or(self.email)
    }
}
