//! Fills a template so that what it was filled with stays apart from what its author wrote.

use std::borrow::Cow;
use std::sync::LazyLock;

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Output, State};

use crate::text;

/// A value in the engine's output stands between these two.
const OPEN: char = '\u{10FFFC}';
const CLOSE: char = '\u{10FFFD}';
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

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_formatter(write_value);
    engine
});

fn write_value(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(());
    }
    let text = text::one_line(&value.to_string());
    let mut delimiter = [0; 4];
    out.write_str(OPEN.encode_utf8(&mut delimiter))?;
    out.write_str(&text)?;
    out.write_str(CLOSE.encode_utf8(&mut delimiter))?;
    Ok(())
}

impl Filled {
    /// Fills `source`, a template whose values come from `context`.
    pub fn new(source: &str, context: &Value) -> Result<Self, Error> {
        let source: Cow<'_, str> = if source.contains(text::is_reserved) {
            source.chars().filter(|character| !text::is_reserved(*character)).collect::<String>().into()
        } else {
            source.into()
        };
        let output = ENGINE.template_from_str(&source)?.render(context)?;
        let mut filled = Self { text: String::with_capacity(output.len()), ..Self::default() };
        let mut rest = output.as_str();
        while let Some((before, after)) = rest.split_once(OPEN) {
            let (value, after) = after.split_once(CLOSE).unwrap_or((after, ""));
            filled.text.push_str(before);
            filled.hold(value, &source)?;
            rest = after;
        }
        filled.text.push_str(rest);
        Ok(filled)
    }

    fn hold(&mut self, value: &str, source: &str) -> Result<(), Error> {
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
        if is_address(value)
            && (source.contains(&format!("\"{value}\"")) || source.contains(&format!("'{value}'")))
        {
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

    /// The whole as one line of plain text.
    pub fn header(&self) -> String {
        text::header(&self.plain(&self.text))
    }
}

fn is_address(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}
