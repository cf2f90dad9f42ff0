//! The alert in French and in English.

use domain::{Stage, Temperature};
use jiff::SignedDuration;

/// One language's alert.
pub(super) struct Words {
    /// A template.
    pub subject: &'static str,
    /// A template.
    pub preheader: &'static str,
    /// A template of Markdown.
    pub body: &'static str,
    pub temperature: fn(Temperature) -> &'static str,
    pub stage: fn(Stage) -> &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub first_visit: &'static str,
    pub last_visit: &'static str,
    /// What a touch tells, in the order of its fields.
    pub touch: [&'static str; 7],
    /// Kinds of activity that Sillon itself knows.
    pub deeds: &'static [(&'static str, &'static str)],
    /// For `strftime`.
    pub moment: &'static str,
    decimal_mark: char,
    /// Day, hour, minute and second, each for one and for several.
    units: [(&'static str, &'static str); 4],
}

/// English first: an organisation that speaks neither gets it.
pub(super) const LANGUAGES: [(&str, &Words); 2] = [("en", &ENGLISH), ("fr", &FRENCH)];

impl Words {
    /// To a tenth at most.
    pub fn number(&self, number: f64) -> String {
        number.to_string().replace('.', &self.decimal_mark.to_string())
    }

    /// A span in its largest units: `5 minutes`, `1 hour 30 minutes`.
    pub fn duration(&self, span: SignedDuration) -> String {
        let seconds = span.as_secs();
        let amounts = [seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60];
        let parts = amounts.iter().zip(self.units).filter(|(amount, _)| **amount > 0);
        let parts = parts
            .map(|(amount, (one, several))| format!("{amount} {}", if *amount == 1 { one } else { several }));
        parts.collect::<Vec<_>>().join(" ")
    }
}

const ENGLISH: Words = Words {
    subject: "{{ temperature | capitalize }} lead, {{ total }} points: {{ email }}",
    preheader: "{{ title }}{% if respond_within %} · answer within {{ respond_within }}{% endif %}",
    body: include_str!("alert.en.md"),
    temperature: |temperature| match temperature {
        Temperature::Cold => "cold",
        Temperature::Warm => "warm",
        Temperature::Hot => "hot",
    },
    stage: |stage| match stage {
        Stage::Subscriber => "subscriber",
        Stage::Lead => "lead",
        Stage::Mql => "marketing-qualified lead",
        Stage::Sql => "sales-qualified lead",
        Stage::Opportunity => "opportunity",
        Stage::Customer => "customer",
        Stage::Disqualified => "disqualified",
    },
    yes: "yes",
    no: "no",
    first_visit: "First visit",
    last_visit: "Last visit",
    touch: ["Source", "Medium", "Campaign", "Search term", "Content", "Coming from", "Landing page"],
    deeds: &[
        ("form_submitted", "filled in a form"),
        ("opt_in_confirmed", "confirmed the address"),
        ("consent_withdrawn", "unsubscribed"),
        ("preferences_changed", "changed its preferences"),
        ("identified", "was identified by another system"),
        ("page_viewed", "viewed a page"),
        ("magnet_downloaded", "downloaded the guide"),
        ("email_opened", "opened an e-mail"),
        ("email_clicked", "clicked in an e-mail"),
        ("email_sent", "was sent an e-mail"),
        ("email_delivered", "received an e-mail"),
        ("email_bounced", "could not be reached by e-mail"),
        ("email_complained", "reported an e-mail as spam"),
        ("stage_changed", "reached a new stage"),
    ],
    moment: "%-d %b %Y, %H:%M",
    decimal_mark: '.',
    units: [("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")],
};

const FRENCH: Words = Words {
    subject: "Contact {{ temperature }}, {{ total }} points\u{A0}: {{ email }}",
    preheader: "{{ title }}{% if respond_within %} · à rappeler sous {{ respond_within }}{% endif %}",
    body: include_str!("alert.fr.md"),
    temperature: |temperature| match temperature {
        Temperature::Cold => "froid",
        Temperature::Warm => "tiède",
        Temperature::Hot => "chaud",
    },
    stage: |stage| match stage {
        Stage::Subscriber => "abonné",
        Stage::Lead => "prospect",
        Stage::Mql => "prospect qualifié par le marketing (MQL)",
        Stage::Sql => "prospect qualifié pour la vente (SQL)",
        Stage::Opportunity => "opportunité",
        Stage::Customer => "client",
        Stage::Disqualified => "écarté",
    },
    yes: "oui",
    no: "non",
    first_visit: "Première visite",
    last_visit: "Dernière visite",
    touch: ["Source", "Support", "Campagne", "Mot recherché", "Contenu", "Venu de", "Page d’arrivée"],
    deeds: &[
        ("form_submitted", "a rempli un formulaire"),
        ("opt_in_confirmed", "a confirmé son adresse"),
        ("consent_withdrawn", "s’est désinscrit"),
        ("preferences_changed", "a changé ses préférences"),
        ("identified", "a été reconnu par un autre système"),
        ("page_viewed", "a vu une page"),
        ("magnet_downloaded", "a téléchargé le guide"),
        ("email_opened", "a ouvert un e-mail"),
        ("email_clicked", "a cliqué dans un e-mail"),
        ("email_sent", "s’est vu envoyer un e-mail"),
        ("email_delivered", "a reçu un e-mail"),
        ("email_bounced", "n’a pas pu être joint par e-mail"),
        ("email_complained", "a signalé un e-mail comme indésirable"),
        ("stage_changed", "a franchi une étape"),
    ],
    moment: "%d/%m/%Y à %H:%M",
    decimal_mark: ',',
    units: [("jour", "jours"), ("heure", "heures"), ("minute", "minutes"), ("seconde", "secondes")],
};
