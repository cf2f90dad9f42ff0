//! From templates to the three texts of a message: subject, HTML and plain text.

use domain::{CampaignId, Organisation};
use minijinja::value::Value;

use crate::error::{Part, RenderError};
use crate::footer::Footer;
use crate::layout::{self, Page};
use crate::markdown::Document;
use crate::plain_text::plain_text;
use crate::template::Filled;

/// One e-mail as written, and what it is filled with.
pub(crate) struct Source<'a> {
    pub organisation: &'a Organisation,
    /// For errors.
    pub campaign: &'a CampaignId,
    /// For errors.
    pub email: &'a str,
    pub language: &'a str,
    pub subject: &'a str,
    pub preheader: &'a str,
    /// Markdown.
    pub body: &'a str,
    pub context: Value,
    /// Addresses that may come from values as they are.
    pub ours: Vec<&'a str>,
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
        let subject = self.fill(Part::Subject, self.subject)?.header();
        let preheader = self.fill(Part::Preheader, self.preheader)?.header();
        let body = self.fill(Part::Body, self.body)?;
        let body = Document::read(&body, &self.ours).map_err(|link| RenderError::LinkToNowhere {
            campaign: self.campaign.clone(),
            email: self.email.to_owned(),
            locale: self.language.to_owned(),
            label: link.0,
        })?;
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

    fn fill(&self, part: Part, template: &str) -> Result<Filled, RenderError> {
        Filled::new(template, &self.context).map_err(|error| RenderError::Template {
            campaign: self.campaign.clone(),
            email: self.email.to_owned(),
            locale: self.language.to_owned(),
            part,
            line: error.line().unwrap_or(1),
            message: message(&error),
            source: Some(error),
        })
    }
}

fn message(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}
