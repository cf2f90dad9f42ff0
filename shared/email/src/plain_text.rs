//! The same Markdown for readers without HTML.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use crate::markdown::Document;

/// Underlines need not be longer than a line of old (RFC 5322, section 2.1.1).
const WIDEST: usize = 78;

/// Writes a document as text: headings underlined, lists with their marks, `label: address` for a link that stands
/// alone and `label <address>` within a sentence (RFC 3986, appendix C). Lines are left to the reader's window.
pub(crate) fn plain_text(document: &Document<'_>) -> String {
    let mut page = Page::default();
    for (index, event) in document.events.iter().enumerate() {
        page.write(event, &document.events[index + 1..]);
    }
    page.end_line();
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
    line: String,
    /// What stands before each line: marks of lists and quotations.
    margins: Vec<Margin>,
    /// The next number of each open list; none for bullets.
    lists: Vec<Option<u64>>,
    /// The address of each open link and where its label begins in the line.
    links: Vec<(String, usize)>,
    /// Whether a blank line is to come before the next one.
    gap: bool,
    in_code_block: bool,
}

struct Margin {
    first: String,
    rest: &'static str,
    begun: bool,
}

impl Page {
    fn write(&mut self, event: &Event<'_>, after: &[Event<'_>]) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag, after),
            Event::Text(text) if self.in_code_block => {
                for line in text.lines() {
                    self.line.push_str("    ");
                    self.line.push_str(line);
                    self.end_line();
                }
            }
            Event::Text(text) | Event::Code(text) => self.line.push_str(text),
            Event::Html(html) | Event::InlineHtml(html) => self.line.push_str(&without_tags(html)),
            Event::SoftBreak | Event::HardBreak => self.end_line(),
            Event::Rule => {
                self.line.push_str("---");
                self.end_block();
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::List(first) => {
                self.end_line();
                self.lists.push(*first);
            }
            Tag::Item => {
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                let rest = if mark.len() > 2 { "   " } else { "  " };
                self.margins.push(Margin { first: mark, rest, begun: false });
            }
            Tag::BlockQuote(_) => {
                self.end_line();
                self.margins.push(Margin { first: "> ".into(), rest: "> ", begun: false });
            }
            Tag::CodeBlock(_) => {
                self.end_line();
                self.in_code_block = true;
            }
            Tag::Link { dest_url, .. } => self.links.push((dest_url.to_string(), self.line.len())),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, after: &[Event<'_>]) {
        match tag {
            TagEnd::Paragraph | TagEnd::Table | TagEnd::HtmlBlock => self.end_block(),
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap = self.lists.is_empty();
            }
            TagEnd::Item => {
                self.end_line();
                self.margins.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.end_line();
                self.margins.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => {
                self.in_code_block = false;
                self.gap = true;
            }
            TagEnd::TableCell if !matches!(after.first(), Some(Event::End(_))) => self.line.push_str(" | "),
            TagEnd::TableHead | TagEnd::TableRow => self.end_line(),
            TagEnd::Link => self.end_link(after),
            _ => {}
        }
    }

    fn end_link(&mut self, after: &[Event<'_>]) {
        let Some((address, start)) = self.links.pop() else { return };
        let label = self.line.get(start..).unwrap_or_default().trim();
        if label == address || format!("mailto:{label}") == address {
            return;
        }
        let next = after.iter().find(|event| !matches!(event, Event::End(TagEnd::Strong | TagEnd::Emphasis)));
        let alone = start == 0 && matches!(next, Some(Event::End(TagEnd::Paragraph | TagEnd::Item)));
        let written = match (label.is_empty(), alone) {
            (true, _) => address,
            (false, true) => format!(": {address}"),
            (false, false) => format!(" <{address}>"),
        };
        self.line.push_str(&written);
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let width = self.line.chars().count().min(WIDEST);
        self.end_line();
        match level {
            HeadingLevel::H1 => self.line = "=".repeat(width),
            HeadingLevel::H2 => self.line = "-".repeat(width),
            _ => {}
        }
        self.end_block();
    }

    fn end_block(&mut self) {
        self.end_line();
        self.gap = true;
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.trim().is_empty() {
            return;
        }
        if self.gap && !self.text.is_empty() {
            let margin: String =
                self.margins.iter().filter(|margin| margin.begun).map(|margin| margin.rest).collect();
            self.text.push_str(margin.trim_end());
            self.text.push('\n');
        }
        self.gap = false;
        for margin in &mut self.margins {
            self.text.push_str(if margin.begun { margin.rest } else { &margin.first });
            margin.begun = true;
        }
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// What is left to read of HTML that an author wrote by hand.
pub(crate) fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for character in html.chars() {
        match character {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            '\n' => text.push(' '),
            _ if !in_tag => text.push(character),
            _ => {}
        }
    }
    with_characters(&text)
}

/// Character references turned back into what they mean: all numeric ones, and the names that people type.
fn with_characters(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        read.push_str(before);
        let reference = after.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        let (character, after) = reference.unwrap_or(('&', after));
        read.push(character);
        rest = after;
    }
    read.push_str(rest);
    read
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "nbsp" => Some('\u{A0}'),
        _ => char::from_u32(name.strip_prefix('#')?.parse().ok()?),
    }
}
