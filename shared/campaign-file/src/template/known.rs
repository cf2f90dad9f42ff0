//! The names that templates may use: what e-mails are rendered with, and what the template engine brings.

/// What stands for itself.
pub(super) const PLAIN: [&str; 6] =
    ["temperature", "stage", "magnet_url", "unsubscribe_url", "preferences_url", "events_token"];
/// What has parts.
pub(super) const WITH_PARTS: [&str; 4] = ["lead", "score", "campaign", "organisation"];
/// Only the e-mail that asks for confirmation has it.
pub(super) const CONFIRM_URL: &str = "confirm_url";
/// Only that one has it, too: the sentence that the lead agreed to.
pub(super) const WORDING: &str = "wording";
/// Only campaigns with a magnet have it.
pub(super) const MAGNET_URL: &str = "magnet_url";

/// The parts of a name, save those of `lead`.
pub(super) fn parts(of: &str) -> &'static [&'static str] {
    match of {
        "score" => &["fit", "engagement", "total"],
        "campaign" => &["id", "title"],
        "organisation" => &["name", "website", "postal_address"],
        _ => &[],
    }
}

/// The engine's statements.
pub(super) const STATEMENTS: [&str; 13] = [
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "endset",
    "with",
    "endwith",
    "filter",
    "endfilter",
    "include",
];

/// The engine's functions.
pub(super) const FUNCTIONS: [&str; 1] = ["range"];

/// The filters: those that write a value as the e-mail's language does, and the engine's that make no text many times
/// as long.
pub(super) const FILTERS: [&str; 35] = [
    "abs",
    "bool",
    "capitalize",
    "count",
    "d",
    "date",
    "default",
    "first",
    "float",
    "int",
    "join",
    "last",
    "length",
    "lines",
    "lower",
    "map",
    "max",
    "min",
    "money",
    "number",
    "plural",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
];

/// The engine's tests.
pub(super) const TESTS: [&str; 36] = [
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "safe",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

#[cfg(test)]
mod tests {
    use minijinja::{Environment, ErrorKind};

    use super::*;

    /// Sillon's own filters.
    const FORMATS: [&str; 4] = ["money", "number", "date", "plural"];

    #[test]
    fn the_engine_knows_every_filter_and_test_that_is_listed() {
        let environment = Environment::new();
        let kind = |source: &str| environment.render_str(source, ()).err().map(|error| error.kind());
        for filter in FILTERS.into_iter().filter(|filter| !FORMATS.contains(filter)) {
            assert_ne!(kind(&format!("{{{{ x|{filter} }}}}")), Some(ErrorKind::UnknownFilter), "{filter}");
        }
        for test in TESTS {
            assert_ne!(kind(&format!("{{{{ x is {test} }}}}")), Some(ErrorKind::UnknownTest), "{test}");
        }
    }
}
