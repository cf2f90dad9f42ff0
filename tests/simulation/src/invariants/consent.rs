//! Consent, as committed: no claim follows a withdrawal or a suppression, and preferences hold.

use std::collections::BTreeSet;

use app::ports::Record;
use domain::consent::SuppressionReason;
use domain::lead::Purpose;
use domain::sequence::Act;
use domain::{Fact, TopicId};
use jiff::Timestamp;

use super::{Found, Rule, Sight, hold};

/// What a lead agreed to so far.
#[derive(Debug, Default)]
pub struct Consent {
    granted: bool,
    /// Whether it left, and has not confirmed its address since.
    withdrawn: bool,
    suppressed: bool,
    /// Whether the mailbox does not exist.
    gone: bool,
    /// Whether the lead asked for its own data.
    wants_data: bool,
    /// Whether a confirmation link would be of use.
    asked: bool,
    left: BTreeSet<TopicId>,
    paused_until: Option<Timestamp>,
}

impl Consent {
    pub fn is_granted(&self) -> bool {
        self.granted
    }

    pub fn see(&mut self, sight: &Sight<'_>) -> Found {
        match &sight.activity.fact {
            Fact::ConfirmationRequested { .. } => self.asked = true,
            Fact::OptInConfirmed { .. } => {
                (self.granted, self.asked, self.withdrawn) = (true, false, false);
            }
            Fact::ConsentGranted { .. } => {
                self.granted = true;
                return hold(!self.withdrawn, Rule::Consent, || "a post undid a withdrawal".into());
            }
            Fact::ConsentWithdrawn { .. } => {
                (self.granted, self.asked, self.withdrawn) = (false, false, true);
            }
            Fact::Suppressed { reason } => {
                self.suppressed = true;
                self.gone = *reason != SuppressionReason::Complaint;
            }
            Fact::AccessRequested { .. } => self.wants_data = true,
            Fact::PreferencesChanged { left_topics, paused_until, .. } => {
                (self.left, self.paused_until) = (left_topics.clone(), *paused_until);
            }
            Fact::SendClaimed { purpose, .. } => return self.may_claim(sight, purpose),
            _ => {}
        }
        Ok(())
    }

    fn may_claim(&self, sight: &Sight<'_>, purpose: &Purpose) -> Found {
        if *purpose == Purpose::Access {
            return hold(self.wants_data && !self.gone, Rule::Consent, || {
                "a link to its data was claimed for a lead that did not ask for it, or is gone".into()
            });
        }
        hold(!self.suppressed, Rule::Consent, || {
            format!("{purpose:?} was claimed for a suppressed address")
        })?;
        if let Purpose::Confirmation { .. } = purpose {
            return hold(self.asked, Rule::Consent, || {
                "a confirmation was claimed that nobody asked for".into()
            });
        }
        hold(self.granted, Rule::Consent, || format!("{purpose:?} was claimed without consent"))?;
        let Fact::SendClaimed { campaign, step, .. } = &sight.activity.fact else { return Ok(()) };
        let Some(campaign) = sight.bundle.campaign(campaign) else { return Ok(()) };
        hold(!campaign.paused, Rule::Preference, || {
            format!("{step} was claimed while {} is paused", campaign.id)
        })?;
        let Some(Act::Send { topic, .. }) = campaign.sequence.steps.get(step).map(|step| &step.act) else {
            return Ok(());
        };
        let topic = topic.as_ref().or(campaign.topic.as_ref());
        let left = topic.is_some_and(|topic| self.left.contains(topic));
        hold(!left, Rule::Preference, || format!("{step} was claimed, whose topic was left"))?;
        let paused = self.paused_until.is_some_and(|until| until > sight.activity.at);
        hold(!paused, Rule::Preference, || format!("{step} was claimed during the lead's pause"))
    }

    /// After all of a record: whoever complained is suppressed by the same record.
    pub fn after(&self, record: &Record) -> Found {
        let complains =
            record.activities.iter().any(|activity| matches!(activity.fact, Fact::EmailComplained(_)));
        hold(!complains || self.suppressed, Rule::Consent, || "a complaint did not suppress".into())
    }
}
