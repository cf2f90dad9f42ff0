//! Amazon SES: carries e-mails, and tells what became of them.

mod address;
pub mod feedback;
mod mailer;
mod verdict;

pub use mailer::SesMailer;
