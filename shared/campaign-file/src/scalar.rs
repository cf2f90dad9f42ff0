//! Scalars: what a plain one means, and where in the file each of its characters stands.

use granit_parser::ScalarStyle;

use crate::source::Span;

/// A text, number or truth value of a YAML file.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// The value, with quotes, escapes and folds undone.
    pub text: String,
    pub(crate) style: ScalarStyle,
    /// In the file, quotes included.
    pub span: Span,
}

/// What a scalar is by YAML's core schema (YAML 1.2.2, section 10.3.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meaning {
    Null,
    Boolean(bool),
    Number(f64),
    Text,
}

impl Scalar {
    /// Only a plain scalar can be anything but a text.
    pub fn meaning(&self) -> Meaning {
        if self.style != ScalarStyle::Plain {
            return Meaning::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
            "true" | "True" | "TRUE" => Meaning::Boolean(true),
            "false" | "False" | "FALSE" => Meaning::Boolean(false),
            text => number(text).map_or(Meaning::Text, Meaning::Number),
        }
    }

    /// Where in the file a part of the value stands. `file` is the text that the span counts in.
    pub fn span_of(&self, file: &str, part: &Span) -> Span {
        let places = self.places(file);
        let last = places.last().copied().unwrap_or(self.span.start);
        let place = |at: usize| places.get(at).copied().unwrap_or(last);
        let start = place(part.start);
        // An empty part is a point; else its last character counts, which may be an escape of several.
        if part.end <= part.start { start..start } else { start..place(part.end).max(start) }
    }

    /// The same, where other words can take that place as they are: neither what stands there nor they need an escape.
    pub(crate) fn plain_span(&self, file: &str, part: &Span, words: &str) -> Option<Span> {
        let span = self.span_of(file, part);
        let hurts: &[char] = match self.style {
            ScalarStyle::DoubleQuoted => &['"', '\\', '\n'],
            ScalarStyle::SingleQuoted => &['\'', '\n'],
            ScalarStyle::Plain => &['#', '{', '}', '[', ']', ',', '\n'],
            _ => &['\n'],
        };
        let hurt = words.contains(hurts) || (self.style == ScalarStyle::Plain && words.contains(": "));
        // A plain text that begins with a quote, `!` or `&` would be something else.
        let begins =
            part.start == 0 && !words.starts_with(char::is_alphanumeric) && self.style == ScalarStyle::Plain;
        (!hurt && !begins && file.get(span.clone()) == self.text.get(part.clone())).then_some(span)
    }

    /// The file's offset of every byte of the value, and of its end. Value and file are walked side by side: what
    /// differs between them is quotes, escapes, indents and folded line breaks.
    fn places(&self, file: &str) -> Vec<usize> {
        let raw = file.get(self.span.clone()).unwrap_or_default();
        let quoted = matches!(self.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let mut at = usize::from(quoted).min(raw.len());
        let mut places = Vec::with_capacity(self.text.len() + 1);
        for wanted in self.text.chars() {
            let (place, next) = self.step(raw, at, wanted);
            places.extend(std::iter::repeat_n(self.span.start + place, wanted.len_utf8()));
            at = next;
        }
        places.push(self.span.start + at);
        places
    }

    /// Where the wanted character stands at or after `at`, and where what follows it begins.
    fn step(&self, raw: &str, mut at: usize, wanted: char) -> (usize, usize) {
        while let Some(found) = raw[at..].chars().next() {
            let next = at + found.len_utf8();
            if self.style == ScalarStyle::DoubleQuoted && found == '\\' {
                let end = escape_end(raw, at);
                if !raw[next..].starts_with(['\n', '\r']) {
                    return (at, end);
                }
                at = end; // an escaped line break stands for nothing
            } else if self.style == ScalarStyle::SingleQuoted && raw[at..].starts_with("''") {
                return (at, at + 2);
            } else if found == wanted {
                return (at, next);
            } else if found.is_whitespace() {
                at = next;
            } else if wanted.is_whitespace() {
                return (at, at); // a fold whose line break is behind us
            } else {
                return (at, next);
            }
        }
        (at, at)
    }
}

/// Where the escape at `at` ends (YAML 1.2.2, section 5.7).
fn escape_end(raw: &str, at: usize) -> usize {
    let length = match raw[at + 1..].chars().next() {
        Some('x') => 4,
        Some('u') => 6,
        Some('U') => 10,
        Some(other) => 1 + other.len_utf8(),
        None => 1,
    };
    raw.floor_char_boundary((at + length).min(raw.len()))
}

/// Decimal numbers; the hexadecimal, octal and infinite ones of YAML have no use here and stay texts.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let plain = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '-' | '+'));
    let number: f64 = (begins && plain).then(|| text.parse().ok()).flatten()?;
    number.is_finite().then_some(number)
}

/// The text as one writes it: without quotes, if it means the same so.
pub fn plain(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let word = text.starts_with(char::is_alphanumeric) && text.chars().all(plain);
    let like_another_type = is_number(text) || ["true", "false", "null"].contains(&text);
    if word && !like_another_type {
        return text.to_owned();
    }
    // Windows and addresses need none either, where no sign in them is one of YAML's.
    let mild = |c: char| plain(c) || matches!(c, ' ' | '@' | '<' | '>' | ':');
    if text.starts_with(char::is_alphanumeric)
        && text.chars().all(mild)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !like_another_type
    {
        return text.to_owned();
    }
    if text.contains(['"', '\\']) && !text.contains('\'') {
        return format!("'{text}'");
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

pub fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'))
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use crate::finding::Findings;
    use crate::source::Source;
    use crate::yaml;

    /// The file's text at the place of `part`, which stands in the value of the key `a`.
    fn text_at(file: &str, part: &str) -> String {
        let source = Source::new("file".to_owned(), file);
        let root = yaml::parse(&source, 0..source.text.len(), &Findings::default()).expect("good YAML");
        let scalar = root.get("a").and_then(|node| node.scalar()).expect("a scalar");
        let start = scalar.text.find(part).expect("the part");
        source.text[scalar.span_of(&source.text, &(start..start + part.len()))].to_owned()
    }

    #[test]
    fn every_style_tells_where_a_part_of_the_value_stands() {
        for (file, part, expected) in [
            ("a: one two three", "two", "two"),
            ("a: one\n  two\n  three", "three", "three"),
            ("a: é two", "two", "two"),
            ("a: 'it''s two'", "it's", "it''s"),
            ("a: 'it''s two'", "two", "two"),
            ("a: \"x\\u00e9 two\"", "two", "two"),
            ("a: \"x\\u00e9 two\"", "é", "\\u00e9"),
            ("a: \"one \\\n   two\"", "two", "two"),
            ("a: \"one\n   two\"", "two", "two"),
            ("a: |\n  one\n  two\n", "two", "two"),
            ("a: |-\n  one\n    two\n", "two", "two"),
            ("a: >\n  one\n  two\n\n  three\n", "three", "three"),
            ("a: >-\n  one\n  two", "one two", "one\n  two"),
        ] {
            assert_eq!(text_at(file, part), expected, "{file:?}");
        }
    }
}
