//! A form was posted.

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use crate::activity::{Entry, Fact};
use crate::campaign::Form;
use crate::consent::{ConsentState, Proof};
use crate::input::Submission;
use crate::{Campaign, Rejection};

/// A mailbox gets no more confirmations than this in such a span, however often its address is posted by whomever.
const MOST_CONFIRMATIONS: [(usize, SignedDuration); 2] =
    [(3, SignedDuration::from_hours(24)), (6, SignedDuration::from_hours(30 * 24))];

impl Draft<'_> {
    pub(super) fn submit_form(&mut self, at: Timestamp, submission: &Submission) -> Result<(), Rejection> {
        let bundle = self.bundle;
        let campaign = bundle.campaign(&submission.campaign).ok_or(Rejection::UnknownCampaign)?;
        let form = campaign.form.as_ref().ok_or(Rejection::UnknownCampaign)?;
        self.record(at, form_submitted(form, submission, bundle.organisation.default_locale()));
        if self.lead.suppression.is_some() {
            return Ok(());
        }
        let consent = &self.lead.consent;
        if form.consent.double_opt_in && !consent.confirmed {
            self.request_confirmation(campaign);
        } else {
            if consent.state != ConsentState::Granted {
                self.record(self.now, Fact::ConsentGranted { campaign: campaign.id.clone() });
            }
            self.enrol(campaign, Entry::Form);
        }
        Ok(())
    }

    fn request_confirmation(&mut self, campaign: &Campaign) {
        let consent = &self.lead.consent;
        let request = match &consent.request {
            Some(open) => open.number,
            None => consent.requests + 1,
        };
        let reached = |(most, span)| self.lead.confirmations_since(self.now, span) >= most;
        let enough = MOST_CONFIRMATIONS.into_iter().any(reached);
        let mail_due = (!enough).then_some(self.now);
        self.record(
            self.now,
            Fact::ConfirmationRequested { campaign: campaign.id.clone(), request, mail_due },
        );
    }
}

fn form_submitted(form: &Form, submission: &Submission, default: &crate::Locale) -> Fact {
    let terms = &form.consent;
    let wording = terms.wording.get(&submission.locale).or_else(|| terms.wording.get(default));
    Fact::FormSubmitted {
        campaign: submission.campaign.clone(),
        traits: submission.traits.clone(),
        locale: submission.locale.clone(),
        time_zone: submission.time_zone.clone(),
        touch: submission.touch.clone(),
        proof: Proof {
            wording: wording.cloned().unwrap_or_default(),
            wording_version: terms.version(),
            form: submission.campaign.clone(),
            visitor: submission.visitor.clone(),
        },
    }
}
