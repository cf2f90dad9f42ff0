//! Checks what is asked of the filters that write money, dates and plurals.

use std::collections::BTreeSet;

use domain::Locale;
use icu_plurals::{PluralCategory, PluralRules};
use minijinja::machinery::ast::{CallArg, Filter, Spanned};

use super::visit::{Visit, part, text_of};
use crate::{currency, nearest};

/// The forms of a word that languages tell apart.
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

impl Visit<'_> {
    /// Currencies, styles and forms that stand in the template; what comes from values nobody can tell.
    pub(super) fn format(&self, filter: &Spanned<Filter<'_>>) {
        match filter.name {
            "money" => self.currency(filter),
            "date" => self.date_style(filter),
            "plural" => self.forms(filter),
            _ => {}
        }
    }

    fn currency(&self, filter: &Spanned<Filter<'_>>) {
        let help = "write its ISO 4217 code: `money(\"EUR\")`";
        match filter.args.first() {
            None => {
                self.written.error(&self.find("money", &part(filter)), "`money` names no currency", help);
            }
            Some(CallArg::Pos(code)) => {
                let Some((code, place)) = text_of(code) else { return };
                if !currency::is_code(&code) {
                    self.written.error(&place, format!("`{code}` is not a currency"), help);
                } else if let Some((message, help)) = currency::doubt(&code) {
                    self.written.reader.warning(&self.written.span(&place), message, help);
                }
            }
            Some(_) => {}
        }
    }

    fn date_style(&self, filter: &Spanned<Filter<'_>>) {
        let Some(CallArg::Pos(style)) = filter.args.first() else { return };
        let Some((style, place)) = text_of(style) else { return };
        if !["short", "long"].contains(&style.as_str()) {
            let help = nearest::mend(&style, ["short", "long"], "");
            self.written.error(&place, format!("unknown style of dates `{style}`"), help);
        }
    }

    fn forms(&self, filter: &Spanned<Filter<'_>>) {
        let whole = part(filter);
        let mut given = BTreeSet::new();
        for argument in &filter.args {
            let CallArg::Kwarg(form, _) = argument else {
                let place = self.find("plural", &whole);
                let help = "name each form: `plural(one=\"# panel\", other=\"# panels\")`";
                self.written.error(&place, "`plural` does not know which form this is", help);
                return;
            };
            if !FORMS.contains(form) {
                let help = nearest::mend(form, FORMS, "");
                self.written.error(&self.find(form, &whole), format!("unknown form `{form}`"), help);
            }
            given.insert(*form);
        }
        let language = self.written.about.language;
        let needed = forms_of(language);
        let missing: Vec<&str> = needed.into_iter().filter(|form| !given.contains(form)).collect();
        let place = self.find("plural", &whole);
        if missing.contains(&"other") {
            let help = "add `other=\"...\"`, which stands in for every form that is not given";
            self.written.error(&place, "`plural` lacks the form `other`", help);
        } else if !missing.is_empty() {
            let span = self.written.span(&place);
            let forms = missing.join("`, `");
            let message = format!("in `{language}`, some numbers take the form `{forms}`");
            self.written.reader.warning(
                &span,
                message,
                format!("add `{}=\"...\"`", missing.join("=\"...\", ")),
            );
        }
    }
}

/// What a language tells apart among whole numbers that people count to.
fn forms_of(language: &Locale) -> BTreeSet<&'static str> {
    let locale: icu_locale_core::Locale =
        language.as_str().parse().unwrap_or(icu_locale_core::Locale::UNKNOWN);
    let Ok(rules) = PluralRules::try_new_cardinal(locale.into()) else { return BTreeSet::from(["other"]) };
    let counted = (0..=200_u32).map(|number| match rules.category_for(number) {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    });
    // `other` stands in for what is missing, also in a language that has fractions alone for it.
    counted.chain(["other"]).collect()
}
