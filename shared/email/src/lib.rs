//! A template, a lead and its links make a message: subject, HTML, text and headers.
//!
//! Whatever a lead typed is data on its whole way. A template is filled with placeholders, Markdown is parsed with
//! the placeholders in it, and only then does each value take its place, written for the spot where it stands. So no
//! value can become a heading, a link, a tag or a header, whatever it holds.
//!
//! What templates may name: `lead.<trait>`, `lead.email`, `lead.locale` · `score.fit`, `score.engagement`,
//! `score.total`, `temperature`, `stage` · `campaign.id`, `campaign.title` · `organisation.name`,
//! `organisation.website`, `organisation.postal_address` · `magnet_url`, `unsubscribe_url`, `preferences_url`,
//! `events_token` · and in a confirmation `confirm_url` and `wording`, the sentence that the lead agreed to.
//!
//! A name without a value prints nothing: most traits are optional, and a lead's e-mail must not fail for one of them.
//! Names that nobody declares are found when the campaign is checked. A link that thereby leads nowhere is an error.

mod about;
mod access;
mod alert;
mod confirmation;
mod engine;
mod error;
mod filters;
mod footer;
pub mod inspect;
mod language;
mod layout;
mod lenient;
mod links;
mod markdown;
mod message;
mod nesting;
mod nurture;
mod plain_text;
mod regional;
mod source;
mod spot;
mod template;
mod text;
mod trial;

pub use about::About;
pub use access::access;
pub use alert::alert;
pub use confirmation::{CONFIRMATION_OVERRIDE, confirmation};
pub use error::{Part, RenderError};
pub use links::Links;
pub use message::Message;
pub use nesting::place_too_deep;
pub use nurture::nurture;
pub use trial::Trial;
