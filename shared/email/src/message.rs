//! An e-mail that is ready to leave.

use domain::{CampaignId, LeadId, SendId};

/// What a carrier carries. No text in it holds a line break where a header must not.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its identity: the SES tag `send`.
    pub send_id: SendId,
    /// Whom its events concern: the SES tag `lead`. None for an alert, since a salesperson's click is not the lead's.
    pub lead: Option<LeadId>,
    /// Whose campaign.
    pub campaign: CampaignId,
    /// `confirm`, `access`, `alert`, or the step's id.
    pub step: String,
    /// Whether anybody can have us send it: the SES tag `unproven`.
    pub unproven: bool,
    /// `Name <address>` or an address.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// One address, or the sales team's.
    pub to: Vec<String>,
    /// Plain text.
    pub subject: String,
    /// The whole document.
    pub html: String,
    /// The same for readers without HTML.
    pub text: String,
    /// `List-Unsubscribe` and such, by name.
    pub headers: Vec<(String, String)>,
}
