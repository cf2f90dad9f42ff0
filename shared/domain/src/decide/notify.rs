//! Another system is told of a lead, by the same protocol that e-mails take.
//!
//! A receiver knows a repeated notification by its id. So, other than an e-mail, one of which nobody knows whether it
//! arrived is posted again, as the same one. It goes to no lead: cap, quiet hours, topics and pauses do not hold it up.

use super::Draft;
use super::sending::occurrence;
use crate::lead::{Purpose, SendOutcome};
use crate::sequence::Step;
use crate::{Campaign, StepId, WebhookId};

impl Draft<'_> {
    /// Claims the notification of a due step.
    pub(super) fn take_notify(
        &mut self,
        campaign: &Campaign,
        id: &StepId,
        step: &Step,
        webhook: &WebhookId,
        worker: &str,
    ) {
        let occurrence = occurrence(&self.lead.enrolments[&campaign.id]);
        let send_id = self.lead.send_id(&campaign.id, id, occurrence);
        let earlier = self.lead.sends.get(&send_id);
        if earlier.is_some_and(|send| send.outcome == SendOutcome::Sent) {
            return self.skip(campaign, id, step, "it was sent before");
        }
        let purpose = Purpose::Notify { webhook: webhook.clone() };
        self.claim_email(campaign, id, purpose, worker);
    }
}
