//! HTTP in, HTTP out: what the functions answer on AWS, and `sillon dev` on a laptop.
//!
//! Nothing here knows who serves it. A request comes as [`Request`], is turned into inputs, handed to the use cases of
//! `app`, and answered as [`Response`]. What cannot be read is answered in the 400s, with all of its faults and how to
//! mend them; 503 is for a store or a queue that fails, and says when to try again. Every answer bears an [`Outcome`]
//! among its extensions: what happened, for the log line of whoever serves it.

mod accept;
mod cors;
mod events;
mod form;
mod language;
mod link;
mod page;
mod reply;
mod request;
mod route;
mod text;

pub use events::{InvalidEvents, InvalidWriteKeys, MOST_EVENTS, WriteKeys, decode_events, events};
pub use form::form;
pub use link::link;
pub use reply::Outcome;
pub use request::form_fields;
pub use route::{ROUTES, Route};

/// What is asked. The body has been read; the path is as the visitor's browser sent it.
pub type Request = http::Request<bytes::Bytes>;

/// What is answered.
pub type Response = http::Response<bytes::Bytes>;

/// No body may be larger, in bytes. A form with all its fields takes a fraction of it.
pub const MOST_BYTES: usize = 64 * 1024;
