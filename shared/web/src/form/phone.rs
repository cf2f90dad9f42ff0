//! Reads telephone numbers as people write them, and spells them as E.164.

use domain::Locale;
use phonelib::{ParseError, PhoneNumber, country_by_code};

use super::number_plan::may_be_of;
use crate::language::{by_quality, primary};

/// E.164 knows no more digits.
const MOST_DIGITS: usize = 15;
/// Fewer are no subscriber's number with its country's code.
const LEAST_DIGITS: usize = 7;
/// Guessing further is no guess any more.
const MOST_COUNTRIES: usize = 6;

/// The number with its country's code. One that was typed without it is read as people of the first of these
/// countries write theirs in which there may be such a number. One typed with it passes even if the number plan that we
/// know has no such number: plans grow, and a lead is worth more than our table.
///
/// No regular expressions: to compile those of libphonenumber cost eight times all the rest of a cold start.
pub(crate) fn e164(text: &str, countries: &[&str]) -> Option<String> {
    let compact = compact(text)?;
    if let Some(digits) = compact.strip_prefix('+') {
        let plausible = (LEAST_DIGITS..=MOST_DIGITS).contains(&digits.len());
        return match PhoneNumber::try_parse(&compact) {
            Ok(number) => Some(number.e164().to_owned()),
            Err(ParseError::InvalidLength | ParseError::InvalidAreaCode | ParseError::InvalidExchange) => {
                plausible.then_some(compact)
            }
            Err(_) => None,
        };
    }
    countries.iter().find_map(|country| {
        let number = PhoneNumber::parse_with_country(&compact, country)?;
        may_be_of(number.country().code, &compact, number.national_number()).then(|| number.e164().to_owned())
    })
}

/// Digits with at most a `+` before them. Nothing else ever reaches the parser.
fn compact(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let international = text.starts_with('+') || text.starts_with("00");
    // "+33 (0)6 …": the zero is for callers within the country.
    let text = if international { text.replacen("(0)", "", 1) } else { text.to_owned() };
    let text = text.strip_prefix("00").map_or(text.clone(), |rest| format!("+{rest}"));
    let mut compact = String::new();
    for (place, c) in text.chars().enumerate() {
        match c {
            '0'..='9' => compact.push(c),
            '+' if place == 0 => compact.push(c),
            '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    let digits = compact.trim_start_matches('+').len();
    (3..=MOST_DIGITS + 2).contains(&digits).then_some(compact)
}

/// The countries in which a number without a country's code may be, the likeliest first: where the visitor's clock
/// is, what region the visitor's browser names, where the organisation is, and where the language is at home. A browser
/// set to a foreign region does little harm, since a number of one country is seldom one of another.
pub(crate) fn countries(
    visitor_zone: Option<&str>,
    accept_language: &str,
    own_zone: &str,
    locale: &Locale,
) -> Vec<&'static str> {
    let region = |code: &str| {
        let (_, region) = code.split_once('-')?;
        country_by_code(&region.to_ascii_uppercase()).map(|country| country.code)
    };
    let clock = visitor_zone.and_then(country_of_zone);
    let browser = by_quality(accept_language).into_iter().filter_map(region);
    let own = country_of_zone(own_zone).into_iter().chain(region(locale.as_str()));
    let homes = home_of_language(primary(locale)).iter().copied();
    let mut countries = Vec::new();
    for country in clock.into_iter().chain(browser).chain(own).chain(homes) {
        if !countries.contains(&country) && countries.len() < MOST_COUNTRIES {
            countries.push(country);
        }
    }
    countries
}

fn home_of_language(language: &str) -> &'static [&'static str] {
    match language {
        "fr" => &["FR", "BE", "CH"],
        // Americans write no zero first, so that few British numbers are mistaken for theirs, while many of theirs would be
        // good British ones.
        "en" => &["US", "GB"],
        "de" => &["DE", "AT", "CH"],
        "es" => &["ES"],
        "it" => &["IT"],
        "nl" => &["NL", "BE"],
        "pt" => &["PT", "BR"],
        "pl" => &["PL"],
        "da" => &["DK"],
        "sv" => &["SE"],
        _ => &[],
    }
}

