//! A file as it was read, and where in it something stands.

use std::ops::Range;

/// Bytes of a file, from the first to before the last.
pub type Span = Range<usize>;

/// A file of `infra/`.
pub struct Source {
    /// As the user named it: the folder of the command line, joined with what is below it.
    pub path: String,
    /// Without a byte order mark.
    pub text: String,
    line_starts: Vec<usize>,
}

/// A span in a person's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In characters; never beyond the line's end.
    pub length: usize,
    /// The whole line.
    pub text: String,
}

impl Source {
    /// Takes a file's text. A byte order mark is dropped, since no editor shows it.
    pub fn new(path: String, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Self { path, text, line_starts }
    }

    /// The line, column and length of a span; spans of several lines are cut at the end of their first.
    pub fn place(&self, span: &Span) -> Place {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let line = self.line_starts.partition_point(|line_start| *line_start <= start).max(1);
        let line_start = self.line_starts[line - 1];
        let line_end = self.line_starts.get(line).map_or(self.text.len(), |next| next - 1);
        let text = self.text[line_start..line_end].trim_end_matches('\r').to_owned();
        let end = self.text.floor_char_boundary(span.end.clamp(start, line_end.max(start)));
        let marked = self.text[start..end].trim_end();
        Place {
            line,
            column: self.text[line_start..start].chars().count() + 1,
            length: marked.chars().count(),
            text,
        }
    }
}
