//! The scheduler: one thread, one future polled at a time, in the order of the agenda.
//!
//! There is no executor but this one, no timer but the agenda, and no randomness but the seed: the same seed does the same,
//! to the letter.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use app::App;
use app::token::TokenKeys;
use domain::LeadKey;

use crate::agenda::{Event, Job, TaskId, secs};
use crate::deployments::bundles;
use crate::invariants::Violation;
use crate::jobs;
use crate::mutations::{self, Mutation};
use crate::people::KEY;
use crate::port::Port;
use crate::world::{MACHINES, Running, Shared, World};

/// The use cases over the ports of one machine.
pub type Machine = App<Port, Port>;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// A world, and the programs that run in it. It outlives its world, since to load the campaigns anew for each takes longer
/// than to live through one.
pub struct Scheduler {
    mutation: Option<Mutation>,
    world: Shared,
    tasks: BTreeMap<TaskId, (Task, Job)>,
    started: u64,
    /// By machine and version of the campaigns.
    machines: BTreeMap<(usize, usize), Arc<Machine>>,
}

impl Scheduler {
    /// For worlds with a deliberate fault, or without.
    pub fn new(mutation: Option<Mutation>) -> Self {
        let world = Arc::new(Mutex::new(World::of(0, mutation, false)));
        Self { mutation, world, tasks: BTreeMap::new(), started: 0, machines: BTreeMap::new() }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the world of that seed to its end, or to the first violation.
    pub fn run(&mut self, seed: u64, with_log: bool) -> Option<Violation> {
        self.tasks.clear();
        self.started = 0;
        let world = World::of(seed, self.mutation, with_log);
        *self.world() = world;
        loop {
            let next = {
                let mut world = self.world();
                if world.violation.is_some() {
                    break;
                }
                world.current = TaskId::default();
                world.agenda.next()
            };
            let Some((at, event)) = next else { break };
            let is_over = at > self.world().ends_at;
            self.world().now = at;
            match event {
                Event::Wake(task, waker) => {
                    // A program may do several things side by side; the waker knows which of them goes on.
                    waker.wake();
                    self.poll(task);
                }
                Event::Kill(task) => self.kill(task),
                // What was begun comes to its end, and nothing new begins.
                Event::Start(_) if is_over => {}
                Event::Start(job) => self.start(job),
                other => self.world().happen(other),
            }
        }
        let mut world = self.world();
        world.current = TaskId::default();
        if world.violation.is_none() {
            world.observe_end();
        }
        world.violation.take()
    }

    /// What happened, one line an event.
    pub fn log(&self) -> Vec<String> {
        self.world().log.take().unwrap_or_default()
    }

    fn start(&mut self, job: Job) {
        let mut world = self.world();
        if matches!(job, Job::Tick) {
            world.observe_tick();
            world.expect_tick();
        }
        // Several senders overlap when a tick comes twice, or a nudge meets a tick.
        let rate = if matches!(job, Job::Tick) { world.faults.twice } else { 0 };
        let times = if world.draw.chance(rate) { 2 } else { 1 };
        drop(world);
        for _ in 0..times {
            self.start_one(job.clone());
        }
    }

    fn start_one(&mut self, job: Job) {
        self.started += 1;
        let task = TaskId(self.started);
        let mut world = self.world();
        let machine = usize::try_from(world.draw.between(0, MACHINES as i64)).unwrap_or(0);
        let version = world.deployed;
        let life = jobs::life(&job);
        let name = format!("{}-{}", jobs::name(&job), self.started);
        let at = world.now + life;
        world.agenda.note(at, Event::Kill(task));
        world
            .running
            .insert(task, Running { name: name.clone(), version, troubled: false, answers: Vec::new() });
        drop(world);
        let app = self.machine(machine, version);
        self.tasks.insert(task, (Box::pin(jobs::run(app, job.clone(), name)), job));
        self.poll(task);
    }

    /// Lets a program go on to its next port call.
    fn poll(&mut self, task: TaskId) {
        let Some((future, _)) = self.tasks.get_mut(&task) else { return };
        self.world.lock().unwrap_or_else(PoisonError::into_inner).current = task;
        let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let crashed = std::mem::take(&mut self.world().crashed);
        if polled == Poll::Ready(()) {
            self.world().observe_return(task);
            self.end(task);
        } else if crashed {
            self.die(task);
        }
    }

    fn kill(&mut self, task: TaskId) {
        if self.tasks.contains_key(&task) {
            self.world().current = task;
            self.world().tell(|| "is stopped: its time is over".to_owned());
            self.die(task);
        }
    }

    /// Whoever waited for the program's answer tries again.
    fn die(&mut self, task: TaskId) {
        let job = self.tasks.get(&task).and_then(|(_, job)| jobs::again(job));
        if let Some(job) = job {
            self.world().start_in(secs(5), job);
        }
        self.end(task);
    }

    /// Nothing of the program remains but what it wrote.
    fn end(&mut self, task: TaskId) {
        self.tasks.remove(&task);
        let mut world = self.world();
        world.carrier.forget(task);
        world.forget_held(task);
        world.running.remove(&task);
    }

    fn machine(&mut self, machine: usize, version: usize) -> Arc<Machine> {
        let (world, mutation) = (self.world.clone(), self.mutation);
        let known = self.machines.entry((machine, version));
        let port = || Port { world: world.clone(), machine };
        known
            .or_insert_with(|| {
                let mut bundle = bundles()[version].clone();
                mutations::edit(mutation, &mut bundle);
                Arc::new(App {
                    bundle,
                    store: port(),
                    clock: port(),
                    lead_key: LeadKey::new(KEY).expect("a key"),
                    token_keys: TokenKeys::parse("a:0123456789abcdef").expect("keys"),
                    public_url: "https://simulation.example".into(),
                    files: Default::default(),
                })
            })
            .clone()
    }
}
