//! The e-mail that asks whether an address belongs to whoever typed it.

mod words;

use domain::campaign::EmailSource;
use domain::{CONFIRM_STEP, EmailName};

use crate::footer::Footer;
use crate::source::Source;
use crate::{About, Links, Message, RenderError, language};

/// A campaign's e-mail of this name stands in for the built-in one.
pub const CONFIRMATION_OVERRIDE: &str = "confirm";

/// Asks the lead to follow `confirm_url`. Nothing that the visitor typed stands in the built-in texts: whoever types a
/// stranger's address must not be able to send that stranger words of their own.
///
/// It bears no `List-Unsubscribe`: nobody is subscribed yet, and doing nothing is enough.
pub fn confirmation(about: &About<'_>, links: &Links, confirm_url: &str) -> Result<Message, RenderError> {
    let organisation = &about.bundle.organisation;
    let own =
        EmailName::parse(CONFIRMATION_OVERRIDE).ok().filter(|name| about.campaign.emails.contains_key(name));
    let (language, subject, preheader, body) = match &own {
        Some(name) => {
            let (locale, EmailSource { subject, preheader, body }) = about.source(name)?;
            (locale.as_str(), subject.as_str(), preheader.as_deref().unwrap_or_default(), body.as_str())
        }
        None => {
            let (language, words) = language::words(organisation, about.locale(), &words::LANGUAGES);
            (language, words.subject, words.preheader, words.body)
        }
    };
    let form = about.campaign.form.as_ref();
    let wording = form.map_or("", |form| about.localised(&form.consent.wording, about.locale()));
    let mut secrets = links.secrets();
    secrets.push(confirm_url);
    let written = Source {
        organisation,
        partials: &about.bundle.partials,
        campaign: &about.campaign.id,
        email: CONFIRMATION_OVERRIDE,
        language,
        subject,
        preheader,
        body,
        context: about.context(links, &[("confirm_url", confirm_url), ("wording", wording)]),
        ours: secrets.iter().copied().chain(organisation.website.as_deref()).collect(),
        own: about.own_texts(links, &[confirm_url, wording]),
        secrets,
        footer: Footer::of_confirmation(about),
    }
    .write()?;
    about.message(CONFIRM_STEP, written, Vec::new())
}
