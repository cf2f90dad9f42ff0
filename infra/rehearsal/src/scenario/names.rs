//! The names that a scenario may use: those of the campaigns that it is about.

use std::collections::BTreeSet;

use campaign_file::tree::{Reader, Span};
use domain::traits::TraitType;
use domain::{Bundle, Campaign, CampaignId, EmailName, Locale, WebhookId};

use super::Named;

/// What one scenario knows of.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub bundle: &'a Bundle,
    pub campaign: &'a Campaign,
}

impl<'a> Names<'a> {
    pub fn campaign(&self, reader: Reader<'_>, span: &Span, name: &str) -> Option<&'a Campaign> {
        let found = CampaignId::parse(name).ok().and_then(|id| self.bundle.campaign(&id));
        if found.is_none() {
            let known = self.bundle.campaigns.keys().map(CampaignId::as_str);
            reader.unknown(span, "campaign", name, known, "");
        }
        found
    }

    /// `bienvenue` of this campaign, or `other-campaign/bienvenue`; `confirm` is the confirmation.
    pub fn email(&self, reader: Reader<'_>, span: &Span, text: &str) -> Option<Named> {
        let (campaign, name) = match text.split_once('/') {
            Some((campaign, name)) => (self.campaign(reader, span, campaign)?, name),
            None => (self.campaign, text),
        };
        let id = campaign.id.clone();
        if name == domain::CONFIRM_STEP {
            return Some(Named { campaign: id, email: None });
        }
        let found = EmailName::parse(name).ok().filter(|name| campaign.emails.contains_key(name));
        if found.is_none() {
            let known = campaign.emails.keys().map(EmailName::as_str).chain([domain::CONFIRM_STEP]);
            reader.unknown(span, "e-mail", name, known, "");
        }
        Some(Named { campaign: id, email: Some(found?) })
    }

    pub fn webhook(&self, reader: Reader<'_>, span: &Span, name: &str) -> Option<WebhookId> {
        let webhooks = &self.bundle.organisation.webhooks;
        let found = webhooks.keys().find(|webhook| webhook.as_str() == name);
        if found.is_none() {
            let help = "declare it under `webhooks` of `sillon.yaml`";
            reader.unknown(span, "webhook", name, webhooks.keys().map(WebhookId::as_str), help);
        }
        found.cloned()
    }

    pub fn locale(&self, reader: Reader<'_>, span: &Span, text: &str) -> Option<Locale> {
        let locales = &self.bundle.organisation.locales;
        let found = locales.iter().find(|locale| locale.as_str() == text);
        if found.is_none() {
            reader.unknown(span, "language", text, locales.iter().map(Locale::as_str), "");
        }
        found.cloned()
    }

    /// Events that are told of a lead.
    pub fn event(&self, reader: Reader<'_>, span: &Span, name: &str) -> bool {
        if domain::activity::RESERVED.contains(&name) {
            let message = format!("`{name}` is a mark of Sillon's own, and no event that others tell");
            reader.error(span, message, "write what the lead does: `clicks`, `opens`, `downloads`, …");
            return false;
        }
        let known = self.bundle.declares_event(name);
        if !known {
            reader.unknown(span, "event", name, self.events(), "declare it under `events` of `sillon.yaml`");
        }
        known
    }

    fn events(&self) -> impl Iterator<Item = &'a str> {
        let organisation = &self.bundle.organisation;
        let goals = self.bundle.campaigns.values().filter_map(|campaign| campaign.goal.as_deref());
        let points = organisation.score.points.keys().map(String::as_str);
        let told = points.filter(|name| !domain::activity::RESERVED.contains(name));
        organisation.events.iter().map(String::as_str).chain(told).chain(goals)
    }

    /// The type of a trait that some form or the organisation declares; none if nobody does.
    pub fn trait_type(&self, name: &str) -> Option<TraitType> {
        let forms = self.bundle.campaigns.values().flat_map(Campaign::fields);
        let asked = forms.filter(|field| field.name == name).map(|field| field.kind.trait_type()).next();
        asked.or_else(|| self.bundle.organisation.traits.get(name).copied())
    }

    pub fn traits(&self) -> BTreeSet<&'a str> {
        let forms = self.bundle.campaigns.values().flat_map(Campaign::fields);
        let asked = forms.map(|field| field.name.as_str()).filter(|name| *name != "email");
        asked.chain(self.bundle.organisation.traits.keys().map(String::as_str)).collect()
    }
}
