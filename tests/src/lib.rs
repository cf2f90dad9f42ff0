//! What tests share.

pub mod calls;
pub mod clock;
pub mod cloud;
pub mod deployed;
pub mod dev;
pub mod dynamodb;
pub mod envelopes;
pub mod functions;
pub mod gateway;
pub mod http;
pub mod log;
pub mod programs;
pub mod roles;
pub mod runtime_api;
pub mod stack;
pub mod story;
pub mod stubs;
pub mod template;
