//! What led to an e-mail: the log's activities that have to do with it, each with the rule or limit behind it.

use domain::activity::EmailEvent;
use domain::input::unwritten;
use domain::{Activity, CampaignId, Fact, Lead, SendId, StepId, evolve};

use super::rule::FULL_MAILBOX;
use super::{Cause, Question};
use crate::words;

/// Which e-mail is traced.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub campaign: &'a CampaignId,
    pub step: &'a StepId,
    /// The enrolment it belongs to; 0 for a confirmation.
    pub enrolment: u32,
    pub send_id: Option<&'a SendId>,
}

impl Question<'_> {
    pub(super) fn trace(&self, target: Target<'_>) -> Vec<Cause> {
        let mut causes = Vec::new();
        let mut lead: Option<Lead> = None;
        let mut over = false;
        for (place, activity) in self.log.iter().enumerate() {
            match &activity.fact {
                // What led to an earlier enrolment led to this one only by its end.
                Fact::Enrolled { campaign, number, .. }
                    if campaign == target.campaign && *number < target.enrolment =>
                {
                    causes.clear();
                }
                Fact::Enrolled { campaign, number, .. }
                    if campaign == target.campaign && *number > target.enrolment && target.enrolment > 0 =>
                {
                    over = true;
                }
                _ => {}
            }
            if let Some(lead) = &lead
                && (!over || target.owns(&activity.fact))
            {
                causes.extend(self.causes(target, place, activity, lead));
            }
            over |= target.is_settled_by(&activity.fact);
            lead = evolve(lead, activity).ok();
        }
        causes.extend(self.outside(target.campaign));
        causes
    }

    pub(super) fn cause(&self, activity: &Activity, text: impl Into<String>) -> Cause {
        Cause { at: self.moment(activity.at), text: text.into(), condition: None, place: None }
    }

    fn causes(&self, target: Target<'_>, place: usize, activity: &Activity, lead: &Lead) -> Vec<Cause> {
        let cause = |text: String| vec![self.cause(activity, text)];
        let own = |campaign: &CampaignId| campaign == target.campaign;
        match &activity.fact {
            Fact::FormSubmitted { campaign, .. } if own(campaign) => {
                cause(format!("The lead submitted the form of `{campaign}`."))
            }
            Fact::ConfirmationRequested { campaign, mail_due: Some(_), .. } if own(campaign) => {
                cause("The address is to be confirmed first.".to_owned())
            }
            Fact::ConfirmationRequested { campaign, .. } if own(campaign) => {
                let (full, place) = self.limit(campaign, FULL_MAILBOX);
                let text = "The address is to be confirmed first, but no further confirmation was sent";
                vec![Cause { place, ..self.cause(activity, format!("{text}: {full}.")) }]
            }
            Fact::OptInConfirmed { .. } => cause("The lead confirmed the address.".to_owned()),
            Fact::ConsentGranted { .. } => cause("The lead consented by the form.".to_owned()),
            Fact::ConsentWithdrawn { .. } => cause("The lead left: consent was withdrawn.".to_owned()),
            Fact::Suppressed { .. } | Fact::PreferencesChanged { .. } => {
                let told = words::tell(&activity.fact, &self.zone).unwrap_or_default();
                cause(format!("The lead {told}."))
            }
            Fact::Enrolled { campaign, through, .. } if own(campaign) => {
                vec![self.entry(campaign, *through, activity, lead)]
            }
            Fact::StepBegan { campaign, step, .. } | Fact::StepDeferred { campaign, step, .. }
                if own(campaign) =>
            {
                self.waits(target, activity, step)
            }
            Fact::StepSkipped { campaign, step, because } if own(campaign) => {
                let mut skipped = self.cause(activity, format!("`{step}` was skipped: {because}."));
                skipped.place = self.limit(campaign, because).1;
                vec![skipped]
            }
            Fact::BranchTaken { campaign, step, way, case, .. } if own(campaign) => {
                self.way(campaign, step, *way, *case as usize, place, activity, lead)
            }
            Fact::EnrolmentEnded { campaign, state, because } if own(campaign) => {
                vec![self.end(campaign, *state, because, activity, lead)]
            }
            Fact::EmailSent { send_id, campaign, step, .. } if own(campaign) => {
                if Some(send_id) == target.send_id {
                    cause("It left.".to_owned())
                } else if step == target.step || step.as_str() == domain::CONFIRM_STEP {
                    Vec::new()
                } else {
                    cause(format!("`{step}` left."))
                }
            }
            Fact::Notified { send_id, .. } if Some(send_id) == target.send_id => {
                cause("The webhook took it.".to_owned())
            }
            Fact::SendRejected { send_id, code, retry_at, .. } if Some(send_id) == target.send_id => {
                cause(match (unwritten(code), retry_at) {
                    (Some(why), _) => {
                        format!("It could not be written, and the carrier was never asked: {why}. {MEND}")
                    }
                    (None, Some(at)) => {
                        format!(
                            "The carrier refused it for now ({code}); it is tried again {}.",
                            self.moment(*at)
                        )
                    }
                    (None, None) => format!("The carrier refused it ({code}), and it was given up."),
                })
            }
            Fact::SendThrottled { send_id, code, .. } if Some(send_id) == target.send_id => {
                cause(format!("The carrier took no e-mail at that moment ({code}); it kept its turn."))
            }
            Fact::SendUncertain { send_id, code, retry_at, .. } if Some(send_id) == target.send_id => {
                let what = match code.as_str() {
                    "lease_ended" => "The worker that was to send it told nothing before its lease ended",
                    _ => "The carrier gave no clear answer",
                };
                let then = match retry_at {
                    Some(at) => format!("it is sent again {}", self.moment(*at)),
                    None => "it is not sent again, so that nobody gets it twice".to_owned(),
                };
                cause(format!("{what} ({code}): nobody knows whether it left, and {then}."))
            }
            Fact::RoundBegan { campaign, .. }
            | Fact::HeldOut { campaign, .. }
            | Fact::VariantChosen { campaign, .. }
                if own(campaign) =>
            {
                let told = words::tell(&activity.fact, &self.zone).unwrap_or_default();
                cause(format!("{told}."))
            }
            fact => fact.email_event().map_or_else(Vec::new, |event| self.of_event(target, activity, event)),
        }
    }

    fn of_event(&self, target: Target<'_>, activity: &Activity, event: &EmailEvent) -> Vec<Cause> {
        if Some(&event.send_id) != target.send_id {
            return Vec::new();
        }
        let text = match &activity.fact {
            Fact::SendSettled(_) => "An event of the carrier tells that it left.",
            Fact::EmailDelivered(_) => "It was delivered.",
            Fact::EmailBounced(_) => "It bounced.",
            Fact::EmailDelayed(_) => "Its delivery is delayed.",
            Fact::EmailRejected(_) | Fact::EmailFailed(_) => "SES did not send it on.",
            _ if event.machine => return Vec::new(),
            Fact::EmailOpened(_) => "The lead opened it.",
            Fact::EmailClicked(_) => "The lead clicked in it.",
            _ => "The lead complained about it.",
        };
        vec![self.cause(activity, text)]
    }
}

