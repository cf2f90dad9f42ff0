//! What an e-mail is about, and what templates may say of it.

use std::collections::BTreeMap;

use domain::campaign::EmailSource;
use domain::organisation::{Localised, Sender};
use domain::sequence::Act;
use domain::{Bundle, Campaign, EmailName, Lead, Locale, Score, SendId, StepId, TraitValue, computed};
use minijinja::value::Value;

use crate::source::Written;
use crate::{Links, Message, RenderError};

/// One e-mail's subject matter: everything but its links.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// What the organisation says of itself.
    pub bundle: &'a Bundle,
    /// Whose e-mail it is.
    pub campaign: &'a Campaign,
    /// Whom it goes to, or concerns.
    pub lead: &'a Lead,
    /// The lead's score as of now.
    pub score: &'a Score,
    /// The identity of the e-mail.
    pub send_id: &'a SendId,
}

impl<'a> About<'a> {
    /// The language that the lead is written to in.
    pub(crate) fn locale(&self) -> &'a Locale {
        self.bundle.organisation.locale_or_default(self.lead.locale.as_ref().map(Locale::as_str))
    }

    /// A text of the campaign in the lead's language or else the default one.
    pub(crate) fn localised(&self, texts: &'a Localised, locale: &Locale) -> &'a str {
        self.bundle.organisation.in_language(texts, locale).map_or("", |(_, text)| text)
    }

    /// Who the campaign's e-mails come from.
    pub(crate) fn sender(&self) -> Result<&'a Sender, RenderError> {
        let sender = &self.campaign.sender;
        self.bundle.organisation.senders.get(sender).ok_or_else(|| RenderError::NoSuchSender {
            campaign: self.campaign.id.clone(),
            sender: sender.clone(),
        })
    }

    /// An e-mail of the campaign in the lead's language, with its region or without, or else the default one.
    pub(crate) fn source(&self, email: &EmailName) -> Result<(&'a Locale, &'a EmailSource), RenderError> {
        let missing =
            || RenderError::NoSuchEmail { campaign: self.campaign.id.clone(), email: email.clone() };
        let languages = self.campaign.emails.get(email).ok_or_else(missing)?;
        self.bundle.organisation.in_language(languages, self.locale()).ok_or_else(missing)
    }

    /// The subject that a step gives its e-mail in place of the e-mail's own, in the language that it is written in.
    pub(crate) fn subject_of(&self, step: &StepId, locale: &Locale) -> Option<&'a str> {
        match &self.campaign.sequence.steps.get(step)?.act {
            Act::Send { subject, .. } => subject.as_ref()?.get(locale).map(String::as_str),
            _ => None,
        }
    }

    /// What was written, as an e-mail to the lead.
    pub(crate) fn message(
        &self,
        step: &str,
        written: Written,
        headers: Vec<(String, String)>,
    ) -> Result<Message, RenderError> {
        let sender = self.sender()?;
        let send = self.lead.sends.get(self.send_id);
        Ok(Message {
            send_id: self.send_id.clone(),
            lead: Some(self.lead.id.clone()),
            campaign: self.campaign.id.clone(),
            step: step.to_owned(),
            unproven: send.is_some_and(|send| self.lead.is_unproven(&send.purpose)),
            from: sender.from.clone(),
            reply_to: sender.reply_to.clone(),
            to: vec![self.lead.email.as_str().to_owned()],
            subject: written.subject,
            html: written.html,
            text: written.text,
            headers,
        })
    }

    /// What templates may print of the organisation's own texts, and the address to which the e-mail goes or an answer to it: what
    /// visitors typed is none of it. `more` are the values of one kind of e-mail.
    pub(crate) fn own_texts<'t>(&'t self, links: &'t Links, more: &[&'t str]) -> Vec<&'t str> {
        let organisation = &self.bundle.organisation;
        let mut own: Vec<&str> = links.secrets();
        own.extend([self.lead.email.as_str(), self.localised(&self.campaign.title, self.locale())]);
        own.extend([organisation.name.as_str(), organisation.postal_address.as_str()]);
        own.extend(organisation.website.as_deref());
        own.extend(more);
        own
    }

    /// What every template may name. `more` are the names of one kind of e-mail.
    pub(crate) fn context(&self, links: &Links, more: &[(&str, &str)]) -> Value {
        let organisation = &self.bundle.organisation;
        let locale = self.locale();
        let traits = computed::traits_of(self.bundle, self.lead);
        let mut lead: BTreeMap<&str, Value> =
            traits.iter().map(|(name, value)| (name.as_str(), trait_value(value))).collect();
        lead.insert("email", self.lead.email.as_str().into());
        lead.insert("locale", locale.as_str().into());
        let score = [
            ("fit", number(self.score.fit)),
            ("engagement", number(self.score.engagement)),
            ("total", number(self.score.total)),
        ];
        let campaign = [
            ("id", Value::from(self.campaign.id.as_str())),
            ("title", self.localised(&self.campaign.title, locale).into()),
        ];
        let organisation_context = [
            ("name", Value::from(organisation.name.as_str())),
            ("website", optional(organisation.website.as_deref())),
            ("postal_address", organisation.postal_address.as_str().into()),
        ];
        let temperature = self.score.temperature(organisation.score.temperature);
        let mut context: BTreeMap<&str, Value> = BTreeMap::from([
            ("lead", Value::from_pairs(lead)),
            ("score", Value::from_pairs(score)),
            ("temperature", temperature.as_str().into()),
            ("stage", self.lead.stage.as_str().into()),
            ("campaign", Value::from_pairs(campaign)),
            ("organisation", Value::from_pairs(organisation_context)),
            ("magnet_url", optional(links.magnet.as_deref())),
            ("unsubscribe_url", links.unsubscribe.as_str().into()),
            ("preferences_url", links.preferences.as_str().into()),
            ("events_token", optional(links.events_token.as_deref())),
        ]);
        context.extend(more.iter().map(|(name, value)| (*name, Value::from(*value))));
        Value::from_pairs(context)
    }
}

/// Without a value the name must be undefined, not null: only then does the filter `default` apply.
fn optional(value: Option<&str>) -> Value {
    value.map_or(Value::UNDEFINED, Value::from)
}

fn trait_value(value: &TraitValue) -> Value {
    match value {
        TraitValue::Boolean(value) => Value::from(*value),
        TraitValue::Number(value) => number(*value),
        TraitValue::Text(value) => Value::from(value.as_str()),
    }
}

/// A whole number prints without `.0`.
fn number(value: f64) -> Value {
    /// Up to here, every whole number is exact (IEEE 754, binary64).
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within the range of i64")]
        let whole = value as i64;
        Value::from(whole)
    } else {
        Value::from(value)
    }
}
