//! What another system is told of a lead.

use domain::{Bundle, Campaign, Lead, Score, SendId, WebhookId};
use serde_json::json;

/// One notification, as it is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// By which the receiver knows a repetition.
    pub id: SendId,
    /// Who is told.
    pub webhook: WebhookId,
    /// Where it is posted.
    pub url: String,
    /// JSON, in the form of Standard Webhooks: `type`, `timestamp`, `data`.
    pub body: String,
}

impl Notification {
    /// The notification of a claim. None if the webhook is gone from the files.
    pub(crate) fn of(
        bundle: &Bundle,
        campaign: &Campaign,
        lead: &Lead,
        score: &Score,
        id: &SendId,
        webhook: &WebhookId,
    ) -> Option<Self> {
        let url = bundle.organisation.webhooks.get(webhook)?.url.clone();
        let send = lead.sends.get(id)?;
        // When the lead came to the step, however often it is posted.
        let enrolment = lead.enrolments.get(&campaign.id);
        let happened_at = enrolment.map_or(send.at, |enrolment| enrolment.step_began_at);
        let body = json!({
            "type": "lead.notified",
            "timestamp": happened_at,
            "data": {
                "lead": lead.id,
                "email": lead.email,
                "locale": lead.locale,
                "traits": lead.traits,
                "tags": lead.tags,
                "stage": lead.stage,
                "temperature": score.temperature(bundle.organisation.score.temperature).as_str(),
                "score": { "fit": score.fit, "engagement": score.engagement, "total": score.total },
                "campaign": campaign.id,
                "step": send.step,
            },
        });
        Some(Self { id: id.clone(), webhook: webhook.clone(), url, body: body.to_string() })
    }
}
