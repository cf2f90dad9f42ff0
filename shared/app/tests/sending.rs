//! Runs of the sender: nobody holds up the others, and every failure is told.

mod support;

use std::sync::Mutex;

use app::ports::{Clock, Mailer};
use app::{Held, Nurture, Pace, PaceError, Pass, Unlimited};
use domain::input::{CarrierLimit, Hold, SendResult};
use domain::lead::SendOutcome;
use domain::organisation::Webhook;
use domain::sequence::{Act, Sequence, Step};
use domain::{StepId, WebhookId};
use email::Message;
use jiff::{SignedDuration, Timestamp};
use support::*;
use tokio::sync::oneshot;

/// For tests in which no webhook is told.
static NOBODY: Told = Told(Mutex::new(Vec::new()));

fn nurture<'a, M>(world: &'a World, mailer: &'a M) -> Nurture<'a, Memory, Still, M, Told, Unlimited> {
    Nurture { app: world, mailer, notifier: &NOBODY, pace: &Unlimited, worker: "w", at_once: 1 }
}

#[tokio::test]
async fn leads_that_cannot_be_served_do_not_hide_those_behind_them() {
    let world = world();
    for place in 0..450 {
        let lead = submit(&world, &format!("broken{place}")).await;
        world.store.broken.lock().unwrap().insert(lead);
    }
    world.clock.advance(SignedDuration::from_secs(1));
    let last = submit(&world, "ada").await;
    let report = nurture(&world, &Slow(&world.clock)).send_due(Timestamp::MAX).await.expect("a report");
    assert_eq!((report.sent, report.failed.len()), (1, 450));
    assert_eq!(world.store.lead(&last).due_at(), None);
}

#[tokio::test]
async fn a_failure_names_the_lead_and_the_reason() {
    let world = world();
    let lead = submit(&world, "ada").await;
    world.store.broken.lock().unwrap().insert(lead.clone());
    let report =
        nurture(&world, &Slow(&world.clock)).send_to(std::slice::from_ref(&lead), Timestamp::MAX).await;
    let reason = "the store refuses: the item cannot be read".to_owned();
    assert_eq!(report.failed, [(lead, reason)]);
}

#[tokio::test]
async fn no_email_is_begun_after_the_end() {
    let world = world();
    let leads = [submit(&world, "ada").await, submit(&world, "bea").await, submit(&world, "eve").await];
    let stop_at = world.clock.now() + SignedDuration::from_secs(15);
    let report = nurture(&world, &Slow(&world.clock)).send_to(&leads, stop_at).await;
    assert_eq!(report.sent, 2, "the second begins after ten seconds, and the third would after twenty");
    assert!(report.failed.is_empty(), "whoever is left is due still, and that is no failure");
}

/// Takes nothing more today.
struct Full;

impl Mailer for Full {
    async fn send(&self, _: &Message) -> SendResult {
        SendResult::Throttled { code: "LimitExceededException".into(), limit: CarrierLimit::Day }
    }
}

/// Takes one e-mail, and answers only after something else has come to its end.
struct Meanwhile(Mutex<Option<(oneshot::Sender<()>, oneshot::Receiver<()>)>>);

impl Mailer for Meanwhile {
    async fn send(&self, _: &Message) -> SendResult {
        let (begin, ended) = self.0.lock().unwrap().take().expect("one e-mail");
        begin.send(()).expect("somebody waits");
        ended.await.expect("it ends");
        SendResult::Accepted { message_id: "m".into() }
    }
}

/// A worker does not learn that its answer, a refusal for now, was written. While another one sends the e-mail, the first writes
/// again, and must not answer for the other: the e-mail would leave once more.
#[tokio::test]
async fn an_answer_stands_for_the_claim_that_it_was_given_to() {
    let world = world();
    let leads = [submit(&world, "ada").await];
    let (written, is_written) = oneshot::channel();
    let (go_on, goes_on) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    *world.store.loses_answer.lock().unwrap() = Some((written, goes_on));
    let meanwhile = Meanwhile(Mutex::new(Some((go_on, ended))));
    let first = nurture(&world, &Full);
    let one = async {
        first.send_to(&leads, Timestamp::MAX).await;
        end.send(()).expect("somebody waits");
    };
    let other = async {
        is_written.await.expect("told");
        nurture(&world, &meanwhile).send_to(&leads, Timestamp::MAX).await
    };
    let ((), report) = tokio::join!(one, other);
    assert_eq!((report.sent, report.throttled), (1, 0));
    let lead = world.store.lead(&leads[0]);
    assert_eq!(lead.sends.values().map(|send| send.outcome).collect::<Vec<_>>(), [SendOutcome::Sent]);
    assert_eq!(lead.due_at(), None, "nothing leaves again");
}

/// A gate that is slow to answer.
struct Queue<'a>(&'a Still);

