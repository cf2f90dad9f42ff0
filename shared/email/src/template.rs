//! Fills a template so that what it was filled with stays apart from what its author wrote.

use std::borrow::Cow;

use minijinja::value::Value;
use minijinja::{Error, ErrorKind};

use crate::engine::{self, CLOSE, Engine, OPEN};
use crate::text;

/// After that, one character stands for each value: this one for the first, the next one for the second.
const FIRST: char = '\u{F0000}';
/// How many characters from [`FIRST`] on are free for that.
const MOST_VALUES: usize = 0xFFFD;

/// A template that was filled.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    /// What its author wrote, with one placeholder for each value.
    pub text: String,
    values: Vec<String>,
    /// Texts that may stand as addresses although they were printed: the author's own literals.
    literals: Vec<usize>,
}

impl Filled {
    /// Fills `source`, a template whose values come from `context`.
    pub fn new(engine: &Engine<'_>, source: &str, context: &Value) -> Result<Self, Error> {
        let source: Cow<'_, str> = if source.contains(text::is_reserved) {
            engine::without_reserved(source).into()
        } else {
            source.into()
        };
        let output = engine.render(&source, context)?;
        let mut filled = Self { text: String::with_capacity(output.len()), ..Self::default() };
        let mut rest = output.as_str();
        while let Some((before, after)) = rest.split_once(OPEN) {
            let (value, after) = after.split_once(CLOSE).unwrap_or((after, ""));
            filled.text.push_str(before);
            filled
                .hold(value, |address| engine::spells_out(&source, address) || engine.spells_out(address))?;
            rest = after;
        }
        filled.text.push_str(rest);
        Ok(filled)
    }

    fn hold(&mut self, value: &str, spelled_out: impl Fn(&str) -> bool) -> Result<(), Error> {
        if value.is_empty() {
            return Ok(());
        }
        let index = self.values.len();
        let placeholder =
            u32::try_from(index).ok().and_then(|index| char::from_u32(u32::from(FIRST) + index));
        match placeholder {
            Some(placeholder) if index < MOST_VALUES => self.text.push(placeholder),
            _ => return Err(Error::new(ErrorKind::InvalidOperation, "more values than an e-mail can hold")),
        }
        if is_address(value) && spelled_out(value) {
            self.literals.push(index);
        }
        self.values.push(value.to_owned());
        Ok(())
    }

    /// A part of [`Filled::text`] with every value in its place, written as `write` says.
    fn put<'t>(&self, part: &'t str, write: impl Fn(usize, &str) -> String) -> Cow<'t, str> {
        if !part.contains(text::is_reserved) {
            return part.into();
        }
        let mut whole = String::with_capacity(part.len());
        for character in part.chars() {
            let index = u32::from(character)
                .checked_sub(u32::from(FIRST))
                .and_then(|index| usize::try_from(index).ok());
            match index.and_then(|index| Some((index, self.values.get(index)?))) {
                Some((index, value)) => whole.push_str(&write(index, value)),
                None => whole.push(character),
            }
        }
        whole.into()
    }

    /// The values as they are: for text that nobody interprets.
    pub fn plain<'t>(&self, part: &'t str) -> Cow<'t, str> {
        self.put(part, |_, value| value.to_owned())
    }

    /// The values within HTML that the author wrote by hand.
    pub fn html<'t>(&self, part: &'t str) -> Cow<'t, str> {
        self.put(part, |_, value| text::html(value))
    }

    /// The values within an address. One of `ours`, or one that the author spelled out in the template, stands as it
    /// is; any other becomes a part of an address, so that no lead chooses where a link leads.
    pub fn address<'t>(&self, part: &'t str, ours: &[&str]) -> Cow<'t, str> {
        self.put(part, |index, value| {
            if ours.contains(&value) || self.literals.contains(&index) {
                value.to_owned()
            } else {
                text::percent_encoded(value)
            }
        })
    }

    /// How many bytes it has.
    pub fn printed(&self) -> usize {
        self.text.len() + self.values.iter().map(String::len).sum::<usize>()
    }

    /// The whole as one line of plain text.
    pub fn header(&self) -> String {
        text::header(&self.plain(&self.text))
    }
}

fn is_address(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}
