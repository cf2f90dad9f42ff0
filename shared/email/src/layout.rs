//! The frame around every e-mail, as HTML and as text.

use std::sync::LazyLock;

use css_inline::CSSInliner;
use domain::Organisation;
use minijinja::{Environment, context};

use crate::RenderError;
use crate::footer::Footer;

/// The template's name; its ending makes the engine escape for HTML.
const LAYOUT: &str = "layout.html";
/// An attribute at which SES leaves a link alone (SES Developer Guide, "Email sending metrics FAQs", click tracking).
const NO_TRACKING: &str = " ses:no-track";

/// What is framed.
pub(crate) struct Page<'a> {
    pub language: &'a str,
    pub subject: &'a str,
    pub preheader: &'a str,
    /// HTML.
    pub body: &'a str,
    pub footer: &'a Footer,
}

/// Parsed once: that costs more than filling it.
static ENGINE: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.add_template(LAYOUT, include_str!("layout.html"))?;
    Ok(engine)
});

/// Keeps the style element of the layout, which depends on the screen and can't be written into elements.
static INLINER: LazyLock<CSSInliner<'static>> = LazyLock::new(|| {
    CSSInliner::options()
        .extra_css(Some(include_str!("layout.css").into()))
        .keep_style_tags(true)
        .load_remote_stylesheets(false)
        .build()
});

impl Page<'_> {
    /// The whole document. Links that bear one of `secrets` are kept from click tracking.
    pub fn html(&self, organisation: &Organisation, secrets: &[&str]) -> Result<String, RenderError> {
        let fault = |error: minijinja::Error| RenderError::Layout(Box::new(error));
        let engine = ENGINE.as_ref().map_err(|error| RenderError::Layout(error.to_string().into()))?;
        let document = engine.get_template(LAYOUT).map_err(fault)?;
        let document = document
            .render(context! {
                language => self.language,
                subject => self.subject,
                preheader => self.preheader,
                body => self.body,
                footer => self.footer.to_value(),
                organisation => context! {
                    name => organisation.name.as_str(),
                    website => organisation.website.as_deref(),
                    postal_address => organisation.postal_address.as_str(),
                },
            })
            .map_err(fault)?;
        let document = INLINER.inline(&document).map_err(|error| RenderError::Layout(Box::new(error)))?;
        Ok(without_tracking(&document, secrets))
    }
}

/// The text part: the e-mail's own text and what stands below it.
pub(crate) fn text(body: &str, organisation: &Organisation, footer: &Footer) -> String {
    let mut text = format!("{}\n\n---\n", body.trim_end());
    let reason = footer.reason.iter().cloned();
    let address = [organisation.name.clone(), organisation.postal_address.clone()];
    let links = footer.links.iter().map(|link| format!("{}: {}", link.label, link.url));
    for line in reason.chain(address).chain(links) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Marks every link that bears a secret, whoever wrote it: the layout, Markdown, or HTML of the campaign's author.
fn without_tracking(document: &str, secrets: &[&str]) -> String {
    let secrets: Vec<String> = secrets.iter().map(|secret| secret.replace('&', "&amp;")).collect();
    let mut marked = String::with_capacity(document.len() + 64 * secrets.len());
    let mut rest = document;
    while let Some((before, after)) = rest.split_once("<a ") {
        marked.push_str(before);
        marked.push_str("<a");
        let tag = &after[..end_of_tag(after)];
        if secrets.iter().any(|secret| tag.contains(secret.as_str())) {
            marked.push_str(NO_TRACKING);
        }
        marked.push(' ');
        rest = after;
    }
    marked.push_str(rest);
    marked
}

/// Where a tag ends: at the first `>` outside quotes. The inliner writes all attributes in double quotes.
fn end_of_tag(after_name: &str) -> usize {
    let mut quoted = false;
    after_name
        .bytes()
        .position(|byte| {
            quoted ^= byte == b'"';
            byte == b'>' && !quoted
        })
        .unwrap_or(after_name.len())
}