/// What is to be done about an e-mail that cannot be written.
const MEND: &str = "Mend the e-mail and deploy it: it goes to those who come to that step from then on.";

impl Target<'_> {
    /// Whether the fact is about this very e-mail.
    fn owns(&self, fact: &Fact) -> bool {
        match fact {
            Fact::EmailSent { send_id, .. }
            | Fact::Notified { send_id, .. }
            | Fact::SendRejected { send_id, .. }
            | Fact::SendThrottled { send_id, .. }
            | Fact::SendUncertain { send_id, .. } => Some(send_id) == self.send_id,
            _ => fact.email_event().is_some_and(|event| Some(&event.send_id) == self.send_id),
        }
    }

    /// Whether nothing that follows can lead to the e-mail, delay or stop it.
    fn is_settled_by(&self, fact: &Fact) -> bool {
        match fact {
            Fact::EmailSent { send_id, .. } | Fact::Notified { send_id, .. } => Some(send_id) == self.send_id,
            Fact::SendRejected { send_id, retry_at: None, .. }
            | Fact::SendUncertain { send_id, retry_at: None, .. } => Some(send_id) == self.send_id,
            Fact::StepSkipped { campaign, step, .. } => {
                self.send_id.is_none() && campaign == self.campaign && step == self.step
            }
            _ => false,
        }
    }
}
