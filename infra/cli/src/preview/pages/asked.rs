//! Which e-mail is asked for, in which language and for whom.

use std::collections::BTreeMap;

use domain::{Bundle, Campaign, CampaignId, Locale};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::preview::files::Loaded;
use crate::preview::mails::{self, Mail};
use crate::preview::samples::Sample;

/// As the address tells it.
pub struct Asked {
    campaign: String,
    mail: String,
    language: String,
    lead: usize,
}

/// What there is of it.
pub struct Shown<'a> {
    pub campaign: &'a Campaign,
    pub mail: Mail,
    pub language: &'a Locale,
    pub sample: Sample,
    /// The place of the lead among the samples.
    pub lead: usize,
    pub samples: Vec<Sample>,
}

impl Asked {
    /// Reads the fields of a query.
    pub fn new(fields: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Self {
            campaign: text("campaign"),
            mail: text("mail"),
            language: text("language"),
            lead: text("lead").parse().unwrap_or(0),
        }
    }

    /// What is asked for; in place of what the files no longer hold, the first there is.
    pub fn find<'a>(&self, loaded: &Loaded, bundle: &'a Bundle) -> Option<Shown<'a>> {
        let campaigns = || bundle.campaigns.values();
        let named = campaigns().find(|campaign| campaign.id.as_str() == self.campaign);
        let campaign = named
            .or_else(|| campaigns().find(|campaign| !mails::mails(bundle, campaign).is_empty()))
            .or_else(|| campaigns().next())?;
        let mut all = mails::mails(bundle, campaign).into_iter();
        let first = all.next()?;
        let mail = if first.key == self.mail {
            first
        } else {
            all.find(|mail| mail.key == self.mail).unwrap_or(first)
        };
        let locales = &bundle.organisation.locales;
        let language = locales.iter().find(|locale| locale.as_str() == self.language);
        let samples = loaded.samples(bundle, campaign);
        let lead = if self.lead < samples.len() { self.lead } else { 0 };
        let sample = samples.get(lead)?.clone();
        let language = language.unwrap_or_else(|| bundle.organisation.default_locale());
        Some(Shown { campaign, mail, language, sample, lead, samples })
    }
}

impl Shown<'_> {
    /// The page of another e-mail, in the same language.
    pub fn other(&self, campaign: &CampaignId, mail: &str) -> String {
        let lead = if *campaign == self.campaign.id { self.lead } else { 0 };
        address("/", campaign, mail, self.language, lead)
    }

    /// The page of the same e-mail in another language.
    pub fn in_language(&self, language: &Locale) -> String {
        address("/", &self.campaign.id, &self.mail.key, language, self.lead)
    }

    /// The page of the same e-mail for another lead.
    pub fn for_lead(&self, lead: usize) -> String {
        address("/", &self.campaign.id, &self.mail.key, self.language, lead)
    }

    /// The e-mail alone.
    pub fn frame(&self) -> String {
        address("/mail", &self.campaign.id, &self.mail.key, self.language, self.lead)
    }
}

fn address(path: &str, campaign: &CampaignId, mail: &str, language: &Locale, lead: usize) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!(
        "{path}?campaign={}&mail={}&language={}&lead={lead}",
        encoded(campaign.as_str()),
        encoded(mail),
        encoded(language.as_str())
    )
}
