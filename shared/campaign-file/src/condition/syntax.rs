//! What a fault in an expression's syntax means to the person who wrote it.

use domain::Expression;
use domain::expression::InvalidExpression;

use crate::source::Span;

/// Where the fault stands in the expression, what is wrong, and the mend.
pub(super) fn explain(text: &str, fault: &InvalidExpression) -> (Span, String, String) {
    let at = offset(text, fault.line, fault.column);
    let rest = &text[at..];
    let word_length = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len())
        .max(rest.chars().next().map_or(0, char::len_utf8));
    let part = at..at + word_length;
    let word = &text[part.clone()];
    let help = match word {
        "and" | "AND" => "write `&&` for and",
        "or" | "OR" => "write `||` for or",
        "not" | "NOT" => "write `!` for not",
        "=" => "write `==` to compare",
        "&" => "write `&&` for and",
        "|" => "write `||` for or",
        "is" => "write `==` to compare",
        "“" | "”" | "„" | "«" | "»" => "write straight quotes: `\"`",
        "‘" | "’" => "write straight quotes: `'`",
        _ => "look at the operators, brackets and quotes around it",
    };
    let message = if rest.trim().is_empty() {
        return (
            at..at,
            "the condition ends too early".to_owned(),
            "write what is missing at its end".to_owned(),
        );
    } else if word == "\"" || word == "'" {
        return (part, "a text begins here that never ends".to_owned(), "close its quotes".to_owned());
    } else if fault.message.contains("token recognition") || fault.message.contains("input") {
        format!("`{word}` cannot stand here in a condition")
    } else {
        format!("not a condition: {}", fault.message.trim_start_matches("Syntax error: "))
    };
    (part, message, help.to_owned())
}

/// What stands for the words that other languages have in place of CEL's, and the part that it replaces; none if the
/// reader would stumble at the same place again.
pub(super) fn rewritten(text: &str, part: &Span) -> Option<(Span, String)> {
    let sign = match &text[part.clone()] {
        "and" | "AND" | "&" => "&&",
        "or" | "OR" | "|" => "||",
        "not" | "NOT" => "!",
        "=" | "is" => "==",
        "“" | "„" | "«" => {
            // The whole text, if it ends and holds no quotes of its own.
            let rest = &text[part.end..];
            let (at, end) = rest.char_indices().find(|(_, c)| matches!(c, '”' | '“' | '»'))?;
            let inner = rest[..at].trim_matches('\u{a0}');
            let whole = part.start..part.end + at + end.len_utf8();
            return (!inner.contains(['"', '\\'])).then(|| (whole, format!("\"{inner}\"")));
        }
        _ => return None,
    };
    let mended = format!("{}{sign}{}", &text[..part.start], &text[part.end..]);
    let stumbles =
        |fault: InvalidExpression| offset(&mended, fault.line, fault.column) < part.start + sign.len();
    (!Expression::parse(&mended).err().is_some_and(stumbles)).then(|| (part.clone(), sign.to_owned()))
}

/// The byte that a line and a column, both from 1, point at.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let within = &text[start.min(text.len())..];
    start + within.char_indices().nth(column - 1).map_or(within.len(), |(at, _)| at)
}
