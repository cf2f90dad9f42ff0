//! What tests share.

pub mod dynamodb;
