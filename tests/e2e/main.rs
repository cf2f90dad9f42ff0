//! End to end: the functions as they ship, deployed with `template.yaml` by `sam deploy` on a cloud of this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{Activity, Fact, SendId};
use jiff::SignedDuration;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::json;
use tempfile::TempDir;
use tests::calls::{Call, Moment};
use tests::deployed::Deployed;
use tests::dev::Dev;
use tests::envelopes;
use tests::http::Request;
use tests::programs::infra;
use tests::roles::{by_template, grants};
use tests::stack::{Mail, Stack};
use tests::story::{MONDAY, at, comparable, tell};

#[test]
#[ignore = "deploys the stack, which takes a while: tests/e2e/run"]
fn the_deployed_stack_sends_what_dev_sends() {
    let data = TempDir::new().expect("a folder");
    let in_dev = tell(&Dev::start(&infra(), data.path()));
    let stack = Arc::new(Deployed::start(&infra(), at(MONDAY)));
    let callers = Callers::of(&stack);
    what_is_nowhere_gets_a_page_of_ours(&stack);
    let deployed = tell(&*stack);
    their_roles_allow_what_they_did(&stack, &callers);
    let steps =
        |mails: &[Mail]| mails.iter().map(|mail| format!("{} → {}", mail.step, mail.to)).collect::<Vec<_>>();
    assert_eq!(steps(&in_dev), steps(&deployed));
    for (dev, deployed) in in_dev.iter().zip(&deployed) {
        // An alert tells times to the minute, which the two runs do not share.
        if dev.step != "alert" {
            assert_eq!(comparable(dev), comparable(deployed));
        }
    }
}

fn what_is_nowhere_gets_a_page_of_ours(stack: &Deployed) {
    let asked =
        [("GET", "/", 404), ("GET", "/c/", 404), ("POST", "/u/token/more", 404), ("PUT", "/c/token", 405)];
    for (method, path, status) in asked {
        let reply = stack.try_to_send(&Request { method: method.into(), ..Request::get(path) });
        let kind = reply.header("content-type");
        assert_eq!((reply.status, kind), (status, "text/html; charset=utf-8"), "{method} {path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{method} {path}");
    }
    let head = Request { method: "HEAD".into(), ..Request::get("/f/guide-solaire") };
    assert_eq!(stack.try_to_send(&head).status, 200);
}

/// What the functions that call are named, by their access keys.
#[derive(Default)]
struct Callers(Mutex<BTreeMap<String, String>>);

impl Callers {
    /// Watches them all from now on.
    fn of(stack: &Arc<Deployed>) -> Arc<Self> {
        let callers = Arc::<Self>::default();
        let (known, stack_of) = (callers.clone(), Arc::downgrade(stack));
        stack.cloud.calls.witness(Some(Arc::new(move |caller, _| {
            if let Some(stack) = stack_of.upgrade() {
                known.name(&stack, caller);
            }
            true
        })));
        callers
    }

    fn name(&self, stack: &Deployed, caller: &str) -> Option<String> {
        let mut names = self.0.lock().expect("nobody failed");
        if let Some(name) = names.get(caller) {
            return Some(name.clone());
        }
        let name = stack.cloud.function(caller)?;
        names.insert(caller.to_owned(), name.clone());
        Some(name)
    }
}

/// The stand-in holds the functions to their roles; this tells which call would be missing, by the names of the template.
fn their_roles_allow_what_they_did(stack: &Deployed, callers: &Callers) {
    let (seen, grants) = (stack.cloud.calls.seen(), grants());
    let name = |caller: &str| callers.name(stack, caller).unwrap_or_else(|| panic!("who is {caller}?"));
    let calls: BTreeSet<Call> = seen.into_iter().map(|call| by_template(&name(&call.caller), call)).collect();
    let who: BTreeSet<_> = calls.iter().map(|call| call.caller.as_str()).collect();
    assert_eq!(who.len(), KILLED.len(), "all of them call: {who:?}");
    let missing: Vec<_> =
        calls.iter().filter(|call| !grants.iter().any(|grant| grant.allows(call))).collect();
    assert!(missing.is_empty(), "template.yaml allows none of {missing:#?}");
}

