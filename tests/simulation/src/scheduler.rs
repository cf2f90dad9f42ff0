//! The scheduler: one thread, one future polled at a time, in the order of the agenda.
//!
//! There is no executor but this one, no timer but the agenda, and no randomness but the seed: the same seed does the same,
//! to the letter.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use app::token::TokenKeys;
use app::{App, SharedPace};
use domain::LeadKey;
use domain::deliverability::Told;

use crate::agenda::{Event, Job, TaskId};
use crate::deployments::bundles;
use crate::invariants::Violation;
use crate::jobs;
use crate::mutations::{self, Mutation};
use crate::people::KEY;
use crate::port::Port;
use crate::world::{MACHINES, Running, Shared, World};

/// The use cases over the ports of one machine.
pub type Machine = App<Port, Port>;

/// What lives as long as a process, which serves one run after the other.
pub struct Process {
    number: u64,
    pub pace: SharedPace<Port, Port, Port, Port>,
}

/// A program that has begun, why, and where.
struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    job: Job,
    home: Home,
    process: Arc<Process>,
}

/// The machine that a process is on, and the version of the campaigns that it has loaded.
type Home = (usize, usize);

/// Whether a program can go on at once.
#[derive(Default)]
struct Again(AtomicBool);

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A world, and the programs that run in it. It outlives its world, since to load the campaigns anew for each takes longer
/// than to live through one.
pub struct Scheduler {
    mutation: Option<Mutation>,
    world: Shared,
    tasks: BTreeMap<TaskId, Task>,
    started: u64,
    /// By machine and version of the campaigns.
    machines: BTreeMap<(usize, usize), Arc<Machine>>,
    /// Those that wait for their next run, the last one first.
    idle: BTreeMap<(usize, usize), Vec<Arc<Process>>>,
    processes: u64,
}

impl Scheduler {
    /// For worlds with a deliberate fault, or without.
    pub fn new(mutation: Option<Mutation>) -> Self {
        let world = Arc::new(Mutex::new(World::of(0, mutation, false)));
        Self {
            mutation,
            world,
            tasks: BTreeMap::new(),
            started: 0,
            machines: BTreeMap::new(),
            idle: BTreeMap::new(),
            processes: 0,
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the world of that seed to its end, or to the first violation.
    pub fn run(&mut self, seed: u64, with_log: bool) -> Option<Violation> {
        self.tasks.clear();
        self.idle.clear();
        (self.started, self.processes) = (0, 0);
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
            // What was begun comes to its end, and nothing new begins: no time passes for it either.
            if matches!(event, Event::Start(_)) && at > self.world().ends_at {
                continue;
            }
            self.world().now = at;
            match event {
                Event::Wake(task, waker) => {
                    // A program may do several things side by side; the waker knows which of them goes on.
                    waker.wake();
                    self.poll(task);
                }
                Event::Kill(task) => self.kill(task),
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
        let is_tick = matches!(job, Job::Tick | Job::TickAlone);
        if is_tick {
            world.observe_tick();
            world.expect_tick();
        }
        // Several senders overlap when a tick comes twice, or a nudge meets a tick.
        let rate = if is_tick { world.faults.twice } else { 0 };
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
        drop(world);
        let home = (machine, version);
        let process = self.process(home);
        let mut world = self.world();
        let life = jobs::life(&job);
        let name = format!("{}-{}", jobs::name(&job), self.started);
        let at = world.now + life;
        world.agenda.note(at, Event::Kill(task));
        let running = Running {
            name: name.clone(),
            version,
            troubled: false,
            process: process.number,
            machine,
            answers: Vec::new(),
            counted: Told::default(),
            named: None,
        };
        world.running.insert(task, running);
        drop(world);
        let app = self.machine(machine, version);
        let future = Box::pin(jobs::run(app, process.clone(), job.clone(), name));
        self.tasks.insert(task, Task { future, job, home, process });
        self.poll(task);
    }

    /// Lets a program go on to its next port call.
    fn poll(&mut self, task: TaskId) {
        let Some(Task { future, .. }) = self.tasks.get_mut(&task) else { return };
        self.world.lock().unwrap_or_else(PoisonError::into_inner).current = task;
        let again = Arc::new(Again::default());
        let waker = Waker::from(again.clone());
        // One part of a program may have another one go on, as whoever leaves a lock does.
        let polled = loop {
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            if polled.is_ready() || !again.0.swap(false, Ordering::Relaxed) {
                break polled;
            }
        };
        let crashed = std::mem::take(&mut self.world().crashed);
        if polled == Poll::Ready(()) {
            self.world().observe_return(task);
            if let Some(Task { home, process, .. }) = self.tasks.remove(&task) {
                self.idle.entry(home).or_default().push(process);
            }
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
        let again = self.tasks.get(&task).and_then(|task| jobs::again(&task.job));
        if let Some((later, job)) = again {
            self.world().start_in(later, job);
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

    fn process(&mut self, home: Home) -> Arc<Process> {
        if let Some(process) = self.idle.get_mut(&home).and_then(Vec::pop) {
            return process;
        }
        self.processes += 1;
        let port = || Port { world: self.world.clone(), machine: home.0 };
        Arc::new(Process { number: self.processes, pace: SharedPace::new(port(), port(), port(), port()) })
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
