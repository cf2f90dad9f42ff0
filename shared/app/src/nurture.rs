//! Sends what is due: claim, call the carrier once, record its answer.

mod hold;

use std::collections::HashSet;

use domain::decide::is_past_retention;
use domain::input::{CarrierLimit, Hold, SendResult};
use domain::{Decision, Input, InputBody, InputId, Lead, LeadId, SendId, decide};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::apply::ApplyError;
use crate::compose::Composed;
use crate::gate::Stop;
use crate::limit::Limit;
use crate::pace::{Pace, PaceError, Pass};
use crate::ports::{Clock, Commit, Erasure, LeadStore, Mailer, Notifier, Record, StoreError, Stored, Write};
use crate::{App, Report};

/// How many due leads are read at a time.
const PAGE: usize = 200;
/// How often one lead's write is tried anew when somebody else was faster.
const TRIES: usize = 5;

/// The use case that sends: claim, call the carrier once, record. Whoever calls it, however often and side by side, no nurture
/// e-mail leaves twice, none is claimed after a withdrawal or suppression, and a lead whose worker dies comes due again by
/// itself. Whether an e-mail left whose answer was lost nobody can know: a nurture e-mail is not repeated then, a confirmation
/// or an alert at most twice.
pub struct Nurture<'a, S, C, M, N, P> {
    /// What it works with.
    pub app: &'a App<S, C>,
    /// Who carries e-mails.
    pub mailer: &'a M,
    /// Who carries notifications.
    pub notifier: &'a N,
    /// When e-mails may leave.
    pub pace: &'a P,
    /// Who this is, for the claim.
    pub worker: &'a str,
    /// How many leads are served side by side. One alone keeps the order in which they fall due.
    pub at_once: usize,
}

/// Why a lead could not be served.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Pace(#[from] PaceError),
}

impl ServeError {
    /// Whether it is about this lead, and for good.
    fn is_permanent(&self) -> bool {
        let (Self::Store(error) | Self::Apply(ApplyError::Store(error))) = self else { return false };
        matches!(error, StoreError::Permanent(_))
    }
}

