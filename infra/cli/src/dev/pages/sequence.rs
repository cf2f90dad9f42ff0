//! A campaign's sequence as a picture, with the lead's place in it.

use domain::lead::{Enrolment, EnrolmentState};
use domain::sequence::{Act, Sequence, Step};
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
            | Fact::BranchTaken { campaign, step: other, .. }
            | Fact::VariantChosen { campaign, step: other, .. } => campaign == id && other == step,
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
        html! { @for (id, step) in found { li { (self.line(id, &step.act)) (self.ways(step)) } } }
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

    fn ways(&self, step: &Step) -> Markup {
        let way = |name: &str, first: &Option<StepId>| {
            html! {
                @if let Some(first) = first {
                    li { span.way { (name) } ul { (self.steps(Some(first), step.next.as_ref())) } }
                }
            }
        };
        html! {
            @match &step.act {
                Act::Branch { then, otherwise, .. } => { ul { (way("then", then)) (way("else", otherwise)) } }
                Act::Experiment(experiment) => {
                    ul { @for variant in &experiment.variants { (way(variant.id.as_str(), &variant.first)) } }
                }
                Act::WaitFor { otherwise, .. } => { ul { (way("otherwise", otherwise)) } }
                _ => {}
            }
        }
    }
}

fn describe(act: &Act) -> Markup {
    html! {
        @match act {
            Act::Send { email, between, .. } => {
                "send " strong { (email) } @if between.is_some() { span.soft { " in its window" } }
            }
            Act::Wait { length } => { "wait " (span(*length)) }
            Act::WaitFor { kind, within, .. } => { "wait for " (super::words(kind)) ", at most " (span(*within)) }
            Act::Branch { when, .. } => { "if " code { (when.source()) } }
            Act::Experiment(experiment) => {
                "one of " (experiment.variants.len()) " variants"
                @if let Some(variant) = &experiment.settled { span.soft { ", settled: " (variant) } }
            }
            Act::Alert => { "alert " strong { "sales" } }
            Act::Exit => { "exit" }
        }
    }
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
