//! Reads `thanks`: a page elsewhere, or a text of the campaign's folder, one file a language.

use std::collections::BTreeMap;
use std::path::Path;

use domain::Locale;
use domain::campaign::{Thanks, ThanksText};
use domain::organisation::Localised;

use crate::markdown;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::shape::form as shape;
use crate::yaml::{Content, Node};
use crate::{address, folder};

/// Reads the section; `folder` is the campaign's, and `wording` tells which languages its form speaks.
pub(super) fn read<'a>(
    reader: Reader<'a>,
    node: &'a Node,
    folder: &Path,
    wording: Option<&Localised>,
) -> Option<Thanks> {
    let Content::Map(_) = &node.content else {
        return reader.parsed(node, "the address of a page", address::page).map(Thanks::Page);
    };
    let fields = reader.fields(node, "`thanks`", &shape::THANKS)?;
    let file = fields.need("file")?;
    let name = name(reader, file)?;
    let default = reader.vocabulary.default_locale()?;
    let mut texts = BTreeMap::new();
    for locale in &reader.vocabulary.locales {
        let file_name = format!("{name}.{locale}.md");
        let path = folder.join(&file_name);
        if path.exists() {
            texts.insert(locale.clone(), text(reader, &path)?);
        } else if locale == default {
            let message = format!("there is no file `{file_name}` in the campaign's folder");
            reader.error(&file.span, message, "create it").rule(Rule::MissingFile);
            return None;
        } else if speaks(wording, locale) {
            let message = format!("the thanks lack `{locale}`: such visitors read them in `{default}`");
            reader.warning(&file.span, message, format!("create `{file_name}`")).rule(Rule::MissingLanguage);
        }
    }
    Some(Thanks::Text(texts))
}

fn speaks(wording: Option<&Localised>, locale: &Locale) -> bool {
    wording.is_none_or(|wording| wording.contains_key(locale))
}

/// The part of the files' names before the language.
fn name<'a>(reader: Reader<'a>, node: &'a Node) -> Option<&'a str> {
    let name = reader.text(node, "a file's name without language and ending")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.chars().all(plain) {
        return Some(name);
    }
    let stem: String = name.rsplit('/').next().unwrap_or(name).chars().take_while(|c| plain(*c)).collect();
    let stem = if stem.is_empty() { "thanks" } else { &stem };
    let message = format!("`{name}` is more than a name: the language and `.md` are added to it");
    reader
        .error(&node.span, message, format!("write `file: {stem}` for `{stem}.en.md` beside `campaign.yaml`"))
        .rule(Rule::InvalidName);
    None
}

fn text(reader: Reader<'_>, path: &Path) -> Option<ThanksText> {
    let source = folder::file(path, "create it", reader.findings)?;
    let page = markdown::read(Reader { source: &source, ..reader })?;
    Some(ThanksText { title: page.title, html: page.html, text: page.text })
}
