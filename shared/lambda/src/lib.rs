//! What every function's `main` needs: settings, clients, the time, HTTP in and out.

mod aws;
mod clock;
pub mod http;
mod log;
mod panics;
mod settings;
mod start;

pub use aws::load as load_aws;
pub use clock::SystemClock;
pub use settings::{InvalidSettings, Settings};
pub use start::{Function, StartError, start};

/// The app as functions run it.
pub type App = app::App<dynamodb::Store, SystemClock>;
/// Logs in Lambda's own format: text, or JSON where the function's settings say so.
pub use lambda_http::tracing;
