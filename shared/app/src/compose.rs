//! Writes what was claimed: an e-mail with its links, or a notification.

use domain::lead::Purpose;
use domain::{Campaign, Lead, Score, SendId};
use email::{About, Links, Message, RenderError};

use crate::ports::Clock;
use crate::token::{self, Confirm, Download, Leave, Own, Prefer, Track};
use crate::{App, Notification};

/// What is handed to a carrier.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
pub(crate) enum Composed {
    Email(Message),
    Notification(Notification),
}

/// Why an e-mail or a notification that was claimed could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComposeError {
    #[error("the campaign is gone")]
    Gone,
    #[error("the webhook is gone")]
    NoSuchWebhook,
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl<S, C: Clock> App<S, C> {
    /// The e-mail or notification of a claim.
    pub(crate) fn compose(&self, lead: &Lead, send_id: &SendId) -> Result<Composed, ComposeError> {
        let send = lead.sends.get(send_id).ok_or(ComposeError::Gone)?;
        let campaign = self.bundle.campaign(&send.campaign).ok_or(ComposeError::Gone)?;
        let score = Score::of(&self.bundle, lead, self.clock.now());
        let about = About { bundle: &self.bundle, campaign, lead, score: &score, send_id };
        let message = match &send.purpose {
            Purpose::Confirmation { request } => {
                let token =
                    Confirm { lead: lead.id.clone(), campaign: campaign.id.clone(), request: *request };
                email::confirmation(&about, &self.links(lead, campaign), &self.url("c", token))?
            }
            Purpose::Nurture { email, .. } => {
                email::nurture(&about, &send.step, email, &self.links(lead, campaign))?
            }
            Purpose::Access => {
                let own = self.url("p", Own { lead: lead.id.clone() });
                email::access(&about, &self.links(lead, campaign), &own)?
            }
            Purpose::Alert => email::alert(&about)?,
            Purpose::Notify { webhook } => {
                let told = Notification::of(&self.bundle, campaign, lead, &score, send_id, webhook);
                return told.map(Composed::Notification).ok_or(ComposeError::NoSuchWebhook);
            }
        };
        Ok(Composed::Email(message))
    }

    fn links(&self, lead: &Lead, campaign: &Campaign) -> Links {
        let download = || Download { lead: lead.id.clone(), campaign: campaign.id.clone() };
        Links {
            unsubscribe: self.url("u", Leave { lead: lead.id.clone(), campaign: Some(campaign.id.clone()) }),
            preferences: self.url("p", Prefer { lead: lead.id.clone() }),
            magnet: campaign.magnet.as_ref().map(|_| self.url("d", download())),
            events_token: Some(self.token_keys.sign(Track { lead: lead.id.clone() }, self.clock.now())),
        }
    }

    fn url<P: token::Purpose>(&self, route: &str, purpose: P) -> String {
        let token = self.token_keys.sign(purpose, self.clock.now());
        format!("{}/{route}/{token}", self.public_url)
    }
}
