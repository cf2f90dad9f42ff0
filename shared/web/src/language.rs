//! In what language a visitor is answered.

use domain::organisation::Localised;
use domain::{Campaign, Locale, Organisation};
use http::header;

use crate::Request;
use crate::request::{header, query};

/// The languages that our own words exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// `fr`
    French,
    /// `en`, and whatever nobody has words for.
    English,
}

/// The language of a page: the organisation's texts are in `locale`, our own words in `tongue`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Language<'a> {
    /// Whose texts.
    pub organisation: &'a Organisation,
    /// One of the organisation's.
    pub locale: &'a Locale,
    /// The nearest to it that we have words in.
    pub tongue: Tongue,
    /// The text that the page is about, if there is one: only the languages that it exists in are on offer.
    about: Option<&'a Localised>,
}

impl<'a> Language<'a> {
    /// What the visitor asked for (`_locale` of a form, or `lang` in the query), else what the browser is set to,
    /// else the default. A language that the organisation does not speak counts as not asked for.
    pub fn of(organisation: &'a Organisation, asked: Option<&str>, request: &Request) -> Self {
        Self::in_locale(organisation, organisation.default_locale()).wished(asked, request)
    }

    /// The same for a page of a campaign: one whose wording is French only is French, whoever opens it. Nobody agrees
    /// to a text between buttons in another language.
    pub fn of_campaign(
        organisation: &'a Organisation,
        campaign: &'a Campaign,
        asked: Option<&str>,
        request: &Request,
    ) -> Self {
        let about = campaign.form.as_ref().map(|form| &form.consent.wording);
        let default = Self::in_locale(organisation, organisation.default_locale());
        Self { about, ..default }.wished(asked, request)
    }

    /// The language of a lead that is known.
    pub fn in_locale(organisation: &'a Organisation, locale: &'a Locale) -> Self {
        let tongue = tongue_of(locale).or_else(|| tongue_of(organisation.default_locale()));
        Self { organisation, locale, tongue: tongue.unwrap_or(Tongue::English), about: None }
    }

    /// The most wanted of the languages on offer, else this one.
    fn wished(self, asked: Option<&str>, request: &Request) -> Self {
        let accepted = header(request, header::ACCEPT_LANGUAGE).unwrap_or_default();
        let locale = asked
            .and_then(|code| self.spoken(code))
            .or_else(|| query(request, "lang").and_then(|code| self.spoken(&code)))
            .or_else(|| by_quality(&accepted).into_iter().find_map(|code| self.spoken(code)))
            .unwrap_or(self.locale);
        Self { about: self.about, ..Self::in_locale(self.organisation, locale) }
    }

    /// The languages on offer, the default one first.
    pub fn locales(self) -> impl Iterator<Item = &'a Locale> {
        let exists = move |locale: &&Locale| self.about.is_none_or(|text| text.contains_key(*locale));
        self.organisation.locales.iter().filter(exists)
    }

    /// The one of that code that is on offer, with its region or without.
    fn spoken(self, code: &str) -> Option<&'a Locale> {
        let code = code.trim().replace('_', "-").to_ascii_lowercase();
        let find = |code: &str| self.locales().find(|locale| locale.as_str() == code);
        find(&code).or_else(|| find(code.split('-').next().unwrap_or_default()))
    }

    /// The text in this language, else in the default one.
    pub fn text(&self, text: &'a Localised) -> &'a str {
        let default = || text.get(self.organisation.default_locale());
        text.get(self.locale).or_else(default).map_or("", String::as_str)
    }
}

/// The codes of an `Accept-Language` header, the most wanted first (RFC 9110, section 12.5.4).
pub(crate) fn by_quality(header: &str) -> Vec<&str> {
    let mut wishes: Vec<(f32, &str)> = header
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let code = parts.next().filter(|code| !code.is_empty())?;
            let quality = parts.find_map(|part| part.strip_prefix("q="));
            Some((quality.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0)), code))
        })
        .filter(|(quality, _)| *quality > 0.0)
        .collect();
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    wishes.into_iter().map(|(_, code)| code).collect()
}

/// What a language calls itself; its code where nobody told us.
pub(crate) fn own_name(locale: &Locale) -> &str {
    match primary(locale) {
        "fr" => "Français",
        "en" => "English",
        "de" => "Deutsch",
        "es" => "Español",
        "it" => "Italiano",
        "nl" => "Nederlands",
        "pt" => "Português",
        "pl" => "Polski",
        "da" => "Dansk",
        "sv" => "Svenska",
        _ => locale.as_str(),
    }
}

/// The code without its region.
pub(crate) fn primary(locale: &Locale) -> &str {
    locale.as_str().split('-').next().unwrap_or_default()
}

fn tongue_of(locale: &Locale) -> Option<Tongue> {
    match primary(locale) {
        "fr" => Some(Tongue::French),
        "en" => Some(Tongue::English),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", &[])]
    #[case("fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7", &["fr-FR", "fr", "en-US", "en"])]
    #[case("en;q=0.5, de, fr;q=0.9", &["de", "fr", "en"])]
    #[case("en;q=0, fr", &["fr"])]
    #[case("en;q=much, ;;;, ,fr;q=0.1", &["fr"])]
    fn the_most_wanted_language_comes_first(#[case] header: &str, #[case] expected: &[&str]) {
        assert_eq!(by_quality(header), expected);
    }
}
