//! What is here.

use app::gate::GateState;
use domain::campaign::Thanks;
use maud::{Markup, html};

use super::{page, title};
use crate::dev::Dev;

/// `GET /`
pub fn home(dev: &Dev, leads: usize, gate: &GateState) -> Markup {
    let mails = dev.inbox.mails().len();
    let organisation = &dev.app.bundle.organisation;
    let content = html! {
        h1 { (organisation.name) }
        p.soft {
            "Everything runs on this machine. No e-mail leaves: they land in the inbox. Move the clock, above, and "
            "whatever falls due on the way happens in its order."
        }
        @let stopped = gate.stopped.as_ref().map(|stop| ("Sending is stopped", stop));
        @let confirmations = gate.confirmations_stopped.as_ref().map(|stop| ("Confirmations are stopped", stop));
        @if let Some((what, stop)) = stopped.or(confirmations) {
            section.card.notice role="alert" {
                h2 { (what) }
                p { (stop.because) ". Leads wait and keep their place." }
                p { "Let e-mails leave again with " code { "sillon sending resume --data …" } }
            }
        }
        div.grid {
            section.card {
                h2 { "Inbox" }
                p { (count(mails, "e-mail")) " so far." }
                a.button href="/dev/inbox" { "Read them" }
            }
            section.card {
                h2 { "Leads" }
                p { (count(leads, "lead")) " so far." }
                a.button href="/dev/leads" { "See them" }
            }
        }
        h2 style="margin-top:1.6rem" { "Campaigns" }
        div.grid {
            @for campaign in dev.app.bundle.campaigns.values() {
                section.card {
                    h2 { (title(dev, &campaign.id)) }
                    p.soft.small {
                        code { (campaign.id) }
                        @if let Some(goal) = &campaign.goal { " · goal " code { (goal) } }
                        " · " (count(campaign.sequence.steps.len(), "step"))
                    }
                    @if campaign.paused { p.soft.small { "It is paused: nothing of it leaves." } }
                    @if campaign.form.is_some() {
                        a.button.main href={ "/f/" (campaign.id) } { "Open its form" } " "
                    } @else {
                        p.soft.small { "It has no form: leads enter it by themselves." }
                    }
                    a.button href={ "/dev/drawings/" (campaign.id) } { "See it drawn" }
                    @if let Some(Thanks::Page(thanks)) = campaign.form.as_ref().and_then(|form| form.thanks.as_ref()) {
                        p.soft.small style="margin:.8rem 0 0" {
                            "It leads on to " code { (thanks) } ". If nothing answers there yet, come back here."
                        }
                    }
                }
            }
        }
        section.card style="margin-top:1.6rem" {
            h2 { "For programs" }
            p.small {
                a href="/dev/inbox.json" { "/dev/inbox.json" } " · " a href="/dev/leads.json" { "/dev/leads.json" }
                " · " code { "POST /v1/events" } " with the write key " code { "dev" }
                " · " code { "POST /dev/clock" } " · " code { "POST /dev/feedback" }
            }
            pre {
                "curl " (dev.app.public_url) "/v1/events -u dev: -H 'content-type: application/json' \\\n"
                "  -d '{\"type\":\"track\",\"event\":\"quote_requested\",\"userId\":\"ada@example.com\"}'"
            }
        }
    };
    page(dev, &organisation.name, "/", content)
}

fn count(n: usize, word: &str) -> String {
    match n {
        0 => format!("No {word}"),
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    }
}
