//! Findings: what is wrong with the files, where, and the mend.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use crate::rule::Rule;
use crate::source::{Source, Span};

/// How many findings about one file are told at a time.
const MOST: usize = 500;

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
    /// What kind of fault it is.
    pub rule: Rule,
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
    /// What mends it without a doubt. Only errors have it: what is valid means what it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
}

/// A part of a line, and what is to stand in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The line, from 1.
    pub line: usize,
    /// Where the part begins, from 1, in characters.
    pub column: usize,
    /// The column after its last character.
    pub end_column: usize,
    /// What is to stand there.
    pub text: String,
    /// In bytes of the file without a byte order mark.
    #[serde(skip)]
    pub(crate) span: Span,
}

/// A finding that was just added, for whoever knows more about it.
#[derive(Clone, Copy)]
pub struct Told<'f> {
    findings: &'f Findings,
    at: usize,
}

impl Told<'_> {
    /// Says what kind of fault it is.
    pub fn rule(self, rule: Rule) -> Self {
        self.change(|finding| finding.rule = rule);
        self
    }

    /// Says what mends it without a doubt. What is no error, or not within one line, has no such mend.
    pub fn edit(self, source: &Source, span: &Span, text: impl Into<String>) -> Self {
        let text = text.into();
        let old = source.text.get(span.clone());
        if old.is_some_and(|old| !old.contains('\n') && old != text) && !text.contains('\n') {
            let place = source.place(span);
            let length = source.text[span.clone()].chars().count();
            let (line, column) = (place.line, place.column);
            let edit = Edit { line, column, end_column: column + length, text, span: span.clone() };
            self.change(|finding| {
                if finding.severity == Severity::Error {
                    finding.edit = Some(edit);
                }
            });
        }
        self
    }

    fn change(self, change: impl FnOnce(&mut Finding)) {
        if let Some(finding) = self.findings.0.borrow_mut().get_mut(self.at) {
            change(finding);
        }
    }
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
    pub fn add(
        &self,
        severity: Severity,
        source: &Source,
        span: &Span,
        message: String,
        help: String,
    ) -> Told<'_> {
        let place = source.place(span);
        self.push(Finding {
            rule: Rule::InvalidValue,
            file: source.path.clone(),
            line: place.line,
            column: place.column,
            length: place.length,
            severity,
            message,
            help,
            source_line: Some(place.text),
            related: None,
            edit: None,
        })
    }

    fn push(&self, finding: Finding) -> Told<'_> {
        let mut all = self.0.borrow_mut();
        // Findings come file by file: whoever was told of so many in one has enough to mend.
        let enough = all.len().checked_sub(MOST).and_then(|at| all.get(at));
        if enough.is_some_and(|earlier| earlier.file == finding.file) {
            return Told { findings: self, at: usize::MAX };
        }
        all.push(finding);
        Told { findings: self, at: all.len() - 1 }
    }

    /// Takes over those of a reading that went on beside.
    pub(crate) fn absorb(&self, others: Self) {
        self.0.borrow_mut().extend(others.0.into_inner());
    }

    /// Says what mends the finding added last.
    pub(crate) fn edit_last(&self, source: &Source, span: &Span, text: String) {
        let last = self.0.borrow().len().checked_sub(1);
        if let Some(at) = last {
            Told { findings: self, at }.edit(source, span, text);
        }
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

    /// The files in which there is an error.
    pub(crate) fn faulty(&self) -> BTreeSet<String> {
        let all = self.0.borrow();
        let errors = all.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| finding.file.clone()).collect()
    }

    /// Adds a finding about a file or folder as a whole.
    pub fn add_for_path(
        &self,
        severity: Severity,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Told<'_> {
        self.push(Finding {
            rule: Rule::MissingFile,
            file: path.display().to_string(),
            line: 1,
            column: 1,
            length: 0,
            severity,
            message: message.into(),
            help: help.into(),
            source_line: None,
            related: None,
            edit: None,
        })
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
