//! Everything that happened to a lead, the latest first, told for people.

use domain::activity::{EmailEvent, Entry, Way};
use domain::input::unwritten;
use domain::{Activity, Fact};
use maud::{Markup, html};

use super::{moment, title, words};
use crate::dev::Dev;

/// The whole log. What the lead did stands out; what only engineers ask for stands back.
pub fn timeline(dev: &Dev, activities: &[Activity]) -> Markup {
    html! {
        ol.timeline {
            @for activity in activities.iter().rev() {
                li class=(weight(&activity.fact)) {
                    div { (tell(dev, &activity.fact)) }
                    div.soft.small { (moment(dev, activity.at)) }
                }
            }
        }
    }
}

fn weight(fact: &Fact) -> &'static str {
    match fact {
        Fact::SendClaimed { .. }
        | Fact::StepBegan { .. }
        | Fact::BranchTaken { .. }
        | Fact::VariantChosen { .. }
        | Fact::SendSettled(_)
        | Fact::EmailDelivered(_)
        | Fact::LeadRead { .. }
        | Fact::LeadPutBack { .. }
        | Fact::RetentionScheduled { .. }
        | Fact::LeadCreated { .. }
        | Fact::LeadCameBack { .. }
        | Fact::ConfirmationRequested { .. } => "minor",
        fact if fact.counted_kind().is_some_and(Fact::is_by_lead) => "lead",
        _ => "",
    }
}

