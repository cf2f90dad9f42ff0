//! The e-mail that leads a lead to its own data, when somebody asked for them.

mod words;

use domain::ACCESS_STEP;

use crate::footer::Footer;
use crate::source::Source;
use crate::{About, Links, Message, RenderError, language};

/// Leads to `own_url`. It says nothing of the lead: whoever asked may be a stranger, and the link alone tells.
///
/// It bears no `List-Unsubscribe`: it answers a request, whatever the lead agreed to, and nothing follows it.
pub fn access(about: &About<'_>, links: &Links, own_url: &str) -> Result<Message, RenderError> {
    let organisation = &about.bundle.organisation;
    let (language, words) = language::words(organisation, about.locale(), &words::LANGUAGES);
    let mut secrets = links.secrets();
    secrets.push(own_url);
    let written = Source {
        organisation,
        partials: &about.bundle.partials,
        campaign: &about.campaign.id,
        email: ACCESS_STEP,
        language,
        subject: words.subject,
        preheader: words.preheader,
        body: words.body,
        context: about.context(links, &[("own_url", own_url)]),
        ours: secrets.iter().copied().chain(organisation.website.as_deref()).collect(),
        own: about.own_texts(links, &[own_url]),
        secrets,
        footer: Footer::of_confirmation(about),
    }
    .write()?;
    about.message(ACCESS_STEP, written, Vec::new())
}
