//! Dates and moments as a page's language tells them, by the organisation's clock.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use maud::{Markup, html};

use super::words::Words;
use crate::language::Language;

/// `24 March 2027`.
pub(super) fn date(language: Language<'_>, at: Timestamp) -> Markup {
    let date = local(language, at).date();
    let months = &Words::of(language.tongue).months;
    let month = usize::try_from(date.month() - 1).ok().and_then(|place| months.get(place));
    html! { time datetime=(date) { (date.day()) " " (month.unwrap_or(&"")) " " (date.year()) } }
}

/// The same with the time of day.
pub(super) fn moment(language: Language<'_>, at: Timestamp) -> Markup {
    html! { (date(language, at)) ", " time datetime=(at) { (local(language, at).strftime("%H:%M").to_string()) } }
}

fn local(language: Language<'_>, at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::get(&language.organisation.time_zone).unwrap_or(TimeZone::UTC))
}
