//! Amazon SES: carries e-mails, and tells what became of them.

mod address;
mod feedback;
mod mailer;
mod verdict;

pub use feedback::{InvalidFeedback, decode as decode_feedback};
pub use mailer::Mailer;
