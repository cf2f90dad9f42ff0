//! The e-mails of a rehearsal, written when somebody wants to read them.

use domain::lead::Purpose;
use domain::{Campaign, CampaignId, EmailName, Score, SendId, StepId};
use email::{About, Links, Message, RenderError};
use jiff::Timestamp;

use crate::Rehearsal;

/// Where the links of rehearsed e-mails lead: nowhere (RFC 2606, section 2).
const NOWHERE: &str = "https://sillon.invalid";

/// An e-mail that the carrier was handed. Whether it took it, the lead's `sends` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its identity.
    pub send_id: SendId,
    /// Whose campaign.
    pub campaign: CampaignId,
    /// `confirm`, or a step of its sequence.
    pub step: StepId,
    /// What it is for.
    pub purpose: Purpose,
    /// When.
    pub at: Timestamp,
    /// How many activities the rehearsal's log had by then, the claim included.
    pub activities: usize,
}

impl Mail {
    /// The e-mail of a step; none for a confirmation and for what is not written to the lead.
    pub fn email(&self) -> Option<&EmailName> {
        match &self.purpose {
            Purpose::Nurture { email, .. } => Some(email),
            _ => None,
        }
    }
}

impl Rehearsal<'_> {
    /// The e-mail as it left: written for the lead as it was then. None for what is no e-mail, and if its campaign is gone.
    pub fn message(&self, mail: &Mail) -> Option<Result<Message, RenderError>> {
        let lead = self.lead_after(mail.activities)?;
        let campaign = self.bundle().campaign(&mail.campaign)?;
        let score = Score::of(self.bundle(), &lead, mail.at);
        let about =
            About { bundle: self.bundle(), campaign, lead: &lead, score: &score, send_id: &mail.send_id };
        let links = links(campaign);
        match &mail.purpose {
            Purpose::Confirmation { .. } => {
                Some(email::confirmation(&about, &links, &format!("{NOWHERE}/c/rehearsal")))
            }
            Purpose::Nurture { email, .. } => Some(email::nurture(&about, &mail.step, email, &links)),
            Purpose::Access => Some(email::access(&about, &links, &format!("{NOWHERE}/p/rehearsal"))),
            Purpose::Alert => Some(email::alert(&about)),
            Purpose::Notify { .. } => None,
        }
    }
}

/// Links that look like those of real e-mails, and lead nowhere.
pub fn links(campaign: &Campaign) -> Links {
    Links {
        unsubscribe: format!("{NOWHERE}/u/rehearsal"),
        preferences: format!("{NOWHERE}/p/rehearsal"),
        magnet: campaign.magnet.as_ref().map(|_| format!("{NOWHERE}/d/rehearsal")),
        events_token: Some("rehearsal".to_owned()),
    }
}
