//! The use cases: load a lead, decide, commit, perform. They know what they need from outside only as ports.

mod apply;
mod batch;
mod breaker;
mod compose;
mod doubt;
mod erase;
pub mod gate;
mod hour;
pub mod limit;
mod links;
mod look;
mod notification;
mod nurture;
mod own;
mod pace;
pub mod ports;
mod read;
mod report;
mod room;
pub mod token;
mod turns;

pub use apply::{Applied, ApplyError};
pub use batch::BatchReport;
pub use erase::{ErasedAgain, erase, erase_again};
pub use links::{Confirmed, PreferencesView};
pub use look::look_again;
pub use notification::Notification;
pub use nurture::Nurture;
pub use own::{Agreement, OwnData, Part};
pub use pace::{Held, Pace, PaceError, Pass, SharedPace, Unlimited};
pub use read::{note_read, put_back};
pub use report::Report;
pub use turns::{Queued, TickError};

use domain::{Bundle, LeadKey};
use token::TokenKeys;

/// What every use case works with.
pub struct App<S, C> {
    /// The campaigns.
    pub bundle: Bundle,
    /// The leads.
    pub store: S,
    /// The time.
    pub clock: C,
    /// Makes lead ids of addresses.
    pub lead_key: LeadKey,
    /// Signs and opens links.
    pub token_keys: TokenKeys,
    /// Where the routes are reached from outside, without a slash at the end.
    pub public_url: String,
    /// The folder that holds the magnets, as `<campaign>/<path>`.
    pub files: std::path::PathBuf,
}
