//! Why: what led to an e-mail or a point, delayed it, or stopped it, read from the lead's log.
//!
//! The log says what was decided and when. For a condition, the log is folded to that moment and each part of the
//! condition is asked again, so that one reads not only that it did not hold, but which part of it did not.

mod absent;
mod condition;
mod places;
mod report;
mod rule;
mod score;
mod send;
mod trace;

use std::path::Path;

use domain::lead::EnrolmentState;
use domain::{Activity, Bundle, Fact, Lead, evolve::BrokenLog, fold};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

pub use condition::{ConditionTold, PartTold};
pub use report::{to_json, to_text};
pub use score::{PointTold, ScoreTold};

use places::Places;

use crate::words::WallTime;

/// Everything that can be said about a lead, or about what was asked.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// Whom it is about.
    pub lead: String,
    /// The lead's address.
    pub email: String,
    /// As of when.
    pub now: WallTime,
    /// In short sentences: consent, stage, where it stands.
    pub standing: Vec<String>,
    /// Only if nothing particular was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<ScoreTold>,
    /// The e-mails, or those that were asked for.
    pub sends: Vec<SendTold>,
}

/// What became of one e-mail, and why.
#[derive(Debug, Clone, Serialize)]
pub struct SendTold {
    /// Whose campaign.
    pub campaign: String,
    /// The step.
    pub step: String,
    /// Its identity, once it was claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_id: Option<String>,
    /// `sent`, `waiting`, `being_sent`, `refused`, `unwritten`, `uncertain`, `skipped` or `not_reached`.
    pub state: &'static str,
    /// In a sentence.
    pub verdict: String,
    /// When it will leave if nothing else happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<WallTime>,
    /// What led there, in order.
    pub trace: Vec<Cause>,
}

/// One thing that led to it, delayed it or stopped it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cause {
    /// When.
    pub at: WallTime,
    /// In a sentence.
    pub text: String,
    /// The condition that was asked then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionTold>,
    /// Where the rule or limit stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// Nothing that was asked for is known.
#[derive(Debug, thiserror::Error)]
pub enum Unknown {
    /// The log is no lead's.
    #[error(transparent)]
    Log(#[from] BrokenLog),
    /// No e-mail has that name or id.
    #[error("`{asked}` is no e-mail, step or send of this lead; {help}")]
    Send {
        /// What was asked.
        asked: String,
        /// What there is.
        help: String,
    },
}

/// The question: one lead's log, the campaigns as they are now, and the moment.
struct Question<'a> {
    bundle: &'a Bundle,
    places: Places,
    log: &'a [Activity],
    lead: Lead,
    now: Timestamp,
    zone: TimeZone,
}

/// Explains a lead's e-mails and score, or only what was asked for: a send's id, a step's, or an e-mail's name.
///
/// `infra` is the folder that the bundle was read from; the places of conditions are looked up there.
pub fn explain(
    bundle: &Bundle,
    infra: &Path,
    log: &[Activity],
    now: Timestamp,
    asked: Option<&str>,
) -> Result<Answer, Unknown> {
    let lead = fold(log)?.ok_or(BrokenLog)?;
    // A store's clock may run ahead of ours; what happened is never in the future.
    let now = log.iter().map(|activity| activity.at).fold(now, Timestamp::max);
    let zone = domain::zone::of_lead(bundle, &lead);
    let places = Places::read(infra, bundle);
    let question = Question { bundle, places, log, lead, now, zone };
    let sends = question.sends(asked)?;
    Ok(Answer {
        lead: question.lead.id.to_string(),
        email: question.lead.email.as_str().to_owned(),
        now: question.moment(now),
        standing: question.standing(),
        score: asked.is_none().then(|| question.score()),
        sends,
    })
}

impl Question<'_> {
    fn moment(&self, at: Timestamp) -> WallTime {
        WallTime::new(at, &self.zone)
    }

    fn standing(&self) -> Vec<String> {
        let lead = &self.lead;
        let mut told = vec![format!("Consent is {}.", lead.consent.state.as_str())];
        if let Some(reason) = lead.suppression {
            told.push(format!("Nothing is sent to the address any more: {}.", reason.as_str()));
        }
        told.push(format!("The stage is {}.", lead.stage.as_str()));
        if let Some(until) = lead.preferences.paused_until.filter(|until| *until > self.now) {
            told.push(format!("The lead asked for a pause until {}.", self.moment(until)));
        }
        for (campaign, enrolment) in &lead.enrolments {
            let step = enrolment.step.as_ref().map_or("its beginning", domain::StepId::as_str);
            let text = match (enrolment.state, enrolment.due_at) {
                (EnrolmentState::Waiting, Some(due)) => {
                    format!("In `{campaign}` it stands at `{step}` until {}.", self.moment(due))
                }
                (EnrolmentState::Waiting, None) => format!("In `{campaign}` it stands at `{step}`."),
                (state, _) => {
                    let ended = self.log.iter().rev().find_map(|activity| match &activity.fact {
                        Fact::EnrolmentEnded { campaign: other, because, .. } if other == campaign => {
                            Some(format!(" {}: {because}", self.moment(activity.at)))
                        }
                        _ => None,
                    });
                    let state = state.as_str().replace('_', " ");
                    format!("`{campaign}` is over, {state}{}.", ended.unwrap_or_default())
                }
            };
            told.push(text);
        }
        told
    }
}
