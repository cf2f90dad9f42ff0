//! Mends what can be mended safely: edits that leave nothing of what was meant in doubt.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::finding::{Finding, Findings};
use crate::source::Source;
use crate::{Reading, read_over, yaml};

/// A mend may show further faults, whose mends show others.
const ROUNDS: usize = 10;

/// What mending `infra/` came to. Nothing is written yet.
#[derive(Debug)]
pub struct Mending {
    /// The files that changed, by path.
    pub files: Vec<MendedFile>,
    /// What was mended.
    pub mended: Vec<Finding>,
    /// What reading the mended files finds.
    pub left: Reading,
}

/// A file before and after.
#[derive(Debug)]
pub struct MendedFile {
    pub path: PathBuf,
    pub before: String,
    pub after: String,
}

/// Applies the edits of all findings, and those of the findings that show then.
///
/// Comments, formatting and line ends stay: an edit replaces a word or two of one line. Mending what is mended changes
/// nothing.
pub fn mend(infra: &Path) -> Mending {
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut originals: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut mended: Vec<Finding> = Vec::new();
    let mut left = read_over(infra, &texts);
    for _ in 0..ROUNDS {
        let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in left.findings.iter().filter(|finding| finding.edit.is_some()) {
            by_file.entry(&finding.file).or_default().push(finding);
        }
        let mut applied = Vec::new();
        for (file, findings) in by_file {
            let path = PathBuf::from(file);
            let Some(before) = texts.get(&path).cloned().or_else(|| std::fs::read_to_string(&path).ok())
            else {
                continue;
            };
            let (after, done) = apply(&before, &findings);
            if after != before && is_no_worse(&path, &before, &after) {
                applied.extend(done.into_iter().cloned());
                originals.entry(path.clone()).or_insert(before);
                texts.insert(path, after);
            }
        }
        if applied.is_empty() {
            break;
        }
        mended.extend(applied);
        left = read_over(infra, &texts);
    }
    let files = originals
        .into_iter()
        .filter_map(|(path, before)| {
            let after = texts.remove(&path)?;
            Some(MendedFile { path, before, after })
        })
        .collect();
    Mending { files, mended, left }
}

/// The text with the edits that do not overlap, the first of each place.
fn apply<'f>(text: &str, findings: &[&'f Finding]) -> (String, Vec<&'f Finding>) {
    // Places count without a byte order mark.
    let (mark, body) = text.strip_prefix('\u{feff}').map_or(("", text), |body| ("\u{feff}", body));
    let mut edits: Vec<_> =
        findings.iter().filter_map(|finding| Some((finding.edit.as_ref()?, *finding))).collect();
    edits.sort_by_key(|(edit, _)| (edit.span.start, edit.span.end));
    let mut out = mark.to_owned();
    let mut done = Vec::new();
    let mut at = 0;
    let mut seen = BTreeSet::new();
    for (edit, finding) in edits {
        let Some(kept) = body.get(at..edit.span.start).filter(|_| body.get(edit.span.clone()).is_some())
        else {
            continue;
        };
        if !seen.insert(edit.span.start) {
            continue;
        }
        out.push_str(kept);
        out.push_str(&edit.text);
        at = edit.span.end;
        done.push(finding);
    }
    out.push_str(&body[at..]);
    (out, done)
}

/// Whether the mended YAML reads at least as well: an edit must not, say, give a key twice.
fn is_no_worse(path: &Path, before: &str, after: &str) -> bool {
    if path.extension().is_none_or(|ending| ending != "yaml") {
        return true;
    }
    let faults = |text: &str| {
        let source = Source::new(String::new(), text);
        let findings = Findings::default();
        yaml::parse(&source, 0..source.text.len(), &findings);
        findings.into_sorted().len()
    };
    faults(after) <= faults(before)
}
