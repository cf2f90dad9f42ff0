//! The e-mails that were sent.

use app::ports::Clock;
use maud::{Markup, html};

use super::{lead_path, moment, page, relative, title};
use crate::dev::Dev;
use crate::dev::inbox::Mail;
use crate::dev::notifications::SECRET;

/// `GET /dev/inbox`
pub fn inbox(dev: &Dev) -> Markup {
    let mails = dev.inbox.mails();
    let now = dev.app.clock.now();
    let content = html! {
        h1 { "Inbox" }
        @if mails.is_empty() {
            section.card { p { "Nothing yet. Fill in a form from the " a href="/" { "first page" } "." } }
        } @else {
            section.card {
                ul.list {
                    @for mail in mails.iter().rev() {
                        li {
                            a.whole href={ "/dev/inbox/" (mail.id) } {
                                div.row {
                                    strong { (mail.subject) }
                                    span.soft.small { (relative(now, mail.sent_at)) }
                                }
                                div.soft.small { "to " (mail.to) " · " (title(dev, &mail.campaign)) " · " (mail.step) }
                            }
                        }
                    }
                }
            }
        }
        (notifications(dev))
    };
    page(dev, "Inbox", "/dev/inbox", content)
}

/// What webhooks were told, if there are any.
fn notifications(dev: &Dev) -> Markup {
    let told = dev.notifications.all();
    html! {
        @if !dev.app.bundle.organisation.webhooks.is_empty() || !told.is_empty() {
            h2 style="margin-top:1.6rem" { "Notifications" }
            section.card {
                p.soft.small {
                    "What webhooks are told is kept here. Only to this machine it is posted in fact, signed with "
                    code { (SECRET) } "."
                }
                ul.list {
                    @for told in told.iter().rev() {
                        li {
                            div.row {
                                strong { (told.webhook) }
                                span.soft.small { (relative(dev.app.clock.now(), told.at)) }
                            }
                            div.soft.small { (told.url) " · " (told.answer) }
                            details { summary { "What it was told" } pre { (format!("{:#}", told.body)) } }
                        }
                    }
                }
            }
        }
    }
}

/// `GET /dev/inbox/{id}`
pub fn mail(dev: &Dev, mail: &Mail) -> Markup {
    let here = format!("/dev/inbox/{}", mail.id);
    let lead = dev.inbox.mails().iter().find(|other| other.id == mail.id).and_then(|mail| mail.lead());
    let content = html! {
        p.small { a href="/dev/inbox" { "← Inbox" } }
        h1 { (mail.subject) }
        section.card {
            dl {
                dt { "From" } dd { (mail.from) }
                dt { "To" } dd {
                    @if lead.is_some() { a href=(lead_path(&mail.to)) { (mail.to) } } @else { (mail.to) }
                }
                dt { "Sent" } dd { (moment(dev, mail.sent_at)) }
                dt { "Because" } dd { (title(dev, &mail.campaign)) ", step " code { (mail.step) } }
            }
        }
        @if lead.is_some() {
            section.card {
                h2 { "What does the reader do?" }
                form.inline method="post" action={ (here) "/pretend" } {
                    @for event in ["Delivery", "Open", "Click", "Bounce", "Complaint"] {
                        button name="event" value=(event) { (event) }
                    }
                    span.soft.small { "tells Sillon what SES would tell it" }
                }
            }
        }
        iframe src={ (here) "/html" } title="The e-mail" sandbox="allow-popups allow-popups-to-escape-sandbox" {}
        section.card style="margin-top:1rem" {
            details { summary { "As plain text" } pre { (mail.text) } }
            details {
                summary { "Headers and tags" }
                dl.small {
                    @for (name, value) in mail.headers.iter().chain(&mail.tags) { dt { (name) } dd { (value) } }
                    dt { "send_id" } dd { (mail.send_id) }
                }
            }
        }
    };
    page(dev, &mail.subject, &here, content)
}
