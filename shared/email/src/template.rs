//! Fills a template so that what it was filled with stays apart from what its author wrote.

use std::borrow::Cow;

use minijinja::value::Value;
use minijinja::{Error, ErrorKind};

use crate::engine::{self, CLOSE, Engine, OPEN};
use crate::spot::Spot;
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
    values: Vec<Printed>,
    /// Texts that may stand as addresses although they were printed: the author's own literals.
    literals: Vec<usize>,
}

/// What a value printed.
#[derive(Debug)]
struct Printed {
    value: String,
    /// As it stands in a text that people read, if that is otherwise: what a visitor typed is nothing to click.
    shown: Option<String>,
}

impl Printed {
    fn shown(&self) -> &str {
        self.shown.as_ref().unwrap_or(&self.value)
    }
}

impl Filled {
    /// Fills `source`, a template whose values come from `context`. All of them but `own` may be what a visitor typed, or made of
    /// that.
    pub fn new(engine: &Engine<'_>, source: &str, context: &Value, own: &[&str]) -> Result<Self, Error> {
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
            filled.hold(value, own, |text| engine::spells_out(&source, text) || engine.spells_out(text))?;
            rest = after;
        }
        filled.text.push_str(rest);
        Ok(filled)
    }

    fn hold(&mut self, value: &str, own: &[&str], spelled_out: impl Fn(&str) -> bool) -> Result<(), Error> {
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
        let unlinked = text::unlinked(value);
        let stays =
            unlinked == value || own.iter().any(|own| own.eq_ignore_ascii_case(value)) || spelled_out(value);
        self.values.push(Printed { value: value.to_owned(), shown: (!stays).then_some(unlinked) });
        Ok(())
    }

    /// A part of [`Filled::text`] with every value in its place, written as `write` says.
    fn put<'t>(&self, part: &'t str, write: impl Fn(usize, &Printed) -> String) -> Cow<'t, str> {
        if !part.contains(text::is_reserved) {
            return part.into();
        }
        let mut whole = String::with_capacity(part.len());
        for character in part.chars() {
            match self.held(character) {
                Some((index, printed)) => whole.push_str(&write(index, printed)),
                None => whole.push(character),
            }
        }
        whole.into()
    }

    fn held(&self, placeholder: char) -> Option<(usize, &Printed)> {
        let index = usize::try_from(u32::from(placeholder).checked_sub(u32::from(FIRST))?).ok()?;
        Some((index, self.values.get(index)?))
    }

    /// The values as they are: for text that nobody interprets.
    pub fn plain<'t>(&self, part: &'t str) -> Cow<'t, str> {
        self.put(part, |_, printed| printed.value.clone())
    }

    /// The values for text that people read, in a program that makes links of addresses.
    pub fn shown<'t>(&self, part: &'t str) -> Cow<'t, str> {
        self.put(part, |_, printed| printed.shown().to_owned())
    }

    /// The values within HTML that the author wrote by hand, from that spot on. Within a tag they stay whole: there, they may be
    /// a part of an address.
    pub fn html(&self, part: &str, spot: &mut Spot) -> String {
        let mut whole = String::with_capacity(part.len());
        for (place, character) in part.char_indices() {
            match (self.held(character), *spot) {
                (Some((_, printed)), Spot::Text) => whole.push_str(&text::html(printed.shown())),
                (Some((_, printed)), _) => whole.push_str(&text::html(&printed.value)),
                (None, _) => {
                    *spot = spot.after(&part[place..]);
                    whole.push(character);
                }
            }
        }
        whole
    }

    /// The values within an address. One of `ours`, or one that the author spelled out in the template, stands as it
    /// is; any other becomes a part of an address, so that no lead chooses where a link leads.
    pub fn address<'t>(&self, part: &'t str, ours: &[&str]) -> Cow<'t, str> {
        self.put(part, |index, Printed { value, .. }| {
            if ours.contains(&value.as_str()) || self.literals.contains(&index) {
                value.to_owned()
            } else {
                text::percent_encoded(value)
            }
        })
    }

    /// How many bytes it has.
    pub fn printed(&self) -> usize {
        self.text.len() + self.values.iter().map(|printed| printed.value.len()).sum::<usize>()
    }

    /// The whole as one line of plain text.
    pub fn header(&self) -> String {
        text::header(&self.plain(&self.text))
    }

    /// The same for what people read in a program that makes links of addresses.
    pub fn shown_header(&self) -> String {
        text::header(&self.shown(&self.text))
    }
}

fn is_address(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}