/// After the `zone.tab` of the IANA time zone database, for the zones that most people live in.
fn country_of_zone(zone: &str) -> Option<&'static str> {
    Some(match zone {
        "Europe/Paris" => "FR",
        "Europe/Brussels" => "BE",
        "Europe/Zurich" => "CH",
        "Europe/Luxembourg" => "LU",
        "Europe/Monaco" => "MC",
        "Europe/London" => "GB",
        "Europe/Dublin" => "IE",
        "Europe/Berlin" => "DE",
        "Europe/Vienna" => "AT",
        "Europe/Madrid" | "Atlantic/Canary" => "ES",
        "Europe/Lisbon" => "PT",
        "Europe/Rome" => "IT",
        "Europe/Amsterdam" => "NL",
        "Europe/Copenhagen" => "DK",
        "Europe/Stockholm" => "SE",
        "Europe/Oslo" => "NO",
        "Europe/Helsinki" => "FI",
        "Europe/Warsaw" => "PL",
        "Europe/Prague" => "CZ",
        "Europe/Budapest" => "HU",
        "Europe/Bucharest" => "RO",
        "Europe/Athens" => "GR",
        "America/New_York"
        | "America/Chicago"
        | "America/Denver"
        | "America/Los_Angeles"
        | "America/Phoenix" => "US",
        "America/Toronto" | "America/Montreal" | "America/Vancouver" | "America/Halifax" => "CA",
        "America/Sao_Paulo" => "BR",
        "America/Mexico_City" => "MX",
        "Africa/Casablanca" => "MA",
        "Africa/Algiers" => "DZ",
        "Africa/Tunis" => "TN",
        "Africa/Dakar" => "SN",
        "Africa/Abidjan" => "CI",
        "Indian/Reunion" => "RE",
        "America/Martinique" => "MQ",
        "America/Guadeloupe" => "GP",
        "Pacific/Noumea" => "NC",
        "Asia/Kolkata" => "IN",
        "Asia/Tokyo" => "JP",
        "Asia/Singapore" => "SG",
        "Australia/Sydney" | "Australia/Melbourne" | "Australia/Brisbane" | "Australia/Perth" => "AU",
        "Pacific/Auckland" => "NZ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn of_a_belgian_on_a_french_page() -> Vec<&'static str> {
        countries(None, "fr-BE,fr;q=0.9", "Europe/Paris", &Locale::parse("fr").unwrap())
    }

    #[rstest]
    #[case::as_in_france("06 12 34 56 78", Some("+33612345678"))]
    #[case::with_points("06.12.34.56.78", Some("+33612345678"))]
    #[case::international("+33 6 12 34 56 78", Some("+33612345678"))]
    #[case::with_the_zero_in_brackets("+33 (0)6 12 34 56 78", Some("+33612345678"))]
    #[case::with_two_zeros("0033 6 12 34 56 78", Some("+33612345678"))]
    #[case::as_a_link("tel:+33612345678", Some("+33612345678"))]
    #[case::non_breaking_spaces("06\u{a0}12\u{202f}34 56 78", Some("+33612345678"))]
    #[case::as_in_belgium("0470 12 34 56", Some("+32470123456"))]
    #[case::british("+44 20 7946 0000", Some("+442079460000"))]
    #[case::out_of_the_plan("+1 555 010 0000", Some("+15550100000"))]
    #[case::too_short("12", None)]
    #[case::too_long("+33 6 12 34 56 78 90 12 34 56", None)]
    #[case::letters("call me", None)]
    #[case::an_unknown_country("+999 123 456 789", None)]
    #[case::nothing_but_zeros("00", None)]
    fn numbers(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(e164(text, &of_a_belgian_on_a_french_page()).as_deref(), expected);
    }

    #[rstest]
    #[case::belgian_mobile("0470 12 34 56", &["FR", "BE"], "+33470123456")]
    #[case::the_same_in_belgium("0470 12 34 56", &["BE", "FR"], "+32470123456")]
    #[case::french_mobile_in_belgium("06 12 34 56 78", &["BE", "FR"], "+33612345678")]
    #[case::brussels_in_france("02 512 34 56", &["FR", "BE"], "+3225123456")]
    #[case::brussels_in_the_netherlands("02 512 34 56", &["NL", "BE"], "+3225123456")]
    #[case::geneva_in_france("022 345 67 89", &["CH", "FR"], "+41223456789")]
    #[case::paris_in_switzerland("01 42 68 53 00", &["CH", "FR"], "+33142685300")]
    #[case::of_reunion("0692 12 34 56", &["RE", "FR"], "+262692123456")]
    #[case::french_mobile_on_reunion("06 12 34 56 78", &["RE", "FR"], "+33612345678")]
    #[case::moroccan("0612-345678", &["MA", "FR"], "+212612345678")]
    #[case::paris_in_morocco("01 42 68 53 00", &["MA", "FR"], "+33142685300")]
    #[case::british_mobile("07911 123456", &["GB", "US"], "+447911123456")]
    #[case::british_in_ireland("020 7946 0000", &["IE", "GB"], "+442079460000")]
    #[case::british_after_american("020 7946 0000", &["US", "GB"], "+442079460000")]
    #[case::american("(324) 432-8225", &["US", "GB"], "+13244328225")]
    #[case::french_in_luxembourg("06 12 34 56 78", &["LU", "FR"], "+33612345678")]
    #[case::luxembourgish("621 123 456", &["LU", "FR"], "+352621123456")]
    #[case::french_in_senegal("06 12 34 56 78", &["SN", "FR"], "+33612345678")]
    #[case::of_abidjan("07 07 12 34 56", &["CI", "FR"], "+2250707123456")]
    #[case::danish("40 17 09 70", &["DK"], "+4540170970")]
    #[case::roman_keeps_its_zero("06 6982 1234", &["IT"], "+390669821234")]
    #[case::madrid("912 34 56 78", &["ES", "FR"], "+34912345678")]
    #[case::indian("78648 22585", &["IN", "GB"], "+917864822585")]
    #[case::with_its_code_but_no_plus("33 6 12 34 56 78", &["FR"], "+33612345678")]
    fn neighbours(#[case] text: &str, #[case] countries: &[&str], #[case] expected: &str) {
        assert_eq!(e164(text, countries).as_deref(), Some(expected));
    }

    #[test]
    fn the_likeliest_country_comes_first() {
        assert_eq!(of_a_belgian_on_a_french_page(), ["BE", "FR", "CH"]);
        let english = Locale::parse("en").unwrap();
        let in_rome = countries(Some("Europe/Rome"), "en-US,en;q=0.9,q=0.8", "Europe/Paris", &english);
        assert_eq!(in_rome, ["IT", "US", "FR", "GB"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn no_text_brings_the_parser_down(text in "[+0-9 ().-]{0,24}") {
            e164(&text, &of_a_belgian_on_a_french_page());
        }

        #[test]
        fn what_it_makes_is_e164(text in "(\\+|00|0)?[0-9]{1,18}") {
            if let Some(number) = e164(&text, &of_a_belgian_on_a_french_page()) {
                prop_assert!(number.starts_with('+'));
                prop_assert!(number[1..].chars().all(|c| c.is_ascii_digit()), "{}", number);
            }
        }

        #[test]
        fn nor_does_any_other(text in "\\PC{0,40}") {
            e164(&text, &of_a_belgian_on_a_french_page());
        }
    }
}
