//! The use cases: load a lead, decide, commit, perform. They know what they need from outside only as ports.

pub mod ports;
