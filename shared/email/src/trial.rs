//! Tries whether an e-mail can be written for a lead, by the engine that writes it in earnest: for whoever checks campaigns.

use domain::campaign::EmailSource;
use domain::{Bundle, Locale};

use crate::engine::Engine;
use crate::footer::Footer;
use crate::source::Source;
use crate::{About, Links, RenderError};

/// The engine, for any number of e-mails in one language.
pub struct Trial<'a> {
    bundle: &'a Bundle,
    language: &'a Locale,
    engine: Engine<'a>,
}

impl<'a> Trial<'a> {
    /// None if a partial is no template.
    pub fn new(bundle: &'a Bundle, language: &'a Locale) -> Option<Self> {
        let engine = Engine::new(&bundle.organisation, &bundle.partials, language).ok()?;
        Some(Self { bundle, language, engine })
    }

    /// Fills the three templates of an e-mail and reads its text. `more` are the names that only this kind of e-mail knows,
    /// with their values. Answers how many bytes it prints.
    pub fn write(
        &self,
        about: &About<'_>,
        links: &Links,
        email: &str,
        source: &EmailSource,
        more: &[(&str, &str)],
    ) -> Result<usize, RenderError> {
        let secrets = links.secrets();
        let website = self.bundle.organisation.website.as_deref();
        let addresses = more.iter().map(|(_, value)| *value);
        Source {
            organisation: &self.bundle.organisation,
            partials: &self.bundle.partials,
            campaign: &about.campaign.id,
            email,
            language: self.language.as_str(),
            subject: &source.subject,
            preheader: source.preheader.as_deref().unwrap_or_default(),
            body: &source.body,
            context: about.context(links, more),
            ours: secrets.iter().copied().chain(website).chain(addresses).collect(),
            own: Vec::new(),
            secrets,
            footer: Footer::default(),
        }
        .try_out(&self.engine)
    }
}
