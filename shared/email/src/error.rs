//! Why an e-mail could not be made, told so that a marketer can mend its template.

use std::fmt;

use domain::template::DEEPEST_MARKUP;
use domain::{CampaignId, EmailName, SenderId};

/// Why there is no message. All but [`RenderError::Layout`] are faults of the campaign's files.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template of the campaign is wrong.
    #[error("campaign `{campaign}`, e-mail `{email}` in `{locale}`: {part}, line {line}: {message}")]
    Template {
        /// Whose e-mail.
        campaign: CampaignId,
        /// Which one.
        email: String,
        /// In which language.
        locale: String,
        /// Which of its templates.
        part: Part,
        /// Counted from 1 within that template; the front matter of the file does not count.
        line: usize,
        /// What is wrong.
        message: String,
        /// What the template engine said.
        #[source]
        source: Option<minijinja::Error>,
    },
    /// A link has no address, most likely because the value that was to be its address is missing.
    #[error(
        "campaign `{campaign}`, e-mail `{email}` in `{locale}`: the link `{label}` leads nowhere; \
         put it between `{{% if … %}}` and `{{% endif %}}`, or give its value a `default`"
    )]
    LinkToNowhere {
        /// Whose e-mail.
        campaign: CampaignId,
        /// Which one.
        email: String,
        /// In which language.
        locale: String,
        /// What the reader would have seen.
        label: String,
    },
    /// Quotes, lists, emphasis or HTML stand too deep within one another.
    #[error(
        "campaign `{campaign}`, e-mail `{email}` in `{locale}`: its text is nested more than {DEEPEST_MARKUP} deep; \
         take quotes, lists or HTML away"
    )]
    TooDeep {
        /// Whose e-mail.
        campaign: CampaignId,
        /// Which one.
        email: String,
        /// In which language.
        locale: String,
    },
    /// The campaign has no e-mail of that name in any language.
    #[error("campaign `{campaign}` has no e-mail `{email}`: add `emails/{email}.<language>.md`")]
    NoSuchEmail {
        /// Whose e-mail.
        campaign: CampaignId,
        /// Which one.
        email: EmailName,
    },
    /// The campaign names a sender that the organisation does not have.
    #[error("campaign `{campaign}`: sender `{sender}` does not stand under `senders`")]
    NoSuchSender {
        /// Whose sender.
        campaign: CampaignId,
        /// Which one.
        sender: SenderId,
    },
    /// Nobody is to be told of a hot lead.
    #[error("campaign `{campaign}` alerts sales, but `sales.alert` lists no address")]
    NobodyToAlert {
        /// Which campaign.
        campaign: CampaignId,
    },
    /// The frame around every e-mail is wrong: a fault of Sillon itself.
    #[error("the layout of e-mails: {0}")]
    Layout(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A template of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The subject line.
    Subject,
    /// The line that mail clients show after the subject.
    Preheader,
    /// What stands below the front matter.
    Body,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "subject",
            Self::Preheader => "preheader",
            Self::Body => "body",
        })
    }
}
