//! The programs: what the functions' mains do, over the simulated ports.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::gate::Gate;
use app::ports::Clock;
use app::{Applied, Nurture, Report};
use domain::CampaignId;
use domain::activity::Withdrawal;
use domain::consent::Visitor;
use domain::deliverability::Told;
use domain::{InputBody, SendId};
use jiff::SignedDuration;

use crate::agenda::{Job, hours, secs};
use crate::invariants::Rule;
use crate::mutations::Mutation;
use crate::people;
use crate::queue::VISIBILITY;
use crate::scheduler::{Machine, Process};
use crate::world::World;

/// No e-mail is claimed this close to a sender's end, as in `send-nurture`.
const RESERVE: SignedDuration = secs(25);
/// A sender serves so many leads side by side.
const AT_ONCE: usize = 3;
/// A form that failed is posted again so often.
const MOST_TRIES: u32 = 5;

/// What the log calls a program.
pub fn name(job: &Job) -> &'static str {
    match job {
        Job::Tick | Job::TickAlone => "tick",
        Job::Serve(_) => "serve",
        Job::Watch(_) => "watch",
        Job::Resume => "resume",
        Job::Nudge(_) => "nudge",
        Job::Post { .. } => "post",
        Job::Open { .. } => "open",
        Job::Confirm { .. } => "confirm",
        Job::Leave { .. } => "leave",
        Job::Prefer { .. } => "prefer",
        Job::Download { .. } => "download",
        Job::AskAccess { .. } => "ask",
        Job::Read { .. } => "read",
        Job::Erase { .. } => "erase",
        Job::Look => "look",
        Job::Apply => "apply",
    }
}

/// How long a program may run, as in `template.yaml`.
pub fn life(job: &Job) -> SignedDuration {
    match job {
        Job::Tick
        | Job::TickAlone
        | Job::Serve(_)
        | Job::Nudge(_)
        | Job::Apply
        | Job::Watch(_)
        | Job::Look => secs(60),
        _ => secs(10),
    }
}

/// What somebody does whose request had no answer, or an error, and after which time.
pub fn again(job: &Job) -> Option<(SignedDuration, Job)> {
    match job.clone() {
        Job::Post { person, input, tries } if tries < MOST_TRIES => {
            Some((secs(5), Job::Post { person, input, tries: tries + 1 }))
        }
        job @ (Job::Leave { .. } | Job::Confirm { .. } | Job::Resume) => Some((secs(5), job)),
        job @ Job::Serve(_) => Some((VISIBILITY, job)),
        _ => None,
    }
}

/// Runs a program to its end.
pub async fn run(app: Arc<Machine>, process: Arc<Process>, job: Job, name: String) {
    let stop_at = app.clock.now() + life(&job) - RESERVE;
    let port = &app.store;
    let nurture = Nurture {
        app: &*app,
        mailer: port,
        notifier: port,
        pace: &process.pace,
        worker: &name,
        at_once: AT_ONCE,
    };
    match job {
        Job::Tick => match app.queue_due(port, port, port).await {
            Ok(queued) => port.world().tell(|| format!("{queued:?}")),
            Err(error) => port.world().tell(|| format!("fails: {error}")),
        },
        Job::Serve(turn) => {
            if turn.good_until <= app.clock.now() {
                return port.world().tell(|| "comes to a turn that is over".to_owned());
            }
            let report = nurture.send_to(&turn.leads, stop_at).await;
            tell(&app, &report);
            if !report.failed.is_empty() {
                port.world().start_in(VISIBILITY, Job::Serve(turn));
            }
        }
        Job::Watch(told) => watch(&app, told).await,
        Job::Resume => {
            let answer = port.resume().await;
            if answer.is_err() {
                port.world().start_in(secs(5), Job::Resume);
            }
        }
        Job::TickAlone => match nurture.send_due(stop_at).await {
            Ok(report) => tell(&app, &report),
            Err(error) => port.world().tell(|| format!("fails: {error}")),
        },
        Job::Nudge(leads) => tell(&app, &nurture.send_to(&leads, stop_at).await),
        Job::Post { person, input, tries } => post(&app, person, input, tries).await,
        Job::Open { person, token, by } => open(&app, person, token, by).await,
        Job::Confirm { person, token, by, named } => confirm(&app, person, token, by, named).await,
        Job::Leave { person } => leave(&app, person).await,
        Job::Prefer { person, pause, left } => {
            let paused_until = (pause > 0).then(|| app.clock.now() + hours(24 * pause));
            let lead = lead(&app, person);
            let left = left.into_iter().collect();
            let done = app.change_preferences(&lead, left, None, paused_until).await;
            told(&app, done.err());
        }
        Job::Download { person } => {
            let campaign = CampaignId::parse("guide").expect("a campaign");
            let token = app::token::Download { lead: lead(&app, person), campaign };
            told(&app, app.download(&token, false).await.err());
        }
        Job::AskAccess { person } => {
            told(&app, app.ask_access(&lead(&app, person), Visitor::default()).await.err());
        }
        Job::Read { person } => read(&app, person).await,
        Job::Erase { person } => erase(&app, person).await,
        Job::Look => look(&app).await,
        Job::Apply => {
            let batch = port.world().receive();
            let messages: Vec<String> = batch.iter().map(|(message, ..)| message.clone()).collect();
            let report = app.apply_batch(batch, stop_at).await;
            watch(&app, report.deliveries).await;
            let mut world = port.world();
            if !messages.is_empty() {
                world.tell(|| format!("applied {}, failed {:?}", messages.len(), report.failed));
            }
            let failed = |message: &String| report.failed.iter().any(|(failed, _)| failed == message);
            messages
                .iter()
                .filter(|message| !failed(message))
                .for_each(|message| world.queue.delete(message));
        }
    }
}

