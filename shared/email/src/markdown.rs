//! A filled template of Markdown, read once, and written as HTML.
//!
//! A line break in the source is a line break in the e-mail, as those who write in mail programs expect; a paragraph
//! that is one bold link is a button. HTML in the source stays HTML: its author may write whatever the reader's
//! client shows. Bare addresses do not become links.

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd, TextMergeStream, html};

use crate::nesting::{MARKDOWN, Nesting};
use crate::spot::Spot;
use crate::template::Filled;

/// What was read, with all values in their places.
pub(crate) struct Document<'a> {
    pub events: Vec<Event<'a>>,
}

/// Why a text makes no document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// A link has no address; holds what the reader would have seen.
    LinkToNowhere(String),
    /// Its markup stands too deep within markup.
    TooDeep,
}

impl<'a> Document<'a> {
    /// Reads the Markdown. `ours` are the addresses that may come from values as they are.
    pub fn read(filled: &'a Filled, ours: &[&str]) -> Result<Self, Unreadable> {
        let (mut nesting, mut spot) = (Nesting::default(), Spot::default());
        let mut events: Vec<Event<'a>> = Vec::new();
        for event in TextMergeStream::new(Parser::new_ext(&filled.text, MARKDOWN)) {
            if !nesting.allows(&event) {
                return Err(Unreadable::TooDeep);
            }
            events.push(with_values(event, filled, ours, &mut spot));
        }
        for (index, event) in events.iter().enumerate() {
            if matches!(event, Event::Start(Tag::Link { dest_url, .. }) if dest_url.is_empty()) {
                return Err(Unreadable::LinkToNowhere(label(&events[index..])));
            }
        }
        Ok(Self { events })
    }

    /// As HTML, to be put into the layout.
    pub fn html(&self) -> String {
        let mut written = String::new();
        html::push_html(&mut written, with_buttons(&self.events).into_iter());
        written
    }
}

/// `spot` is where in HTML of the author's the event begins.
fn with_values<'a>(event: Event<'a>, filled: &Filled, ours: &[&str], spot: &mut Spot) -> Event<'a> {
    let plain = |text: CowStr<'a>| CowStr::from(filled.plain(&text).into_owned());
    let shown = |text: CowStr<'a>| CowStr::from(filled.shown(&text).into_owned());
    let address = |text: CowStr<'a>| CowStr::from(filled.address(&text, ours).into_owned());
    match event {
        Event::Text(text) => Event::Text(shown(text)),
        Event::Code(text) => Event::Code(shown(text)),
        Event::Html(text) => Event::Html(filled.html(&text, spot).into()),
        // One whole tag or comment.
        Event::InlineHtml(text) => Event::InlineHtml(filled.html(&text, &mut Spot::default()).into()),
        Event::Start(Tag::HtmlBlock) => {
            *spot = Spot::default();
            event
        }
        Event::SoftBreak => Event::HardBreak,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: address(dest_url), title: plain(title), id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Image { link_type, dest_url: address(dest_url), title: plain(title), id })
        }
        // The name of a fenced block's language becomes a class.
        Event::Start(Tag::CodeBlock(_)) => {
            Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Indented))
        }
        other => other,
    }
}

/// What the reader sees of the link that these events begin with.
fn label(events: &[Event<'_>]) -> String {
    events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Link)))
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
            _ => None,
        })
        .collect()
}

/// A table of one cell, since some clients give padding and colour to cells alone.
const BUTTON: &str = "<table role=\"presentation\" class=\"button\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\
    <tr><td class=\"button-face\" bgcolor=\"#ffc107\">";
const BUTTON_END: &str = "</td></tr></table>\n";

fn with_buttons<'a>(events: &[Event<'a>]) -> Vec<Event<'a>> {
    let mut written = Vec::with_capacity(events.len());
    let mut rest = events;
    while let Some((event, after)) = rest.split_first() {
        let paragraph = matches!(event, Event::Start(Tag::Paragraph));
        let end = after.iter().position(|event| matches!(event, Event::End(TagEnd::Paragraph)));
        if let (true, Some(end)) = (paragraph, end)
            && let Some((link, label)) = bold_link(&after[..end])
        {
            written.push(Event::Html(BUTTON.into()));
            written.push(link.clone());
            written.extend_from_slice(label);
            written.push(Event::End(TagEnd::Link));
            written.push(Event::Html(BUTTON_END.into()));
            rest = &after[end + 1..];
        } else {
            written.push(event.clone());
            rest = after;
        }
    }
    written
}

/// The link and its label, if the paragraph is nothing but a bold link.
fn bold_link<'e, 'a>(paragraph: &'e [Event<'a>]) -> Option<(&'e Event<'a>, &'e [Event<'a>])> {
    let [outer, inner, label @ .., inner_end, outer_end] = paragraph else { return None };
    let link = match (outer, inner) {
        (Event::Start(Tag::Strong), link @ Event::Start(Tag::Link { .. }))
        | (link @ Event::Start(Tag::Link { .. }), Event::Start(Tag::Strong)) => link,
        _ => return None,
    };
    let ends = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Link | TagEnd::Strong));
    (ends(inner_end) && ends(outer_end) && !label.iter().any(ends)).then_some((link, label))
}
