//! Why the sequence has not come to an e-mail, or went past it.

use domain::activity::Way;
use domain::lead::{Enrolment, EnrolmentState};
use domain::{Campaign, CampaignId, Fact, StepId};

use super::Question;
use crate::outline::{Item, Name, outline};

impl Question<'_> {
    pub(super) fn not_reached(
        &self,
        id: &CampaignId,
        step: &StepId,
        enrolment: Option<&Enrolment>,
    ) -> String {
        let Some(campaign) = self.bundle.campaign(id) else {
            return "The campaign is gone from the files.".to_owned();
        };
        let Some(enrolment) = enrolment else { return self.not_entered(id) };
        if let Some(reason) = self.other_way(campaign, step, enrolment) {
            return reason;
        }
        let stands = enrolment.step.as_ref().map_or("its beginning", StepId::as_str);
        match enrolment.state {
            EnrolmentState::Waiting => {
                let until =
                    enrolment.due_at.map_or_else(String::new, |due| format!(" until {}", self.moment(due)));
                format!("It has not come to it yet: the lead stands at `{stands}`{until}.")
            }
            _ => {
                let ended = self.log.iter().rev().find_map(|activity| match &activity.fact {
                    Fact::EnrolmentEnded { campaign, because, state } if campaign == id => {
                        Some((activity.at, because.clone(), *state))
                    }
                    _ => None,
                });
                let Some((at, because, state)) = ended else { return "The sequence is over.".to_owned() };
                let goal =
                    if state == EnrolmentState::GoalReached { " happened, which is the goal" } else { "" };
                format!("The sequence ended before, {}: {because}{goal}.", self.moment(at))
            }
        }
    }

    /// Why a campaign whose form asked for a confirmation sent none: state and verdict.
    pub(super) fn not_asked(&self, id: &CampaignId) -> (&'static str, String) {
        let asked = self.log.iter().rposition(
            |activity| matches!(&activity.fact, Fact::ConfirmationRequested { campaign, .. } if campaign == id),
        );
        let after = &self.log[asked.unwrap_or_default()..];
        let answered = after.iter().find_map(|activity| match &activity.fact {
            Fact::OptInConfirmed { campaigns, .. } => {
                Some((activity.at, campaigns.as_ref().is_none_or(|named| named.contains(id))))
            }
            _ => None,
        });
        if let Some((at, counts)) = answered {
            let at = self.moment(at);
            let told = if counts {
                format!(
                    "None was needed: the lead confirmed the address {at} by another e-mail, and that counts for this campaign, too."
                )
            } else {
                format!(
                    "None was sent: the lead confirmed the address {at} by another e-mail, whose page did not name this campaign."
                )
            };
            return ("skipped", told);
        }
        if after.iter().any(|activity| matches!(activity.fact, Fact::ConsentWithdrawn { .. })) {
            return ("skipped", "The lead left before one was sent.".to_owned());
        }
        if self.lead.suppression.is_some() {
            return ("skipped", self.not_entered(id));
        }
        let request = self.lead.consent.request.as_ref();
        match request.and_then(|request| request.mail_due.as_ref()).filter(|(asks, _)| asks == id) {
            Some((_, due)) if *due > self.now => ("waiting", format!("It is due {}.", self.moment(*due))),
            Some((_, due)) => ("waiting", format!("It is due since {}.", self.moment(*due))),
            None => ("not_reached", "Another e-mail asks the lead to confirm the address.".to_owned()),
        }
    }

    fn not_entered(&self, id: &CampaignId) -> String {
        let consent = &self.lead.consent;
        if self.lead.suppression.is_some() {
            return "Nothing is sent to this address any more.".to_owned();
        }
        if consent.request.as_ref().is_some_and(|request| request.campaigns.contains(id)) {
            return "The lead has not confirmed the address yet.".to_owned();
        }
        if consent.withdrawn_at.is_some() {
            return "The lead left, and has not consented again.".to_owned();
        }
        format!("The lead never entered `{id}`.")
    }

    /// The branch, wait or experiment that led past the step.
    fn other_way(&self, campaign: &Campaign, step: &StepId, enrolment: &Enrolment) -> Option<String> {
        let mut path = Vec::new();
        find(&outline(&campaign.sequence), step, &mut path);
        let log = &self.log[self.begun(&campaign.id, enrolment.number)..];
        for (id, name) in path {
            let decision = log.iter().rev().find_map(|activity| match (&activity.fact, &name) {
                (Fact::BranchTaken { campaign: other, step, way, case, because }, _)
                    if *other == campaign.id && *step == id =>
                {
                    let taken = match (way, &name) {
                        (Way::Then, Taken::Case(number)) => *number == *case as usize,
                        (Way::Else, Taken::Else) | (Way::Otherwise, Taken::Otherwise) => true,
                        _ => false,
                    };
                    let told = because.as_deref().unwrap_or_else(|| crate::words::way_taken(*way));
                    Some((taken, activity.at, told.to_owned()))
                }
                (Fact::VariantChosen { campaign: other, step, variant, .. }, Taken::Variant(own))
                    if *other == campaign.id && *step == id =>
                {
                    let told = format!("the lead has the variant `{variant}`, and this is of `{own}`");
                    Some((variant.as_str() == own, activity.at, told))
                }
                _ => None,
            });
            if let Some((false, at, told)) = decision {
                return Some(format!(
                    "The sequence went another way at `{id}`, {}: {told}.",
                    self.moment(at)
                ));
            }
        }
        None
    }
}

/// The way of a step that holds another step.
enum Taken {
    Case(usize),
    Else,
    Otherwise,
    Variant(String),
    Other,
}

/// The steps that hold `wanted`, the outermost first, and by which way.
fn find(items: &[Item<'_>], wanted: &StepId, path: &mut Vec<(StepId, Taken)>) -> bool {
    for item in items {
        if item.id == wanted {
            return true;
        }
        for way in &item.ways {
            let name = match way.name {
                Name::Case(number, _) => Taken::Case(number),
                Name::Else => Taken::Else,
                Name::Otherwise => Taken::Otherwise,
                Name::Variant(variant) => Taken::Variant(variant.id.to_string()),
                Name::Happened | Name::Round => Taken::Other,
            };
            path.push((item.id.clone(), name));
            if find(&way.items, wanted, path) {
                return true;
            }
            path.pop();
        }
    }
    false
}
