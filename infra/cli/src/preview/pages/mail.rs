//! One e-mail: in the inbox, on two screens, and what is to be said of it.

use domain::Bundle;
use email::Message;
use email::inspect::{self, CLIPPED_AT, Inspection, LINE_ON_DESKTOP, SUBJECT_ON_PHONE};
use jiff::Timestamp;
use maud::{Markup, html};

use super::Shown;
use crate::preview::mails;
use crate::terminal::count;

pub fn mail(bundle: &Bundle, shown: &Shown<'_>, now: Timestamp) -> Markup {
    let made = mails::render(bundle, shown.campaign, &shown.mail, shown.language, &shown.sample, now);
    html! {
        (choices(bundle, shown))
        @match made {
            Ok(message) => { (good(shown, &message)) }
            Err(error) => {
                section.card.fault {
                    p { span.weight.error { "error" } " " strong { "This lead would get nothing" } }
                    p { (error) }
                }
            }
        }
    }
}

fn good(shown: &Shown<'_>, message: &Message) -> Markup {
    let found = inspect::inspect(message);
    html! {
        h1 { (message.subject) }
        (inbox(message, &found))
        (flags(&found))
        div.screens {
            figure.desktop {
                figcaption { "Desktop" span.soft { " 640 wide" } }
                div.scroll { iframe src=(shown.frame()) title="The e-mail on a desktop" width="640" sandbox="allow-popups allow-popups-to-escape-sandbox" {} }
            }
            figure.phone {
                figcaption { "Phone" span.soft { " 375 wide" } }
                div.scroll { iframe src=(shown.frame()) title="The e-mail on a phone" width="375" sandbox="allow-popups allow-popups-to-escape-sandbox" {} }
            }
        }
        (parts(message, &found))
    }
}

/// Language and lead.
fn choices(bundle: &Bundle, shown: &Shown<'_>) -> Markup {
    html! {
        div.choices {
            nav.chips aria-label="Language" {
                span.soft { "Language" }
                @for locale in &bundle.organisation.locales {
                    a href=(shown.in_language(locale)) aria-current=[(locale == shown.language).then_some("true")] { (locale) }
                }
            }
            nav.chips aria-label="Lead" {
                span.soft { "Lead" }
                @for (index, sample) in shown.samples.iter().enumerate() {
                    a href=(shown.for_lead(index)) aria-current=[(index == shown.lead).then_some("true")] title=(described(sample)) { (sample.name) }
                }
            }
        }
    }
}

fn described(sample: &crate::preview::samples::Sample) -> String {
    let traits = sample.traits.iter().map(|(name, value)| format!("{name}: {value}"));
    traits.collect::<Vec<_>>().join(", ")
}

/// The e-mail as one line among others, cut where inboxes cut.
fn inbox(message: &Message, found: &Inspection) -> Markup {
    let sender = message.from.split('<').next().unwrap_or_default().trim().trim_matches('"');
    let sender = if sender.is_empty() { &message.from } else { sender };
    let subject = cut(&message.subject, LINE_ON_DESKTOP);
    let room = LINE_ON_DESKTOP.saturating_sub(message.subject.chars().count());
    html! {
        section.card.inbox aria-label="In the inbox" {
            div.line {
                strong.sender { (sender) }
                span.words { strong { (subject) } @if room > 3 { span.soft { " – " (cut(&found.preheader, room)) } } }
                span.soft.small { "09:41" }
            }
            div.line.small-screen {
                strong.sender { (sender) }
                strong.words { (cut(&message.subject, SUBJECT_ON_PHONE)) }
                span.words.soft { (cut(&found.preheader, SUBJECT_ON_PHONE * 2)) }
            }
        }
    }
}

/// At most so many characters, the last of which says that there was more.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn flags(found: &Inspection) -> Markup {
    html! {
        section.card.flags aria-label="To mind" {
            @if found.flags.is_empty() {
                p.fine { "✓ Nothing to mend: subject, links, images and size are fine." }
            } @else {
                h2 { (count(found.flags.len(), "thing")) " to mind" }
                ul.list {
                    @for flag in &found.flags {
                        li {
                            span class={ "weight " (flag.weight.as_str()) } { (flag.about) } " " (flag.reason)
                            div.soft.small { "→ " (flag.mend) }
                        }
                    }
                }
            }
        }
    }
}

fn parts(message: &Message, found: &Inspection) -> Markup {
    let kilobytes = |bytes: usize| format!("{:.1} KB", bytes as f64 / 1024.0);
    html! {
        section.card.parts {
            p.row.small {
                span { "HTML " strong { (kilobytes(found.html_size)) } span.soft { " of " (kilobytes(CLIPPED_AT)) " before Gmail clips" } }
                span.soft { "both parts " (kilobytes(found.size)) }
            }
            meter min="0" max=(CLIPPED_AT) high=(CLIPPED_AT * 9 / 10) value=(found.html_size) {}
            details {
                summary { "Text part" }
                pre { (message.text) }
            }
            details {
                summary { (count(found.links.len(), "link")) }
                ul.list.small {
                    @for link in &found.links { li { strong { (link.text) } div.soft.address { (link.address) } } }
                }
            }
            details {
                summary { "Headers" }
                dl.small {
                    dt { "From" } dd { (message.from) }
                    dt { "To" } dd { (message.to.join(", ")) }
                    @if let Some(reply_to) = &message.reply_to { dt { "Reply-To" } dd { (reply_to) } }
                    dt { "Subject" } dd { (message.subject) }
                    @for (name, value) in &message.headers { dt { (name) } dd { (value) } }
                }
            }
        }
    }
}
