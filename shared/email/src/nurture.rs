//! The e-mail of a step.

use domain::{EmailName, StepId};

use crate::footer::Footer;
use crate::source::Source;
use crate::{About, Links, Message, RenderError};

/// The e-mail `email` of the campaign, in the lead's language if it is written in it, else in the organisation's
/// default one.
pub fn nurture(
    about: &About<'_>,
    step: &StepId,
    email: &EmailName,
    links: &Links,
) -> Result<Message, RenderError> {
    let (locale, source) = about.source(email)?;
    let organisation = &about.bundle.organisation;
    let secrets = links.secrets();
    let written = Source {
        organisation,
        partials: &about.bundle.partials,
        campaign: &about.campaign.id,
        email: email.as_str(),
        language: locale.as_str(),
        subject: about.subject_of(step, locale).unwrap_or(&source.subject),
        preheader: source.preheader.as_deref().unwrap_or_default(),
        body: &source.body,
        context: about.context(links, &[]),
        ours: secrets.iter().copied().chain(organisation.website.as_deref()).collect(),
        own: about.own_texts(links, &[]),
        secrets,
        footer: Footer::of_nurture(about, links),
    }
    .write()?;
    // RFC 2369, section 3.2, and RFC 8058, section 3.1.
    let headers = vec![
        ("List-Unsubscribe".into(), format!("<{}>", links.unsubscribe)),
        ("List-Unsubscribe-Post".into(), "List-Unsubscribe=One-Click".into()),
    ];
    about.message(step.as_str(), written, headers)
}
