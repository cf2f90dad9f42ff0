//! How much a template may do: what would do more is refused by `sillon check`, and rendering stops there at the latest.
//!
//! Templates come with campaign files, and those may come from the internet. So neither their running time nor their
//! memory may depend on who wrote them.

/// Steps of the template engine for one template with everything that it includes. A long e-mail takes some hundreds.
pub const MOST_STEPS: u64 = 50_000;
/// Bytes that one template may print. Mail clients clip long before.
pub const MOST_OUTPUT: usize = 512 * 1024;
/// Bytes of a text that a filter may make. No value that a lead states is longer than a form's body, 64 KiB.
pub const LONGEST_VALUE: usize = 64 * 1024;
/// Bytes of a text that may be put together from others by `~`, `set` and the like.
pub const LONGEST_COMPOSED: usize = 16 * LONGEST_VALUE;
/// Numbers that `range` may count.
pub const LONGEST_RANGE: usize = 1_000;
/// Bytes of a template as written.
pub const LONGEST_TEMPLATE: usize = 256 * 1024;
/// How deep partials may include partials.
pub const DEEPEST_INCLUDE: usize = 8;
/// How deep quotes, lists, emphasis and HTML may stand within one another in an e-mail. Readers see three or four.
pub const DEEPEST_MARKUP: usize = 100;
