//! What paces e-mails: the gate, the account, and the queue of turns.

use app::gate::{Gate, GateState, Reservation, Reserved, Stop};
use app::ports::{Account, AccountError, DueQueue, QueueError, Quota, StoreError, Turn};
use domain::deliverability::Told;
use jiff::Timestamp;

use super::Port;

impl Gate for Port {
    async fn reserve(&self, wish: &Reservation) -> Result<Reserved, StoreError> {
        self.time("before it reserves").await;
        let wish = *wish;
        let answer = self.world().carry_out(move |world| world.reserve(&wish));
        self.time("after it reserved").await;
        match answer {
            Ok(Reserved::From(first)) => self.world().granted(&wish, first),
            Ok(Reserved::Trial(moment)) => self.world().granted(&Reservation { count: 1, ..wish }, moment),
            _ => {}
        }
        answer
    }

    async fn hold(&self, until: Timestamp) -> Result<(), StoreError> {
        self.time("before it holds the gate").await;
        let answer = self.world().carry_out(move |world| world.hold(until));
        self.time("after it held the gate").await;
        answer
    }

    async fn doubt(&self, trial_at: Timestamp) -> Result<(), StoreError> {
        self.time("before it doubts the carrier").await;
        let answer = self.world().carry_out(move |world| world.doubt(trial_at));
        self.time("after it doubted the carrier").await;
        answer
    }

    async fn trust(&self) -> Result<(), StoreError> {
        self.time("before it trusts the carrier").await;
        let answer = self.world().carry_out(super::World::trust);
        self.time("after it trusted the carrier").await;
        answer
    }

    async fn stop(&self, stop: &Stop) -> Result<(), StoreError> {
        self.time("before it stops all sending").await;
        let stop = stop.clone();
        let answer = self.world().carry_out(|world| world.stop(stop));
        self.time("after it stopped all sending").await;
        answer
    }

    async fn stop_confirmations(&self, stop: &Stop) -> Result<(), StoreError> {
        self.time("before it stops confirmations").await;
        let stop = stop.clone();
        let answer = self.world().carry_out(|world| world.stop_confirmations(stop));
        self.time("after it stopped confirmations").await;
        answer
    }

    async fn resume(&self) -> Result<(), StoreError> {
        self.time("before it resumes").await;
        let answer = self.world().carry_out(super::World::resume);
        self.time("after it resumed").await;
        answer
    }

    async fn count(&self, told: Told, now: Timestamp) -> Result<Told, StoreError> {
        self.time("before it counts deliveries").await;
        let answer = self.world().carry_out(move |world| world.count(told, now));
        self.time("after it counted deliveries").await;
        answer
    }

    async fn count_confirmation(&self, hour: Timestamp) -> Result<u32, StoreError> {
        self.time("before it counts a confirmation").await;
        let answer = self.world().carry_out(move |world| world.count_confirmation(hour));
        self.time("after it counted a confirmation").await;
        if let Ok(place) = answer {
            self.world().granted_place(hour, place);
        }
        answer
    }

    async fn confirmations(&self, hour: Timestamp) -> Result<u32, StoreError> {
        self.time("before it reads what an hour has").await;
        let answer = self.world().confirmations(hour);
        self.time("after it read what an hour has").await;
        answer
    }

    async fn state(&self) -> Result<GateState, StoreError> {
        self.time("before it looks at the gate").await;
        let answer = self.world().gate_state();
        self.time("after it looked at the gate").await;
        answer
    }
}

impl Account for Port {
    async fn quota(&self) -> Result<Quota, AccountError> {
        self.time("before it asks for the quota").await;
        let answer = self.world().quota();
        self.time("after it asked for the quota").await;
        answer
    }
}

impl DueQueue for Port {
    async fn put(&self, turns: &[Turn]) -> Result<(), QueueError> {
        self.time("before it queues turns").await;
        let answer = self.world().put_turns(turns);
        self.time("after it queued turns").await;
        answer
    }
}
