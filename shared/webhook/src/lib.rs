//! The carrier of notifications: posts them as [Standard Webhooks](https://www.standardwebhooks.com) has it, once each.

mod post;
mod secret;

pub use post::{Poster, Reach, is_loopback};
pub use secret::{InvalidSecrets, Secrets};
