//! Keeps leads in one DynamoDB table: keys, items, transactions.
//!
//! [`Store`] is the only adapter. It runs on Amazon DynamoDB, and on anything else that speaks its protocol, such as the
//! embedded engine under `sillon dev`; the contract suite in `tests/tests/store_contract` says what it relies on.

mod aside;
mod commit;
mod erase;
mod failure;
mod gate;
mod inspect;
mod item;
pub mod keys;
mod limit;
mod reads;
mod scan;
mod store;
mod table;

pub use aside::Aside;
pub use inspect::Inspected;
pub use scan::{Log, Scan};
pub use store::{AllLeads, DEFAULT_SHARDS, Store};
