//! The countries of ISO 3166-1 with their names, for fields that ask for one.
//!
//! The names are those of the Unicode Common Locale Data Repository, release 48 (the licence stands beside them), one
//! file a language, each in its alphabet's order: `FR France`. A line is read when somebody looks at it; a cold start
//! pays for none.

/// A country as its two letters and its name.
pub(super) type Country = (&'static str, &'static str);

const ENGLISH: &str = include_str!("en.txt");

/// The countries in the alphabet's order of a language, such as `fr`; where nobody told us their names, each is called by
/// its letters.
pub(super) fn countries(language: &str) -> Vec<Country> {
    if let Some(names) = names(language) {
        return lines(names).collect();
    }
    let mut codes: Vec<Country> = lines(ENGLISH).map(|(code, _)| (code, code)).collect();
    codes.sort_unstable();
    codes
}

fn names(language: &str) -> Option<&'static str> {
    Some(match language {
        "en" => ENGLISH,
        "fr" => include_str!("fr.txt"),
        "de" => include_str!("de.txt"),
        "es" => include_str!("es.txt"),
        "it" => include_str!("it.txt"),
        "nl" => include_str!("nl.txt"),
        "pt" => include_str!("pt.txt"),
        "pl" => include_str!("pl.txt"),
        "da" => include_str!("da.txt"),
        "sv" => include_str!("sv.txt"),
        _ => return None,
    })
}

fn lines(names: &'static str) -> impl Iterator<Item = Country> {
    names.lines().filter_map(|line| line.split_once(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_names_the_same_countries() {
        let mut codes: Vec<&str> = countries("xx").iter().map(|(code, _)| *code).collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.iter().all(|code| code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase())));
        for language in ["en", "fr", "de", "es", "it", "nl", "pt", "pl", "da", "sv"] {
            let mut named: Vec<&str> = countries(language).iter().map(|(code, _)| *code).collect();
            named.sort_unstable();
            codes.sort_unstable();
            assert_eq!(named, codes, "{language}");
        }
    }

    #[test]
    fn names_stand_in_the_order_of_their_alphabet() {
        let french = countries("fr");
        let place = |code| french.iter().position(|(known, _)| *known == code);
        assert!(place("EE") < place("US") && place("US") < place("ET") && place("FR") < place("GA"));
        assert_eq!(french[place("FR").unwrap()].1, "France");
    }
}
