//! Sends what is due: claim, call the carrier once, record its answer.

use std::collections::{BTreeMap, HashSet};

use domain::input::SendResult;
use domain::lead::Purpose;
use domain::{Campaign, Decision, Input, InputBody, InputId, Lead, LeadId, Score, SendId, decide};
use email::{About, Links, Message, RenderError};
use jiff::Timestamp;

use crate::apply::ApplyError;
use crate::ports::{Clock, Commit, LeadStore, Mailer, Notifier, Record, StoreError, Stored, Write};
use crate::token::{self, Confirm, Download, Leave, Prefer, Track};
use crate::{App, Notification};

/// How many due leads are read at a time.
const PAGE: usize = 200;
/// How often one lead's write is tried anew when somebody else was faster.
const TRIES: usize = 5;

/// The use case that sends.
pub struct Nurture<'a, S, C, M, N> {
    /// What it works with.
    pub app: &'a App<S, C>,
    /// Who carries e-mails.
    pub mailer: &'a M,
    /// Who carries notifications.
    pub notifier: &'a N,
    /// Who this is, for the claim.
    pub worker: &'a str,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// E-mails that the carrier took.
    pub sent: usize,
    /// Notifications that a webhook took.
    pub notified: usize,
    /// E-mails and notifications that were refused, or could not be written.
    pub rejected: usize,
    /// Those that the carrier takes later, since it took nothing at that moment.
    pub throttled: usize,
    /// Those of which nobody knows.
    pub uncertain: usize,
    /// Why, and how often, one was not taken.
    pub codes: BTreeMap<String, usize>,
    /// Leads that could not be served, and why; they stay due.
    pub failed: Vec<(LeadId, String)>,
}

impl Report {
    fn count(&mut self, result: &SendResult, is_email: bool) {
        match result {
            SendResult::Accepted { .. } if !is_email => self.notified += 1,
            SendResult::Accepted { .. } => self.sent += 1,
            SendResult::Rejected { code, .. } => {
                self.rejected += 1;
                *self.codes.entry(code.clone()).or_default() += 1;
            }
            SendResult::Throttled { code, .. } => {
                self.throttled += 1;
                *self.codes.entry(code.clone()).or_default() += 1;
            }
            SendResult::Uncertain { code } => {
                self.uncertain += 1;
                *self.codes.entry(code.clone()).or_default() += 1;
            }
        }
    }
}

