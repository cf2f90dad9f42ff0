//! A template, a lead and its links make a message: subject, HTML, text and headers.

mod message;

pub use message::Message;
