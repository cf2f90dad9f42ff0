//! The pages of `sillon preview`. They look good on a phone, and need a script only to follow the files.

mod asked;
mod faults;
mod mail;

pub use asked::{Asked, Shown};

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::files::Loaded;

/// What all pages of the command share, and what these add.
const STYLE: &str = concat!(include_str!("../../dev/pages/style.css"), include_str!("style.css"));

/// The e-mail that was asked for; or what is wrong with the files.
pub fn page(loaded: &Loaded, asked: &Asked, now: Timestamp) -> Markup {
    let Some(bundle) = &loaded.bundle else {
        return frame(loaded, "Faults", html! { main { (faults::faults(loaded)) } });
    };
    let Some(shown) = asked.find(loaded, bundle) else {
        let content = html! {
            main {
                h1 { "No e-mail yet" }
                p { "Write one as " code { "campaigns/<campaign>/emails/<name>.<language>.md" } ": it appears here." }
                (faults::faults(loaded))
            }
        };
        return frame(loaded, "No e-mail yet", content);
    };
    let title = format!("{} · {}", shown.mail.name, shown.campaign.id);
    let content = html! {
        div.preview {
            (navigation(bundle, &shown))
            main {
                (mail::mail(bundle, &shown, now))
                (faults::faults(loaded))
            }
        }
    };
    frame(loaded, &title, content)
}

fn frame(loaded: &Loaded, title: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-stamp=(loaded.stamp) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Sillon preview" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
                script src="/reload.js" defer {}
            }
            body {
                header {
                    nav { a.mark href="/" { "Sillon" } span.soft { "preview" } }
                    span.live.small { "follows your files" }
                    span.lost.small { "`sillon preview` has stopped: start it again" }
                }
                (content)
            }
        }
    }
}

/// Every e-mail of every campaign.
fn navigation(bundle: &domain::Bundle, shown: &Shown<'_>) -> Markup {
    html! {
        div.mails {
            nav aria-label="E-mails" {
                @for campaign in bundle.campaigns.values() {
                    h2 { (bundle.organisation.in_language(&campaign.title, shown.language).map_or("", |(_, title)| title)) }
                    ul {
                        @for mail in super::mails::mails(bundle, campaign) {
                            @let here = campaign.id == shown.campaign.id && mail.key == shown.mail.key;
                            li {
                                a href=(shown.other(&campaign.id, &mail.key)) aria-current=[here.then_some("page")] {
                                    (mail.name)
                                    @if let Some(variant) = &mail.variant { span.soft.small { " " (variant) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
