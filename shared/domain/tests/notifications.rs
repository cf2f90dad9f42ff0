//! How another system is told of a lead: claimed, posted under one id however often, recorded, bounded.

mod support;

use domain::input::SendResult;
use domain::lead::SendOutcome;
use domain::sequence::{Act, Sequence, Step};
use domain::{Fact, SendId, StepId, Traits, WebhookId, fold};
use jiff::SignedDuration;
use rstest::rstest;
use support::*;

fn step(text: &str) -> StepId {
    StepId::parse(text).expect("a step id")
}

/// A sequence that notifies, in the middle of the night, and waits a week then.
fn world() -> World {
    let mut world = World::begin("2026-11-02T02:00:00Z");
    let notify = Act::Notify { webhook: WebhookId::parse("crm").expect("a name") };
    let steps = [
        (step("tell"), Step { act: notify, next: Some(step("after")) }),
        (step("after"), Step { act: Act::Wait { length: days(7) }, next: None }),
    ];
    let sequence = Sequence { first: Some(step("tell")), steps: steps.into_iter().collect() };
    world.bundle.campaigns.get_mut(&campaign_id("news")).expect("news").sequence = sequence;
    world.submit("news", Traits::new());
    world
}

fn accepted() -> SendResult {
    SendResult::Accepted { message_id: String::new() }
}

fn refused(code: &str, retryable: bool) -> SendResult {
    SendResult::Rejected { code: code.into(), retryable }
}

fn unknown() -> SendResult {
    SendResult::Uncertain { code: "timeout".into() }
}

/// Ticks whenever something is due and gives the answers in turn, for ten days; a missing one is a crash. Answers every
/// claim, with the hours since the first.
fn post(world: &mut World, answers: impl IntoIterator<Item = Option<SendResult>>) -> Vec<(SendId, f64)> {
    let (began, mut answers, mut claims) = (world.now, answers.into_iter(), Vec::new());
    while let Some(due) = world.lead().due_at().filter(|due| *due <= began + days(10)) {
        world.now = world.now.max(due);
        let Some(send_id) = world.tick() else { continue };
        claims.push((send_id.clone(), world.now.duration_since(began).as_secs_f64() / 3600.0));
        if let Some(Some(answer)) = answers.next() {
            world.answer(&send_id, answer).expect("claimed");
        }
    }
    claims
}

#[rstest]
#[case::accepted(vec![Some(accepted())], 1, "notified")]
#[case::gone(vec![Some(refused("http_410", false))], 1, "send_rejected")]
#[case::refused_twice(vec![Some(refused("http_404", true)), Some(refused("http_503", true)), Some(accepted())], 3, "notified")]
#[case::no_answer(vec![Some(unknown()), Some(accepted())], 2, "notified")]
#[case::crash(vec![None, Some(accepted())], 2, "notified")]
#[case::refused_always(vec![Some(refused("http_500", true)); 20], 8, "send_rejected")]
#[case::never_an_answer(vec![Some(unknown()); 20], 8, "send_uncertain")]
#[case::crash_always(vec![], 8, "send_uncertain")]
#[case::all_kinds(
    [unknown(), refused("http_429", true)].map(Some).into_iter().cycle().take(20).collect(), 8, "send_rejected"
)]
fn it_is_tried_so_often_under_one_id_and_then_the_sequence_goes_on(
    #[case] answers: Vec<Option<SendResult>>,
    #[case] tries: usize,
    #[case] last: &str,
) {
    let mut world = world();
    let claims = post(&mut world, answers);
    assert_eq!(claims.len(), tries, "{claims:?}");
    assert!(claims.iter().all(|(send_id, _)| *send_id == claims[0].0), "{claims:?}");
    assert!(claims.iter().all(|(_, hours)| *hours < 48.0), "{claims:?}");
    let kinds = world.kinds();
    let place = kinds.iter().rposition(|kind| kind == "step_began").expect("it went on");
    assert_eq!(kinds[place - 1], last);
    assert_eq!(world.step("news"), "after");
    assert_eq!(fold(&world.log).expect("a whole log").as_ref(), Some(world.lead()));
}

#[test]
fn a_try_that_is_given_up_says_so() {
    let mut world = world();
    post(&mut world, vec![Some(refused("http_500", true)); 20]);
    let given_up = world.log.iter().filter_map(|activity| match &activity.fact {
        Fact::SendRejected { retry_at, .. } => Some(retry_at.is_none()),
        _ => None,
    });
    assert_eq!(given_up.collect::<Vec<_>>(), [false, false, false, false, false, false, false, true]);
}

#[test]
fn it_is_no_email_and_waits_neither_for_the_day_nor_for_the_cap() {
    let mut world = world();
    world.bundle.organisation.limits.per_lead =
        Some(domain::organisation::FrequencyCap { count: 0, per: SignedDuration::from_hours(24) });
    assert_eq!(post(&mut world, [Some(accepted())])[0].1, 0.0, "at two in the morning");
    assert_eq!(world.lead().history.times("email_sent"), 0);
    assert!(!world.kinds().contains(&"email_sent".to_owned()));
}

#[test]
fn nobody_is_told_of_a_lead_that_left() {
    let mut world = world();
    let send_id = world.tick().expect("a claim");
    world.leave().expect("it may leave");
    world.answer(&send_id, refused("http_503", true)).expect("claimed");
    assert_eq!(world.lead().sends[&send_id].outcome, SendOutcome::Rejected);
    assert_eq!(world.lead().due_at(), None);
}

#[test]
fn an_answer_that_comes_after_its_lease_settles_it() {
    let mut world = world();
    let send_id = world.tick().expect("a claim");
    world.now += SignedDuration::from_mins(3);
    assert_eq!(world.tick(), None, "the lease ended: it is tried again later");
    world.answer(&send_id, accepted()).expect("late, but welcome");
    assert_eq!(world.step("news"), "after");
    assert!(post(&mut world, []).is_empty(), "and is not posted again");
}
