//! The world of one seed: its time, its faults, its parts, and what was seen of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use domain::deliverability::Told;
use domain::input::SendResult;
use domain::{CampaignId, LeadId, SendId};
use jiff::{SignedDuration, Timestamp};

use crate::agenda::{Agenda, Event, Job, Late, TaskId, hours, millis, secs};
use crate::carrier::{self, Carrier};
use crate::draw::{Draw, Faults};
use crate::gate::{self, Account, Gate};
use crate::invariants::{Oracle, Rule, Violation};
use crate::mutations::{Mutation, Sabotage};
use crate::people::{self, Habits, Person};
use crate::queue::Queue;
use crate::table::Table;

/// A Saturday; clocks change in Europe a week later.
const BEGIN: &str = "2027-03-20T09:00:00Z";
/// How long after the calm begins the world ends: every wait of the campaigns is over by then.
pub const REST: SignedDuration = hours(24 * 18);
/// No clock is further from the true time.
pub const MOST_SKEW: i64 = 10_000;
/// Programs run on so many machines, each with a clock of its own.
pub const MACHINES: usize = 3;

/// A program that runs.
#[derive(Debug)]
pub struct Running {
    /// What the log calls it, and what its claims bear.
    pub name: String,
    /// The version of the campaigns that it has loaded.
    pub version: usize,
    /// Whether something went wrong for it: it cannot be held to its best then.
    pub troubled: bool,
    /// The process that it runs in, one run after the other, and the machine that that is on.
    pub process: u64,
    pub machine: usize,
    /// What the carrier answered it.
    pub answers: Vec<(LeadId, SendId, SendResult)>,
    /// What there was in all when it counted what was told of e-mails.
    pub counted: Told,
    /// The campaigns that a confirmation's page named, whose button it answers.
    pub named: Option<BTreeSet<CampaignId>>,
}

/// All there is.
#[derive(Debug)]
pub struct World {
    pub now: Timestamp,
    pub ends_at: Timestamp,
    pub draw: Draw,
    /// What kind of people there are.
    pub habits: Habits,
    /// When the carrier answers nobody.
    pub outage: Option<(Timestamp, Timestamp)>,
    pub faults: Faults,
    /// Whether faults and visitors have stopped.
    pub calm: bool,
    pub agenda: Agenda,
    pub table: Table,
    pub carrier: Carrier,
    pub gate: Gate,
    pub account: Account,
    /// Whether ticks queue turns, or serve whoever is due themselves, as `sillon dev` does.
    queues_turns: bool,
    pub queue: Queue,
    pub people: Vec<Person>,
    /// How far each machine's clock is ahead.
    pub skews: [SignedDuration; MACHINES],
    /// The version of the campaigns that programs load.
    pub deployed: usize,
    pub running: BTreeMap<TaskId, Running>,
    /// The program whose turn it is.
    pub current: TaskId,
    /// Whether it has just died.
    pub crashed: bool,
    /// The minute for which the next tick is noted.
    next_tick: Option<Timestamp>,
    pub oracle: Oracle,
    pub mutation: Option<Mutation>,
    pub sabotage: Sabotage,
    pub violation: Option<Violation>,
    /// One line an event, if somebody wants to read them.
    pub log: Option<Vec<String>>,
}

/// The world as everything in it holds it. One thread has it: the lock is never waited for, and is there because ports
/// must be `Sync`.
pub type Shared = Arc<Mutex<World>>;