impl<S: LeadStore, C: Clock, M: Mailer, N: Notifier> Nurture<'_, S, C, M, N> {
    /// Serves every lead that is due now, until `stop_at`. A lead that fails does not hold up the others.
    pub async fn send_due(&self, stop_at: Timestamp) -> Result<Report, StoreError> {
        let mut report = Report::default();
        let mut served = HashSet::new();
        let mut standing = 0;
        loop {
            // Those that were served and still stand in the index must not hide the ones behind them.
            let limit = PAGE + standing;
            let due = self.app.store.due(self.app.clock.now(), limit).await?;
            let read = due.len();
            let fresh: Vec<_> = due.into_iter().filter(|due| served.insert(due.lead.clone())).collect();
            standing = read - fresh.len();
            if fresh.is_empty() && read < limit {
                return Ok(report);
            }
            for due in fresh {
                if self.app.clock.now() >= stop_at {
                    return Ok(report);
                }
                self.serve(&due.lead, stop_at, &mut report).await;
            }
        }
    }

    /// Serves these leads, until `stop_at`.
    pub async fn send_to(&self, leads: &[LeadId], stop_at: Timestamp) -> Report {
        let mut report = Report::default();
        for lead in leads {
            self.serve(lead, stop_at, &mut report).await;
        }
        report
    }

    /// Serves one lead until nothing more is due for it. No e-mail is begun after `stop_at`.
    async fn serve(&self, lead: &LeadId, stop_at: Timestamp, report: &mut Report) {
        while self.app.clock.now() < stop_at {
            match self.step(lead).await {
                Ok(Step::Sent(result, is_email)) => report.count(&result, is_email),
                Ok(Step::Moved) => {}
                Ok(Step::Idle) => return,
                Err(error) => return report.failed.push((lead.clone(), error.to_string())),
            }
        }
    }

    /// One claim and its e-mail, or one move of a sequence.
    async fn step(&self, lead: &LeadId) -> Result<Step, ApplyError> {
        let app = self.app;
        let Some(stored) = app.store.load(lead).await? else { return Ok(Step::Idle) };
        let now = app.clock.now();
        let tick = Input {
            id: InputId::of("tick", &[lead.as_str(), &stored.version.to_string()]),
            at: now,
            body: InputBody::Tick { worker: self.worker.to_owned() },
        };
        let Ok(decision) = decide(&app.bundle, Some(&stored.lead), &tick, now) else { return Ok(Step::Idle) };
        match self.commit(&stored, tick.id, &decision, now).await {
            Ok(Commit::Committed) => {}
            // Another worker or input was faster: it did what was due, or changed what is.
            Ok(_) | Err(StoreError::Conflict) => return Ok(Step::Idle),
            // A claim that may have been written must not be followed by a send: its lease settles it.
            Err(error) => return Err(error.into()),
        }
        let Some(send_id) = decision.order else { return Ok(Step::Moved) };
        let claimed = Stored { lead: decision.lead, version: stored.version + 1 };
        let is_email = claimed.lead.sends.get(&send_id).is_none_or(|send| send.purpose.is_email());
        let result = match self.compose(&claimed.lead, &send_id) {
            Ok(Composed::Email(message)) => self.mailer.send(&message).await,
            Ok(Composed::Notification(notification)) => self.notifier.post(&notification).await,
            Err(error) => SendResult::Rejected { code: format!("template: {error}"), retryable: false },
        };
        self.record(claimed, &send_id, &result).await?;
        Ok(Step::Sent(result, is_email))
    }

    /// Records the carrier's answer. If that fails, the lease ends and the e-mail counts as uncertain.
    async fn record(&self, claimed: Stored, send_id: &SendId, result: &SendResult) -> Result<(), ApplyError> {
        let app = self.app;
        let mut stored = claimed;
        for _ in 0..TRIES {
            let now = app.clock.now();
            let input = Input {
                id: InputId::of("result", &[send_id.as_str(), &stored.version.to_string()]),
                at: now,
                body: InputBody::SendResult { send_id: send_id.clone(), result: result.clone() },
            };
            let Ok(decision) = decide(&app.bundle, Some(&stored.lead), &input, now) else { return Ok(()) };
            match self.commit(&stored, input.id, &decision, now).await {
                Ok(Commit::Changed(current)) => stored = *current,
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict) => match app.store.load(&stored.lead.id).await? {
                    Some(current) => stored = current,
                    None => return Ok(()),
                },
                // Writing the same again is safe, and spares an e-mail that left from counting as uncertain.
                Err(StoreError::Transient(_) | StoreError::Ambiguous(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApplyError::Contended)
    }

    /// Writes one decision on top of what was read.
    async fn commit(
        &self,
        stored: &Stored,
        input_id: InputId,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<Commit, StoreError> {
        let version = stored.version + 1;
        let record = Record { input_id, version, activities: decision.activities.clone() };
        let records = std::slice::from_ref(&record);
        self.app
            .store
            .commit(&Write { expected: Some(stored.version), lead: &decision.lead, records, now })
            .await
    }

    fn compose(&self, lead: &Lead, send_id: &SendId) -> Result<Composed, ComposeError> {
        let app = self.app;
        let send = lead.sends.get(send_id).ok_or(ComposeError::Gone)?;
        let campaign = app.bundle.campaign(&send.campaign).ok_or(ComposeError::Gone)?;
        let score = Score::of(&app.bundle, lead, app.clock.now());
        let about = About { bundle: &app.bundle, campaign, lead, score: &score, send_id };
        let message = match &send.purpose {
            Purpose::Confirmation { request } => {
                let token =
                    Confirm { lead: lead.id.clone(), campaign: campaign.id.clone(), request: *request };
                email::confirmation(&about, &self.links(lead, campaign), &self.url("c", token))?
            }
            Purpose::Nurture { email, .. } => {
                email::nurture(&about, &send.step, email, &self.links(lead, campaign))?
            }
            Purpose::Alert => email::alert(&about)?,
            Purpose::Notify { webhook } => {
                let told = Notification::of(&app.bundle, campaign, lead, &score, send_id, webhook);
                return told.map(Composed::Notification).ok_or(ComposeError::NoSuchWebhook);
            }
        };
        Ok(Composed::Email(message))
    }

    fn links(&self, lead: &Lead, campaign: &Campaign) -> Links {
        let download = || Download { lead: lead.id.clone(), campaign: campaign.id.clone() };
        Links {
            unsubscribe: self.url("u", Leave { lead: lead.id.clone() }),
            preferences: self.url("p", Prefer { lead: lead.id.clone() }),
            magnet: campaign.magnet.as_ref().map(|_| self.url("d", download())),
            events_token: Some(
                self.app.token_keys.sign(Track { lead: lead.id.clone() }, self.app.clock.now()),
            ),
        }
    }

    fn url<P: token::Purpose>(&self, route: &str, purpose: P) -> String {
        let token = self.app.token_keys.sign(purpose, self.app.clock.now());
        format!("{}/{route}/{token}", self.app.public_url)
    }
}

enum Step {
    /// What came of it, and whether it was an e-mail.
    Sent(SendResult, bool),
    Moved,
    Idle,
}

/// What is handed to a carrier.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
enum Composed {
    Email(Message),
    Notification(Notification),
}

/// Why an e-mail or a notification that was claimed could not be written.
#[derive(Debug, thiserror::Error)]
enum ComposeError {
    #[error("the campaign is gone")]
    Gone,
    #[error("the webhook is gone")]
    NoSuchWebhook,
    #[error(transparent)]
    Render(#[from] RenderError),
}
