//! The tick: finds who is due and queues their turns. It sends nothing, so it is quick however many are due.

use domain::{LeadId, lot};
use jiff::{SignedDuration, Timestamp};

use crate::App;
use crate::gate::{Gate, GateState, Stop};
use crate::ports::{Account, AccountError, Clock, Due, DueQueue, LeadStore, QueueError, StoreError, Turn};

/// Leads that go to a worker together.
const TOGETHER: usize = 50;
/// So many leads at a time are put into another order at each tick. A tick queues again whom the last one queued and nobody
/// served yet: two workers that came through the same leads in the same order would meet at each.
const MIXED: usize = 1_000;
/// So many are queued without asking what the carrier takes, or while nobody knows whether it takes anything: many who are due
/// only move on, and send nothing.
const ALWAYS: usize = 2_000;
/// A tick queues what the carrier takes until a little after the next one.
const SPAN: SignedDuration = SignedDuration::from_secs(75);
/// A worker that comes to a turn later finds that a newer tick has queued its leads again.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(120);

/// What a tick did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queued {
    /// How many leads were queued.
    pub leads: usize,
    /// Whether more are due than can be sent until the next tick.
    pub more: bool,
    /// Sending is stopped: no e-mail leaves. Queued are only the first of those who are due: erasures among them go on all
    /// the same.
    pub stopped: Option<Stop>,
    /// Nobody knows whether the carrier takes anything: one e-mail a minute tries it.
    pub in_doubt: bool,
}

/// Why a tick failed. What it did not queue is still due.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// Nobody knows who is due.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody knows how many may be sent.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The workers were not told.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl<S: LeadStore, C: Clock> App<S, C> {
    /// Queues the leads that have been due for longest, as many as can be sent until the next tick. Costs one query of
    /// each shard while nobody is due.
    pub async fn queue_due(
        &self,
        gate: &impl Gate,
        account: &impl Account,
        queue: &impl DueQueue,
    ) -> Result<Queued, TickError> {
        let now = self.clock.now();
        let mut due = self.store.due(now, ALWAYS).await?;
        if due.is_empty() {
            return Ok(Queued::default());
        }
        let GateState { stopped, trial_at, .. } = gate.state().await?;
        let in_doubt = trial_at.is_some();
        if stopped.is_some() {
            due.truncate(TOGETHER);
            let leads = due.len();
            self.queue(due, queue, now).await?;
            return Ok(Queued { leads, more: false, stopped, in_doubt });
        }
        let mut most = ALWAYS;
        if due.len() >= ALWAYS && !in_doubt {
            let rate = account.quota().await?.per_second.max(0.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is small")]
            let sent_meanwhile = (rate * SPAN.as_secs_f64()) as usize;
            most = ALWAYS.max(sent_meanwhile);
            if most > ALWAYS {
                due = self.store.due(now, most).await?;
            }
        }
        let leads = due.len();
        self.queue(due, queue, now).await?;
        Ok(Queued { leads, more: leads >= most, stopped: None, in_doubt })
    }

    async fn queue(
        &self,
        mut due: Vec<Due>,
        queue: &impl DueQueue,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        let tick = now.to_string();
        for alike in due.chunk_by_mut(|one, next| one.is_waited_for == next.is_waited_for) {
            // Whoever has waited longest keeps their place, so that nobody waits for ever.
            for mixed in alike.get_mut(TOGETHER..).unwrap_or_default().chunks_mut(MIXED) {
                mixed.sort_by_cached_key(|due| lot::below(u64::MAX, &["turn", due.lead.as_str(), &tick]));
            }
        }
        let leads: Vec<LeadId> = due.into_iter().map(|due| due.lead).collect();
        let turns: Vec<Turn> = leads
            .chunks(TOGETHER)
            .map(|leads| Turn { leads: leads.to_vec(), good_until: now + GOOD_FOR })
            .collect();
        queue.put(&turns).await
    }
}