impl Pace for Queue<'_> {
    async fn pass(&self, _: Timestamp) -> Result<Pass, PaceError> {
        self.0.advance(SignedDuration::from_secs(10));
        Ok(Pass::At(Timestamp::MIN))
    }

    async fn hold_confirmation(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(None)
    }

    async fn foresee_hold(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(None)
    }

    async fn give_back(&self, _: Timestamp) {}

    async fn answered(&self, _: &SendResult) -> Result<(), PaceError> {
        Ok(())
    }
}

#[tokio::test]
async fn no_email_is_claimed_after_the_end_however_long_it_took_to_come_so_far() {
    let world = world();
    let lead = submit(&world, "ada").await;
    let stop_at = world.clock.now() + SignedDuration::from_secs(5);
    let (mailer, pace) = (Slow(&world.clock), Queue(&world.clock));
    let Nurture { app, notifier, worker, at_once, .. } = nurture(&world, &mailer);
    let nurture = Nurture { app, mailer: &mailer, notifier, pace: &pace, worker, at_once };
    let report = nurture.send_to(std::slice::from_ref(&lead), stop_at).await;
    assert_eq!((report.sent, report.waiting, report.failed), (0, 1, Vec::new()));
    assert!(world.store.lead(&lead).sends.is_empty(), "it is due still, and nobody is at it");
}

/// Whoever was faster does what is to be done.
#[tokio::test]
async fn two_workers_at_one_erasure_are_no_failure() {
    let mut world = world();
    world.bundle.organisation.retention = Some(domain::calendar::Period::Days(30));
    let lead = submit(&world, "ada").await;
    let gone = submit(&world, "bea").await;
    world.clock.advance(SignedDuration::from_hours(31 * 24));
    let mailer = Slow(&world.clock);
    let nurture = nurture(&world, &mailer);
    nurture.send_to(std::slice::from_ref(&gone), Timestamp::MAX).await;
    *world.store.contended.lock().unwrap() = true;
    let report = nurture.send_to(&[lead, gone], Timestamp::MAX).await;
    assert_eq!(report.failed, []);
}

/// An hour in which so many confirmations leave, and in which the others wait an hour.
struct Hour<'a> {
    clock: &'a Still,
    asked: Mutex<u32>,
}

impl Pace for Hour<'_> {
    async fn pass(&self, _: Timestamp) -> Result<Pass, PaceError> {
        Ok(Pass::At(Timestamp::MIN))
    }

    async fn foresee_hold(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(None)
    }

    async fn hold_confirmation(&self, most: u32, has_place: bool) -> Result<Option<Held>, PaceError> {
        if has_place {
            return Ok(None);
        }
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        let until = self.clock.now() + SignedDuration::from_hours(1);
        Ok((*asked > most).then_some(Held::Until(Hold::Hour { until, has_place: *asked == 3 })))
    }

    async fn give_back(&self, _: Timestamp) {}

    async fn answered(&self, _: &SendResult) -> Result<(), PaceError> {
        Ok(())
    }
}

#[tokio::test]
async fn confirmations_beyond_the_hours_wait_and_other_emails_do_not() {
    let mut world = world();
    world.bundle.organisation.limits.confirmations_per_hour = 2;
    let mut leads = Vec::new();
    for name in ["ada", "bea", "eve", "ida"] {
        leads.push(submit(&world, name).await);
    }
    let known = submit_to(&world, "uma", "news").await;
    world.store.change(&known, |lead| lead.consent.confirmed = true);
    let mailer = Slow(&world.clock);
    let pace = Hour { clock: &world.clock, asked: Mutex::new(0) };
    let Nurture { app, notifier, worker, at_once, .. } = nurture(&world, &mailer);
    let nurture = Nurture { app, mailer: &mailer, notifier, pace: &pace, worker, at_once };
    let report = nurture.send_due(Timestamp::MAX).await.expect("a report");
    assert_eq!(report.failed, []);
    assert_eq!((report.held, report.waiting), (2, 0));
    let confirmed = leads.iter().filter(|lead| world.store.lead(lead).was_asked(1)).count();
    assert_eq!(confirmed, 2);
    assert!(!world.store.lead(&known).sends.is_empty(), "who confirmed the address waits for none");

    *pace.asked.lock().unwrap() = 0;
    world.clock.advance(SignedDuration::from_hours(1));
    let report = nurture.send_due(Timestamp::MAX).await.expect("a report");
    assert_eq!(
        (report.held, *pace.asked.lock().unwrap()),
        (0, 1),
        "who was given a place does not ask again"
    );
    assert!(leads.iter().all(|lead| world.store.lead(lead).was_asked(1)), "nobody is lost");
}

