//! What anybody can have us send waits: too much of it leaves, or comes back, or its mailbox has no room.

use jiff::Timestamp;

use super::Draft;
use crate::activity::Fact;
use crate::input::Hold;
use crate::{ACCESS_STEP, CONFIRM_STEP, Campaign, CampaignId, Rejection, StepId};

const STOPPED: &str = "too many confirmations come back, and none leaves";
const HOUR: &str = "too many confirmations in one hour";
const FULL: &str = "the mailbox got as many confirmations as it may";

impl Draft<'_> {
    /// The e-mail that is due waits; whoever is at the lead meanwhile has the last word. It is the one that a tick would send: the
    /// confirmation, a link to the lead's data, or a step's e-mail to an address that nobody has confirmed.
    pub(super) fn hold_confirmation(&mut self, hold: Hold) -> Result<(), Rejection> {
        if self.lead.claim.is_some() {
            return Err(Rejection::NothingToDo);
        }
        let is_due = |(_, due): &&(CampaignId, Timestamp)| *due <= self.now;
        let request = self.lead.consent.request.as_ref();
        let asked = request.and_then(|open| open.mail_due.as_ref()).filter(is_due).cloned();
        let access = self.lead.access_due.as_ref().filter(is_due).cloned();
        match (asked, access, hold) {
            (Some((campaign, _)), ..) => self.put_off(campaign, CONFIRM_STEP, hold),
            (None, Some((campaign, _)), Hold::Stop { .. }) => self.put_off(campaign, ACCESS_STEP, hold),
            (None, _, Hold::Hour { .. } | Hold::Stop { .. }) => self.hold_step(hold),
            (None, _, Hold::Mailbox { .. }) => Err(Rejection::NothingToDo),
        }
    }

    /// Goes on where enrolments are due, up to the e-mail that waits.
    fn hold_step(&mut self, hold: Hold) -> Result<(), Rejection> {
        self.hold = Some(hold);
        self.exit_enrolments();
        while self.hold.is_some()
            && self.order.is_none()
            && let Some(campaign) = self.first_due_enrolment()
        {
            self.take_step(&campaign, "");
        }
        // Something else is due meanwhile: that is for another tick.
        if self.hold.take().is_some() { Err(Rejection::NothingToDo) } else { Ok(()) }
    }

    /// Whether a step's e-mail, which would be claimed now, waits.
    pub(super) fn is_held(&mut self, campaign: &Campaign, id: &StepId) -> bool {
        let Some(hold) = self.hold.take_if(|_| !self.lead.consent.confirmed) else { return false };
        self.put_off(campaign.id.clone(), id.as_str(), hold).is_ok()
    }

    fn put_off(&mut self, campaign: CampaignId, step: &str, hold: Hold) -> Result<(), Rejection> {
        let step = StepId::parse(step).map_err(|_| Rejection::NothingToDo)?;
        let (until, because, has_place) = match hold {
            Hold::Hour { until, has_place } => (Some(until), HOUR, has_place),
            Hold::Stop { until } => (Some(until), STOPPED, false),
            Hold::Mailbox { until } => (until, FULL, false),
        };
        let because = because.to_owned();
        self.record(
            self.now,
            match until {
                Some(due_at) => Fact::StepDeferred { campaign, step, due_at, because, has_place },
                None => Fact::StepSkipped { campaign, step, because },
            },
        );
        Ok(())
    }
}
