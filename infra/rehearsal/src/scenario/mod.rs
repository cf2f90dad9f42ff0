//! Scenarios: stories about one lead, written beside a campaign, that must come true when they are rehearsed.
//!
//! They stand in `campaigns/<id>/scenarios/*.yaml`. [`read`] finds every fault in them, at its place; [`play`]
//! rehearses one and says what came otherwise than told.

mod deed;
mod departure;
mod expected;
mod files;
mod hold;
mod moment;
mod names;
mod play;
mod read;
mod report;

use campaign_file::tree::Place;
use domain::{CampaignId, EmailAddress, EmailName, Locale, Traits};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use files::{Scenarios, read};
pub use play::{Failure, Line, Outcome, play};
pub use report::{to_json, to_text};

use deed::Deed;
use expected::Expected;
use moment::When;

/// A story about one lead.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it tells, in a sentence.
    pub title: String,
    /// Its file, below the folder as it was named.
    pub file: String,
    /// Its file's name without the ending.
    pub name: String,
    /// In whose folder it stands.
    pub campaign: CampaignId,
    given: Given,
    steps: Vec<Step>,
}

/// Whom it is about.
#[derive(Debug, Clone)]
struct Given {
    email: EmailAddress,
    /// The language of the pages that the lead reads.
    locale: Locale,
    /// What its browser tells; none if nothing is said.
    time_zone: Option<String>,
    /// In which the scenario's times are told.
    zone: TimeZone,
    /// What is known before it begins.
    traits: Traits,
    start: Timestamp,
    /// Whether it agreed to e-mails before.
    consent: bool,
}

/// What happens at a moment, and what must be so then.
#[derive(Debug, Clone)]
struct Step {
    place: Place,
    when: When,
    deed: Option<Deed>,
    expected: Expected,
}

/// An e-mail by name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    campaign: CampaignId,
    /// None for the confirmation.
    email: Option<EmailName>,
}
