//! What stands below every e-mail to a lead, in its language.

use minijinja::{Value, context};

use crate::language;
use crate::{About, Links};

/// The lines below an e-mail. The organisation's name and postal address are the layout's own.
#[derive(Debug, Default)]
pub(crate) struct Footer {
    /// Of its words.
    pub language: &'static str,
    /// Why the lead gets this.
    pub reason: Option<String>,
    pub links: Vec<FooterLink>,
}

/// A link below an e-mail.
#[derive(Debug)]
pub(crate) struct FooterLink {
    pub label: &'static str,
    pub url: String,
}

struct Words {
    because_you_signed_up: &'static str,
    unsubscribe: &'static str,
    preferences: &'static str,
    privacy: &'static str,
}

const LANGUAGES: [(&str, &Words); 6] = [
    (
        "en",
        &Words {
            because_you_signed_up: "You receive this e-mail because you signed up for",
            unsubscribe: "Unsubscribe",
            preferences: "My preferences",
            privacy: "Privacy",
        },
    ),
    (
        "fr",
        &Words {
            because_you_signed_up: "Vous recevez cet e-mail à la suite de votre demande",
            unsubscribe: "Se désinscrire",
            preferences: "Mes préférences",
            privacy: "Confidentialité",
        },
    ),
    (
        "de",
        &Words {
            because_you_signed_up: "Sie erhalten diese E-Mail aufgrund Ihrer Anmeldung",
            unsubscribe: "Abmelden",
            preferences: "Meine Einstellungen",
            privacy: "Datenschutz",
        },
    ),
    (
        "es",
        &Words {
            because_you_signed_up: "Recibe este correo a raíz de su solicitud",
            unsubscribe: "Darse de baja",
            preferences: "Mis preferencias",
            privacy: "Privacidad",
        },
    ),
    (
        "it",
        &Words {
            because_you_signed_up: "Riceve questa e-mail in seguito alla Sua richiesta",
            unsubscribe: "Annulla l’iscrizione",
            preferences: "Le mie preferenze",
            privacy: "Privacy",
        },
    ),
    (
        "nl",
        &Words {
            because_you_signed_up: "U ontvangt deze e-mail naar aanleiding van uw aanmelding",
            unsubscribe: "Uitschrijven",
            preferences: "Mijn voorkeuren",
            privacy: "Privacy",
        },
    ),
];

impl Footer {
    /// Below an e-mail of the sequence: why it comes, and how to stop it.
    pub fn of_nurture(about: &About<'_>, links: &Links) -> Self {
        let locale = about.locale();
        let (language, words) = language::words(&about.bundle.organisation, locale, &LANGUAGES);
        let title = about.localised(&about.campaign.title, locale);
        let colon = if language == "fr" { "\u{A0}:" } else { ":" };
        let mut footer = Self::of_confirmation(about);
        footer.reason = Some(format!("{}{colon} {title}", words.because_you_signed_up));
        footer.links.insert(0, FooterLink { label: words.unsubscribe, url: links.unsubscribe.clone() });
        footer.links.insert(1, FooterLink { label: words.preferences, url: links.preferences.clone() });
        footer
    }

    /// Below a confirmation: nobody is subscribed yet, so that there is nothing to leave.
    pub fn of_confirmation(about: &About<'_>) -> Self {
        let organisation = &about.bundle.organisation;
        let (language, words) = language::words(organisation, about.locale(), &LANGUAGES);
        let privacy = organisation.privacy_policy.iter();
        let links = privacy.map(|url| FooterLink { label: words.privacy, url: url.clone() }).collect();
        Self { language, reason: None, links }
    }

    /// For the layout.
    pub fn to_value(&self) -> Value {
        let links = self.links.iter().map(|link| context! { label => link.label, url => link.url.as_str() });
        context! {
            language => self.language,
            reason => self.reason.as_deref(),
            links => links.collect::<Vec<Value>>(),
        }
    }
}
