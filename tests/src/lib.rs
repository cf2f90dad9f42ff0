//! What tests share.

pub mod dynamodb;
pub mod dev;
pub mod envelopes;
pub mod http;
pub mod programs;
pub mod runtime_api;
pub mod functions;
pub mod stack;
pub mod stubs;
