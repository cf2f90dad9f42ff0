//! Numbers, money, dates and plurals as a language writes them, by Unicode's own data (CLDR).

use domain::Locale;
use fixed_decimal::{Decimal, FloatPrecision, SignedRoundingMode, UnsignedRoundingMode};
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_decimal::DecimalFormatter;
use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_plurals::{PluralCategory, PluralOperands, PluralRules};
use jiff::civil::Date;

/// How long a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateStyle {
    /// `01/12/2026`
    Short,
    /// `1 décembre 2026`
    Long,
}

/// Beyond this, a float no longer holds every hundredth.
const LARGEST: f64 = 1e13;

fn icu(locale: &Locale) -> icu_locale_core::Locale {
    locale.as_str().parse().unwrap_or(icu_locale_core::Locale::UNKNOWN)
}

/// An exact decimal; none for what no reader could use: infinity, or far too large a number.
pub(crate) fn decimal(number: f64) -> Option<Decimal> {
    if !number.is_finite() || number.abs() > LARGEST {
        return None;
    }
    Decimal::try_from_f64(number, FloatPrecision::RoundTrip).ok()
}

/// `1 234,5`. With `places`, exactly so many behind the mark, halves rounded away from zero; else at most two.
pub(crate) fn number(locale: &Locale, mut number: Decimal, places: Option<i16>) -> Option<String> {
    let half = SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand);
    number.round_with_mode(-places.unwrap_or(2), half);
    match places {
        Some(places) => number.absolute.pad_end(-places),
        None => number.absolute.trim_end(),
    }
    let formatter = DecimalFormatter::try_new(icu(locale).into(), Default::default()).ok()?;
    Some(formatter.format(&number).to_string())
}

/// `1 234,50 €`, with as many places as the currency has. None for what is no ISO 4217 code.
pub(crate) fn money(locale: &Locale, amount: &Decimal, currency: &str) -> Option<String> {
    let currency = CurrencyType::try_from_str(currency).ok()?;
    let formatter =
        CurrencyFormatter::try_new_symbol((&icu(locale)).into(), currency, Default::default()).ok()?;
    Some(formatter.format_fixed_decimal(amount).to_string())
}

/// `1 décembre 2026` or `01/12/2026`.
pub(crate) fn date(locale: &Locale, date: Date, style: DateStyle) -> Option<String> {
    let fields = match style {
        DateStyle::Short => YMD::short(),
        DateStyle::Long => YMD::long(),
    };
    let formatter =
        FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&icu(locale)).into(), fields).ok()?;
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    let date = icu_calendar::Date::try_new_gregorian(date.year().into(), month, day).ok()?;
    Some(formatter.format(&date).to_string())
}

/// Which form of a word goes with that number: `one`, `other`, and in some languages `zero`, `two`, `few` or `many`.
pub(crate) fn plural(locale: &Locale, number: &Decimal) -> &'static str {
    let rules = PluralRules::try_new_cardinal(icu(locale).into());
    match rules.map(|rules| rules.category_for(PluralOperands::from(number))) {
        Ok(PluralCategory::Zero) => "zero",
        Ok(PluralCategory::One) => "one",
        Ok(PluralCategory::Two) => "two",
        Ok(PluralCategory::Few) => "few",
        Ok(PluralCategory::Many) => "many",
        Ok(PluralCategory::Other) | Err(_) => "other",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn locale(code: &str) -> Locale {
        Locale::parse(code).unwrap()
    }

    /// Spaces that do not break are shown as `_`.
    fn shown(text: Option<String>) -> String {
        text.unwrap_or_default().replace(['\u{A0}', '\u{202F}'], "_")
    }

    #[rstest]
    #[case("fr", "EUR", 1234.5, "1_234,50_€")]
    #[case("fr", "EUR", -0.005, "-0,01_€")]
    #[case("en", "EUR", 1234.5, "€1,234.50")]
    #[case("en", "USD", 1_000_000.0, "$1,000,000.00")]
    #[case("en-gb", "GBP", 9.99, "£9.99")]
    #[case("de", "EUR", 1234.5, "1.234,50_€")]
    #[case("de", "CHF", 1234.5, "1.234,50_CHF")]
    #[case("nl", "EUR", 1234.5, "€_1.234,50")]
    #[case("pt-br", "BRL", 1234.5, "R$_1.234,50")]
    #[case("ja", "JPY", 1234.5, "￥1,235")]
    #[case("fr", "euro", 1.0, "")]
    fn money_stands_as_its_readers_write_it(
        #[case] language: &str,
        #[case] currency: &str,
        #[case] amount: f64,
        #[case] written: &str,
    ) {
        let amount = decimal(amount).unwrap();
        assert_eq!(shown(money(&locale(language), &amount, currency)), written);
    }

    #[rstest]
    #[case("fr", 1_234_567.891, None, "1_234_567,89")]
    #[case("fr", 120.0, None, "120")]
    #[case("fr", 2.5, Some(0), "3")]
    #[case("fr", 2.0, Some(2), "2,00")]
    #[case("en", 1234.5, None, "1,234.5")]
    #[case("de", 1234.5, None, "1.234,5")]
    #[case("es", 1234.5, None, "1234,5")]
    #[case("xx", 1234.5, None, "1,234.5")]
    fn numbers(
        #[case] language: &str,
        #[case] value: f64,
        #[case] places: Option<i16>,
        #[case] written: &str,
    ) {
        assert_eq!(shown(number(&locale(language), decimal(value).unwrap(), places)), written);
    }

    #[rstest]
    #[case("fr", "1 décembre 2026", "01/12/2026")]
    #[case("en", "December 1, 2026", "12/1/26")]
    #[case("en-gb", "1 December 2026", "01/12/2026")]
    #[case("de", "1. Dezember 2026", "01.12.26")]
    #[case("es", "1 de diciembre de 2026", "1/12/26")]
    #[case("pt-br", "1 de dezembro de 2026", "01/12/2026")]
    #[case("pl", "1 grudnia 2026", "01.12.2026")]
    fn dates(#[case] language: &str, #[case] long: &str, #[case] short: &str) {
        let day = jiff::civil::date(2026, 12, 1);
        assert_eq!(shown(date(&locale(language), day, DateStyle::Long)), long);
        assert_eq!(shown(date(&locale(language), day, DateStyle::Short)), short);
    }

    #[rstest]
    #[case("en", &[(0.0, "other"), (1.0, "one"), (1.5, "other"), (2.0, "other")])]
    #[case("fr", &[(0.0, "one"), (1.0, "one"), (1.5, "one"), (2.0, "other")])]
    #[case("pl", &[(1.0, "one"), (2.0, "few"), (5.0, "many"), (22.0, "few"), (1.5, "other")])]
    #[case("ar", &[(0.0, "zero"), (1.0, "one"), (2.0, "two"), (3.0, "few"), (11.0, "many"), (100.0, "other")])]
    #[case("ja", &[(1.0, "other")])]
    #[case("pt-br", &[(0.0, "one"), (2.0, "other")])]
    fn plurals(#[case] language: &str, #[case] forms: &[(f64, &str)]) {
        for (value, form) in forms {
            assert_eq!(plural(&locale(language), &decimal(*value).unwrap()), *form, "{language} {value}");
        }
    }

    #[rstest]
    #[case(f64::NAN)]
    #[case(f64::INFINITY)]
    #[case(1e300)]
    fn what_is_too_large_is_no_number(#[case] number: f64) {
        assert!(decimal(number).is_none());
    }
}