fn lead(app: &Machine, person: usize) -> domain::LeadId {
    app.store.world().people[person].lead.clone()
}

/// A sender's report; who could not be served is due still.
fn tell(app: &Machine, report: &Report) {
    let mut world = app.store.world();
    if !report.failed.is_empty() {
        world.trouble();
    }
    world
        .tell(|| format!("sent {}, uncertain {}, failed {:?}", report.sent, report.uncertain, report.failed));
}

fn told(app: &Machine, error: Option<app::ApplyError>) {
    if let Some(error) = error {
        app.store.world().tell(|| format!("fails: {error}"));
    }
}

/// Counts what was told of e-mails; a failure is told, and not repeated.
async fn watch(app: &Machine, told: Told) {
    let began = app.store.world().now;
    let answer = app.watch(&app.store, told).await;
    let mut world = app.store.world();
    match answer {
        Ok(None) if told.is_empty() => {}
        Ok(_) => world.observe_watched(began),
        Err(error) => world.tell(|| format!("fails: {error}")),
    }
}

/// Whoever posts a form and sees an error posts it again; whoever sees a success may rely on it.
async fn post(app: &Machine, person: usize, input: Box<domain::Input>, tries: u32) {
    let InputBody::SubmitForm(submission) = &input.body else { return };
    {
        let mut world = app.store.world();
        let until = world.now + secs(15);
        let who = &mut world.people[person];
        if who.silenced {
            return;
        }
        who.posts_until = until;
    }
    let (lead, id) = (submission.lead.id.clone(), input.id.clone());
    let began = app.store.world().now;
    let answer = app.apply_to_new(&lead, (*input).clone()).await;
    let mut world = app.store.world();
    world.tell(|| format!("form: {answer:?}"));
    match answer {
        Ok(Applied::Recorded | Applied::Duplicate) => {
            if !world.table.has(&lead, &id) && !world.oracle.erases(&lead, began, input.at) {
                world.violate(Rule::Lost, "a form that was answered with success is not stored".into());
            }
        }
        Ok(Applied::Rejected(_)) => {}
        Err(_) => {
            if let Some((later, job)) = again(&Job::Post { person, input, tries }) {
                world.start_in(later, job);
            }
        }
    }
}

/// Whoever sees a page reads it, and answers what it named.
async fn open(app: &Machine, person: usize, token: String, by: SendId) {
    let Some(link) = people::opened(&app.token_keys, &token, app.clock.now()) else {
        return app.store.world().tell(|| "the link is damaged or too old".to_owned());
    };
    let Ok(named) = app.asked_for(&link).await else { return };
    let named: BTreeSet<CampaignId> = named.into_keys().chain([link.campaign]).collect();
    let mut world = app.store.world();
    world.tell(|| format!("opens a page that names {named:?}"));
    let later = people::reading(&mut world);
    world.start_in(later, Job::Confirm { person, token, by, named: Some(named) });
}

