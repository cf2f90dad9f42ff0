//! Checks templates: their syntax, and that every name in them is one that an e-mail is rendered with.

mod bounds;
mod formats;
mod include;
mod known;
mod names;
mod visit;

use domain::Locale;
use domain::template::LONGEST_TEMPLATE;
use minijinja::machinery::{self, ast};

use crate::finding::Told;
use crate::partial::Partials;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::scalar::Scalar;
use crate::source::Span;

/// Where a template stands in its file.
#[derive(Clone, Copy)]
pub(crate) enum Position<'a> {
    /// As the value of a key of the front matter.
    Scalar(&'a Scalar),
    /// As the rest of the file from this byte on.
    From(usize),
}

/// A template and what it may name.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub reader: Reader<'a>,
    pub text: &'a str,
    pub position: Position<'a>,
    pub about: About<'a>,
}

/// The e-mail that a template belongs to.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    /// Whether it is the e-mail that asks for confirmation.
    pub confirms: bool,
    /// Whether the campaign has a magnet; unknown while its file cannot be read.
    pub has_magnet: Option<bool>,
    /// What it is written in.
    pub language: &'a Locale,
    /// What it may include.
    pub partials: &'a Partials<'a>,
}

/// Which links a template bears.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Links {
    pub magnet: bool,
    pub confirm: bool,
}

impl Written<'_> {
    fn span(&self, part: &Span) -> Span {
        match self.position {
            Position::Scalar(scalar) => scalar.span_of(&self.reader.source.text, part),
            Position::From(start) => part.start + start..part.end + start,
        }
    }

    fn error(&self, part: &Span, message: impl Into<String>, help: impl Into<String>) -> Told<'_> {
        self.reader.error(&self.span(part), message, help).rule(Rule::Template)
    }

    /// Tells of a name that nobody knows, to be mended by the one that was meant, if that is beyond doubt.
    fn unknown(&self, part: &Span, message: String, help: String, meant: Option<String>) {
        let told = self.error(part, message, help).rule(Rule::UnknownName);
        let Some(meant) = meant else { return };
        let span = match self.position {
            Position::Scalar(scalar) => scalar.plain_span(&self.reader.source.text, part, &meant),
            Position::From(start) => Some(part.start + start..part.end + start),
        };
        if let Some(span) =
            span.filter(|_| self.text.get(part.clone()).is_some_and(|text| !text.contains(['"', '\''])))
        {
            told.edit(self.reader.source, &span, meant);
        }
    }
}

/// Finds what is wrong with a template, and which links it bears.
pub(crate) fn check(written: Written<'_>) -> Links {
    if written.text.len() > LONGEST_TEMPLATE {
        let message = format!("has {} bytes, and {LONGEST_TEMPLATE} is the most", written.text.len());
        written.error(&(0..0), message, "make it shorter: mail clients clip at 102 KB");
        return Links::default();
    }
    match machinery::parse(written.text, "e-mail", Default::default()) {
        Ok(ast::Stmt::Template(template)) => {
            bounds::check(written, &template.children);
            visit::visit(written, &template.children)
        }
        Ok(_) => Links::default(),
        Err(fault) => {
            let message = fault.detail().unwrap_or("this is not a template").to_owned();
            let end = written.text.len();
            let part = fault.range().map_or(0..0, |range| range.start.min(end)..range.end.min(end));
            written.error(&part, message.clone(), syntax_help(&message));
            check_values(written)
        }
    }
}

/// Checks what a broken template prints, so that one fault does not hide the others. Not where the template binds
/// names of its own, since nobody can tell which.
fn check_values(written: Written<'_>) -> Links {
    let mut links = Links::default();
    if ["for ", "set ", "with "].iter().any(|statement| written.text.contains(statement)) {
        return links;
    }
    let opened = written.text.match_indices("{{").map(|(start, _)| start);
    for start in opened {
        let Some(length) = written.text[start..].find("}}") else { continue };
        // Blanks in place of what comes before keep every offset.
        let value = &written.text[start..start + length + 2];
        let alone = " ".repeat(start) + value;
        if let Ok(ast::Stmt::Template(template)) = machinery::parse(&alone, "e-mail", Default::default()) {
            let found = visit::visit(Written { text: &alone, ..written }, &template.children);
            links.magnet |= found.magnet;
            links.confirm |= found.confirm;
        }
    }
    links
}

/// The mends of the faults that people make most.
fn syntax_help(message: &str) -> String {
    let unknown = message.strip_prefix("unknown statement ");
    match unknown {
        Some("endif") => "there is no `{% if %}` before it: take it away".to_owned(),
        Some("endfor") => "there is no `{% for %}` before it: take it away".to_owned(),
        Some("else" | "elif") => "there is no open `{% if %}` before it: take it away".to_owned(),
        Some("macro" | "call") => {
            "there are no macros: share text as `infra/partials/<name>.<language>.md`".to_owned()
        }
        Some(name) => crate::nearest::mend(name, known::STATEMENTS, ""),
        None if message.contains("end of block") => {
            "close it with `%}`, and what it opens with `{% endif %}` or the like".to_owned()
        }
        None if message.contains("expected end of variable block") => {
            "close it with `}}`, and join its parts with `|`".to_owned()
        }
        None if message.contains("string") => "close the quotes".to_owned(),
        None if message.contains("comment") => "close it with `#}`".to_owned(),
        None if message.contains("end of input") => {
            "close what is open: `}}`, `%}`, `{% endif %}`".to_owned()
        }
        None => "look at the brackets around it".to_owned(),
    }
}