impl World {
    /// The world of that seed, before anything happens.
    pub fn of(seed: u64, mutation: Option<Mutation>, with_log: bool) -> Self {
        let (mut draw, mut apart) = (Draw::of(seed), Draw::apart(seed));
        let faults = Faults::of(&mut draw);
        let now: Timestamp = BEGIN.parse().unwrap_or_default();
        let calm_at = now + hours(24 * draw.between(4, 14));
        let most = if draw.chance(500) { MOST_SKEW } else { 50 };
        let queues_turns = draw.chance(800);
        let skews = std::array::from_fn(|_| millis(draw.between(-most, most + 1)));
        let mut world = Self {
            now,
            ends_at: calm_at + REST,
            draw,
            habits: Habits::of(&mut apart),
            outage: carrier::outage(&mut apart, now),
            faults,
            calm: false,
            agenda: Agenda::default(),
            table: Table::default(),
            carrier: Carrier::default(),
            gate: Gate::default(),
            account: Account::default(),
            queues_turns,
            queue: Queue::default(),
            people: Vec::new(),
            skews,
            deployed: 0,
            running: BTreeMap::new(),
            current: TaskId::default(),
            crashed: false,
            next_tick: None,
            oracle: Oracle::default(),
            mutation,
            sabotage: Sabotage::default(),
            violation: None,
            log: with_log.then(Vec::new),
        };
        if mutation == Some(Mutation::ClockAhead) {
            world.skews[0] = hours(30);
        }
        if matches!(mutation, Some(Mutation::ConfirmationsForEver | Mutation::AlertsForEver)) {
            world.faults.time_out = 600;
        }
        let (faults, skews) = (world.faults, world.skews);
        world.tell(|| format!("seed {seed}: {faults:?}, clocks ahead by {skews:?}, calm at {calm_at}"));
        world.agenda.note(calm_at, Event::Calm);
        gate::plan(&mut world, calm_at);
        people::plan(&mut world, calm_at);
        world
    }

    /// Adds a line to the log.
    pub fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(log) = &mut self.log {
            let who = self.running.get(&self.current).map_or("", |running| running.name.as_str());
            log.push(format!("{:.3}  {who:<12} {}", self.now, line()));
        }
    }

    /// An invariant does not hold. The first violation counts.
    pub fn violate(&mut self, rule: Rule, what: String) {
        self.tell(|| format!("VIOLATION of {rule:?}: {what}"));
        self.violation.get_or_insert(Violation { rule, what });
    }

    /// What people call a lead.
    pub fn name(&self, lead: &LeadId) -> &'static str {
        self.people.iter().find(|person| person.lead == *lead).map_or("somebody", |person| person.name)
    }

    /// Draws whether a fault happens to the current program.
    pub fn fault(&mut self, per_mille: i64) -> bool {
        let happens = self.draw.chance(per_mille);
        if happens {
            self.trouble();
        }
        happens
    }

    /// The current program cannot be held to its best any more.
    pub fn trouble(&mut self) {
        if let Some(running) = self.running.get_mut(&self.current) {
            running.troubled = true;
        }
    }

    /// Starts a program after a while.
    pub fn start_in(&mut self, span: SignedDuration, job: Job) {
        self.agenda.note(self.now + span, Event::Start(job));
    }

    /// How long a message or a nudge is under way, at least `least`.
    pub fn transit(&mut self, least: i64) -> SignedDuration {
        let late = self.draw.chance(self.faults.late);
        millis(least + if late { self.draw.between(0, 3_600_000) } else { self.draw.between(0, 2_000) })
    }

    /// Sees to it that a tick is noted for the first full minute at which somebody is due. The ticks between, which find
    /// nobody, are left out: that is how days pass quickly.
    pub fn expect_tick(&mut self) {
        let Some(due) = self.table.first_due() else { return };
        let due = due.max(self.now + millis(1)).as_second();
        let minute = Timestamp::from_second(due + 60 - due.rem_euclid(60)).unwrap_or(self.now);
        if self.next_tick.is_none_or(|next| next <= self.now || minute < next) {
            self.next_tick = Some(minute);
            let tick = if self.queues_turns { Job::Tick } else { Job::TickAlone };
            self.agenda.note(minute, Event::Start(tick));
        }
    }

    /// What happens by itself.
    pub fn happen(&mut self, event: Event) {
        match event {
            Event::Index { item, write, due } => self.table.index(item, write, due),
            Event::LateWrite(write) => self.land(&write),
            Event::Late(Late(effect)) => effect(self),
            Event::Account(account) => self.change_account(account),
            Event::LateAcceptance(send_id) => self.accept(&send_id),
            Event::Deploy(version) => {
                self.tell(|| format!("version {version} of the campaigns is deployed"));
                self.deployed = version;
            }
            Event::Calm => {
                self.tell(|| "from now on nothing goes wrong any more".to_owned());
                self.faults = Faults::default();
                self.calm = true;
            }
            Event::Wake(..) | Event::Kill(_) | Event::Start(_) => {}
        }
    }

    /// How long a call takes: mostly milliseconds.
    pub fn latency(&mut self) -> SignedDuration {
        if self.draw.chance(self.faults.slow) {
            return secs(self.draw.between(1, 20));
        }
        millis(self.draw.between(1, 40))
    }
}