impl World {
    /// The current program answers what a page named. Answers what it says that it saw there.
    fn answers(&mut self, named: Option<BTreeSet<CampaignId>>) -> Option<BTreeSet<CampaignId>> {
        let seen = named.clone().filter(|_| self.mutation != Some(Mutation::PagesUnread));
        if let Some(running) = self.running.get_mut(&self.current) {
            running.named = named;
        }
        seen
    }
}

async fn confirm(
    app: &Machine,
    person: usize,
    token: String,
    by: SendId,
    named: Option<BTreeSet<CampaignId>>,
) {
    let Some(open) = people::opened(&app.token_keys, &token, app.clock.now()) else {
        return app.store.world().tell(|| "the link is damaged or too old".to_owned());
    };
    let began = app.store.world().now;
    let seen = app.store.world().answers(named.clone());
    let answer = app.confirm(&open, seen, Visitor::default()).await;
    let mut world = app.store.world();
    world.tell(|| format!("confirm: {answer:?}"));
    if matches!(answer, Ok(app::Confirmed::Now)) && world.oracle.is_of_before(&by, began) {
        world.violate(Rule::Erased, "a link of before the erasure confirms after it".into());
    }
    if answer.is_err() {
        world.start_in(secs(5), Job::Confirm { person, token, by, named });
    }
}

async fn leave(app: &Machine, person: usize) {
    let lead = lead(app, person);
    let answer = app.leave(&lead, Withdrawal::OneClick, Visitor::default()).await;
    let mut world = app.store.world();
    world.tell(|| format!("leave: {answer:?}"));
    if answer.is_err() {
        world.start_in(secs(5), Job::Leave { person });
    } else if !world.oracle.has_left(&lead) && world.table.stored(&lead).is_some() && world.calm {
        world.violate(Rule::Lost, format!("a withdrawal was answered with success, yet {lead} has not left"));
    }
}

/// Who reads its own data sees all of them, and nothing else.
async fn read(app: &Machine, person: usize) {
    let lead = lead(app, person);
    let version = |app: &Machine| app.store.world().table.stored(&lead).map(|stored| stored.version);
    let before = version(app);
    let answer = app.own_data(&lead).await;
    let undisturbed = before.is_some() && before == version(app);
    let mut world = app.store.world();
    world.tell(|| "reads its own data".to_owned());
    let whole = match &answer {
        Ok(Some(own)) => domain::fold(&own.activities).ok().flatten().as_ref() == Some(&own.profile),
        Ok(None) => false,
        Err(_) => true,
    };
    if undisturbed && !whole {
        world.violate(Rule::Fold, format!("{lead} reads something else than what is stored of it"));
    }
}

/// Whoever erases a lead and sees an error tries again. Nobody erases while a form is on its way.
async fn erase(app: &Machine, person: usize) {
    let lead = lead(app, person);
    let busy = {
        let world = app.store.world();
        world.now < world.people[person].posts_until
    };
    if busy {
        return app.store.world().start_in(secs(20), Job::Erase { person });
    }
    let answer = app.erase(&lead).await;
    let mut world = app.store.world();
    world.tell(|| format!("erase: {answer:?}"));
    // What has begun is ended by a worker, whoever began it.
    let begun = world.table.marks.get(&lead).is_some_and(|mark| mark.erasing.is_some());
    if answer.is_err() && !begun {
        world.start_in(secs(5), Job::Erase { person });
    }
}

/// As `sillon look` does.
async fn look(app: &Machine) {
    let leads: Vec<domain::LeadId> = app.store.world().people.iter().map(|it| it.lead.clone()).collect();
    for lead in leads {
        let now = app.clock.now();
        let later = secs(app.store.world().draw.between(0, 3_600));
        match app::look_again(&app.store, &lead, now + later, now).await {
            Ok(true) => {
                let mut world = app.store.world();
                let name = world.name(&lead);
                world.tell(|| format!("{name} is looked at in {later:#}"));
            }
            Ok(false) => {}
            Err(error) => told(app, Some(error)),
        }
    }
}
