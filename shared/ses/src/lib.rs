//! Amazon SES: carries e-mails, and tells what became of them.

#[cfg(feature = "mailer")]
mod account;
#[cfg(feature = "mailer")]
mod address;
mod feedback;
#[cfg(feature = "mailer")]
mod mailer;
#[cfg(feature = "mailer")]
mod verdict;

#[cfg(feature = "mailer")]
pub use account::Account;
pub use feedback::{InvalidFeedback, decode as decode_feedback};
#[cfg(feature = "mailer")]
pub use mailer::Mailer;
