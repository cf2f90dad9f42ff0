//! The agenda: what will happen, in the order of simulated time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::task::Waker;

use app::limit::Limit;
use app::ports::{Record, Turn};
use domain::deliverability::Told;
use domain::{CampaignId, Input, Lead, LeadId, SendId, TopicId};
use jiff::{SignedDuration, Timestamp};

use crate::gate::Account;
use crate::table::Item;
use crate::world::World;

/// A run of a program: it begins, calls ports, and ends or dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct TaskId(pub u64);

/// Something that happens at its time.
#[derive(Debug)]
pub enum Event {
    /// A port call of the task goes on.
    Wake(TaskId, Waker),
    /// The task has run for as long as it may.
    Kill(TaskId),
    /// A program is started.
    Start(Job),
    /// The due index hears of a write.
    Index { item: Item, write: u64, due: Option<Timestamp> },
    /// A write whose answer was lost reaches the store.
    LateWrite(Box<OwnedWrite>),
    /// The same of what is written elsewhere than with a lead.
    Late(Late),
    /// The carrier grants the account something else.
    Account(Account),
    /// An e-mail whose answer was lost reaches the carrier.
    LateAcceptance(SendId),
    /// Another version of the campaigns is deployed.
    Deploy(usize),
    /// From now on nothing goes wrong any more, and nobody but readers of e-mails does anything.
    Calm,
}

/// An effect that comes after its call has ended.
pub struct Late(pub Box<dyn FnOnce(&mut World) + Send>);

impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Late")
    }
}

/// What a program is started for.
#[derive(Debug, Clone)]
pub enum Job {
    /// The schedule: queue the turns of whoever is due.
    Tick,
    /// The schedule, where no queue is: serve whoever is due.
    TickAlone,
    /// The queue has a turn.
    Serve(Turn),
    /// Others' e-mails have arrived, or not.
    Watch(Told),
    /// Somebody has sending go on.
    Resume,
    /// The stream: serve these.
    Nudge(Vec<LeadId>),
    /// A form is posted. The visitor tries again when it fails.
    Post { person: usize, input: Box<Input>, tries: u32 },
    /// The page behind a confirmation's link is opened, by a link in that e-mail.
    Open { person: usize, token: String, by: SendId },
    /// Its button is pressed. The page named these campaigns; if none, all.
    Confirm { person: usize, token: String, by: SendId, named: Option<BTreeSet<CampaignId>> },
    /// A lead leaves.
    Leave { person: usize },
    /// A lead asks for a pause of so many days, and leaves topics.
    Prefer { person: usize, pause: i64, left: Vec<TopicId> },
    /// A magnet is fetched.
    Download { person: usize },
    /// A lead asks for its own data.
    AskAccess { person: usize },
    /// It reads them.
    Read { person: usize },
    /// It erases itself, or somebody does for it.
    Erase { person: usize },
    /// An operator has everybody looked at.
    Look,
    /// The queue has messages.
    Apply,
}

/// A [`app::ports::Write`] that outlives its call.
#[derive(Debug, Clone)]
pub struct OwnedWrite {
    pub expected: Option<u64>,
    pub lead: Lead,
    pub records: Vec<Record>,
    pub limits: Vec<Limit>,
    pub now: Timestamp,
    /// Which program writes, and with which version of the campaigns.
    pub by: TaskId,
    pub campaigns: usize,
}

/// Events by time; of two at the same time, the one that was noted first goes first.
#[derive(Debug, Default)]
pub struct Agenda {
    events: BTreeMap<(Timestamp, u64), Event>,
    noted: u64,
}

impl Agenda {
    /// Notes an event.
    pub fn note(&mut self, at: Timestamp, event: Event) {
        self.noted += 1;
        self.events.insert((at, self.noted), event);
    }

    /// The next event.
    pub fn next(&mut self) -> Option<(Timestamp, Event)> {
        self.events.pop_first().map(|((at, _), event)| (at, event))
    }
}

pub const fn millis(count: i64) -> SignedDuration {
    SignedDuration::from_millis(count)
}

pub const fn secs(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

pub const fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}
