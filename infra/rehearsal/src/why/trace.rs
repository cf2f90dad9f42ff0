//! What led to an e-mail: the log's activities that have to do with it, each with the rule or limit behind it.

use domain::activity::{EmailEvent, Way};
use domain::lead::EnrolmentState;
use domain::sequence::{Act, Step};
use domain::{Activity, CampaignId, Fact, Facts, Lead, SendId, StepId, evolve};

use super::condition;
use super::{Cause, Question};
use crate::words::{self, span};

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
        causes
    }

    fn cause(&self, activity: &Activity, text: impl Into<String>) -> Cause {
        Cause { at: self.moment(activity.at), text: text.into(), condition: None, place: None }
    }

    fn causes(&self, target: Target<'_>, place: usize, activity: &Activity, lead: &Lead) -> Vec<Cause> {
        let cause = |text: String| vec![self.cause(activity, text)];
        let own = |campaign: &CampaignId| campaign == target.campaign;
        match &activity.fact {
            Fact::FormSubmitted { campaign, .. } if own(campaign) => {
                cause(format!("The lead submitted the form of `{campaign}`."))
            }
            Fact::ConfirmationRequested { campaign, mail_due, .. } if own(campaign) => cause(match mail_due {
                Some(_) => "The address is to be confirmed first.".to_owned(),
                None => {
                    "The address is to be confirmed first, but no further confirmation was sent: a mailbox gets \
                     at most 3 in 24 hours and 6 in 30 days."
                        .to_owned()
                }
            }),
            Fact::OptInConfirmed { .. } => cause("The lead confirmed the address.".to_owned()),
            Fact::ConsentGranted { .. } => cause("The lead consented by the form.".to_owned()),
            Fact::ConsentWithdrawn { .. } => cause("The lead left: consent was withdrawn.".to_owned()),
            Fact::Suppressed { .. } | Fact::PreferencesChanged { .. } => {
                let told = words::tell(&activity.fact, &self.zone).unwrap_or_default();
                cause(format!("The lead {told}."))
            }
            Fact::Enrolled { campaign, .. } if own(campaign) => cause(format!("It entered `{campaign}`.")),
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
            Fact::BranchTaken { campaign, step, way, case } if own(campaign) => {
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
            Fact::SendRejected { send_id, code, retry_at, .. } if Some(send_id) == target.send_id => {
                cause(match retry_at {
                    Some(at) => {
                        format!("The carrier refused it for now ({code}); it is tried again {}.", self.moment(*at))
                    }
                    None => format!("The carrier refused it ({code}), and it was given up."),
                })
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
            Fact::SendSettled(event)
            | Fact::EmailDelivered(event)
            | Fact::EmailOpened(event)
            | Fact::EmailClicked(event)
            | Fact::EmailBounced(event)
            | Fact::EmailComplained(event)
            | Fact::EmailDelayed(event)
            | Fact::EmailRejected(event)
            | Fact::EmailFailed(event) => self.of_event(target, activity, event),
            Fact::RoundBegan { campaign, .. }
            | Fact::HeldOut { campaign, .. }
            | Fact::VariantChosen { campaign, .. }
                if own(campaign) =>
            {
                let told = words::tell(&activity.fact, &self.zone).unwrap_or_default();
                cause(format!("{told}."))
            }
            _ => Vec::new(),
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

    /// A step that takes time, or is made to wait.
    fn waits(&self, target: Target<'_>, activity: &Activity, step: &StepId) -> Vec<Cause> {
        let (due_at, because) = match &activity.fact {
            Fact::StepBegan { due_at, because, .. } => (*due_at, because.as_deref()),
            Fact::StepDeferred { due_at, because, .. } => (Some(*due_at), Some(because.as_str())),
            _ => return Vec::new(),
        };
        let until = due_at.map_or_else(|| "nobody knows when".to_owned(), |due| self.moment(due));
        if let Some(because) = because {
            let (sentence, place) = self.limit(target.campaign, because);
            let text = format!("`{step}` waits until {until}: {sentence}.");
            return vec![Cause { place, ..self.cause(activity, text) }];
        }
        let act = self.step(target.campaign, step).map(|step| &step.act);
        let text = match act {
            Some(Act::Wait { length }) => format!("`{step}` waits {}, until {until}.", span(*length)),
            Some(Act::WaitFor { kinds, within, .. }) => {
                let kinds = kinds.join("` or `");
                format!("`{step}` waits for `{kinds}`, at most {}, until {until}.", span(*within))
            }
            Some(Act::WaitUntil { .. } | Act::Every { .. }) => format!("`{step}` waits until {until}."),
            // It is due at once, and what becomes of it follows.
            _ => return Vec::new(),
        };
        vec![self.cause(activity, text)]
    }

    /// A limit in words that say what it is, and where it stands.
    pub(super) fn limit(&self, campaign: &CampaignId, because: &str) -> (String, Option<String>) {
        let limits = &self.bundle.organisation.limits;
        let key = |name: &str| self.places.key(&["limits", name]);
        match because {
            "quiet hours" => {
                let hours = limits.quiet_hours.as_ref().map_or_else(String::new, |quiet| {
                    format!(" ({}-{})", quiet.from.strftime("%H:%M"), quiet.to.strftime("%H:%M"))
                });
                (format!("these are quiet hours{hours}"), key("quiet_hours"))
            }
            "the frequency cap" => {
                let cap = limits.per_lead.map_or_else(String::new, |cap| {
                    format!(" ({} e-mails in {} are the most)", cap.count, span(cap.per))
                });
                (format!("the lead has had enough e-mails{cap}"), key("per_lead"))
            }
            "a closed day" | "closed days" => ("this is a closed day".to_owned(), key("closed_days")),
            "its window" => ("its window (`between`) is not open".to_owned(), None),
            "the lead left its topic" => (because.to_owned(), self.places.campaign_key(campaign, "topic")),
            other => (other.to_owned(), None),
        }
    }

    /// Which way a branch or a wait took, with the conditions that were asked.
    #[allow(clippy::too_many_arguments, reason = "what one activity tells, and its surroundings")]
    fn way(
        &self,
        campaign: &CampaignId,
        step: &StepId,
        way: Way,
        case: usize,
        place: usize,
        activity: &Activity,
        lead: &Lead,
    ) -> Vec<Cause> {
        let cause = |text: String| vec![self.cause(activity, text)];
        match (self.step(campaign, step).map(|step| &step.act), way) {
            (Some(Act::Branch { cases, .. }), Way::Then | Way::Else) => {
                let asked = if way == Way::Then { case + 1 } else { cases.len() };
                let facts = Facts::new(self.bundle, lead, activity.at);
                let several = cases.len() > 1;
                let told = cases.iter().take(asked).enumerate().map(|(number, case)| {
                    let at = self.places.condition(Some(campaign), case.when.source());
                    let condition = condition::told(&case.when, &facts, at);
                    let holds = if condition.holds { "holds" } else { "does not hold" };
                    let which =
                        if several { format!("case {}", number + 1) } else { "the condition".to_owned() };
                    let text = format!("At `{step}`, {which} {holds}.");
                    Cause { condition: Some(condition), ..self.cause(activity, text) }
                });
                told.collect()
            }
            (Some(Act::WaitFor { kinds, .. }), Way::Happened) => {
                let earlier = self.log[..place].iter().rev();
                let kind = earlier.filter_map(|activity| activity.fact.counted_kind());
                let kind = kind.into_iter().find(|kind| kinds.iter().any(|wanted| wanted == kind));
                cause(format!("`{step}` waited for `{}`, and it happened.", kind.unwrap_or("an event")))
            }
            (Some(Act::WaitFor { kinds, within, .. }), Way::Otherwise) => {
                let kinds = kinds.join("` or `");
                cause(format!("`{step}` waited for `{kinds}`, which did not happen in {}.", span(*within)))
            }
            (Some(Act::WaitUntil { .. }), Way::Otherwise) => {
                cause(format!("`{step}` takes its `otherwise`: the date is past or not known."))
            }
            _ => cause(format!("At `{step}`: {}.", words::way_taken(way))),
        }
    }

    fn end(
        &self,
        campaign: &CampaignId,
        state: EnrolmentState,
        because: &str,
        activity: &Activity,
        lead: &Lead,
    ) -> Cause {
        let exit_when = self.bundle.campaign(campaign).and_then(|campaign| campaign.exit_when.as_ref());
        if let Some(exit_when) = exit_when.filter(|_| because.starts_with("exit_when: ")) {
            let facts = Facts::new(self.bundle, lead, activity.at);
            let place = self.places.condition(Some(campaign), exit_when.source());
            let condition = Some(condition::told(exit_when, &facts, place));
            let text = format!("`{campaign}` ended: its `exit_when` holds.");
            return Cause { condition, ..self.cause(activity, text) };
        }
        if state == EnrolmentState::GoalReached {
            let text = format!("`{campaign}` ended: `{because}` happened, which is its goal.");
            let place = self.places.campaign_key(campaign, "goal");
            return Cause { place, ..self.cause(activity, text) };
        }
        self.cause(activity, format!("`{campaign}` ended: {because}."))
    }

    pub(super) fn step(&self, campaign: &CampaignId, step: &StepId) -> Option<&Step> {
        self.bundle.campaign(campaign).and_then(|campaign| campaign.sequence.steps.get(step))
    }
}

impl Target<'_> {
    /// Whether the fact is about this very e-mail.
    fn owns(&self, fact: &Fact) -> bool {
        match fact {
            Fact::SendSettled(event)
            | Fact::EmailDelivered(event)
            | Fact::EmailOpened(event)
            | Fact::EmailClicked(event)
            | Fact::EmailBounced(event)
            | Fact::EmailComplained(event)
            | Fact::EmailDelayed(event)
            | Fact::EmailRejected(event)
            | Fact::EmailFailed(event) => Some(&event.send_id) == self.send_id,
            Fact::EmailSent { send_id, .. }
            | Fact::SendRejected { send_id, .. }
            | Fact::SendUncertain { send_id, .. } => Some(send_id) == self.send_id,
            _ => false,
        }
    }

    /// Whether nothing that follows can lead to the e-mail, delay or stop it.
    fn is_settled_by(&self, fact: &Fact) -> bool {
        match fact {
            Fact::EmailSent { send_id, .. } => Some(send_id) == self.send_id,
            Fact::SendRejected { send_id, retry_at: None, .. }
            | Fact::SendUncertain { send_id, retry_at: None, .. } => Some(send_id) == self.send_id,
            Fact::StepSkipped { campaign, step, .. } => {
                self.send_id.is_none() && campaign == self.campaign && step == self.step
            }
            _ => false,
        }
    }
}
