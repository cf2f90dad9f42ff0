//! Findings: what is wrong with the files, where, and the mend.

use std::cell::RefCell;
use std::path::Path;

use serde::Serialize;

use crate::source::{Source, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// There is no bundle.
    Error,
    /// There is one, though perhaps not the one that was meant.
    Warning,
}

impl Severity {
    /// As findings spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where: the file, below the folder as it was named.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
    /// How many characters are meant; 0 when the place is a point, or the whole file.
    pub length: usize,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The mend.
    pub help: String,
    /// The line itself; none for a file that cannot be shown.
    #[serde(rename = "text")]
    pub source_line: Option<String>,
    /// A second place that has to do with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<Related>,
}

/// A second place that a finding has to do with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Its file.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1, in characters.
    pub column: usize,
    /// What stands there.
    pub note: String,
}

/// The findings so far. Readers share it, since each of them adds and none takes.
#[derive(Default)]
pub struct Findings(RefCell<Vec<Finding>>);

impl Findings {
    /// Adds a finding about a part of a file.
    pub fn add(&self, severity: Severity, source: &Source, span: &Span, message: String, help: String) {
        let place = source.place(span);
        self.0.borrow_mut().push(Finding {
            file: source.path.clone(),
            line: place.line,
            column: place.column,
            length: place.length,
            severity,
            message,
            help,
            source_line: Some(place.text),
            related: None,
        });
    }

    /// Tells of a second place that the finding added last has to do with.
    pub fn relate(&self, source: &Source, span: &Span, note: &str) {
        let place = source.place(span);
        if let Some(last) = self.0.borrow_mut().last_mut() {
            last.related = Some(Related {
                file: source.path.clone(),
                line: place.line,
                column: place.column,
                note: note.to_owned(),
            });
        }
    }

    /// Whether something is wrong with that file already, so that what is missing from it may stand there misspelt.
    pub fn has_error_in(&self, source: &Source) -> bool {
        let all = self.0.borrow();
        all.iter().any(|finding| finding.severity == Severity::Error && finding.file == source.path)
    }

    /// Adds a finding about a file or folder as a whole.
    pub fn add_for_path(
        &self,
        severity: Severity,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.borrow_mut().push(Finding {
            file: path.display().to_string(),
            line: 1,
            column: 1,
            length: 0,
            severity,
            message: message.into(),
            help: help.into(),
            source_line: None,
            related: None,
        });
    }

    /// All of them, by file, line and column; none twice.
    pub fn into_sorted(self) -> Vec<Finding> {
        let mut all = self.0.into_inner();
        all.sort_by(|a, b| {
            (&a.file, a.line, a.column, a.severity, &a.message)
                .cmp(&(&b.file, b.line, b.column, b.severity, &b.message))
        });
        all.dedup();
        all
    }
}
