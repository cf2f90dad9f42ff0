//! Reads a page of Markdown that visitors see. It loads nothing, runs nothing and knows nobody: no HTML, no pictures, no
//! templates.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::address;
use crate::reader::Reader;
use crate::rule::Rule;

/// A page as it is shown.
pub(crate) struct Page {
    /// Its first heading, if it begins with one.
    pub title: String,
    /// What follows.
    pub html: String,
    /// The same without markup: paragraphs, with an empty line between.
    pub text: String,
}

/// Reads the whole file. None if there is a fault in it.
pub(crate) fn read(reader: Reader<'_>) -> Option<Page> {
    let source = &reader.source.text;
    if let Some(place) = email::place_too_deep(source) {
        let message = "quotes, lists or emphasis stand too deep within one another";
        reader.error(&(place.start..place.start), message, "take some of them away").rule(Rule::Limit);
        return None;
    }
    let events: Vec<(Event<'_>, Range<usize>)> =
        Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).into_offset_iter().collect();
    let faults = events.iter().filter(|(event, span)| check(reader, event, span)).count();
    for sign in ["{{", "{%"] {
        if let Some(at) = source.find(sign) {
            let message = format!("`{sign}`: this page is the same for everybody and knows no lead");
            reader
                .error(&(at..at + sign.len()), message, "write what holds for everybody")
                .rule(Rule::Template);
            return None;
        }
    }
    if events.is_empty() {
        reader.error(&(0..0), "the page is empty", "write a heading and a sentence").rule(Rule::EmptyValue);
        return None;
    }
    if faults > 0 {
        return None;
    }
    let events: Vec<Event<'_>> = events.into_iter().map(|(event, _)| event).collect();
    let (title, rest) = title(&events);
    let mut shown = String::new();
    html::push_html(&mut shown, rest.iter().cloned());
    Some(Page { title, html: shown, text: text(rest) })
}

/// Tells of what may not stand there.
fn check(reader: Reader<'_>, event: &Event<'_>, span: &Range<usize>) -> bool {
    match event {
        Event::Html(_) | Event::InlineHtml(_) => {
            reader.error(span, "HTML is not taken here", "write it in Markdown").rule(Rule::InvalidValue);
            true
        }
        Event::Start(Tag::Image { .. }) => {
            reader
                .error(span, "the page shows no pictures: it loads nothing", "leave it out")
                .rule(Rule::InvalidValue);
            true
        }
        Event::Start(Tag::Link { dest_url, .. }) => {
            let plain = ["mailto:", "tel:"].iter().any(|scheme| dest_url.starts_with(scheme));
            match address::page(dest_url).err().filter(|_| !plain) {
                Some(fault) => {
                    reader.error(span, fault.message, fault.help).rule(Rule::InvalidValue);
                    true
                }
                None => false,
            }
        }
        _ => false,
    }
}

/// The heading that the page begins with, and what follows it.
fn title<'e, 'a>(events: &'e [Event<'a>]) -> (String, &'e [Event<'a>]) {
    let begins = matches!(events.first(), Some(Event::Start(Tag::Heading { level: HeadingLevel::H1, .. })));
    let end = events.iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_))));
    match end.filter(|_| begins) {
        Some(end) => (text(&events[..=end]), &events[end + 1..]),
        None => (String::new(), events),
    }
}

fn text(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    let mut link = None;
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak => text.push(' '),
            Event::HardBreak => text.push('\n'),
            Event::Start(Tag::Item) => text.push_str("– "),
            Event::End(TagEnd::Item) if !text.ends_with('\n') => text.push('\n'),
            Event::Start(Tag::Link { dest_url, .. }) => link = Some((text.len(), dest_url)),
            Event::End(TagEnd::Link) => {
                if let Some((_, address)) =
                    link.take().filter(|(start, address)| text[*start..] != ***address)
                {
                    text.push_str(&format!(" ({})", address.trim_start_matches("mailto:")));
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::List(_) | TagEnd::CodeBlock) => {
                text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
            }
            _ => {}
        }
    }
    text.trim().to_owned()
}
