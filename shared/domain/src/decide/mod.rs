//! `decide`: an input meets a lead, and this says what happens. It is pure: time comes in, and what is to be done goes
//! out as facts and an order.

mod access;
mod answers;
mod audience;
mod consent;
mod edits;
mod events;
mod form;
mod hold;
mod looks;
mod notify;
mod retention;
mod scans;
mod sending;
mod sequence;
mod step;
mod waits;

pub use audience::look_again;
use jiff::Timestamp;
pub use retention::{is_past_retention, kept_until};

use crate::activity::{Activity, Fact};
use crate::consent::SuppressionReason;
use crate::input::{Hold, NewLead};
use crate::{Bundle, CampaignId, Facts, Input, InputBody, Lead, Rejection, SendId, Stage};

/// A new stage tells so many of the lead's reasons, the weightiest; a record of all could outgrow the store.
const MOST_REASONS: usize = 50;

/// What an input makes happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The lead after the activities: the fold, so that nobody need fold them again.
    pub lead: Lead,
    /// What happened, in order; never empty.
    pub activities: Vec<Activity>,
    /// The e-mail that is to be sent once this is committed. The lead's `sends` say what it is.
    pub order: Option<SendId>,
    /// When an e-mail falls due that was not due before and that its reader may not have asked for, since anybody can post
    /// anybody's address: a confirmation, or the first e-mail where addresses are not confirmed. The mailbox must have room
    /// for it then, which only the store knows.
    pub unasked_due: Option<Timestamp>,
}

/// Decides on one input about one lead.
///
/// `lead` is `None` for an address that was never heard of. `now` is when the decision is made; `input.at` is when the
/// input happened, which may be long before.
pub fn decide(
    bundle: &Bundle,
    lead: Option<&Lead>,
    input: &Input,
    now: Timestamp,
) -> Result<Decision, Rejection> {
    // Clocks of browsers and servers are wrong at times; nothing happens in our future, or before there were any.
    let at = input.at.max(Timestamp::UNIX_EPOCH).min(now);
    let mut draft = Draft::of(bundle, lead, input, at, now)?;
    match &input.body {
        InputBody::SubmitForm(submission) => draft.submit_form(at, submission)?,
        InputBody::Confirm { request, seen, visitor } => {
            draft.confirm(at, *request, seen.as_ref(), visitor)?
        }
        InputBody::Leave { through, visitor } => draft.leave(at, *through, visitor)?,
        InputBody::ChangePreferences { left_topics, locale, paused_until } => {
            draft.change_preferences(at, left_topics, locale.as_ref(), *paused_until)?;
        }
        InputBody::AskAccess { visitor } => draft.ask_access(at, visitor)?,
        InputBody::DownloadMagnet { campaign, machine } => {
            draft.downloaded(at, campaign, *machine)?;
        }
        InputBody::Feedback(feedback) => draft.feedback(at, feedback)?,
        InputBody::Track(track) => draft.track(at, track)?,
        InputBody::Tick { worker } => draft.tick(worker)?,
        InputBody::HoldConfirmation(hold) => draft.hold_confirmation(*hold)?,
        InputBody::SendResult { send_id, result } => draft.send_result(send_id, result)?,
    }
    draft.follow_up();
    if draft.activities.is_empty() {
        return Err(Rejection::NothingToDo);
    }
    Ok(Decision {
        lead: draft.lead,
        activities: draft.activities,
        order: draft.order,
        unasked_due: draft.unasked_due,
    })
}

/// The stage above its own that a lead reaches by the rules at `now`; it rises with the next thing that happens to it.
pub fn stage_reached(bundle: &Bundle, lead: &Lead, now: Timestamp) -> Option<Stage> {
    if lead.stage == Stage::Disqualified {
        return None;
    }
    stage_above(bundle, lead.stage, &Facts::new(bundle, lead, now))
}

fn stage_above(bundle: &Bundle, from: Stage, facts: &Facts<'_>) -> Option<Stage> {
    let rules = &bundle.organisation.stages;
    let above = Stage::BY_RULE.into_iter().filter(|stage| *stage > from);
    above.into_iter().find(|stage| rules.get(stage).is_some_and(|rule| rule.holds(facts)))
}

/// A decision in the making: the lead as it is after the activities so far.
struct Draft<'a> {
    bundle: &'a Bundle,
    lead: Lead,
    now: Timestamp,
    activities: Vec<Activity>,
    order: Option<SendId>,
    unasked_due: Option<Timestamp>,
    /// What keeps the next e-mail to an address that nobody has confirmed from being claimed.
    hold: Option<Hold>,
    /// The campaigns that `enrol` steps named and that are not entered yet.
    to_enter: Vec<CampaignId>,
}

impl<'a> Draft<'a> {
    fn of(
        bundle: &'a Bundle,
        lead: Option<&Lead>,
        input: &Input,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        let draft = |lead, activities| Self {
            bundle,
            lead,
            now,
            activities,
            order: None,
            unasked_due: None,
            hold: None,
            to_enter: Vec::new(),
        };
        if let Some(lead) = lead {
            return Ok(draft(lead.clone(), Vec::new()));
        }
        let NewLead { id, email, suppressed, erased_before, room: _ } =
            input.new_lead().cloned().ok_or(Rejection::UnknownLead)?;
        // An event may have waited in a queue since before the erasure; a form is applied as it is posted, so that only another
        // machine's clock can make it look so.
        let at = match &input.body {
            InputBody::SubmitForm(_) => erased_before.map_or(at, |erased_at| at.max(erased_at)),
            _ => at,
        };
        let lead = Lead::new(id.clone(), email.clone(), at);
        let created = Activity { at, fact: Fact::LeadCreated { lead: id, email } };
        let mut draft = draft(lead, vec![created]);
        if let Some(erased_at) = erased_before {
            draft.record(at, Fact::LeadCameBack { erased_at });
        }
        if suppressed {
            draft.suppress(at, SuppressionReason::Earlier);
        }
        Ok(draft)
    }

    fn record(&mut self, at: Timestamp, fact: Fact) {
        let activity = Activity { at, fact };
        self.lead.take(&activity);
        self.activities.push(activity);
    }

    fn facts(&self) -> Facts<'_> {
        Facts::new(self.bundle, &self.lead, self.now)
    }

    /// Whether nurture e-mails may be sent at all.
    fn may_be_nurtured(&self) -> bool {
        self.lead.may_be_nurtured()
    }

    /// What every input may bring about: entries, a new stage, the end of enrolments, the end or the move of a wait.
    fn follow_up(&mut self) {
        self.enter_campaigns();
        self.raise_stage();
        let seen = self.activities.len();
        self.reach_goals();
        self.exit_enrolments();
        self.end_waits(seen);
        self.move_waits();
        self.enter_campaigns();
        self.enter_audiences();
        self.schedule_erasure();
    }

    fn raise_stage(&mut self) {
        let from = self.lead.stage;
        if from == Stage::Disqualified {
            return;
        }
        let reached = {
            let facts = self.facts();
            stage_above(self.bundle, from, &facts).zip(facts.score().cloned())
        };
        if let Some((to, mut score)) = reached {
            score.reasons.truncate(MOST_REASONS);
            self.record(self.now, Fact::StageChanged { from, to, score });
        }
    }
}