impl<S: LeadStore, C: Clock, M: Mailer, N: Notifier, P: Pace> Nurture<'_, S, C, M, N, P> {
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
            let fresh: Vec<_> =
                due.into_iter().map(|due| due.lead).filter(|lead| served.insert(lead.clone())).collect();
            standing = read - fresh.len();
            if (fresh.is_empty() && read < limit) || self.app.clock.now() >= stop_at {
                return Ok(report);
            }
            report = report.and(self.send_to(&fresh, stop_at).await);
        }
    }

    /// Serves these leads, until `stop_at`.
    pub async fn send_to(&self, leads: &[LeadId], stop_at: Timestamp) -> Report {
        // Owned leads, since futures over borrowed ones are not seen to be `Send`.
        stream::iter(leads.to_vec())
            .map(|lead| self.serve(lead, stop_at))
            .buffer_unordered(self.at_once)
            .fold(Report::default(), async |report, of_lead| report.and(of_lead))
            .await
    }

    /// Serves one lead until nothing more is due for it.
    async fn serve(&self, lead: LeadId, stop_at: Timestamp) -> Report {
        let mut report = Report::default();
        // The moment at which its e-mail may leave.
        let mut passed = None;
        while self.app.clock.now() < stop_at {
            match self.step(&lead, stop_at, &mut passed).await {
                Ok(Step::Sent(result, is_email)) => {
                    report.count(&result, is_email);
                    // By its rate the carrier takes it a moment later; by any other limit, much later.
                    if matches!(&result, SendResult::Throttled { limit, .. } if *limit != CarrierLimit::Rate)
                    {
                        break;
                    }
                }
                Ok(Step::Unwritten(step)) => {
                    report.rejected += 1;
                    report.unwritten.entry(step).or_default().push(lead.clone());
                }
                Ok(Step::Moved) => {}
                Ok(Step::Erased) => {
                    report.erased.push(lead.clone());
                    break;
                }
                Ok(Step::Held) => report.held += 1,
                Ok(Step::Halted(stop)) => report.confirmations_stopped = Some(stop),
                Ok(Step::Idle) => break,
                Ok(Step::Barred(stop)) => {
                    report.waiting += 1;
                    report.stopped = stop;
                    break;
                }
                Err(error) => {
                    report.poisoned.extend(error.is_permanent().then(|| lead.clone()));
                    report.failed.push((lead, error.to_string()));
                    break;
                }
            }
        }
        self.give_back(&mut passed).await;
        report
    }

    /// The sooner, the better: a moment is of use while it is hardly over.
    async fn give_back(&self, passed: &mut Option<Timestamp>) {
        if let Some(moment) = passed.take() {
            self.pace.give_back(moment).await;
        }
    }

    /// One claim and its e-mail, or one move of a sequence.
    async fn step(
        &self,
        lead: &LeadId,
        stop_at: Timestamp,
        passed: &mut Option<Timestamp>,
    ) -> Result<Step, ServeError> {
        let app = self.app;
        let Some(mut stored) = app.store.load(lead).await? else { return self.finish_erasure(lead).await };
        if is_past_retention(&app.bundle, &stored.lead, app.clock.now()) {
            return self.begin_erasure(&stored).await;
        }
        let mut pending = self.pending(&stored);
        if let Some(email) = pending.as_ref().filter(|pending| pending.has_email())
            && passed.is_none()
        {
            if let Some(barred) = self.line_up(&stored, email, stop_at, passed).await? {
                return Ok(barred);
            }
            // That may have taken a while: what is due depends on the time, and somebody else may have served the lead.
            let Some(as_of_now) = app.store.load(lead).await? else { return Ok(Step::Moved) };
            stored = as_of_now;
            pending = self.pending(&stored);
            if !pending.as_ref().is_some_and(Pending::has_email) {
                self.give_back(passed).await;
            }
        }
        let Some(pending) = pending else { return Ok(Step::Idle) };
        let place = pending.place(&stored.lead);
        let Pending { id, now, decision } = pending;
        // The store and the gate may have been slow, and what is begun now is to be finished.
        let is_late = || decision.order.is_some() && app.clock.now() >= stop_at;
        if is_late() {
            return Ok(Step::Barred(None));
        }
        if let Some(has_place) = place
            && let Some(held) = self.pace.hold_confirmation(self.most_confirmations(), has_place).await?
        {
            self.give_back(passed).await;
            return self.hold(&stored, held).await;
        }
        if is_late() {
            return Ok(Step::Barred(None));
        }
        match self.commit(&stored, id, &decision, now).await {
            Ok(Commit::Committed) => {}
            Ok(Commit::MailboxTaken) => {
                self.give_back(passed).await;
                let until = app.bundle.organisation.limits.next_confirmation(now);
                return self.put_off(&stored, Hold::Mailbox { until }).await;
            }
            // Another worker or input was faster: it did what was due, or changed what is.
            Ok(_) | Err(StoreError::Conflict) => return Ok(Step::Idle),
            // A claim that may have been written must not be followed by a send: its lease settles it.
            Err(error) => return Err(error.into()),
        }
        let Some(send_id) = decision.order else { return Ok(Step::Moved) };
        self.carry_out(Stored { lead: decision.lead, version: stored.version + 1 }, &send_id, passed).await
    }

    /// Goes on with the erasure of a lead that is gone already: whoever was at it may have died.
    async fn finish_erasure(&self, lead: &LeadId) -> Result<Step, ServeError> {
        match self.app.store.finish_erasure(lead).await {
            Ok(true) => Ok(Step::Erased),
            Ok(false) | Err(StoreError::Conflict) => Ok(Step::Idle),
            Err(error) => Err(error.into()),
        }
    }

    /// Erases a lead that was inactive for the retention period, unless it does something meanwhile.
    async fn begin_erasure(&self, stored: &Stored) -> Result<Step, ServeError> {
        let erasure = Erasure::Retention { read: stored.version };
        match self.app.store.begin_erasure(&stored.lead.id, erasure, self.app.clock.now()).await {
            // It goes on with the rest, or with what the lead did meanwhile.
            Ok(_) => Ok(Step::Moved),
            Err(StoreError::Conflict) => Ok(Step::Idle),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits in line for an e-mail's moment. Answers what became of the lead if it was given none.
    async fn line_up(
        &self,
        stored: &Stored,
        email: &Pending,
        stop_at: Timestamp,
        passed: &mut Option<Timestamp>,
    ) -> Result<Option<Step>, ServeError> {
        if let Some(has_place) = email.place(&stored.lead)
            && let Some(held) = self.pace.foresee_hold(self.most_confirmations(), has_place).await?
        {
            return self.hold(stored, held).await.map(Some);
        }
        match self.pace.pass(stop_at).await? {
            Pass::At(moment) => {
                *passed = Some(moment);
                Ok(None)
            }
            Pass::Full => Ok(Some(Step::Barred(None))),
            Pass::Stopped(stop) => Ok(Some(Step::Barred(Some(stop)))),
        }
    }

    /// Sends what was claimed, and records what came of it. An e-mail uses up its moment.
    async fn carry_out(
        &self,
        claimed: Stored,
        send_id: &SendId,
        passed: &mut Option<Timestamp>,
    ) -> Result<Step, ServeError> {
        let is_email = is_email(&claimed.lead, send_id);
        let result = match self.app.compose(&claimed.lead, send_id) {
            Ok(Composed::Email(message)) => {
                *passed = None;
                let result = self.mailer.send(&message).await;
                // The pace hears of it even if nobody can record it.
                let recorded = self.record(claimed, send_id, &result).await;
                self.pace.answered(&result).await?;
                recorded?;
                return Ok(Step::Sent(result, is_email));
            }
            Ok(Composed::Notification(notification)) => self.notifier.post(&notification).await,
            Err(error) => {
                let send = claimed.lead.sends.get(send_id);
                let step = send.map(|send| format!("{}/{}", send.campaign, send.step)).unwrap_or_default();
                self.record(claimed, send_id, &SendResult::unwritten(error)).await?;
                return Ok(Step::Unwritten(step));
            }
        };
        self.record(claimed, send_id, &result).await?;
        Ok(Step::Sent(result, is_email))
    }

    /// What is due for the lead now; none if nothing is.
    fn pending(&self, stored: &Stored) -> Option<Pending> {
        let now = self.app.clock.now();
        let id = InputId::of("tick", &[stored.lead.id.as_str(), &stored.version.to_string()]);
        let body = InputBody::Tick { worker: self.worker.to_owned() };
        let tick = Input { id: id.clone(), at: now, body };
        let decision = decide(&self.app.bundle, Some(&stored.lead), &tick, now).ok()?;
        Some(Pending { id, now, decision })
    }

    /// Records the carrier's answer. If that fails, the lease ends and the e-mail counts as uncertain.
    ///
    /// The answer belongs to this claim. A throttled e-mail may be claimed again, under the same id, before this worker learns
    /// that its answer was written: it must not answer for that other claim.
    async fn record(&self, claimed: Stored, send_id: &SendId, result: &SendResult) -> Result<(), ApplyError> {
        let app = self.app;
        let id = InputId::of("result", &[send_id.as_str(), &claimed.version.to_string()]);
        let mut stored = claimed;
        let mut failed = ApplyError::Contended;
        for _ in 0..TRIES {
            let now = app.clock.now();
            let input = Input {
                id: id.clone(),
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
                Err(error @ (StoreError::Transient(_) | StoreError::Ambiguous(_))) => failed = error.into(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(failed)
    }

    /// Writes one decision on top of what was read.
    async fn commit(
        &self,
        stored: &Stored,
        input_id: InputId,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<Commit, StoreError> {
        let app = self.app;
        let limits = &app.bundle.organisation.limits;
        let limits = Limit::of_moved(limits, &app.lead_key, &stored.lead, &decision.lead);
        let version = stored.version + 1;
        let record = Record { input_id, version, activities: decision.activities.clone() };
        let records = std::slice::from_ref(&record);
        app.store
            .commit(&Write {
                expected: Some(stored.version),
                lead: &decision.lead,
                records,
                limits: &limits,
                now,
            })
            .await
    }
}

/// What is due for a lead, decided and not yet written.
struct Pending {
    id: InputId,
    now: Timestamp,
    decision: Decision,
}

impl Pending {
    fn has_email(&self) -> bool {
        self.decision.order.as_ref().is_some_and(|send_id| is_email(&self.decision.lead, send_id))
    }
}

fn is_email(lead: &Lead, send_id: &SendId) -> bool {
    lead.sends.get(send_id).is_none_or(|send| send.purpose.is_email())
}

enum Step {
    /// What came of it, and whether it was an e-mail.
    Sent(SendResult, bool),
    /// It could not be written: which step of which campaign.
    Unwritten(String),
    Moved,
    /// The lead is gone, with all that was stored of it.
    Erased,
    /// The confirmation was put off.
    Held,
    /// No confirmation may leave, and why; it is looked at again.
    Halted(Stop),
    Idle,
    /// No e-mail may leave; if nobody's may, why.
    Barred(Option<Stop>),
}
