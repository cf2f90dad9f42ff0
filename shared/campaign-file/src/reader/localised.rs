//! Texts in one language or several.

use domain::Locale;
use domain::organisation::Localised;

use super::Reader;
use crate::rule::Rule;
use crate::source::Span;
use crate::yaml::{Content, Node};

impl<'a> Reader<'a> {
    /// A text in one language or several. A lone text is in the default one.
    pub fn localised(&self, node: &'a Node, expected: &str) -> Option<Localised> {
        let default = self.vocabulary.default_locale()?;
        let Content::Map(entries) = &node.content else {
            return Some(Localised::from([(default.clone(), self.text(node, expected)?.to_owned())]));
        };
        let mut texts = Localised::new();
        for entry in entries {
            let text = self.text(&entry.value, expected);
            if let Some(locale) = self.locale(&entry.key_span, &entry.key) {
                texts.extend(text.map(|text| (locale, text.to_owned())));
            }
        }
        if !entries.iter().any(|entry| entry.key == default.as_str()) {
            let message = format!("{expected} lacks `{default}`, the default language");
            self.error(&node.lead_in, message, format!("add `{default}:`")).rule(Rule::MissingLanguage);
            return None;
        }
        Some(texts)
    }

    /// One of the organisation's languages, or `pt` where it speaks `pt-br`.
    pub fn locale(&self, span: &Span, text: &str) -> Option<Locale> {
        let mut spoken = self.vocabulary.locales.iter().flat_map(Locale::and_wider);
        let known = spoken.find(|code| *code == text).and_then(|code| Locale::parse(code).ok());
        if known.is_none() && !self.vocabulary.locales.is_empty() {
            let locales = self.vocabulary.locales.iter().map(Locale::as_str);
            self.unknown(span, "language", text, locales, "add it to `locales` of `sillon.yaml`");
        }
        known
    }
}
