//! Sends what is due: after each request, each second, and along the way when the clock is moved.

use std::time::Duration;

use app::gate::Gate;
use app::ports::{Clock, StoreError};
use app::{Held, Nurture, Pace, PaceError, Pass, Report};
use domain::input::SendResult;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::Dev;
use super::edits::Running;
use super::inbox::Carrier;
use super::notifications::Postbox;

/// How often a lead may stay due although it was served.
const TRIES: usize = 5;

/// One sender at a time, so that e-mails leave in the order in which they fall due.
#[derive(Default)]
pub struct Sender(Mutex<()>);

/// Why the clock could not be moved.
#[derive(Debug)]
pub enum ClockError {
    /// The moment lies in the clock's past.
    Past,
    /// A lead stayed due although it was served.
    Stuck,
    Store(StoreError),
    Clock(anyhow::Error),
}

impl From<StoreError> for ClockError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Dev {
    /// Sends what is due now. Answers how many e-mails left.
    pub async fn send_due(&self) -> Result<usize, StoreError> {
        let _one = self.sender.0.lock().await;
        Ok(self.send_due_alone().await?.sent)
    }

    async fn send_due_alone(&self) -> Result<Report, StoreError> {
        let mailer = Carrier { inbox: &self.inbox, clock: &self.app.clock };
        let notifier = Postbox { notifications: &self.notifications, clock: &self.app.clock };
        let nurture = Nurture {
            app: &self.app,
            mailer: &mailer,
            notifier: &notifier,
            pace: &WhileOpen(&self.app.store),
            worker: "dev",
            at_once: 1,
        };
        let report = nurture.send_due(Timestamp::MAX).await?;
        for (step, leads) in &report.unwritten {
            for lead in leads {
                eprintln!(
                    "sillon: `{step}` could not be written for lead {lead}, and nothing left; its timeline says why.\n\
                     Mend it; those who come to that step from then on get it."
                );
            }
        }
        for lead in &report.erased {
            self.forget(lead).map_err(|error| StoreError::Permanent(error.into()))?;
        }
        // At once: no other version of the program is on its way that could read it.
        let poisoned = report.failed.iter().filter(|(lead, _)| report.poisoned.contains(lead));
        for (lead, reason) in poisoned {
            if self.app.store.set_aside(lead, reason, self.app.clock.now()).await? {
                eprintln!("sillon: lead {lead} was set aside, since it could not be served: {reason}");
                let data = self.data.display();
                eprintln!("        once that is mended: sillon repair --data {data} --back {lead}");
            }
        }
        Ok(report)
    }

    /// Lets time pass until `moment`: whatever falls due on the way happens at its time and in its order.
    pub async fn move_clock(&self, moment: Timestamp) -> Result<usize, ClockError> {
        let _one = self.sender.0.lock().await;
        if moment < self.app.clock.now() {
            return Err(ClockError::Past);
        }
        let mut sent = 0;
        let mut served = (None, 0);
        while let Some(first) = self.app.store.first_due(moment).await? {
            // A request that reaches the lead at the same time may be faster; that it always is cannot be.
            served = if served.0.as_ref() == Some(&first) {
                (Some(first), served.1 + 1)
            } else {
                (Some(first), 0)
            };
            let (Some(first), 0..TRIES) = &served else { return Err(ClockError::Stuck) };
            self.app.clock.move_to(first.at).map_err(ClockError::Clock)?;
            let report = self.send_due_alone().await?;
            sent += report.sent;
            if report.stopped.is_some() {
                break; // whoever is due waits, while the time passes
            }
        }
        self.app.clock.move_to(moment).map_err(ClockError::Clock)?;
        Ok(sent)
    }
}

/// As fast as it goes, unless sending is stopped.
struct WhileOpen<'a>(&'a dynamodb::Store);

impl Pace for WhileOpen<'_> {
    async fn pass(&self, _: Timestamp) -> Result<Pass, PaceError> {
        Ok(self.0.state().await?.stopped.map_or(Pass::At(Timestamp::MIN), Pass::Stopped))
    }

    async fn hold_confirmation(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(self.0.state().await?.confirmations_stopped.map(Held::Stopped))
    }

    async fn foresee_hold(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(None)
    }

    async fn give_back(&self, _: Timestamp) {}

    async fn answered(&self, _: &SendResult) -> Result<(), PaceError> {
        Ok(())
    }
}

/// What the schedule does on AWS.
pub async fn send_every_second(running: Running) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        seconds.tick().await;
        if let Err(error) = running.now().send_due().await {
            eprintln!("sillon: what is due could not be sent: {error}");
        }
    }
}
