//! Consent, as committed: no claim follows a withdrawal or a suppression, and preferences hold.

use std::collections::BTreeSet;

use app::ports::Record;
use domain::activity::Entry;
use domain::consent::SuppressionReason;
use domain::form::Form;
use domain::lead::Purpose;
use domain::sequence::Act;
use domain::{CampaignId, Fact, TopicId};
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
    /// The open request, and the campaigns that a confirmation would begin.
    request: u32,
    asked: BTreeSet<CampaignId>,
    /// Whether somebody who reads the mailbox has said yes since it left last.
    confirmed: bool,
    left: BTreeSet<TopicId>,
    paused_until: Option<Timestamp>,
}

impl Consent {
    pub fn is_granted(&self) -> bool {
        self.granted
    }

    pub fn see(&mut self, sight: &Sight<'_>) -> Found {
        match &sight.activity.fact {
            Fact::ConfirmationRequested { campaign, request, .. } => {
                if std::mem::replace(&mut self.request, *request) != *request {
                    self.asked.clear();
                }
                self.asked.insert(campaign.clone());
            }
            Fact::OptInConfirmed { campaigns, .. } => return self.answered(sight, campaigns.as_ref()),
            Fact::Enrolled { campaign, through: Some(Entry::Form), .. } => {
                return self.may_begin(sight, campaign);
            }
            Fact::ConsentGranted { .. } => {
                self.granted = true;
                return hold(!self.withdrawn, Rule::Consent, || "a post undid a withdrawal".into());
            }
            Fact::ConsentWithdrawn { .. } => {
                (self.granted, self.confirmed, self.withdrawn) = (false, false, true);
                self.asked.clear();
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

    /// Somebody said yes to what a page named.
    fn answered(&mut self, sight: &Sight<'_>, named: Option<&BTreeSet<CampaignId>>) -> Found {
        let begun: BTreeSet<CampaignId> =
            self.asked.extract_if(.., |asked| named.is_none_or(|named| named.contains(asked))).collect();
        (self.granted, self.confirmed, self.withdrawn) = (true, true, false);
        let page = sight.world.running.get(&sight.by).and_then(|running| running.named.as_ref());
        hold(page.is_none_or(|page| begun.is_subset(page)), Rule::Consent, || {
            format!("{begun:?} were confirmed by a page that named {page:?}")
        })
    }

    /// A form's campaign begins by an answer that names it, or by a post that needs none.
    fn may_begin(&self, sight: &Sight<'_>, campaign: &CampaignId) -> Found {
        let needs_none = |form: &Form| self.confirmed || !form.consent.double_opt_in && !self.withdrawn;
        let form = sight.bundle.campaign(campaign).and_then(|campaign| campaign.form.as_ref());
        let mut facts = sight.record.activities.iter().map(|activity| &activity.fact);
        let begins = facts.any(|fact| match fact {
            Fact::OptInConfirmed { campaigns, .. } => {
                campaigns.as_ref().is_none_or(|named| named.contains(campaign))
            }
            Fact::FormSubmitted { campaign: of, .. } => of == campaign && form.is_none_or(needs_none),
            _ => false,
        });
        hold(begins, Rule::Consent, || format!("{campaign} begins, and nobody confirmed it"))
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
            return hold(!self.asked.is_empty(), Rule::Consent, || {
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
