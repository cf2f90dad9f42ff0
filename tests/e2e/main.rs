//! End to end: the functions as they ship, deployed with `template.yaml` by `sam deploy` on a cloud of this machine.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use domain::{Activity, Fact};
use jiff::SignedDuration;
use serde_json::json;
use tempfile::TempDir;
use tests::calls::Moment;
use tests::deployed::Deployed;
use tests::dev::Dev;
use tests::http::Request;
use tests::programs::infra;
use tests::stack::{Mail, Stack};
use tests::story::{MONDAY, at, comparable, tell};

#[test]
#[ignore = "deploys the stack, which takes a while: tests/e2e/run"]
fn the_deployed_stack_sends_what_dev_sends() {
    let data = TempDir::new().expect("a folder");
    let in_dev = tell(&Dev::start(&infra(), data.path()));
    let stack = Deployed::start(&infra(), at(MONDAY));
    what_is_nowhere_gets_a_page_of_ours(&stack);
    let deployed = tell(&stack);
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

const LEADS: usize = 8;
/// One call in so many ends its program, before or after what it asks for is done.
const ODDS: u64 = 80;
/// The steps of one who never clicks.
const STEPS: [&str; 4] = ["bienvenue", "etude-de-cas", "relance", "temoignages"];

/// Kills the programs around their calls, by a chance that the seed decides.
fn kill_at_random(stack: &Deployed, seed: u64) -> Arc<AtomicUsize> {
    let (kill, kills, draws) = (stack.cloud.killer(), Arc::new(AtomicUsize::new(0)), AtomicU64::new(seed));
    let count = kills.clone();
    stack.cloud.calls.witness(Some(Arc::new(move |caller, moment| {
        // SplitMix64: a stream of numbers out of a counter.
        let mut draw = draws.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
        draw = (draw ^ (draw >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        draw = (draw ^ (draw >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        if (draw ^ (draw >> 31)) % ODDS != 0 {
            return true;
        }
        kill(caller);
        count.fetch_add(1, Ordering::SeqCst);
        moment == Moment::After
    })));
    kills
}

/// Sends until it is taken, as somebody does whose browser tells of a failure.
fn insist(stack: &Deployed, request: &Request) {
    let taken = (0..20).any(|_| stack.try_to_send(request).status < 400);
    assert!(taken, "{request:?} was never taken");
}

/// The steps of which the lead's log says that nobody knows whether their e-mail left.
fn uncertain(stack: &Deployed, email: &str) -> BTreeSet<String> {
    let step = |activity: Activity| match activity.fact {
        Fact::SendUncertain { step, .. } => Some(step.to_string()),
        _ => None,
    };
    stack.activities(email).into_iter().filter_map(step).collect()
}

#[test]
#[ignore = "deploys the stack, which takes a while: tests/e2e/run"]
fn kills_of_any_function_lose_nobody_and_repeat_no_nurture_email() {
    let stack = Deployed::start(&infra(), at(MONDAY));
    let kills = kill_at_random(&stack, 1);
    let quick = Duration::from_secs(2);
    let addresses: Vec<String> = (0..LEADS).map(|n| format!("lead-{n}@example.com")).collect();
    for email in &addresses {
        let form = json!({ "email": email, "housing": "flat", "_locale": "en" });
        insist(&stack, &Request::json("/f/guide-solaire", &form));
    }
    // A claim that a killed program left open ends with its lease, and an uncertain confirmation is repeated.
    stack.settle(quick);
    stack.pass(stack.now() + SignedDuration::from_hours(2), quick);
    for email in &addresses {
        let mails = stack.mails();
        let confirmation = mails.iter().rfind(|mail| mail.step == "confirm" && mail.to == *email);
        let confirmation = confirmation.unwrap_or_else(|| panic!("{email} got no confirmation"));
        insist(&stack, &Request::form(&confirmation.path("c"), &[]));
    }
    stack.settle(quick);
    stack.pass(stack.now() + SignedDuration::from_hours(24 * 30), quick);
    let killed = kills.load(Ordering::SeqCst);
    assert!(killed > 3, "only {killed} programs were killed: the test shows nothing");
    stack.cloud.calls.witness(None);
    stack.pass(stack.now() + SignedDuration::from_hours(24 * 60), Duration::from_secs(10));

    for email in &addresses {
        assert_eq!(stack.lead(email)["enrolments"][0]["state"], "completed", "{email} is lost");
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
    let all = LEADS * STEPS.len();
    let mut missing = 0;
    for email in &addresses {
        let uncertain = uncertain(&stack, email);
        for step in STEPS.map(str::to_owned).iter().filter(|step| !nurture.contains(&(email, *step))) {
            missing += 1;
            // The program died around the call, and that is known.
            assert!(uncertain.contains(step), "{email} never got {step}, and no record calls it uncertain");
        }
    }
    assert!(missing * 2 < all, "{missing} of {all} e-mails did not leave, {killed} programs were killed");
    eprintln!("{killed} programs killed, {missing} of {all} nurture e-mails uncertain, none left twice");
}
