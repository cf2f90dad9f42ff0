//! From templates to the three texts of a message: subject, HTML and plain text.

use domain::bundle::Partials;
use domain::{CampaignId, Locale, Organisation};
use minijinja::ErrorKind;
use minijinja::value::Value;

use crate::engine::{self, Engine};
use crate::error::{Part, RenderError};
use crate::footer::Footer;
use crate::layout::{self, Page};
use crate::markdown::{Document, Unreadable};
use crate::plain_text::plain_text;
use crate::template::Filled;

/// One e-mail as written, and what it is filled with.
pub(crate) struct Source<'a> {
    pub organisation: &'a Organisation,
    pub partials: &'a Partials,
    /// For errors.
    pub campaign: &'a CampaignId,
    /// For errors.
    pub email: &'a str,
    /// Of the texts: numbers and dates are written in it.
    pub language: &'a str,
    pub subject: &'a str,
    pub preheader: &'a str,
    /// Markdown.
    pub body: &'a str,
    pub context: Value,
    /// Addresses that may come from values as they are.
    pub ours: Vec<&'a str>,
    /// Texts of the organisation's own, and the lead's address: of whatever else a value prints, nothing can be clicked.
    pub own: Vec<&'a str>,
    /// What links must not be tracked for.
    pub secrets: Vec<&'a str>,
    pub footer: Footer,
}

/// The three texts.
pub(crate) struct Written {
    pub subject: String,
    pub html: String,
    pub text: String,
}

impl Source<'_> {
    pub fn write(&self) -> Result<Written, RenderError> {
        let engine = self.engine()?;
        let subject = self.fill(&engine, Part::Subject, self.subject)?.header();
        let preheader = self.fill(&engine, Part::Preheader, self.preheader)?.shown_header();
        let body = self.fill(&engine, Part::Body, self.body)?;
        let body = self.document(&body)?;
        let page = Page {
            language: self.language,
            subject: &subject,
            preheader: &preheader,
            body: &body.html(),
            footer: &self.footer,
        };
        let html = page.html(self.organisation, &self.secrets)?;
        let text = layout::text(&plain_text(&body), self.organisation, &self.footer);
        Ok(Written { subject, html, text })
    }

    /// Fills the templates and reads the text, as [`Source::write`] does. Answers how long what they print is, in bytes.
    pub fn try_out(&self, engine: &Engine<'_>) -> Result<usize, RenderError> {
        let subject = self.fill(engine, Part::Subject, self.subject)?;
        let preheader = self.fill(engine, Part::Preheader, self.preheader)?;
        let body = self.fill(engine, Part::Body, self.body)?;
        self.document(&body)?;
        Ok([subject, preheader, body].iter().map(Filled::printed).sum())
    }

    fn document<'f>(&self, body: &'f Filled) -> Result<Document<'f>, RenderError> {
        let (campaign, email) = (self.campaign.clone(), self.email.to_owned());
        let locale = self.language.to_owned();
        Document::read(body, &self.ours).map_err(|unreadable| match unreadable {
            Unreadable::LinkToNowhere(label) => RenderError::LinkToNowhere { campaign, email, locale, label },
            Unreadable::TooDeep => RenderError::TooDeep { campaign, email, locale },
        })
    }

    fn engine(&self) -> Result<Engine<'_>, RenderError> {
        let language = Locale::parse(self.language);
        let language = language.as_ref().unwrap_or_else(|_| self.organisation.default_locale());
        Engine::new(self.organisation, self.partials, language).map_err(|error| self.fault(Part::Body, error))
    }

    fn fill(&self, engine: &Engine<'_>, part: Part, template: &str) -> Result<Filled, RenderError> {
        Filled::new(engine, template, &self.context, &self.own).map_err(|error| self.fault(part, error))
    }

    fn fault(&self, part: Part, error: minijinja::Error) -> RenderError {
        RenderError::Template {
            campaign: self.campaign.clone(),
            email: self.email.to_owned(),
            locale: self.language.to_owned(),
            part,
            line: error.line().unwrap_or(1),
            message: message(&error),
            source: Some(error),
        }
    }
}

/// What is wrong; within a partial, also where.
fn message(error: &minijinja::Error) -> String {
    if let Some(inner) = std::error::Error::source(error).and_then(|source| source.downcast_ref()) {
        let inner: &minijinja::Error = inner;
        let deeper = inner.kind() == ErrorKind::BadInclude;
        return match inner.name().filter(|_| !deeper && error.kind() == ErrorKind::BadInclude) {
            Some(partial) => {
                format!("partial `{partial}`, line {}: {}", inner.line().unwrap_or(1), message(inner))
            }
            None => message(inner),
        };
    }
    match (error.kind(), error.detail()) {
        (ErrorKind::WriteFailure, _) => engine::TOO_MUCH.to_owned(),
        (ErrorKind::OutOfFuel, _) => "it does more than an e-mail may: shorten its loops".to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    }
}
