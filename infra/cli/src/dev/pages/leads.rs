//! Everybody.

use app::ports::Clock;
use domain::Score;
use dynamodb::AllLeads;
use maud::{Markup, html};

use super::{badge, lead_path, page, relative};
use crate::dev::Dev;

/// `GET /dev/leads`: the hottest first, and those that cannot be read before all.
pub fn leads(dev: &Dev, all: &AllLeads) -> Markup {
    let now = dev.app.clock.now();
    let bundle = &dev.app.bundle;
    let mut leads: Vec<_> =
        all.leads.iter().map(|stored| (Score::of(bundle, &stored.lead, now), &stored.lead)).collect();
    leads.sort_by(|(a, lead_a), (b, lead_b)| {
        b.total.total_cmp(&a.total).then(lead_b.created_at.cmp(&lead_a.created_at))
    });
    let content = html! {
        h1 { "Leads" }
        @for because in &all.unreadable {
            section.card.notice role="alert" {
                h2 { "A lead cannot be read" }
                p { (because) }
            }
        }
        @if leads.is_empty() && all.unreadable.is_empty() {
            section.card { p { "Nobody yet. Fill in a form from the " a href="/" { "first page" } "." } }
        } @else if !leads.is_empty() {
            section.card {
                ul.list {
                    @for (score, lead) in &leads {
                        li {
                            a.whole href=(lead_path(lead.email.as_str())) {
                                div.row {
                                    strong { (lead.email) }
                                    span { (badge(score.temperature(bundle.organisation.score.temperature))) " " (score.total) }
                                }
                                div.soft.small {
                                    (lead.stage.as_str()) " · consent " (lead.consent.state.as_str())
                                    " · came " (relative(now, lead.created_at))
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    page(dev, "Leads", "/dev/leads", content)
}
