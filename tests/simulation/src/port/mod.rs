//! The ports, as one program on one machine sees them: each call takes time, and may be its last.

mod gate;
mod store;

use std::future::Future;
use std::pin::Pin;
use std::sync::{MutexGuard, PoisonError};
use std::task::{Context, Poll};

use app::Notification;
use app::ports::{Clock, Mailer, Notifier, Timer};
use domain::input::SendResult;
use email::Message;
use jiff::{SignedDuration, Timestamp};

use crate::agenda::Event;
use crate::mutations::Mutation;
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
        if world.crashed {
            return Poll::Pending;
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

impl Timer for Port {
    async fn sleep_until(&self, moment: Timestamp) {
        let span = moment.duration_since(self.now());
        let is_faulty = self.world().mutation == Some(Mutation::MomentsNotWaitedFor);
        if is_faulty || !span.is_positive() {
            return;
        }
        self.time_for("while it waits for a moment at which an e-mail may leave", span).await;
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
