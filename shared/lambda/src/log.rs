//! The log of a function, in Lambda's own format.

use lambda_http::tracing::error;
use lambda_http::tracing::subscriber::filter::LevelFilter;
use lambda_http::tracing::subscriber::fmt;

use crate::panics;

/// Starts the log: text, or JSON where the function's settings say so. No setting reaches below INFO: there libraries tell whole
/// requests and replies, addresses and tokens among them.
pub(crate) fn start(variable: impl Fn(&str) -> Option<String>) {
    let asked = variable("AWS_LAMBDA_LOG_LEVEL").and_then(|level| level.parse::<LevelFilter>().ok());
    let level = asked.unwrap_or(LevelFilter::INFO).min(LevelFilter::INFO);
    let lines = fmt().with_target(false).without_time().with_max_level(level);
    if variable("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json")) {
        lines.json().init();
    } else {
        lines.init();
    }
    panics::tell_places_alone(|place| error!(place, "a panic, which is a fault of Sillon"));
}
