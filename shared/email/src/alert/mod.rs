//! The e-mail that tells sales of a lead worth calling.

mod story;
mod words;

use domain::ALERT_STEP;
use minijinja::context;

use crate::footer::Footer;
use crate::source::Source;
use crate::{About, Message, RenderError, language};

use story::Story;

/// Tells sales who the lead is, what it answered, why it is hot, where it came from and what it did last. Answering
/// the alert answers the lead.
///
/// It is written in the organisation's default language if that is built in, else in English. It holds none of the
/// lead's links: whoever holds those can act for the lead, and alerts get forwarded. It names no lead to the carrier
/// either, since a salesperson's click is not the lead's.
pub fn alert(about: &About<'_>) -> Result<Message, RenderError> {
    let organisation = &about.bundle.organisation;
    if organisation.sales.alert.is_empty() {
        return Err(RenderError::NobodyToAlert { campaign: about.campaign.id.clone() });
    }
    let locale = organisation.default_locale();
    let (language, words) = language::words(organisation, locale, &words::LANGUAGES);
    let story = Story { about, words, locale };
    let context = context! {
        email => about.lead.email.as_str(),
        title => about.localised(&about.campaign.title, locale),
        temperature => story.temperature(),
        stage => story.stage(),
        total => words.number(about.score.total),
        fit => story.fit(),
        engagement => words.number(about.score.engagement),
        respond_within => organisation.sales.respond_within.map(|span| words.duration(span)),
        answers => story.answers(),
        reasons => story.reasons(),
        visits => story.visits(),
        deeds => story.deeds(),
    };
    let written = Source {
        organisation,
        partials: &about.bundle.partials,
        campaign: &about.campaign.id,
        email: ALERT_STEP,
        language,
        subject: words.subject,
        preheader: words.preheader,
        body: words.body,
        context,
        ours: Vec::new(),
        own: vec![about.lead.email.as_str(), about.localised(&about.campaign.title, locale)],
        secrets: Vec::new(),
        footer: Footer { language, ..Footer::default() },
    }
    .write()?;
    Ok(Message {
        send_id: about.send_id.clone(),
        lead: None,
        campaign: about.campaign.id.clone(),
        step: ALERT_STEP.into(),
        unproven: false,
        from: about.sender()?.from.clone(),
        reply_to: Some(about.lead.email.as_str().to_owned()),
        to: organisation.sales.alert.clone(),
        subject: written.subject,
        html: written.html,
        text: written.text,
        // RFC 3834, section 5: no holiday notice need answer the lead's way.
        headers: vec![("Auto-Submitted".into(), "auto-generated".into())],
    })
}
