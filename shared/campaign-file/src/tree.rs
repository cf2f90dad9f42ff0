//! What reads the files of `infra/`, for those who read further files that people write beside them.
//!
//! [`open`] and [`parse`] make a tree that knows where each value stands; a [`Reader`] walks it, and its findings look
//! like those of `sillon check`.

use std::path::Path;
use std::sync::LazyLock;

pub use crate::currency::doubt as currency_doubt;
pub use crate::finding::Findings;
pub use crate::nearest::{list, mend, nearest};
pub use crate::reader::{Fields, Known, Reader, describe};
pub use crate::scalar::{Meaning, Scalar};
pub use crate::shape::scenario;
pub use crate::shape::{Key, Kind, Shape};
pub use crate::source::{Place, Source, Span};
pub use crate::yaml::{Content, Entry, Node, parse};

use crate::vocabulary::Vocabulary;

static NO_NAMES: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::default);

/// Reads a file whole, within the limits of all files. What keeps it from being read is a finding.
pub fn open(path: &Path, findings: &Findings) -> Option<Source> {
    crate::folder::file(path, "create it", findings)
}

impl<'a> Reader<'a> {
    /// A reader of a file that declares no names and asks for none.
    pub fn alone(source: &'a Source, findings: &'a Findings) -> Self {
        Self { source, vocabulary: &NO_NAMES, findings }
    }
}
