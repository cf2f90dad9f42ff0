//! What the fuzz targets share. Each target takes bytes that anybody could have sent or written, and holds what must be
//! true whatever they are; `tests/fuzz/run` runs them.

pub mod infra;
pub mod mail;
pub mod reading;
pub mod story;
pub mod visits;

/// Web requests, as the tests of `web` make them.
#[path = "../../../shared/web/tests/support/mod.rs"]
pub mod web_support;
