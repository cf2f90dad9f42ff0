//! YAML as a small tree in which every node knows where it stands.

use granit_parser::{Event, Parser, Span as YamlSpan, options};

use crate::finding::{Findings, Severity};
use crate::rule::Rule;
use crate::scalar::Scalar;
use crate::source::{Source, Span};

/// Deeper than any sequence that a person can follow.
const DEPTH: usize = 40;

/// More values than a person writes into one file.
const MOST: usize = 20_000;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value; of a block collection, its first key or item.
    pub span: Span,
    /// The key that the value belongs to, else the value itself: where something missing from it is reported.
    pub lead_in: Span,
    pub content: Content,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub enum Content {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    pub value: Node,
}

impl Node {
    /// The value of a key, in a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The entries of a mapping; of anything else, none.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; of anything else, none.
    pub fn items(&self) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The scalar, if it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar, whatever it means.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }
}

/// Reads the part of a file that is YAML. None after a syntax error, or when the part holds nothing at all; both are
/// findings, and so are keys that stand twice.
pub fn parse(source: &Source, part: Span, findings: &Findings) -> Option<Node> {
    let text = source.text.get(part.clone()).unwrap_or_default();
    let options = options! { emit_comments: false, emit_unresolved_aliases: true };
    let mut builder = Builder {
        source,
        findings,
        base: part.start,
        events: Parser::new_from_str_with_options(text, options),
        failed: false,
        count: 0,
    };
    let root = builder.document();
    if root.is_none() && !builder.failed {
        builder.error(&(part.start..part.start), "there is nothing in it", "fill it in");
    }
    root.filter(|_| !builder.failed)
}

struct Builder<'a, Events> {
    source: &'a Source,
    findings: &'a Findings,
    base: usize,
    events: Events,
    failed: bool,
    /// The values so far.
    count: usize,
}

impl<'a, Events> Builder<'a, Events>
where
    Events: Iterator<Item = Result<(Event<'a>, YamlSpan), granit_parser::ScanError>>,
{
    fn error(&mut self, span: &Span, message: impl Into<String>, help: &str) {
        self.failed = true;
        self.findings
            .add(Severity::Error, self.source, span, message.into(), help.to_owned())
            .rule(Rule::NotYaml);
    }

    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        match self.events.next()? {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or_default();
                Some((event, range.start + self.base..range.end + self.base))
            }
            Err(error) => {
                let at = self.base + error.marker().byte_offset().unwrap_or_default();
                if let Some(tab) = error.info().contains("tab").then(|| self.tab_of_an_indent(at)).flatten() {
                    self.error(&(tab..tab + 1), "a tab stands in the indent", "indent by spaces");
                    return None;
                }
                let message = format!("not YAML: {}", error.info());
                self.error(&(at..at + 1), message, syntax_help(&error.info()));
                if let Some((value, quoted)) = unquoted(&self.source.text, at) {
                    self.findings.edit_last(self.source, &value, quoted);
                }
                None
            }
        }
    }

    /// The first one in the line of `at` or below.
    fn tab_of_an_indent(&self, at: usize) -> Option<usize> {
        let text = &self.source.text;
        let mut start = text.get(..at)?.rfind('\n').map_or(0, |line_break| line_break + 1);
        for line in text.get(start..)?.split_inclusive('\n') {
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = line.get(..indent)?.find('\t') {
                return Some(start + tab);
            }
            start += line.len();
        }
        None
    }

    fn document(&mut self) -> Option<Node> {
        let mut root = None;
        while !self.failed {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => return root,
                (_, span) if root.is_some() => {
                    self.error(&span, "a second document begins here", "keep to one document for each file");
                }
                (event, span) => root = self.node(event, span, None, 0),
            }
        }
        None
    }

    fn node(&mut self, event: Event<'a>, span: Span, key: Option<&Span>, depth: usize) -> Option<Node> {
        self.count += 1;
        if self.count > MOST {
            self.error(
                &span,
                format!("more than {MOST} values in one file"),
                "split it into several campaigns",
            );
            return None;
        }
        if depth > DEPTH {
            self.error(
                &span,
                format!("nested more than {DEPTH} deep"),
                "split what stands here into simpler parts",
            );
            return None;
        }
        if event.tag().is_some() {
            self.error(&span, "tags such as `!text` have no meaning here", "leave the tag out");
            return None;
        }
        let content = match event {
            Event::Scalar(text, style, ..) => {
                Content::Scalar(Scalar { text: text.into_owned(), style, span: span.clone() })
            }
            Event::SequenceStart(..) => Content::List(self.list(depth)?),
            Event::MappingStart(..) => Content::Map(self.map(depth)?),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.error(&span, "aliases such as `*name` have no meaning here", "write the value out");
                return None;
            }
            _ => return None,
        };
        let span = match &content {
            Content::Map(entries) if span.is_empty() => {
                entries.first().map_or(span, |first| first.key_span.clone())
            }
            Content::List(items) if span.is_empty() => items.first().map_or(span, |first| first.span.clone()),
            _ => span,
        };
        Some(Node { lead_in: key.unwrap_or(&span).clone(), span, content })
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Some(items),
                (event, span) => items.push(self.node(event, span, None, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Option<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (key, key_span) = match self.next()? {
                (Event::MappingEnd, _) => return Some(entries),
                (Event::Scalar(text, ..), span) => (text.into_owned(), span),
                (_, span) => {
                    self.error(&span, "this cannot be a key", "a key is a single word");
                    return None;
                }
            };
            let (event, span) = self.next()?;
            let value = self.node(event, span, Some(&key_span), depth + 1)?;
            match entries.iter().find(|entry| entry.key == key) {
                None => entries.push(Entry { key, key_span, value }),
                Some(first) => {
                    let message = format!("`{key}` stands here twice");
                    let help = "keep one of the two".to_owned();
                    let told = self.findings.add(Severity::Error, self.source, &key_span, message, help);
                    told.rule(Rule::DuplicateKey);
                    self.findings.relate(self.source, &first.key_span, "the first one");
                }
            }
        }
    }
}

