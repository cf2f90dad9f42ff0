//! One lead: who it is, what its score is made of, where it stands, and everything that happened.

use app::ports::Clock;
use domain::{Activity, Lead, Score, computed};
use maud::{Markup, html};

use super::{badge, lead_path, moment, page, relative, sequence, timeline, title, words};
use crate::dev::Dev;

/// `GET /dev/leads/{email}`
pub fn lead(dev: &Dev, lead: &Lead, activities: &[Activity]) -> Markup {
    let now = dev.app.clock.now();
    let score = Score::of(&dev.app.bundle, lead, now);
    let here = lead_path(lead.email.as_str());
    let content = html! {
        p.small { a href="/dev/leads" { "← Leads" } }
        h1 { (lead.email) }
        div.grid {
            (score_card(dev, &score))
            (who(dev, lead))
        }
        @for (campaign, enrolment) in &lead.enrolments {
            section.card style="margin-top:1rem" {
                div.row {
                    h2 { (title(dev, campaign)) }
                    span.soft.small {
                        (words(enrolment.state.as_str()))
                        @if let Some(due) = enrolment.due_at { ", next " span title=(moment(dev, due)) { (relative(now, due)) } }
                    }
                }
                (sequence::picture(dev, campaign, enrolment, activities))
            }
        }
        section.card style="margin-top:1rem" {
            h2 { "Timeline" }
            (timeline::timeline(dev, activities))
            p.small style="margin-top:1rem" { a href={ (here) ".json" } { "The same as data" } }
        }
    };
    page(dev, lead.email.as_str(), &here, content)
}

fn score_card(dev: &Dev, score: &Score) -> Markup {
    let bands = dev.app.bundle.organisation.score.temperature;
    let now = dev.app.clock.now();
    html! {
        section.card {
            div.row {
                span { span.total { (score.total) } " " (badge(score.temperature(bands))) }
                span.soft.small { "fit " (score.fit) @if let Some(grade) = score.grade { " (" (grade.as_str()) ")" } " · engagement " (score.engagement) }
            }
            meter min="0" max=(bands.hot.max(score.total).max(1.0)) low=(bands.warm) high=(bands.hot)
                value=(score.total.max(0.0)) { (score.total) }
            table {
                @for reason in &score.reasons {
                    tr {
                        td.number { (format!("{:+}", reason.points)) }
                        td { (words(&reason.because)) }
                        td.when title=(moment(dev, reason.at)) { (relative(now, reason.at)) }
                    }
                }
            }
            @if score.reasons.is_empty() { p.soft { "No point yet." } }
        }
    }
}

fn who(dev: &Dev, lead: &Lead) -> Markup {
    let touch = lead.attribution.first.as_ref();
    html! {
        section.card {
            dl {
                dt { "Stage" } dd { strong { (lead.stage.as_str()) } }
                dt { "Consent" } dd { (lead.consent.state.as_str()) }
                @if let Some(reason) = lead.suppression { dt { "Suppressed" } dd { (format!("{reason:?}").to_lowercase()) } }
                @if let Some(until) = lead.preferences.paused_until { dt { "Paused until" } dd { (moment(dev, until)) } }
                @if let Some(locale) = &lead.locale { dt { "Language" } dd { (locale) } }
                @for (name, value) in computed::traits_of(&dev.app.bundle, lead).iter() { dt { (words(name)) } dd { (value) } }
                @if let Some(touch) = touch {
                    @let touch = &touch.touch;
                    @for (name, value) in [
                        ("Source", &touch.utm_source), ("Medium", &touch.utm_medium), ("Campaign", &touch.utm_campaign),
                        ("Referrer", &touch.referrer), ("Landing page", &touch.landing_page),
                    ] {
                        @if let Some(value) = value { dt { (name) } dd { (value) } }
                    }
                }
                dt { "Since" } dd { (moment(dev, lead.created_at)) }
            }
        }
    }
}
