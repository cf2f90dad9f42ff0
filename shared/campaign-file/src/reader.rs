//! What every reader of a part of a file is given, and the readers of its smallest parts.

mod fields;
mod localised;

use domain::InvalidId;

use crate::finding::{Findings, Severity, Told};
use crate::nearest;
use crate::rule::Rule;
use crate::scalar::{Meaning, is_number, plain};
use crate::source::{Source, Span};
use crate::vocabulary::Vocabulary;
use crate::yaml::{Content, Node};
pub use fields::{Fields, Known};

/// One file, the names that all files know, and the place for findings.
///
/// A reader that answers `None` has told why, unless what it reads is optional.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub source: &'a Source,
    pub(crate) vocabulary: &'a Vocabulary,
    pub findings: &'a Findings,
}

impl<'a> Reader<'a> {
    /// Tells of a fault and its mend.
    pub fn error(&self, span: &Span, message: impl Into<String>, help: impl Into<String>) -> Told<'a> {
        self.findings.add(Severity::Error, self.source, span, message.into(), help.into())
    }

    /// Tells of something doubtful and its mend.
    pub fn warning(&self, span: &Span, message: impl Into<String>, help: impl Into<String>) -> Told<'a> {
        self.findings.add(Severity::Warning, self.source, span, message.into(), help.into())
    }

    /// Tells that a value is of the wrong type.
    pub fn wrong_type(&self, node: &Node, expected: &str, help: impl Into<String>) -> Told<'a> {
        let span = if node.span.is_empty() { &node.lead_in } else { &node.span };
        let told = self.error(span, format!("expected {expected}, found {}", describe(node)), help);
        told.rule(Rule::WrongType)
    }

    /// Tells of a name that nobody knows.
    pub fn unknown<'k>(
        &self,
        span: &Span,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
        declare: &str,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let help = nearest::mend(name, known.iter().copied(), declare);
        let told = self.error(span, format!("unknown {what} `{name}`"), help).rule(Rule::UnknownName);
        if let Some(meant) = nearest::certain(name, known) {
            self.rename(told, span, name, meant);
        }
    }

    /// Lets a finding about a name that stands there be mended by another name.
    pub(crate) fn rename(&self, told: Told<'_>, span: &Span, name: &str, meant: &str) {
        let stands = self.source.text.get(span.clone()).unwrap_or_default();
        if stands.trim_matches(['"', '\'']) == name {
            told.edit(self.source, span, plain(meant));
        }
    }

    /// A list.
    pub fn list(&self, node: &'a Node, expected: &str, help: &str) -> Option<&'a [Node]> {
        match &node.content {
            Content::List(items) => Some(items),
            _ => {
                self.wrong_type(node, expected, help);
                None
            }
        }
    }

    /// A mapping whose keys are names of the user's own.
    pub fn names(&self, node: &'a Node, expected: &str, help: &str) -> Option<&'a [crate::yaml::Entry]> {
        match &node.content {
            Content::Map(entries) => Some(entries),
            _ => {
                self.wrong_type(node, expected, help);
                None
            }
        }
    }

    /// A text that is not empty.
    pub fn text(&self, node: &'a Node, expected: &str) -> Option<&'a str> {
        let Some(scalar) = node.scalar() else {
            self.wrong_type(node, expected, "write it on the line of its key");
            return None;
        };
        match scalar.meaning() {
            Meaning::Text if scalar.text.trim().is_empty() => {
                let message = format!("expected {expected}, found an empty text");
                self.error(&node.span, message, "fill it in").rule(Rule::EmptyValue);
                None
            }
            Meaning::Text => Some(&scalar.text),
            Meaning::Null => {
                self.wrong_type(node, expected, "fill it in, or leave the key out");
                None
            }
            Meaning::Boolean(_) | Meaning::Number(_) => {
                let quoted = format!("\"{}\"", scalar.text);
                let told = self.wrong_type(node, expected, format!("put it in quotes: {quoted}"));
                told.edit(self.source, &node.span, quoted);
                None
            }
        }
    }

    /// A finite number.
    pub fn number(&self, node: &Node) -> Option<f64> {
        match node.scalar().map(|scalar| scalar.meaning()) {
            Some(Meaning::Number(number)) => Some(number),
            Some(Meaning::Text)
                if node.text().is_some_and(|text| text.trim().parse().is_ok_and(f64::is_finite)) =>
            {
                let told = self.wrong_type(node, "a number", "take the quotes away");
                let text = node.text().map(str::trim).unwrap_or_default();
                if is_number(text) {
                    told.edit(self.source, &node.span, text);
                }
                None
            }
            _ => {
                self.wrong_type(node, "a number", "write a number such as `20` or `2.5`");
                None
            }
        }
    }

    /// A truth value.
    pub fn boolean(&self, node: &Node) -> Option<bool> {
        match node.scalar().map(|scalar| scalar.meaning()) {
            Some(Meaning::Boolean(value)) => Some(value),
            _ => {
                let told =
                    self.wrong_type(node, "`true` or `false`", "write `true` or `false`, without quotes");
                // Quoted, or as YAML 1.1 had them.
                let text = node.text().map(str::to_lowercase);
                match text.as_deref() {
                    Some("true" | "yes" | "on") => {
                        told.edit(self.source, &node.span, "true");
                    }
                    Some("false" | "no" | "off") => {
                        told.edit(self.source, &node.span, "false");
                    }
                    _ => {}
                }
                None
            }
        }
    }

    /// Something that a text is parsed to, with its own words for what is wrong.
    pub fn parsed<T>(
        &self,
        node: &'a Node,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, crate::time::Unreadable>,
    ) -> Option<T> {
        if let Some(Meaning::Boolean(_) | Meaning::Number(_)) = node.scalar().map(|scalar| scalar.meaning()) {
            let text = node.text()?;
            match parse(text) {
                Ok(_) => {
                    let told = self.wrong_type(node, expected, "put it in quotes");
                    told.edit(self.source, &node.span, format!("\"{text}\""));
                }
                Err(fault) => {
                    self.wrong_type(node, expected, fault.help);
                }
            }
            return None;
        }
        match parse(self.text(node, expected)?) {
            Ok(value) => Some(value),
            Err(fault) => {
                let told = self.error(&node.span, fault.message, fault.help);
                if let Some(rewritten) = fault.rewritten {
                    told.edit(self.source, &node.span, plain(&rewritten));
                }
                None
            }
        }
    }

    /// An identifier that stands as a key or a value.
    pub fn id<T>(&self, span: &Span, text: &str, parse: fn(String) -> Result<T, InvalidId>) -> Option<T> {
        match parse(text.to_owned()) {
            Ok(id) => Some(id),
            Err(fault) => {
                let told = self.error(span, fault.to_string(), "choose a name of that form");
                let tidy = text.trim().to_lowercase().replace(['_', ' '], "-");
                if parse(tidy.clone()).is_ok() {
                    self.rename(told, span, text, &tidy);
                }
                told.rule(Rule::InvalidName);
                None
            }
        }
    }
}

/// What stands there, in a few words.
pub fn describe(node: &Node) -> String {
    match &node.content {
        Content::List(_) => "a list".to_owned(),
        Content::Map(_) => "a mapping".to_owned(),
        Content::Scalar(scalar) => match scalar.meaning() {
            Meaning::Null => "nothing".to_owned(),
            Meaning::Boolean(value) => format!("`{value}`"),
            Meaning::Number(_) => format!("the number {}", scalar.text),
            Meaning::Text => {
                let short: String = scalar.text.chars().take(30).collect();
                format!("the text `{}`", short.lines().next().unwrap_or_default())
            }
        },
    }
}