fn tell(dev: &Dev, fact: &Fact) -> Markup {
    let name = |campaign| html! { em { (title(dev, campaign)) } };
    html! {
        @match fact {
            Fact::LeadCreated { .. } => { "First heard of" }
            Fact::LeadCameBack { erased_at } => { "Came back, after somebody of that address was erased " (moment(dev, *erased_at)) }
            Fact::FormSubmitted { campaign, passed_over, .. } => {
                strong { "Filled in the form" } " of " (name(campaign))
                @if !passed_over.is_empty() { "; passed over, since known otherwise: " (rehearsal::words::traits(passed_over)) }
            }
            Fact::ConfirmationRequested { mail_due, .. } => {
                "Asked to confirm the address"
                @if mail_due.is_none() { ", without another e-mail: enough were sent today" }
            }
            Fact::OptInConfirmed { .. } => { strong { "Confirmed" } " the address: consent is granted" }
            Fact::ConsentGranted { campaign } => { strong { "Consented" } " by the form of " (name(campaign)) }
            Fact::ConsentWithdrawn { .. } => { strong { "Left" } ": consent is withdrawn" }
            Fact::PreferencesChanged { .. } => { strong { "Changed preferences" } }
            Fact::AccessRequested { .. } => { strong { "Asked for their data" } ": a link to them is mailed" }
            Fact::RetentionScheduled { until: Some(until) } => { "To be looked at again, for its retention: " (moment(dev, *until)) }
            Fact::RetentionScheduled { until: None } => { "Kept for ever" }
            Fact::LeadRead { by, how } => { "Read by " (by) ", with " (how) }
            Fact::LeadPutBack { by } => { "Put back by " (by) ", after it was set aside" }
            Fact::Suppressed { reason } => { strong { "Suppressed" } " after a " (reason.as_str()) }
            Fact::Identified { traits, .. } => {
                strong { "Identified" } ": "
                @for (place, (name, value)) in traits.iter().enumerate() { @if place > 0 { ", " } (words(name)) " " (value) }
            }
            Fact::PageViewed { url, title } => {
                strong { "Viewed a page" } " " (title.as_deref().or(url.as_deref()).unwrap_or_default())
            }
            Fact::MagnetDownloaded { campaign, machine, .. } => {
                strong { "Downloaded the guide" } " of " (name(campaign)) @if *machine { " (a machine did)" }
            }
            Fact::LookScheduled { look_at: Some(at) } => { "To be looked at again, for audiences: " (moment(dev, *at)) }
            Fact::LookScheduled { look_at: None } => { "No audience is to be looked at any more" }
            Fact::Enrolled { campaign, through: Some(Entry::Audience), .. } => {
                "Entered the sequence of " (name(campaign)) " by itself: its audience holds"
            }
            Fact::Enrolled { campaign, .. } => { "Entered the sequence of " (name(campaign)) }
            Fact::StepBegan { step, due_at, because, .. } => {
                "Step " code { (step) } @if let Some(due_at) = due_at { ", due " (moment(dev, *due_at)) }
                @if let Some(because) = because { ", held back by " (because) }
            }
            Fact::StepDeferred { step, due_at, because, .. } => {
                "Step " code { (step) } " put off to " (moment(dev, *due_at)) ", by " (because)
            }
            Fact::StepSkipped { step, because, .. } => { "Step " code { (step) } " skipped: " (because) }
            Fact::VariantChosen { step, variant, settled, .. } => {
                "At " code { (step) } ": variant " strong { (variant) } @if !*settled { ", by lot" }
            }
            Fact::BranchTaken { step, way, case, because, .. } => {
                "At " code { (step) } ": " (because.as_deref().unwrap_or_else(|| way_taken(*way))) @if *case > 0 { ", case " (case + 1) }
            }
            Fact::RoundBegan { step, round, .. } => { "Round " (round.number) " of " code { (step) } ", on " (round.on.to_string()) }
            Fact::TraitsSet { step, traits, .. } => {
                "Step " code { (step) } " set "
                @for (place, (name, value)) in traits.iter().enumerate() { @if place > 0 { ", " } (words(name)) " " (value) }
            }
            Fact::Tagged { tag, .. } => { "Tagged " code { (tag) } }
            Fact::Untagged { tag, .. } => { "No longer tagged " code { (tag) } }
            Fact::HeldOut { campaign, .. } => { "Held out of " (name(campaign)) ", as one of the control group" }
            Fact::EnrolmentEnded { campaign, state, because } => {
                "The sequence of " (name(campaign)) " ended, " (words(state.as_str())) ": " (words(because))
            }
            Fact::StageChanged { from, to, score } => {
                strong { "Became " (to.as_str()) } ", from " (from.as_str()) ", at a score of " (score.total)
            }
            Fact::SendClaimed { step, purpose, .. } => {
                @if purpose.is_email() { "E-mail " } @else { "Notification " } code { (step) } " is being sent"
            }
            Fact::EmailSent { step, .. } => { "E-mail " strong { (step) } " sent" }
            Fact::Notified { step, .. } => { "Webhook told: " strong { (step) } }
            Fact::SendRejected { step, code, .. } if unwritten(code).is_some() => {
                code { (step) } " could not be written, and nothing left: " (unwritten(code).unwrap_or_default())
                ". Mend the e-mail; `sillon check` tells where."
            }
            Fact::SendRejected { step, code, retry_at, .. } => {
                "Sending " code { (step) } " was refused (" (code) ")"
                @match retry_at { Some(at) => { ", to be tried again " (moment(dev, *at)) } None => { ", given up" } }
            }
            Fact::SendThrottled { step, code, .. } => {
                code { (step) } " keeps its turn: the carrier took nothing at that moment (" (code) ")"
            }
            Fact::SendUncertain { step, code, .. } => {
                code { (step) } " may or may not have left (" (code) ")"
            }
            Fact::BackedOff { bounces, until } => {
                "Its mailbox gets a rest until " (moment(dev, *until)) ", after soft bounce " (bounces) " in a row"
            }
            Fact::ClicksDisowned { clicked_at, .. } if clicked_at.is_empty() => { "A scanner followed the links" }
            Fact::ClicksDisowned { clicked_at, .. } => {
                "A scanner followed the links: " (clicked_at.len()) " earlier click(s) weigh nothing"
            }
            Fact::SendSettled(event) => { (of(event)) " was accepted after all" }
            Fact::EmailDelivered(event) => { (of(event)) " delivered" }
            Fact::EmailOpened(event) => { strong { "Opened" } " " (of(event)) (machine(event)) }
            Fact::EmailClicked(event) => { strong { "Clicked" } " in " (of(event)) (machine(event)) }
            Fact::EmailBounced(event) => { (of(event)) " bounced " (event.detail.as_deref().unwrap_or_default()) }
            Fact::EmailComplained(event) => { strong { "Complained" } " about " (of(event)) }
            Fact::EmailDelayed(event) => { (of(event)) " is delayed" }
            Fact::EmailRejected(event) => { (of(event)) " was rejected by SES" }
            Fact::EmailFailed(event) => { (of(event)) " could not be rendered by SES" }
            Fact::Occurred { kind, .. } => { strong { (words(kind)) } }
        }
    }
}

fn of(event: &EmailEvent) -> Markup {
    html! { "e-mail " code { (event.step.as_ref().map_or("?", domain::StepId::as_str)) } }
}

fn machine(event: &EmailEvent) -> &'static str {
    if event.machine { " (a machine did)" } else { "" }
}

fn way_taken(way: Way) -> &'static str {
    match way {
        Way::Then => "the condition held",
        Way::Else => "the condition did not hold",
        Way::Happened => "it happened",
        Way::Otherwise => "it did not happen in time",
    }
}
