//! The pages of `sillon dev`: what a marketer sees first. No JavaScript; they look good on a phone.

mod home;
mod inbox;
mod lead;
mod leads;
mod sequence;
mod timeline;

pub use home::home;
pub use inbox::{inbox, mail};
pub use lead::lead;
pub use leads::leads;

use app::ports::Clock;
use domain::Temperature;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Dev;

const STYLE: &str = include_str!("style.css");

/// The frame of every page: where one is, what time it is, and a way to move the clock.
fn page(dev: &Dev, title: &str, here: &str, content: Markup) -> Markup {
    let entry = |href: &str, text: &str| {
        html! { a href=(href) aria-current=[(href == here).then_some("page")] { (text) } }
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Sillon" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    nav {
                        a.mark href="/" { "Sillon" }
                        (entry("/dev/inbox", "Inbox"))
                        (entry("/dev/leads", "Leads"))
                    }
                    (clock(dev, here))
                }
                main {
                    @if let Some(faults) = &dev.faults {
                        section.card role="alert" style="margin-bottom:1.6rem" {
                            h2 { "The campaigns have faults" }
                            p.small { "What runs is from before the edit. Mend them, and this page goes on with them." }
                            pre { (faults) }
                        }
                    }
                    (content)
                }
            }
        }
    }
}

fn clock(dev: &Dev, here: &str) -> Markup {
    let now = dev.app.clock.now();
    html! {
        form.clock method="post" action="/dev/clock" {
            time datetime=(now) title=(dev.app.bundle.organisation.time_zone) { (moment(dev, now)) }
            input type="hidden" name="back" value=(here);
            @for (span, text) in [("1h", "+1 hour"), ("1d", "+1 day"), ("3d", "+3 days"), ("1w", "+1 week")] {
                button name="advance" value=(span) { (text) }
            }
        }
    }
}

/// A time as the organisation's clocks show it.
fn moment(dev: &Dev, at: Timestamp) -> String {
    at.to_zoned(zone(dev)).strftime("%a %-d %b %Y, %H:%M").to_string()
}

fn zone(dev: &Dev) -> TimeZone {
    domain::schedule::zone(None, &dev.app.bundle.organisation.time_zone)
}

/// `in 3 days`, `2 hours ago`.
fn relative(now: Timestamp, at: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let (size, unit) = match seconds.abs() {
        0..60 => return if seconds < 0 { "just now".into() } else { "at once".into() },
        n @ 60..3_600 => (n / 60, "minute"),
        n @ 3_600..86_400 => (n / 3_600, "hour"),
        n => (n / 86_400, "day"),
    };
    let plural = if size == 1 { "" } else { "s" };
    if seconds < 0 { format!("{size} {unit}{plural} ago") } else { format!("in {size} {unit}{plural}") }
}

/// Where a lead's page is. Addresses may hold `/`, `?`, `#` and `%`.
pub fn lead_path(email: &str) -> String {
    const KEPT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_').remove(b'+');
    format!("/dev/leads/{}", utf8_percent_encode(email, KEPT))
}

fn badge(temperature: Temperature) -> Markup {
    html! { span class={ "badge " (temperature.as_str()) } { (temperature.as_str()) } }
}

/// The name of one's kind, for people: `email_clicked` becomes `email clicked`.
fn words(kind: &str) -> String {
    kind.replace('_', " ")
}

/// The title of a campaign in the default language.
fn title<'a>(dev: &'a Dev, campaign: &'a domain::CampaignId) -> &'a str {
    let default = dev.app.bundle.organisation.default_locale();
    let known = dev.app.bundle.campaign(campaign).and_then(|campaign| campaign.title.get(default));
    known.map_or(campaign.as_str(), String::as_str)
}
