//! The template engine as e-mails know it: its filters, the partials in the language of the text, and its bounds.

use std::io::{self, Write};

use domain::bundle::Partials;
use domain::template::{MOST_OUTPUT, MOST_STEPS};
use domain::{Locale, Organisation};
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use crate::{filters, text};

/// A value in the engine's output stands between these two.
pub(crate) const OPEN: char = '\u{10FFFC}';
/// See [`OPEN`].
pub(crate) const CLOSE: char = '\u{10FFFD}';

/// The engine, for texts in one language.
pub(crate) struct Engine<'a> {
    engine: Environment<'a>,
    partials: Vec<&'a str>,
}

impl<'a> Engine<'a> {
    /// Takes the partials in that language, or in what stands in for it.
    pub fn new(
        organisation: &Organisation,
        partials: &'a Partials,
        language: &Locale,
    ) -> Result<Self, Error> {
        let mut engine = Environment::new();
        filters::add(&mut engine, language);
        // What is a part of nothing is nothing, too.
        engine.set_undefined_behavior(UndefinedBehavior::Chainable);
        engine.set_formatter(write_value);
        engine.set_fuel(Some(MOST_STEPS));
        // What includes itself ends here; nothing else goes nearly as deep.
        engine.set_recursion_limit(120);
        let mut sources = Vec::new();
        for (name, languages) in partials {
            let Some((_, source)) = organisation.in_language(languages, language) else { continue };
            if source.contains(text::is_reserved) {
                engine.add_template_owned(name.as_str(), without_reserved(source))?;
            } else {
                engine.add_template(name.as_str(), source)?;
            }
            sources.push(source.as_str());
        }
        Ok(Self { engine, partials: sources })
    }

    /// What the template prints, each value between [`OPEN`] and [`CLOSE`].
    pub fn render(&self, source: &str, context: &Value) -> Result<String, Error> {
        let mut printed = Bounded(Vec::new());
        self.engine.template_from_str(source)?.render_captured_to(context, &mut printed)?;
        String::from_utf8(printed.0)
            .map_err(|error| Error::new(ErrorKind::InvalidOperation, "no text").with_source(error))
    }

    /// Whether the author of a partial spelled the address out.
    pub fn spells_out(&self, address: &str) -> bool {
        self.partials.iter().any(|source| spells_out(source, address))
    }
}

/// Whether a template holds that text in quotes.
pub(crate) fn spells_out(source: &str, text: &str) -> bool {
    source.contains(&format!("\"{text}\"")) || source.contains(&format!("'{text}'"))
}

/// The same without the characters that stand for something else while a template is filled.
pub(crate) fn without_reserved(source: &str) -> String {
    source.chars().filter(|character| !text::is_reserved(*character)).collect()
}

/// How many bytes of values were printed so far, also into what `set` and `filter` hold back.
#[derive(Default)]
struct Printed(usize);

fn write_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(());
    }
    let text = match value.as_str() {
        Some(text) => text::one_line(text),
        None => text::one_line(&value.to_string()),
    };
    let printed = state.get_or_insert_extension_with(Printed::default);
    printed.0 += text.len();
    if printed.0 > MOST_OUTPUT {
        return Err(Error::new(ErrorKind::InvalidOperation, TOO_MUCH));
    }
    let mut delimiter = [0; 4];
    out.write_str(OPEN.encode_utf8(&mut delimiter))?;
    out.write_str(&text)?;
    out.write_str(CLOSE.encode_utf8(&mut delimiter))?;
    Ok(())
}

/// What is told of a template that prints without end.
pub(crate) const TOO_MUCH: &str = "the text becomes longer than any e-mail may be";

/// Takes what is printed, up to a bound.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > 2 * MOST_OUTPUT {
            return Err(io::Error::other(TOO_MUCH));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
