//! The time zone that a lead lives in, as far as anybody knows.

use std::sync::LazyLock;

use jiff::tz::TimeZone;

use crate::computed::trait_of;
use crate::traits::TraitValue;
use crate::{Bundle, Lead, TraitType};

/// Each country with the zone that most of its people live in, from the public-domain tables of the time zone database
/// (`iso3166.tab` and `zone.tab`); two uninhabited islands have none.
static COUNTRIES: LazyLock<Vec<(&'static str, Option<&'static str>)>> = LazyLock::new(|| {
    let lines = include_str!("countries.txt").lines();
    lines.map(|line| line.split_once(' ').map_or((line, None), |(code, zone)| (code, Some(zone)))).collect()
});

fn entry(code: &str) -> Option<(&'static str, Option<&'static str>)> {
    let found = COUNTRIES.binary_search_by(|(known, _)| {
        known.bytes().cmp(code.trim().bytes().map(|byte| byte.to_ascii_uppercase()))
    });
    found.ok().and_then(|place| COUNTRIES.get(place)).copied()
}

/// The codes of all countries (ISO 3166-1 alpha-2), ascending.
pub fn countries() -> impl Iterator<Item = &'static str> {
    COUNTRIES.iter().map(|(code, _)| *code)
}

/// The country of that code, in capitals; none for what is no country.
pub fn country(code: &str) -> Option<&'static str> {
    entry(code).map(|(code, _)| code)
}

/// The zone that most people of the country live in.
pub fn of_country(code: &str) -> Option<&'static str> {
    entry(code).and_then(|(_, zone)| zone)
}

/// The name of a zone as the time zone database spells it; none for what is no zone.
pub fn canonical(name: &str) -> Option<String> {
    TimeZone::get(name.trim()).ok()?.iana_name().map(str::to_owned)
}

/// The zone that the lead lives in, by the first that is known: what a form or `identify` told of its device, a trait
/// that holds a zone, a trait that holds a country, the organisation's.
pub fn of_lead(bundle: &Bundle, lead: &Lead) -> TimeZone {
    let told = lead.time_zone.as_deref().and_then(known);
    let of_zones = || texts(bundle, lead, TraitType::TimeZone).find_map(|name| known(&name));
    let of_countries =
        || texts(bundle, lead, TraitType::Country).find_map(|code| of_country(&code).and_then(known));
    let of_all = || known(&bundle.organisation.time_zone);
    told.or_else(of_zones).or_else(of_countries).or_else(of_all).unwrap_or(TimeZone::UTC)
}

fn known(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// What the lead's traits of a type hold, those that it stated before those that follow from others.
fn texts(bundle: &Bundle, lead: &Lead, wanted: TraitType) -> impl Iterator<Item = String> {
    let stated = bundle.traits.iter().filter(move |(_, kind)| **kind == wanted).map(|(name, _)| name);
    let computed = bundle.organisation.computed.iter();
    let computed = computed.filter(move |(_, rule)| rule.kind == wanted).map(|(name, _)| name);
    stated.chain(computed).filter_map(|name| match trait_of(bundle, lead, name)?.into_owned() {
        TraitValue::Text(text) => Some(text),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_a_zone_that_is_known_but_two_islands_without_people() {
        let without: Vec<_> = countries().filter(|code| of_country(code).is_none()).collect();
        assert_eq!(without, ["BV", "HM"]);
        for zone in countries().filter_map(of_country) {
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
        }
        assert!(COUNTRIES.is_sorted());
    }

    #[test]
    fn most_people_of_a_country_live_there() {
        for (code, zone) in [
            ("fr", "Europe/Paris"),
            ("US", "America/New_York"),
            ("CA", "America/Toronto"),
            ("AU", "Australia/Sydney"),
            ("BR", "America/Sao_Paulo"),
            ("RU", "Europe/Moscow"),
            (" be ", "Europe/Brussels"),
        ] {
            assert_eq!(of_country(code), Some(zone), "{code}");
        }
        for code in ["", "F", "FRA", "XX", "France"] {
            assert_eq!(country(code), None, "{code}");
        }
    }
}
