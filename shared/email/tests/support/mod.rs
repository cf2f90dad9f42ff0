//! The solar guide's bundle in short, and a lead who lives in a house.
#![allow(dead_code, reason = "every test file uses a part of it")]

use domain::campaign::EmailSource;
use domain::{
    Bundle, Campaign, EmailAddress, EmailName, Lead, LeadId, LeadKey, Locale, Score, SendId, StepId,
};
use email::{About, Links, Message, RenderError};
use jiff::Timestamp;
use serde_json::json;

pub const CONFIRM_URL: &str = "https://sillon.example/c/Y29uZmlybQ_secret-confirm";

pub fn links() -> Links {
    Links {
        unsubscribe: "https://sillon.example/u/dW5zdWI_secret-unsubscribe".into(),
        preferences: "https://sillon.example/p/cHJlZnM_secret-preferences".into(),
        magnet: Some("https://sillon.example/d/bWFnbmV0_secret-magnet".into()),
        events_token: Some("k1.ZXZlbnRz_secret-events".into()),
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn bundle(locales: &[&str]) -> Bundle {
    serde_json::from_value(json!({
        "content_hash": "0",
        "organisation": {
            "name": "Atelier Soleil",
            "postal_address": "12 rue des Lilas, 69003 Lyon, France",
            "website": "https://atelier-soleil.example",
            "privacy_policy": "https://atelier-soleil.example/confidentialite",
            "time_zone": "Europe/Paris",
            "locales": locales,
            "senders": {"bonjour": {
                "from": "Atelier Soleil <bonjour@atelier-soleil.example>",
                "reply_to": "ventes@atelier-soleil.example",
            }},
            "topics": {},
            "traits": {"customer": "boolean"},
            "events": [],
            "sales": {"alert": ["ventes@atelier-soleil.example"], "respond_within": "PT5M"},
            "limits": {"per_lead": null, "quiet_hours": null},
            "score": {
                "fit": [
                    {"when": "lead.housing == \"house\"", "points": 20.0, "because": "a roof of their own"},
                    {"when": "lead.surface >= 100", "points": 10.0, "because": "a large home"},
                ],
                "half_life": "PT720H",
                "points": {
                    "form_submitted": {"points": 10.0, "at_most": null},
                    "email_clicked": {"points": 5.0, "at_most": null},
                    "webinar_registered": {"points": 10.0, "at_most": null},
                },
                "temperature": {"warm": 20.0, "hot": 50.0},
            },
            "stages": {},
            "segments": {},
        },
        "campaigns": {"guide-solaire": {
            "id": "guide-solaire",
            "title": {
                "fr": "Réduire de moitié vos factures d'énergie",
                "en": "Halve your energy bills",
            },
            "sender": "bonjour",
            "topic": null,
            "goal": null,
            "budget": null,
            "form": {
                "allowed_origins": [],
                "thanks": null,
                "fields": [
                    {"name": "email", "type": "email", "required": true, "label": {"fr": "Adresse e-mail", "en": "E-mail address"}},
                    {"name": "first_name", "type": "text", "max_length": 80, "required": false, "label": {"fr": "Prénom", "en": "First name"}},
                    {"name": "housing", "type": "choice", "required": true, "label": {"fr": "Votre logement", "en": "Your home"}, "options": [
                        {"value": "house", "label": {"fr": "Maison", "en": "House"}},
                        {"value": "flat", "label": {"fr": "Appartement", "en": "Flat"}},
                    ]},
                    {"name": "surface", "type": "number", "min": 1.0, "max": null, "required": false, "label": {"fr": "Surface habitable en m²", "en": "Floor area in m²"}},
                ],
                "consent": {
                    "double_opt_in": true,
                    "wording": {
                        "fr": "J'accepte de recevoir le guide et les conseils d'Atelier Soleil.",
                        "en": "I agree to receive the guide and tips from Atelier Soleil.",
                    },
                },
            },
            "magnet": {"file": "files/guide.pdf"},
            "sequence": {"first": null, "steps": {}},
            "exit_when": null,
            "emails": {},
            "magnet_emails": [],
        }},
    }))
    .unwrap()
}

pub fn lead() -> Lead {
    let email = EmailAddress::parse("ana@exemple.example").unwrap();
    let key = LeadKey::new("0123456789abcdef").unwrap();
    let mut lead = Lead::new(LeadId::of(&key, &email), email, at("2026-11-03T13:05:00Z"));
    lead.locale = Some(Locale::parse("fr").unwrap());
    lead.traits.insert("first_name".into(), "Ana".into());
    lead.traits.insert("housing".into(), "house".into());
    lead
}

/// An e-mail of one language, with its subject and body.
pub fn source(subject: &str, body: &str) -> EmailSource {
    EmailSource { subject: subject.into(), preheader: None, body: body.into() }
}

/// What a test changes before it asks for an e-mail.
pub struct Case {
    pub bundle: Bundle,
    pub lead: Lead,
    pub links: Links,
    pub now: Timestamp,
}

impl Case {
    pub fn new() -> Self {
        Self::speaking(&["fr", "en"])
    }

    pub fn speaking(locales: &[&str]) -> Self {
        Self { bundle: bundle(locales), lead: lead(), links: links(), now: at("2026-11-10T09:00:00Z") }
    }

    /// The same with an e-mail `name` in `language`.
    pub fn with_email(mut self, name: &str, language: &str, source: EmailSource) -> Self {
        let emails = &mut self.campaign_mut().emails;
        let languages = emails.entry(EmailName::parse(name).unwrap()).or_default();
        languages.insert(Locale::parse(language).unwrap(), source);
        self
    }

    /// The same with a stated fact.
    pub fn with_trait(mut self, name: &str, value: &str) -> Self {
        self.lead.traits.insert(name.into(), value.into());
        self
    }

    pub fn reading(mut self, language: &str) -> Self {
        self.lead.locale = Some(Locale::parse(language).unwrap());
        self
    }

    pub fn campaign_mut(&mut self) -> &mut Campaign {
        self.bundle.campaigns.values_mut().next().unwrap()
    }

    fn about<T>(&self, ask: impl FnOnce(&About<'_>) -> T) -> T {
        let campaign = self.bundle.campaigns.values().next().unwrap();
        let score = Score::of(&self.bundle, &self.lead, self.now);
        let step = StepId::parse("step").unwrap();
        let send_id = SendId::of(&self.lead.id, &campaign.id, &step, 1);
        ask(&About { bundle: &self.bundle, campaign, lead: &self.lead, score: &score, send_id: &send_id })
    }

    pub fn try_nurture(&self, email: &str) -> Result<Message, RenderError> {
        let (step, email) = (StepId::parse(email).unwrap(), EmailName::parse(email).unwrap());
        self.about(|about| email::nurture(about, &step, &email, &self.links))
    }

    pub fn nurture(&self, email: &str) -> Message {
        self.try_nurture(email).unwrap()
    }

    pub fn confirmation(&self) -> Message {
        self.about(|about| email::confirmation(about, &self.links, CONFIRM_URL)).unwrap()
    }

    pub fn alert(&self) -> Message {
        self.about(email::alert).unwrap()
    }
}

/// What the reader sees of the HTML between masthead and footer.
pub fn body(html: &str) -> &str {
    let (_, after) = html.split_once("class=\"body\"").unwrap();
    let (_, after) = after.split_once('>').unwrap();
    let (body, _) = after.split_once("class=\"footer\"").unwrap();
    body.rsplit_once("</td>").unwrap().0.trim()
}

/// The same without tags and comments.
pub fn seen(html: &str) -> String {
    let mut seen = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        seen.push_str(before);
        let end = if tag.starts_with("!--") { "-->" } else { ">" };
        rest = match tag.strip_prefix("div title=\"a > b\">") {
            Some(after) => after,
            None => tag.split_once(end).unwrap_or_default().1,
        };
    }
    seen + rest
}

/// Every opened `a` that holds `part`.
pub fn anchors<'h>(html: &'h str, part: &str) -> Vec<&'h str> {
    html.split("<a")
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| tag)
        .filter(|tag| tag.contains(part))
        .collect()
}
