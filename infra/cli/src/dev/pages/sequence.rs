//! A campaign's sequence as a picture, with the lead's place in it.

use domain::calendar::Period;
use domain::lead::{Enrolment, EnrolmentState};
use domain::sequence::{Act, Sequence, Shift, Step, Until};
use domain::{Activity, CampaignId, Fact, StepId};
use jiff::SignedDuration;
use maud::{Markup, html};

use crate::dev::Dev;

/// The steps in their order, branches indented.
pub fn picture(dev: &Dev, id: &CampaignId, enrolment: &Enrolment, activities: &[Activity]) -> Markup {
    let Some(campaign) = dev.app.bundle.campaign(id) else {
        return html! { p.soft { "This campaign is no longer among the files." } };
    };
    let began = |step: &StepId| {
        activities.iter().filter(|activity| activity.at >= enrolment.began_at).any(|activity| match &activity
            .fact
        {
            Fact::StepBegan { campaign, step: other, .. }
            | Fact::VariantChosen { campaign, step: other, .. }
            | Fact::StepSkipped { campaign, step: other, .. }
            | Fact::TraitsSet { campaign, step: other, .. }
            | Fact::Tagged { campaign, step: other, .. }
            | Fact::Untagged { campaign, step: other, .. }
            | Fact::HeldOut { campaign, step: other }
            | Fact::BranchTaken { campaign, step: other, .. } => campaign == id && other == step,
            _ => false,
        })
    };
    let here = enrolment.step.as_ref().filter(|_| enrolment.state == EnrolmentState::Waiting);
    let picture = Picture { sequence: &campaign.sequence, began: &began, here };
    html! { ul.steps { (picture.steps(campaign.sequence.first.as_ref(), None)) } }
}

struct Picture<'a> {
    sequence: &'a Sequence,
    began: &'a dyn Fn(&StepId) -> bool,
    here: Option<&'a StepId>,
}

impl Picture<'_> {
    /// The steps from `first` on, up to but without `end`.
    fn steps(&self, first: Option<&StepId>, end: Option<&StepId>) -> Markup {
        let mut found = Vec::new();
        let mut next = first;
        while let Some((id, step)) =
            next.filter(|id| Some(*id) != end).and_then(|id| self.sequence.steps.get_key_value(id))
        {
            found.push((id, step));
            next = step.next.as_ref();
        }
        html! { @for (id, step) in found { li { (self.line(id, &step.act)) (self.ways(id, step)) } } }
    }

    fn line(&self, id: &StepId, act: &Act) -> Markup {
        let (class, mark) = if self.here == Some(id) {
            ("here", "●")
        } else if (self.began)(id) {
            ("done", "✓")
        } else {
            ("", "○")
        };
        html! { div class={ "step " (class) } { span.dot { (mark) } span { (describe(act)) } } }
    }

    fn ways(&self, id: &StepId, step: &Step) -> Markup {
        let way = |name: &str, first: &Option<StepId>| {
            html! {
                @if let Some(first) = first {
                    li { span.way { (name) } ul { (self.steps(Some(first), step.next.as_ref())) } }
                }
            }
        };
        html! {
            @match &step.act {
                Act::Branch { cases, otherwise } => {
                    ul {
                        @if let [case] = cases.as_slice() { (way("then", &case.first)) } @else {
                            @for case in cases { (way(&format!("if {}", case.when.source()), &case.first)) }
                        }
                        (way("else", otherwise))
                    }
                }
                Act::WaitFor { otherwise, .. } | Act::WaitUntil { otherwise, .. } => {
                    ul { (way("otherwise", otherwise)) }
                }
                Act::Every { first: Some(first), .. } => {
                    ul { li { span.way { "do" } ul { (self.steps(Some(first), Some(id))) } } }
                }
                Act::Experiment(experiment) => {
                    ul { @for variant in &experiment.variants { (way(variant.id.as_str(), &variant.first)) } }
                }
                _ => {}
            }
        }
    }
}

fn describe(act: &Act) -> Markup {
    html! {
        @match act {
            Act::Send { email, between, until, .. } => {
                "send " strong { (email) } @if between.is_some() { span.soft { " in its window" } }
                @if until.is_some() { span.soft { " until a moment" } }
            }
            Act::Wait { length } => { "wait " (span(*length)) }
            Act::Experiment(experiment) => {
                "one of " (experiment.variants.len()) " variants"
                @if let Some(variant) = &experiment.settled { span.soft { ", settled: " (variant) } }
            }
            Act::WaitFor { kinds, within, .. } => {
                "wait for " (kinds.iter().map(|kind| super::words(kind)).collect::<Vec<_>>().join(" or "))
                ", at most " (span(*within))
            }
            Act::WaitUntil { until: Until::Date { moment }, .. } => {
                "wait until " (moment.strftime("%Y-%m-%d %H:%M").to_string())
            }
            Act::WaitUntil { until: Until::Trait { name, shift, at }, .. } => {
                "wait until "
                @match shift {
                    None => {}
                    Some(Shift::Before(length)) => { (period(*length)) " before " }
                    Some(Shift::After(length)) => { (period(*length)) " after " }
                }
                (super::words(name)) ", " (at.strftime("%H:%M").to_string())
            }
            Act::Every { each, on, at, .. } => {
                "every " (period(*each)) " on " (super::words(on)) ", " (at.strftime("%H:%M").to_string())
            }
            Act::Branch { cases, .. } => {
                @if let [case] = cases.as_slice() { "if " code { (case.when.source()) } } @else { "branch" }
            }
            Act::Set { traits } => {
                "set " @for (place, (name, value)) in traits.iter().enumerate() {
                    @if place > 0 { ", " } (super::words(name)) " " strong { (value) }
                }
            }
            Act::Tag { tag } => { "tag " strong { (tag) } }
            Act::Untag { tag } => { "untag " strong { (tag) } }
            Act::Enrol { campaign } => { "enrol in " strong { (campaign) } }
            Act::Holdout { lots } => { "hold out " (lots / 10) "." (lots % 10) " %" }
            Act::Alert => { "alert " strong { "sales" } }
            Act::Notify { webhook } => { "notify " strong { (webhook) } }
            Act::Exit => { "exit" }
        }
    }
}

/// `1 year`, `3 months`, `14 days`.
fn period(period: Period) -> String {
    let (size, unit) = match period {
        Period::Months(months) if months % 12 == 0 => (months / 12, "year"),
        Period::Months(months) => (months, "month"),
        Period::Days(days) if days % 7 == 0 => (days / 7, "week"),
        Period::Days(days) => (days, "day"),
    };
    format!("{size} {unit}{}", if size == 1 { "" } else { "s" })
}

/// `3 days`, `2 hours`, `15 minutes`.
fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let (size, unit) = match seconds {
        n if n % 86_400 == 0 => (n / 86_400, "day"),
        n if n % 3_600 == 0 => (n / 3_600, "hour"),
        n => (n / 60, "minute"),
    };
    format!("{size} {unit}{}", if size == 1 { "" } else { "s" })
}
