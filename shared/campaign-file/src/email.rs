//! Reads e-mails: `emails/<name>.<language>.md`, a front matter of YAML and a body of Markdown, all of them templates.

use domain::campaign::EmailSource;
use domain::{CONFIRM_STEP, EmailName, InvalidId, Locale};

use crate::folder::TextFile;
use crate::partial::Partials;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::shape::email::FRONT_MATTER;
use crate::source::{Source, Span};
use crate::template::{self, About, Links, Position, Written};
use crate::yaml;

/// Stands above and below the front matter.
const RULE: &str = "---";

/// An e-mail in one language.
pub(crate) struct Email<'a> {
    pub name: EmailName,
    pub locale: Locale,
    /// None if a part of it could not be read.
    pub source: Option<EmailSource>,
    pub links: Links,
    pub file: &'a Source,
}

/// Reads a file. None if its name names no e-mail.
pub(crate) fn read<'a>(
    reader: Reader<'a>,
    file: &'a TextFile,
    has_magnet: Option<bool>,
    partials: &'a Partials<'a>,
) -> Option<Email<'a>> {
    let (name, locale) = name(reader, &file.file_name, EmailName::parse)?;
    let about = About { confirms: name.as_str() == CONFIRM_STEP, has_magnet, language: &locale, partials };
    let (source, links) = content(reader, about);
    Some(Email { name, locale, source, links, file: &file.source })
}

/// Splits a file's name into a name and a language.
pub(crate) fn name<T>(
    reader: Reader<'_>,
    file_name: &str,
    parse: fn(String) -> Result<T, InvalidId>,
) -> Option<(T, Locale)> {
    const HELP: &str = "name it `<name>.<language>.md`, as in `welcome.en.md`";
    let start = 0..0;
    let stem = file_name.strip_suffix(".md").unwrap_or(file_name);
    let Some((name, locale)) = stem.rsplit_once('.') else {
        reader
            .error(&start, format!("the name `{file_name}` tells no language"), HELP)
            .rule(Rule::InvalidName);
        return None;
    };
    let name = reader.id(&start, name, parse);
    let locale = reader.locale(&start, locale);
    Some((name?, locale?))
}

fn content<'a>(reader: Reader<'a>, about: About<'a>) -> (Option<EmailSource>, Links) {
    let text = &reader.source.text;
    let Some((front, body)) = split(text) else {
        let first = text.lines().next().unwrap_or_default();
        let (message, help) = if first.trim_end() == RULE {
            ("the front matter has no end", "write a second `---` below its last line")
        } else {
            ("the e-mail has no front matter", "begin it with `---`, a line `subject: ...`, and `---`")
        };
        reader.error(&(0..first.len()), message, help).rule(Rule::NotYaml);
        return (None, Links::default());
    };
    let mut links = Links::default();
    let mut check = |text: &str, position: Position<'_>| {
        let found = template::check(Written { reader, text, position, about });
        links.magnet |= found.magnet;
        links.confirm |= found.confirm;
    };
    let body_text = &text[body.clone()];
    check(body_text, Position::From(body.start));
    if body_text.trim().is_empty() {
        reader
            .error(&(body.start..body.start), "the e-mail has no text", "write it below the second `---`")
            .rule(Rule::EmptyValue);
    }
    let Some(root) = yaml::parse(reader.source, front, reader.findings) else { return (None, links) };
    let Some(fields) = reader.fields(&root, "the front matter", &FRONT_MATTER) else {
        return (None, links);
    };
    let mut template = |node: &yaml::Node, expected: &str| {
        let text = reader.text(node, expected)?.to_owned();
        if text.contains(['\n', '\r']) {
            reader.error(&node.span, format!("{expected} is a single line"), "take the line breaks away");
        }
        check(&text, Position::Scalar(node.scalar()?));
        Some(text)
    };
    let subject = fields.need("subject").and_then(|node| template(node, "a subject"));
    let preheader = fields.get("preheader").and_then(|node| template(node, "a preheader"));
    let source = subject.map(|subject| EmailSource { subject, preheader, body: body_text.to_owned() });
    (source, links)
}

/// The front matter without its rules, and what follows.
fn split(text: &str) -> Option<(Span, Span)> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_end() == RULE)?;
    let mut at = first.len();
    for line in lines {
        if line.trim_end() == RULE {
            return Some((first.len()..at, at + line.len()..text.len()));
        }
        at += line.len();
    }
    None
}