/// Where a form confirms no addresses, anybody can have us write to dead mailboxes all the same.
#[tokio::test]
async fn first_emails_to_addresses_that_nobody_confirmed_wait_with_confirmations() {
    let mut world = world();
    world.bundle.organisation.limits = domain::organisation::Limits::default();
    write_news(&mut world);
    world.bundle.organisation.limits.confirmations_per_hour = 2;
    let mut leads = Vec::new();
    for name in ["ada", "bea", "eve", "ida"] {
        leads.push(submit_to(&world, name, "news").await);
    }
    let mailer = Slow(&world.clock);
    let pace = Hour { clock: &world.clock, asked: Mutex::new(0) };
    let Nurture { app, notifier, worker, at_once, .. } = nurture(&world, &mailer);
    let nurture = Nurture { app, mailer: &mailer, notifier, pace: &pace, worker, at_once };
    let report = nurture.send_due(Timestamp::MAX).await.expect("a report");
    assert_eq!((report.sent, report.held, report.failed), (2, 2, Vec::new()));

    *pace.asked.lock().unwrap() = 0;
    world.clock.advance(SignedDuration::from_hours(1));
    let report = nurture.send_due(Timestamp::MAX).await.expect("a report");
    assert_eq!((report.sent, report.held), (2, 0), "nobody is lost");
    assert_eq!(*pace.asked.lock().unwrap(), 1, "who was given a place does not ask again");

    world.clock.advance(SignedDuration::from_hours(24));
    let report = nurture.send_due(Timestamp::MAX).await.expect("a report");
    assert_eq!((report.sent, *pace.asked.lock().unwrap()), (4, 1), "an address takes one place");
}

/// No confirmation leaves.
struct Stopped;

impl Pace for Stopped {
    async fn pass(&self, _: Timestamp) -> Result<Pass, PaceError> {
        Ok(Pass::At(Timestamp::MIN))
    }

    async fn hold_confirmation(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        let since = "2026-11-23T10:00:00Z".parse().unwrap();
        Ok(Some(Held::Stopped(app::gate::Stop { because: "too many bounce".into(), since })))
    }

    async fn foresee_hold(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(None)
    }

    async fn give_back(&self, _: Timestamp) {}

    async fn answered(&self, _: &SendResult) -> Result<(), PaceError> {
        Ok(())
    }
}

#[tokio::test]
async fn while_confirmations_are_stopped_nothing_leaves_for_addresses_that_nobody_confirmed() {
    let mut world = world();
    write_news(&mut world);
    let unproven = submit_to(&world, "ada", "news").await;
    let proven = submit_to(&world, "bea", "news").await;
    world.store.change(&proven, |lead| lead.consent.confirmed = true);
    let mailer = Slow(&world.clock);
    let Nurture { app, notifier, worker, at_once, .. } = nurture(&world, &mailer);
    let nurture = Nurture { app, mailer: &mailer, notifier, pace: &Stopped, worker, at_once };
    let report = nurture.send_to(&[unproven.clone(), proven.clone()], Timestamp::MAX).await;
    assert_eq!((report.sent, report.failed), (1, Vec::new()));
    assert!(report.confirmations_stopped.is_some());
    assert!(world.store.lead(&unproven).sends.is_empty());
    assert!(world.store.lead(&unproven).due_at() > Some(world.clock.now()), "it is looked at again");
    assert_eq!(world.store.lead(&proven).sends.len(), 1);
}

#[tokio::test]
async fn a_webhook_is_told_who_it_is_about_and_no_email_counts() {
    let mut world = world();
    let crm = WebhookId::parse("crm").unwrap();
    let url = "https://crm.example/hooks".to_owned();
    world.bundle.organisation.webhooks.insert(crm.clone(), Webhook { url: url.clone() });
    let step = StepId::parse("tell").unwrap();
    let tell = Step { act: Act::Notify { webhook: crm.clone() }, next: None };
    let sequence = Sequence { first: Some(step.clone()), steps: [(step, tell)].into() };
    world.bundle.campaigns.get_mut("news").unwrap().sequence = sequence;
    let lead = submit_to(&world, "ada", "news").await;
    let told = Told::default();
    let mailer = Slow(&world.clock);
    let nurture = Nurture { notifier: &told, ..nurture(&world, &mailer) };
    let report = nurture.send_due(Timestamp::MAX).await.expect("a report");
    assert_eq!((report.sent, report.notified), (0, 1));
    let told = told.0.into_inner().unwrap().remove(0);
    assert_eq!((&told.webhook, &told.url), (&crm, &url));
    assert_eq!(world.store.lead(&lead).sends.keys().next(), Some(&told.id));
    let body: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let expected = serde_json::json!({
        "type": "lead.notified",
        "timestamp": "2026-11-23T11:00:00Z",
        "data": {
            "lead": lead, "email": "ada@example.com", "locale": "fr", "traits": {}, "tags": [],
            "stage": "subscriber", "temperature": "cold",
            "score": { "fit": 0.0, "engagement": 10.0, "total": 10.0 },
            "campaign": "news", "step": "tell",
        },
    });
    assert_eq!(body, expected);
}
