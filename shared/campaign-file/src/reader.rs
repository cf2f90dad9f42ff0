//! What every reader of a part of a file is given, and the readers of its smallest parts.

use domain::organisation::Localised;
use domain::{InvalidId, Locale};

use crate::finding::{Findings, Severity, Told};
use crate::nearest;
use crate::rule::Rule;
use crate::scalar::Meaning;
use crate::shape::Shape;
use crate::source::{Source, Span};
use crate::vocabulary::Vocabulary;
use crate::yaml::{Content, Node};

/// One file, the names that all files know, and the place for findings.
///
/// A reader that answers `None` has told why, unless what it reads is optional.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub source: &'a Source,
    pub(crate) vocabulary: &'a Vocabulary,
    pub findings: &'a Findings,
}

/// A mapping whose keys are all known.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    reader: Reader<'a>,
    pub node: &'a Node,
    what: &'a str,
    known: Known<'a>,
}

/// The keys that a mapping may have.
#[derive(Clone, Copy)]
pub enum Known<'a> {
    /// Only these.
    Names(&'a [&'a str]),
    /// Those of a shape.
    Shape(&'static Shape),
    /// Those of several shapes, between which the reader tells.
    Shapes(&'static [&'static Shape]),
}

impl<'a> Known<'a> {
    /// The keys' names, each once.
    pub fn names(self) -> Vec<&'a str> {
        let all: Vec<&'a str> = match self {
            Self::Names(given) => given.to_vec(),
            Self::Shape(shape) => shape.names().collect(),
            Self::Shapes(shapes) => shapes.iter().flat_map(|shape| shape.names()).collect(),
        };
        let mut names: Vec<&'a str> = Vec::new();
        for name in all {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn has(self, name: &str) -> bool {
        match self {
            Self::Names(given) => given.contains(&name),
            Self::Shape(shape) => shape.names().any(|known| known == name),
            Self::Shapes(shapes) => shapes.iter().any(|shape| shape.names().any(|known| known == name)),
        }
    }
}

impl<'a> From<&'a [&'a str]> for Known<'a> {
    fn from(names: &'a [&'a str]) -> Self {
        Self::Names(names)
    }
}

impl<'a, const N: usize> From<&'a [&'a str; N]> for Known<'a> {
    fn from(names: &'a [&'a str; N]) -> Self {
        Self::Names(names)
    }
}

impl<'a> From<&'a Vec<&'a str>> for Known<'a> {
    fn from(names: &'a Vec<&'a str>) -> Self {
        Self::Names(names)
    }
}

impl From<&'static Shape> for Known<'_> {
    fn from(shape: &'static Shape) -> Self {
        Self::Shape(shape)
    }
}

impl From<&'static [&'static Shape]> for Known<'_> {
    fn from(shapes: &'static [&'static Shape]) -> Self {
        Self::Shapes(shapes)
    }
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

    /// A mapping. Keys that are not among the known ones are findings.
    pub fn fields(&self, node: &'a Node, what: &'a str, known: impl Into<Known<'a>>) -> Option<Fields<'a>> {
        let known = known.into();
        let Content::Map(_) = &node.content else {
            self.wrong_type(
                node,
                &format!("{what} as a mapping"),
                format!("known keys: {}", nearest::list(&known.names())),
            );
            return None;
        };
        let fields = Fields { reader: *self, node, what, known };
        for entry in fields.unknown_keys() {
            let message = format!("unknown key `{}` in {what}", entry.key);
            let help = nearest::mend(&entry.key, known.names(), "");
            let told = self.error(&entry.key_span, message, help).rule(Rule::UnknownKey);
            if let Some(meant) =
                nearest::certain(&entry.key, known.names()).filter(|key| node.get(key).is_none())
            {
                self.rename(told, &entry.key_span, &entry.key, meant);
            }
        }
        Some(fields)
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

    /// A text in one language or several. A lone text is in the default one.
    pub fn localised(&self, node: &'a Node, expected: &str) -> Option<Localised> {
        let default = self.vocabulary.default_locale()?;
        let Content::Map(entries) = &node.content else {
            return Some(Localised::from([(default.clone(), self.text(node, expected)?.to_owned())]));
        };
        let mut texts = Localised::new();
        for entry in entries {
            let text = self.text(&entry.value, expected);
            if let Some(locale) = self.locale(&entry.key_span, &entry.key) {
                texts.extend(text.map(|text| (locale, text.to_owned())));
            }
        }
        if !entries.iter().any(|entry| entry.key == default.as_str()) {
            let message = format!("{expected} lacks `{default}`, the default language");
            self.error(&node.lead_in, message, format!("add `{default}:`")).rule(Rule::MissingLanguage);
            return None;
        }
        Some(texts)
    }

    /// One of the organisation's languages, or `pt` where it speaks `pt-br`.
    pub fn locale(&self, span: &Span, text: &str) -> Option<Locale> {
        let mut spoken = self.vocabulary.locales.iter().flat_map(Locale::and_wider);
        let known = spoken.find(|code| *code == text).and_then(|code| Locale::parse(code).ok());
        if known.is_none() && !self.vocabulary.locales.is_empty() {
            let locales = self.vocabulary.locales.iter().map(Locale::as_str);
            self.unknown(span, "language", text, locales, "add it to `locales` of `sillon.yaml`");
        }
        known
    }
}

impl<'a> Fields<'a> {
    /// The value of a key that may be missing.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key)
    }

    fn unknown_keys(&self) -> impl Iterator<Item = &'a crate::yaml::Entry> {
        let known = self.known;
        self.node.entries().iter().filter(move |entry| !known.has(&entry.key))
    }

    /// The value of a key that must be there.
    pub fn need(&self, key: &str) -> Option<&'a Node> {
        let found = self.node.get(key);
        // An unknown key that comes near was told of with this one as its mend.
        let misspelt =
            || self.unknown_keys().any(|entry| nearest::nearest(&entry.key, self.known.names()) == Some(key));
        if found.is_none() && !misspelt() {
            self.reader
                .error(
                    &self.node.lead_in,
                    format!("`{key}` is missing from {}", self.what),
                    format!("add `{key}:`"),
                )
                .rule(Rule::MissingKey);
        }
        found
    }
}

/// As a scalar: without quotes, if it means the same so.
fn plain(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let word = text.starts_with(char::is_alphanumeric) && text.chars().all(plain);
    let like_another_type = is_number(text) || ["true", "false", "null"].contains(&text);
    if word && !like_another_type {
        return text.to_owned();
    }
    // Windows and addresses need none either, where no sign in them is one of YAML's.
    let mild = |c: char| plain(c) || matches!(c, ' ' | '@' | '<' | '>' | ':');
    if text.starts_with(char::is_alphanumeric)
        && text.chars().all(mild)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !like_another_type
    {
        return text.to_owned();
    }
    if text.contains(['"', '\\']) && !text.contains('\'') {
        return format!("'{text}'");
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'))
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
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
