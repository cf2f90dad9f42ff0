//! An `infra/` made of a target's bytes: one that checks clean, with some files replaced.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The organisation's file.
pub const ORGANISATION: &str = "sillon.yaml";
const CAMPAIGN: &str = "campaigns/guide-solaire/campaign.yaml";
const WELCOME: &str = "campaigns/guide-solaire/emails/bienvenue.fr.md";

/// The text of a file of the example's campaign.
macro_rules! example {
    ($file:literal) => {
        include_str!(concat!(
            "../../../shared/campaign-file/tests/fixtures/example/campaigns/guide-solaire/",
            $file
        ))
    };
}

/// Files by their paths.
type Files = &'static [(&'static str, &'static str)];

/// With a bit of everything.
const EXAMPLE: Files = &[
    (ORGANISATION, include_str!("../../../shared/campaign-file/tests/fixtures/example/sillon.yaml")),
    (CAMPAIGN, example!("campaign.yaml")),
    ("campaigns/guide-solaire/files/guide.pdf", "%PDF-1.7"),
    (WELCOME, example!("emails/bienvenue.fr.md")),
    ("campaigns/guide-solaire/emails/etude-de-cas.fr.md", example!("emails/etude-de-cas.fr.md")),
    ("campaigns/guide-solaire/emails/relance.fr.md", example!("emails/relance.fr.md")),
    ("campaigns/guide-solaire/emails/temoignages.fr.md", example!("emails/temoignages.fr.md")),
];

/// Read soon: no more than what a condition or a template may name.
const SMALL: Files = &[
    (ORGANISATION, include_str!("../infra/sillon.yaml")),
    (CAMPAIGN, include_str!("../infra/campaign.yaml")),
    (WELCOME, include_str!("../infra/bienvenue.fr.md")),
];

/// The files that the bytes may replace or add, by the names that they give them.
const REPLACEABLE: [(&str, &str); 7] = [
    ("sillon", ORGANISATION),
    ("campaign", CAMPAIGN),
    ("welcome", WELCOME),
    ("confirm", "campaigns/guide-solaire/emails/confirm.fr.md"),
    ("thanks", "campaigns/guide-solaire/thanks.fr.md"),
    ("partial", "partials/part.fr.md"),
    ("second", "campaigns/second/campaign.yaml"),
];

/// A folder on the disk, and what lies in it.
pub struct Infra {
    folder: TempDir,
    /// What it holds where the bytes say nothing else.
    base: Files,
    files: BTreeMap<&'static str, Vec<u8>>,
}

impl Infra {
    /// An organisation and a campaign with a bit of everything.
    pub fn example() -> Self {
        Self::of(EXAMPLE)
    }

    /// An organisation and a campaign that are read soon, and declare what a condition or a template may name.
    pub fn small() -> Self {
        Self::of(SMALL)
    }

    fn of(base: Files) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut infra = Self { folder, base, files: BTreeMap::new() };
        infra.fill(&BTreeMap::new());
        infra
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces files as the bytes say: a line `=== campaign` stands above what is to be in
    /// `campaign.yaml`, and so on; what stands before the first such line is the file that `first` names.
    pub fn replace(&mut self, first: &str, bytes: &[u8]) {
        self.fill(&parts(first, bytes));
    }

    /// Puts a text in the place of another.
    pub fn replace_text(&mut self, file: &'static str, old: &str, new: &str) {
        let (_, text) = self.base.iter().find(|(path, _)| *path == file).expect("a file of the example");
        assert!(text.contains(old), "`{old}` is not in {file}");
        self.fill(&BTreeMap::from([(file, text.replacen(old, new, 1).into_bytes())]));
    }

    /// What a file of the folder holds, by its path as findings name it.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        let below = Path::new(path).strip_prefix(self.path()).ok()?;
        self.files.get(below.to_str()?).map(Vec::as_slice)
    }

    /// Writes a file that is there already.
    pub fn rewrite(&mut self, path: &Path, text: &str) {
        let below = path.strip_prefix(self.path()).expect("a file of the folder");
        let known = self.files.keys().find(|known| Path::new(known) == below).copied();
        self.write(known.expect("a file that is there"), text.as_bytes());
    }

    /// Makes it the base with files replaced. Only what changes is written: most of the files are the same each time.
    fn fill(&mut self, replaced: &BTreeMap<&'static str, Vec<u8>>) {
        let base = self.base.iter().map(|(path, text)| (*path, text.as_bytes()));
        let replaced = replaced.iter().map(|(path, bytes)| (*path, bytes.as_slice()));
        let wanted: BTreeMap<&'static str, &[u8]> = base.chain(replaced).collect();
        for gone in self.files.keys().filter(|path| !wanted.contains_key(*path)).copied().collect::<Vec<_>>()
        {
            self.files.remove(gone);
            let path = self.path().join(gone);
            fs::remove_file(&path).expect("removed");
            // A campaign's folder without a file is a fault, and none that the bytes made.
            let _ = fs::remove_dir(path.parent().expect("a folder"));
        }
        for (path, bytes) in wanted {
            self.write(path, bytes);
        }
    }

    fn write(&mut self, file: &'static str, bytes: &[u8]) {
        if self.files.get(file).is_some_and(|old| old == bytes) {
            return;
        }
        let path: PathBuf = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
        self.files.insert(file, bytes.to_vec());
    }
}

/// The files that the bytes replace.
fn parts(first: &str, bytes: &[u8]) -> BTreeMap<&'static str, Vec<u8>> {
    let named = |name: &str| REPLACEABLE.iter().find(|(known, _)| *known == name).map(|(_, path)| *path);
    let mut current = named(first);
    let mut parts: BTreeMap<&'static str, Vec<u8>> = BTreeMap::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let name = line.strip_prefix(b"=== ").and_then(|name| std::str::from_utf8(name).ok());
        if let Some(path) = name.and_then(|name| named(name.trim())) {
            current = Some(path);
        } else if let Some(path) = current {
            parts.entry(path).or_default().extend(line);
        }
    }
    parts
}