/// The value of the line of a syntax error that only lacks its quotes, and the value with them: one that holds `: `, or
/// begins with a sign of YAML's that begins no value, or with `{{` or `{%`, which begin a template.
fn unquoted(text: &str, at: usize) -> Option<(Span, String)> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |line_break| line_break + 1);
    let line = text[start..].split(['\n', '\r']).next()?;
    let (key, rest) = line.split_once(": ")?;
    let key = key.trim_start_matches([' ', '-']);
    let value = rest.trim_start();
    let end = value.find(" #").unwrap_or(value.len());
    let value = value[..end].trim_end();
    let word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let lacks = (value.contains(": ") && !value.starts_with(['"', '\'', '{', '[', '&', '*', '!', '|', '>']))
        || value.starts_with(['@', '`', '%'])
        || value.starts_with("{{")
        || value.starts_with("{%");
    let begin = start + line.len() - rest.trim_start().len();
    let quoted = match (value.contains(['"', '\\']), value.contains('\'')) {
        (false, _) => format!("\"{value}\""),
        (true, false) => format!("'{value}'"),
        (true, true) => return None,
    };
    (word && lacks).then(|| (begin..begin + value.len(), quoted))
}

/// The mends of the faults that people make most.
fn syntax_help(info: &str) -> &'static str {
    if info.contains("mapping values are not allowed") {
        "a text that holds `: ` needs quotes; else look at the indents"
    } else if info.contains("trailing content") {
        "put the whole value in quotes of the other kind"
    } else if info.contains("quoted") {
        "close the quotes, and double those within them"
    } else if info.contains("bracket") || info.contains("flow") || info.contains("':' indicator") {
        "close the bracket"
    } else if info.contains("unexpected character") {
        "a text that begins with such a character needs quotes"
    } else {
        "look at the indents of this line and the one before it"
    }
}
