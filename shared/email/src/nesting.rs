//! How deep an e-mail's markup stands within markup: what styles it takes far longer over deep documents than over long ones.

use std::ops::Range;

use domain::template::DEEPEST_MARKUP;
use pulldown_cmark::{Event, Options, Parser};

/// Elements without content (HTML Living Standard, section 13.1.2), and those that the next of their kind closes.
const NEVER_DEEP: [&str; 23] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
    "p", "source", "tbody", "td", "th", "thead", "tr", "track", "wbr",
];

/// How e-mails are written.
pub(crate) const MARKDOWN: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// What is open at some place of a document.
#[derive(Default)]
pub(crate) struct Nesting {
    markdown: usize,
    /// The names of open elements, written as HTML. An end takes its start away, and nothing that stands between: a browser
    /// opens that again (HTML Living Standard, section 13.2.4.3).
    html: Vec<String>,
}

impl Nesting {
    /// Goes on by one event; false once it is too deep.
    pub fn allows(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(_) => self.markdown += 1,
            Event::End(_) => self.markdown = self.markdown.saturating_sub(1),
            Event::Html(html) | Event::InlineHtml(html) => return self.allows_html(html),
            _ => {}
        }
        self.is_allowed()
    }

    fn is_allowed(&self) -> bool {
        self.markdown + self.html.len() <= DEEPEST_MARKUP
    }

    fn allows_html(&mut self, html: &str) -> bool {
        for tag in html.split('<').skip(1) {
            let ends = tag.starts_with('/');
            let name = tag.trim_start_matches('/');
            let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            let name = name.to_ascii_lowercase();
            if name.is_empty() || NEVER_DEEP.contains(&name.as_str()) {
                continue;
            }
            if ends {
                if let Some(start) = self.html.iter().rposition(|open| *open == name) {
                    self.html.remove(start);
                }
            } else if !tag.split('>').next().is_some_and(|tag| tag.ends_with('/')) {
                self.html.push(name);
            }
            if !self.is_allowed() {
                return false;
            }
        }
        true
    }
}

/// The first place of a text of Markdown that is nested too deep for an e-mail.
pub fn place_too_deep(markdown: &str) -> Option<Range<usize>> {
    let mut nesting = Nesting::default();
    Parser::new_ext(markdown, MARKDOWN)
        .into_offset_iter()
        .find(|(event, _)| !nesting.allows(event))
        .map(|(_, place)| place)
}
