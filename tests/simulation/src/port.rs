//! The ports, as one program on one machine sees them: each call takes time, and may be its last.

use std::future::Future;
use std::pin::Pin;
use std::sync::{MutexGuard, PoisonError};
use std::task::{Context, Poll};

use app::Notification;
use app::ports::{
    Clock, Commit, Due, Erasure, LeadStore, Mailer, Notifier, Record, StoreError, Stored, Write,
};
use app::{Pace, PaceError, Pass};
use domain::LeadId;
use domain::input::{CarrierLimit, SendResult};
use email::Message;
use jiff::{SignedDuration, Timestamp};

use crate::agenda::{Event, OwnedWrite, millis, secs};
use crate::world::{Shared, World};

/// What a machine's programs are connected to.
#[derive(Debug, Clone)]
pub struct Port {
    pub world: Shared,
    pub machine: usize,
}

impl Port {
    /// The world, for as long as no time passes.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time passes before a call's effect or after it; here others have their turn, and here the program may die.
    fn time(&self, place: &'static str) -> Moment<'_> {
        Moment { port: self, place, span: None, at: None }
    }

    fn time_for(&self, place: &'static str, span: SignedDuration) -> Moment<'_> {
        Moment { port: self, place, span: Some(span), at: None }
    }
}

/// See [`Port::time`].
struct Moment<'a> {
    port: &'a Port,
    place: &'static str,
    span: Option<SignedDuration>,
    at: Option<Timestamp>,
}

impl Future for Moment<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut world = self.port.world();
        if let Some(at) = self.at {
            return if world.now >= at { Poll::Ready(()) } else { Poll::Pending };
        }
        let rate = world.faults.crash;
        if world.fault(rate) {
            let place = self.place;
            world.tell(|| format!("dies {place}"));
            world.crashed = true;
            return Poll::Pending;
        }
        let span = self.span.unwrap_or_else(|| world.latency());
        let (at, task) = (world.now + span, world.current);
        world.agenda.note(at, Event::Wake(task, context.waker().clone()));
        drop(world);
        self.at = Some(at);
        Poll::Pending
    }
}

impl Clock for Port {
    fn now(&self) -> Timestamp {
        let world = self.world();
        world.now + world.skews[self.machine]
    }
}

impl LeadStore for Port {
    async fn load(&self, lead: &LeadId) -> Result<Option<Stored>, StoreError> {
        self.time("before it reads a lead").await;
        let answer = self.world().load(lead);
        self.time("after it read a lead").await;
        answer
    }

    async fn commit(&self, write: &Write<'_>) -> Result<Commit, StoreError> {
        self.time("before a write").await;
        let answer = {
            let mut world = self.world();
            let (lead, records) = (write.lead.clone(), write.records.to_vec());
            let limits = write.limits.to_vec();
            let (expected, now, by) = (write.expected, write.now, world.current);
            let campaigns = world.running.get(&by).map_or(0, |running| running.version);
            world.commit(OwnedWrite { expected, lead, records, limits, now, by, campaigns })
        };
        self.time("after a write").await;
        answer
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.time("before it reads who is due").await;
        let answer = self.world().due(until, limit);
        self.time("after it read who is due").await;
        answer
    }

    /// Nobody is erased in this world.
    async fn begin_erasure(&self, _: &LeadId, _: Erasure<'_>, _: Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn finish_erasure(&self, _: &LeadId) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn records(&self, lead: &LeadId) -> Result<Vec<Record>, StoreError> {
        self.time("before it reads records").await;
        let answer = self.world().table.records(lead);
        self.time("after it read records").await;
        Ok(answer)
    }

    /// Nobody reads in this world.
    async fn reads_of_all(&self, _: Timestamp) -> Result<Vec<domain::Activity>, StoreError> {
        Ok(Vec::new())
    }
}

impl Mailer for Port {
    async fn send(&self, message: &Message) -> SendResult {
        let mut calls = self.world().calls_for_one_email();
        loop {
            self.time("before it calls the carrier").await;
            let (takes, result) = self.world().hand_over(message);
            self.time_for("while it waits for the carrier's answer", takes).await;
            calls -= 1;
            let again = calls > 0 && matches!(result, SendResult::Uncertain { .. });
            if !again {
                let result = self.world().carrier_answers(message, result);
                self.time("after the carrier's answer").await;
                return result;
            }
        }
    }
}

impl Pace for Port {
    async fn pass(&self, _: usize, stop_at: Timestamp) -> Result<Pass, PaceError> {
        self.time("before it asks when an e-mail may leave").await;
        let now = self.now();
        let mut world = self.world();
        let full = world.faults.full;
        let moment = now + millis(world.draw.between(0, 1_500));
        Ok(if world.draw.chance(full) || moment >= stop_at { Pass::Full } else { Pass::At(moment) })
    }

    async fn wait_for(&self, moment: Timestamp) {
        let span = moment.duration_since(self.now()).max(SignedDuration::ZERO);
        self.time_for("while it waits until an e-mail may leave", span).await;
    }

    async fn hold_confirmation(&self, _: u32) -> Result<Option<Timestamp>, PaceError> {
        self.time("before it counts a confirmation").await;
        let now = self.now();
        let mut world = self.world();
        let full = world.faults.full;
        Ok(world.draw.chance(full).then(|| now + secs(world.draw.between(1, 2 * 3600))))
    }

    async fn give_back(&self) {}

    async fn throttled(&self, _: &str, _: CarrierLimit) -> Result<(), PaceError> {
        self.time("before it tells that the carrier takes nothing").await;
        Ok(())
    }
}

impl Notifier for Port {
    async fn post(&self, notification: &Notification) -> SendResult {
        self.time("before it calls a webhook").await;
        let (takes, result) = self.world().call_webhook(notification);
        self.time_for("while it waits for the webhook's answer", takes).await;
        result
    }
}
