//! Reads partials: `infra/partials/<name>.<language>.md`, texts that e-mails share by `{% include "name" %}`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use domain::{Locale, PartialName};

use crate::email;
use crate::folder::TextFile;
use crate::reader::Reader;
use crate::source::Source;
use crate::template::{self, About, Position, Written};

/// All partials, and which of them were asked for.
pub(crate) struct Partials<'a> {
    readers: BTreeMap<PartialName, BTreeMap<Locale, Reader<'a>>>,
    /// So that one that cannot be read is not told of as missing.
    names: BTreeSet<String>,
    used: RefCell<BTreeSet<String>>,
    default: Option<Locale>,
}

impl<'a> Partials<'a> {
    /// Takes the files. What they hold is checked where it is included.
    pub fn read(files: &'a [TextFile], reader_of: impl Fn(&'a Source) -> Reader<'a>) -> Self {
        let mut partials = Self {
            readers: BTreeMap::new(),
            names: BTreeSet::new(),
            used: RefCell::default(),
            default: None,
        };
        for file in files {
            let reader = reader_of(&file.source);
            partials.default = reader.vocabulary.default_locale().cloned();
            partials.names.extend(file.file_name.split('.').next().map(str::to_owned));
            if let Some((name, locale)) = email::name(reader, &file.file_name, PartialName::parse) {
                partials.readers.entry(name).or_default().insert(locale, reader);
            }
        }
        partials
    }

    /// The partial in that language, or in what stands in for it.
    pub fn find(&self, name: &str, language: &Locale) -> Option<Reader<'a>> {
        self.used.borrow_mut().insert(name.to_owned());
        let languages = self.readers.get(name)?;
        let mut codes = language.and_wider().chain(self.default.iter().flat_map(Locale::and_wider));
        codes.find_map(|code| languages.get(code)).or_else(|| languages.values().next()).copied()
    }

    /// The names that have a file, good or bad.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The names that were asked for.
    pub fn into_used(self) -> BTreeSet<String> {
        self.used.into_inner()
    }

    /// Takes over which names another reading of them asked for.
    pub fn mark_used(&self, names: BTreeSet<String>) {
        self.used.borrow_mut().extend(names);
    }

    /// Checks what no e-mail includes, and that every partial is there in the default language.
    pub fn check_unused(&self) {
        for (name, languages) in &self.readers {
            let used = self.used.borrow().contains(name.as_str());
            for (language, reader) in languages {
                if used {
                    continue;
                }
                let message = format!("no e-mail includes the partial `{name}`");
                let help = format!("write `{{% include \"{name}\" %}}` where it is to stand, or delete it");
                reader.warning(&(0..0), message, help);
                let about = About { confirms: false, has_magnet: None, language, partials: self };
                let text = &reader.source.text;
                template::check(Written { reader: *reader, text, position: Position::From(0), about });
            }
            let Some(default) = &self.default else { continue };
            let has_default = default.and_wider().any(|code| languages.contains_key(code));
            if let Some(reader) = languages.values().next().filter(|_| !has_default) {
                let message = format!("the partial `{name}` lacks `{default}`, the default language");
                reader.error(&(0..0), message, format!("create `partials/{name}.{default}.md`"));
            }
        }
    }

    /// What the bundle holds of them.
    pub fn texts(&self) -> domain::bundle::Partials {
        let texts = |languages: &BTreeMap<Locale, Reader<'_>>| {
            let text =
                |(locale, reader): (&Locale, &Reader<'_>)| (locale.clone(), reader.source.text.clone());
            languages.iter().map(text).collect()
        };
        self.readers.iter().map(|(name, languages)| (name.clone(), texts(languages))).collect()
    }
}