const LEADS: usize = 8;
/// The functions, and how often each is killed at most: at its third call or answer, and then, as it is drawn, after so many more
/// pairs of them as this at most. A call that is lost has no answer, so after it, answers are lost. What a queue repeats five times
/// would be a dead letter.
const KILLED: [(&str, u64, usize); 5] = [
    ("SubmitForm", 6, 3),
    ("FollowLink", 10, 3),
    ("CollectEvents", 6, 3),
    ("UpdateScore", 16, 3),
    ("SendNurture", 48, 8),
];
/// The seed of the kills, if it is to be another than always.
const SEED: &str = "SILLON_TEST_SEED";
/// These do one thing after the other, so that it is known what is lost of them.
const ONE_AT_A_TIME: [&str; 3] = ["SubmitForm", "FollowLink", "CollectEvents"];
/// What a website tells of each lead.
const SEEN: &str = "brochure_seen";
/// The steps of one who never clicks.
const STEPS: [&str; 4] = ["bienvenue", "etude-de-cas", "relance", "temoignages"];

/// How often a function died.
#[derive(Debug)]
struct Died {
    /// Calls and answers until it dies again, that one among them.
    left: u64,
    /// Before what it asked for was done.
    calls_lost: usize,
    /// After it.
    answers_lost: usize,
}

/// What was killed.
#[derive(Debug)]
struct Kills {
    chance: ChaCha8Rng,
    of: BTreeMap<&'static str, Died>,
    /// Access keys, of functions that are known.
    names: BTreeMap<String, &'static str>,
    /// E-mails of which nobody can know whether they left, since who claimed them died.
    left_open: BTreeSet<SendId>,
}

impl Kills {
    /// Counts one more call or answer; says whether the function dies there.
    fn is_next(&mut self, function: &'static str, moment: Moment) -> bool {
        let (_, pairs, most) = KILLED.into_iter().find(|(name, ..)| *name == function).expect("a function");
        let died = self.of.entry(function).or_insert(Died { left: 3, calls_lost: 0, answers_lost: 0 });
        died.left = died.left.saturating_sub(1);
        let dies = died.left == 0 && died.calls_lost + died.answers_lost < most;
        if dies {
            died.left = 2 * (1 + self.chance.next_u64() % pairs);
            *(if moment == Moment::Before { &mut died.calls_lost } else { &mut died.answers_lost }) += 1;
        }
        dies
    }
}

/// Kills the programs around their calls.
fn kill_around_calls(stack: &Arc<Deployed>) -> Arc<Mutex<Kills>> {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the test may choose")]
    let seed = std::env::var(SEED).map_or(1, |seed| seed.parse().expect("a number"));
    eprintln!("the kills of {SEED}={seed}");
    let (chance, of) = (ChaCha8Rng::seed_from_u64(seed), BTreeMap::new());
    let kills = Kills { chance, of, names: BTreeMap::new(), left_open: BTreeSet::new() };
    let kills = Arc::new(Mutex::new(kills));
    let (count, stack_of) = (kills.clone(), Arc::downgrade(stack));
    stack.cloud.calls.witness(Some(Arc::new(move |caller, moment| {
        let Some(stack) = stack_of.upgrade() else { return true };
        let mut kills = count.lock().expect("nobody failed");
        let name = kills.names.get(caller).copied().or_else(|| {
            let told = stack.cloud.function(caller)?;
            KILLED.into_iter().map(|(name, ..)| name).find(|name| told.contains(name))
        });
        let Some(function) = name else { return true };
        kills.names.insert(caller.to_owned(), function);
        if !kills.is_next(function, moment) {
            return true;
        }
        drop(kills);
        stack.cloud.kill(caller);
        if function == "SendNurture" {
            // Calls that are on their way arrive all the same.
            for _ in 0..4 {
                let claims = stack.leads().into_iter().filter_map(|lead| Some(lead.claim?.send_id));
                count.lock().expect("nobody failed").left_open.extend(claims);
                std::thread::sleep(Duration::from_millis(300));
            }
        }
        moment == Moment::After
    })));
    kills
}

/// Sends until it is taken, as somebody does whose browser tells of a failure.
fn insist(stack: &Deployed, request: &Request) {
    let taken = (0..20).any(|_| stack.try_to_send(request).status < 400);
    assert!(taken, "{request:?} was never taken");
}

/// A website tells of each lead, and SES that its confirmation arrived; whatever is killed meanwhile, queues repeat.
fn tell_of(stack: &Deployed, confirmations: &[Mail]) {
    let authority = format!("Bearer {}", stack.write_key());
    for (place, mail) in confirmations.iter().enumerate() {
        let event = json!({ "event": SEEN, "userId": mail.to, "messageId": format!("seen-{place}") });
        insist(stack, &Request::json("/v1/events", &event).header("authorization", &authority));
        let now = stack.now().to_string();
        let mut record = envelopes::click(&mail.message_id, &mail.tags, &mail.to, &now);
        record["eventType"] = json!("Delivery");
        record["delivery"] = json!({ "timestamp": now, "recipients": [mail.to] });
        stack.publish(&record);
    }
    // A message whose reader died is seen again after six minutes.
    for _ in 0..6 {
        if stack.settle(Duration::from_secs(10)).is_none() {
            return;
        }
        stack.pass(stack.now() + SignedDuration::from_mins(7), Duration::from_secs(2));
    }
}

