//! The organisation: what holds for all of its campaigns.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar::Period;
use crate::computed::Computed;
use crate::schedule::{ClosedDay, QuietHours};
use crate::score::Scoring;
use crate::traits::TraitType;
use crate::{Condition, Locale, SenderId, Stage, TopicId, WebhookId};

/// A text in each of the organisation's languages; the default language is always there.
pub type Localised = BTreeMap<Locale, String>;

/// `infra/sillon.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organisation {
    /// The name that visitors and recipients see.
    pub name: String,
    /// Stands in every e-mail (CAN-SPAM Act, 15 U.S.C. 7704(a)(5)).
    pub postal_address: String,
    /// Where the name links to.
    pub website: Option<String>,
    /// Linked under every form and e-mail.
    pub privacy_policy: Option<String>,
    /// IANA name; the zone of a lead that told none.
    pub time_zone: String,
    /// The first is the default.
    pub locales: Vec<Locale>,
    /// Who e-mails come from.
    pub senders: BTreeMap<SenderId, Sender>,
    /// What a lead can leave one by one.
    pub topics: BTreeMap<TopicId, Localised>,
    /// Facts that no form asks for.
    pub traits: BTreeMap<String, TraitType>,
    /// Facts that follow from others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub computed: BTreeMap<String, Computed>,
    /// Events that neither score nor convert, but may be named in conditions.
    pub events: Vec<String>,
    /// Who hears of a hot lead.
    pub sales: Sales,
    /// How often and when leads may be written to.
    pub limits: Limits,
    /// For how long a lead is kept that does nothing; for ever, without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Period>,
    /// The scoring model.
    pub score: Scoring,
    /// The condition that raises a lead to a stage.
    pub stages: BTreeMap<Stage, Condition>,
    /// Named conditions.
    pub segments: BTreeMap<String, Condition>,
    /// The systems that steps may tell of a lead.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub webhooks: BTreeMap<WebhookId, Webhook>,
    /// Who is asked whether a person posts a form; without it, nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turnstile: Option<Turnstile>,
}

impl Organisation {
    /// The language of a lead that has none of the organisation's.
    pub fn default_locale(&self) -> &Locale {
        &self.locales[0]
    }

    /// What is written in that language; else in it without its region; else in the default one; else in any.
    pub fn in_language<'t, T>(
        &self,
        texts: &'t BTreeMap<Locale, T>,
        wanted: &Locale,
    ) -> Option<(&'t Locale, &'t T)> {
        let mut codes = wanted.and_wider().chain(self.default_locale().and_wider());
        codes.find_map(|code| texts.get_key_value(code)).or_else(|| texts.iter().next())
    }

    /// The given language if the organisation speaks it, with its region or without; else the default one.
    pub fn locale_or_default(&self, wanted: Option<&str>) -> &Locale {
        let spoken = |code: &str| self.locales.iter().find(|locale| locale.as_str() == code);
        wanted
            .map(str::to_ascii_lowercase)
            .and_then(|code| spoken(&code).or_else(|| spoken(code.split('-').next().unwrap_or_default())))
            .unwrap_or_else(|| self.default_locale())
    }
}

/// Who an e-mail comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sender {
    /// `Name <address>`, or an address (RFC 5322, section 3.4).
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
}

/// Another system that hears of leads, as Standard Webhooks has it. Its secret is not among the files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// Where notifications are posted: https, or this machine.
    pub url: String,
}

/// Cloudflare's Turnstile, which tells people from robots. Its secret key is not among the files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turnstile {
    /// Public: it stands in the page.
    pub site_key: String,
}

/// The sales team.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sales {
    /// The addresses that alerts go to.
    pub alert: Vec<String>,
    /// How soon sales means to answer; told in the alert.
    pub respond_within: Option<SignedDuration>,
}

/// What protects leads from too much mail, and everybody from those who post what is not theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Over all campaigns; confirmations, alerts and magnets neither wait for it nor count.
    pub per_lead: Option<FrequencyCap>,
    /// In the lead's time zone.
    pub quiet_hours: Option<QuietHours>,
    /// The days on which nothing is sent, in the lead's time zone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_days: Vec<ClosedDay>,
    /// Confirmations that one mailbox gets, and first e-mails where addresses are not confirmed, by whichever of its addresses
    /// and whoever posted them; each holds.
    #[serde(default = "Limits::default_confirmations")]
    pub confirmations: Vec<FrequencyCap>,
    /// Form posts that are taken from one network, over all campaigns; none for as many as come.
    #[serde(default = "Limits::default_per_network")]
    pub per_network: Option<FrequencyCap>,
    /// How long somebody takes to fill in a form on our own page, at the least; none where nobody measures.
    #[serde(default = "Limits::default_fill_time")]
    pub fill_time: Option<SignedDuration>,
    /// Confirmations within an hour, to whomever; those beyond wait.
    #[serde(default = "Limits::default_confirmations_per_hour")]
    pub confirmations_per_hour: u32,
}

impl Limits {
    /// One a day and six in thirty days: a victim of strangers reads little, and who lost one asks again tomorrow.
    pub fn default_confirmations() -> Vec<FrequencyCap> {
        let cap = |count, days: i64| FrequencyCap { count, per: SignedDuration::from_hours(24 * days) };
        vec![cap(1, 1), cap(6, 30)]
    }

    /// When a mailbox that has no room for a confirmation may have some again: after the shortest of its spans.
    pub fn next_confirmation(&self, now: Timestamp) -> Option<Timestamp> {
        let shortest = self.confirmations.iter().map(|cap| cap.per).min()?;
        now.checked_add(shortest).ok()
    }

    /// Room for an office, a school or a telephone carrier that many people share.
    pub fn default_per_network() -> Option<FrequencyCap> {
        Some(FrequencyCap { count: 30, per: SignedDuration::from_mins(10) })
    }

    /// Less than it takes to read what one agrees to.
    pub fn default_fill_time() -> Option<SignedDuration> {
        Some(SignedDuration::from_secs(2))
    }

    /// More than a good launch brings, and few enough for the account's reputation to outlive the hour.
    pub fn default_confirmations_per_hour() -> u32 {
        1_000
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_lead: None,
            quiet_hours: None,
            closed_days: Vec::new(),
            confirmations: Self::default_confirmations(),
            per_network: Self::default_per_network(),
            fill_time: Self::default_fill_time(),
            confirmations_per_hour: Self::default_confirmations_per_hour(),
        }
    }
}

/// At most `count` in a span of length `per`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FrequencyCap {
    /// How many.
    pub count: u32,
    /// The length of the span.
    pub per: SignedDuration,
}

impl FrequencyCap {
    /// The span that holds the moment, where spans do not slide but follow each other from 1970 on: its beginning, and
    /// the beginning of the next. Of 24 hours it is the UTC day.
    pub fn window(&self, moment: Timestamp) -> (Timestamp, Timestamp) {
        let length = self.per.as_secs().max(1);
        let from = moment.as_second().div_euclid(length).saturating_mul(length);
        let at = |second| Timestamp::from_second(second).unwrap_or(moment);
        (at(from), at(from.saturating_add(length)))
    }
}
