//! A condition, part by part, as it was at a moment.

use domain::{Condition, Facts};
use serde::Serialize;

/// A condition and whether it held.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionTold {
    /// As written.
    pub source: String,
    /// Its file, line and column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether it held.
    pub holds: bool,
    /// What it is made of, if of several parts or of a comparison.
    pub parts: Vec<PartTold>,
}

/// A part of a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartTold {
    /// As written.
    pub source: String,
    /// Whether it held.
    pub holds: bool,
    /// What its left side was; none if that is unknown, or says no more than `holds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether it asks for something that was not known of the lead.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

/// Asks a condition and each of its parts.
pub(super) fn told(condition: &Condition, facts: &Facts<'_>, place: Option<String>) -> ConditionTold {
    let source = condition.source().trim().to_owned();
    let parts = atoms(&source).into_iter().map(|atom| part(atom, facts)).collect();
    ConditionTold { holds: condition.holds(facts), source, place, parts }
}

fn part(source: &str, facts: &Facts<'_>) -> PartTold {
    let value = |source: &str| Condition::parse(source).ok().and_then(|condition| condition.value(facts));
    let whole = value(source);
    let left = comparison(source).map(|(left, right)| (value(left), right));
    let shown = match left {
        Some((left, _)) => left,
        // A negation says what is negated; a plain question says all by whether it holds.
        None => source.strip_prefix('!').and_then(|inner| value(inner.trim())),
    };
    PartTold {
        source: source.to_owned(),
        holds: whole.as_deref() == Some("true"),
        unknown: whole.is_none(),
        value: shown,
    }
}

/// The parts that `&&` and `||` join, brackets taken away.
fn atoms(source: &str) -> Vec<&str> {
    let source = without_brackets(source.trim());
    for joint in ["||", "&&"] {
        let parts = split(source, joint);
        if parts.len() > 1 {
            return parts.into_iter().flat_map(atoms).collect();
        }
    }
    vec![source]
}

/// Both sides of a comparison.
fn comparison(source: &str) -> Option<(&str, &str)> {
    for sign in ["==", "!=", "<=", ">=", "<", ">", " in "] {
        let parts = split(source, sign);
        if let [left, right] = parts[..] {
            return Some((left.trim(), right.trim()));
        }
    }
    None
}

fn without_brackets(source: &str) -> &str {
    let inner = source.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    // `(a) && (b)` begins and ends with brackets that are no pair.
    let whole = |inner: &&str| depths(inner).all(|(_, depth)| depth >= 0);
    match inner.filter(whole) {
        Some(inner) => without_brackets(inner.trim()),
        None => source,
    }
}

/// The text between separators that stand in no brackets and no quotes.
fn split<'a>(source: &'a str, separator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for (at, depth) in depths(source) {
        if depth == 0 && at >= begin && source[at..].starts_with(separator) {
            parts.push(source[begin..at].trim());
            begin = at + separator.len();
        }
    }
    parts.push(source[begin..].trim());
    parts
}

/// Every character outside quotes with how deep in brackets it stands.
fn depths(source: &str) -> impl Iterator<Item = (usize, i32)> + '_ {
    let (mut depth, mut quote, mut escaped) = (0, None, false);
    source.char_indices().filter_map(move |(at, c)| {
        if let Some(open) = quote {
            quote = if c == open && !escaped { None } else { Some(open) };
            escaped = c == '\\' && !escaped;
            return None;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        quote.is_none().then_some((at, depth))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_joints_join() {
        for (source, parts) in [
            ("lead.a == 1", vec!["lead.a == 1"]),
            ("lead.a == 1 && score.total >= 40", vec!["lead.a == 1", "score.total >= 40"]),
            ("(a || b) && !(c && d)", vec!["a", "b", "!(c && d)"]),
            ("lead.a == \"x && y\" || occurred(\"z\")", vec!["lead.a == \"x && y\"", "occurred(\"z\")"]),
            ("((a))", vec!["a"]),
            ("lead.a == \"\\\" && \" && b", vec!["lead.a == \"\\\" && \"", "b"]),
        ] {
            assert_eq!(atoms(source), parts, "{source}");
        }
        assert_eq!(comparison("times(\"a>b\") >= 2"), Some(("times(\"a>b\")", "2")));
        assert_eq!(comparison("lead.a in [\"x\"]"), Some(("lead.a", "[\"x\"]")));
        assert_eq!(comparison("occurred(\"a\")"), None);
    }
}