/// The steps of which the lead's log says that nobody knows whether their e-mail left.
fn uncertain(activities: &[Activity]) -> BTreeSet<String> {
    let step = |activity: &Activity| match &activity.fact {
        Fact::SendUncertain { step, .. } => Some(step.to_string()),
        _ => None,
    };
    activities.iter().filter_map(step).collect()
}

#[test]
#[ignore = "deploys the stack, which takes a while: tests/e2e/run"]
fn kills_of_any_function_lose_nobody_and_repeat_no_nurture_email() {
    let stack = Arc::new(Deployed::start(&infra(), at(MONDAY)));
    let kills = kill_around_calls(&stack);
    let quick = Duration::from_secs(2);
    let addresses: Vec<String> = (0..LEADS).map(|n| format!("lead-{n}@example.com")).collect();
    for email in &addresses {
        let form = json!({ "email": email, "housing": "flat", "_locale": "en" });
        insist(&stack, &Request::json("/f/guide-solaire", &form));
    }
    // A claim that a killed program left open ends with its lease, and an uncertain confirmation is repeated.
    stack.settle(quick);
    stack.pass(stack.now() + SignedDuration::from_hours(2), quick);
    let mails = stack.mails();
    let confirmation = |email: &String| {
        let found = mails.iter().rfind(|mail| mail.step == "confirm" && mail.to == *email);
        found.unwrap_or_else(|| panic!("{email} got no confirmation")).clone()
    };
    let confirmations: Vec<Mail> = addresses.iter().map(confirmation).collect();
    for mail in &confirmations {
        insist(&stack, &Request::form(&mail.path("c"), &[]));
    }
    tell_of(&stack, &confirmations);
    stack.pass(stack.now() + SignedDuration::from_hours(24 * 30), quick);
    stack.cloud.calls.witness(None);
    stack.pass(stack.now() + SignedDuration::from_hours(24 * 60), Duration::from_secs(10));
    let kills = kills.lock().expect("nobody failed");
    for (function, ..) in KILLED {
        let died = kills.of.get(function).unwrap_or_else(|| panic!("{function} did nothing: {kills:?}"));
        assert!(died.calls_lost + died.answers_lost > 0, "{function} lived: {kills:?}");
        let both = died.calls_lost > 0 && died.answers_lost > 0;
        assert!(both || !ONE_AT_A_TIME.contains(&function), "{function} died in one way only: {kills:?}");
    }

    let mails = stack.mails();
    let mut sent = BTreeSet::new();
    for mail in &mails {
        assert!(sent.insert(mail.tags["send"].to_string()), "{} left twice for {}", mail.step, mail.to);
    }
    let nurture: Vec<_> = mails
        .iter()
        .filter(|mail| STEPS.contains(&mail.step.as_str()))
        .map(|mail| (&mail.to, &mail.step))
        .collect();
    let distinct: BTreeSet<_> = nurture.iter().collect();
    assert_eq!(distinct.len(), nurture.len(), "{nurture:?}");
    let mut missing = 0;
    for mail in &confirmations {
        let email = &mail.to;
        assert_eq!(stack.lead(email)["enrolments"][0]["state"], "completed", "{email} is lost");
        let activities = stack.activities(email);
        let count =
            |is: &dyn Fn(&Fact) -> bool| activities.iter().filter(|activity| is(&activity.fact)).count();
        let seen = count(&|fact| matches!(fact, Fact::Occurred { kind, .. } if kind == SEEN));
        let arrived = count(
            &|fact| matches!(fact, Fact::EmailDelivered(event) if mail.tags["send"] == event.send_id.as_str()),
        );
        assert_eq!((seen, arrived), (1, 1), "what was told of {email} is recorded once; {kills:?}");
        let uncertain = uncertain(&activities);
        for step in STEPS.map(str::to_owned).iter().filter(|step| !nurture.contains(&(email, *step))) {
            missing += 1;
            // The program died around the call, and that is known.
            assert!(uncertain.contains(step), "{email} never got {step}, and no record calls it uncertain");
        }
    }
    assert!(missing <= kills.left_open.len(), "{missing} nurture e-mails did not leave; {kills:?}");
    let Kills { of, left_open, .. } = &*kills;
    eprintln!(
        "{missing} nurture e-mails uncertain ({} claims left open), none left twice; killed: {of:?}",
        left_open.len()
    );
}
