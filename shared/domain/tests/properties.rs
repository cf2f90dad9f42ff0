//! What holds for every history of a lead, however odd.

mod support;

use domain::consent::ConsentState;
use domain::input::{CarrierLimit, Feedback, FeedbackKind, SendResult};
use domain::lead::{Purpose, SendOutcome};
use domain::{Fact, InputBody, SendId, Traits, fold};
use jiff::SignedDuration;
use proptest::prelude::*;
use support::*;

/// Something that may happen next.
#[derive(Debug, Clone)]
enum Happening {
    Submit(&'static str),
    Confirm(u32),
    Leave,
    AskAccess,
    Pass(i64),
    Tick,
    /// The answer to the open claim: accepted, refused for now, refused, uncertain; or the worker crashes.
    Answer(u8),
    Feedback(u8, usize),
    Event(&'static str),
    Page,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => prop_oneof![Just("guide"), Just("news")].prop_map(Happening::Submit),
        3 => (1_u32..4).prop_map(Happening::Confirm),
        1 => Just(Happening::Leave),
        1 => Just(Happening::AskAccess),
        4 => (1_i64..20_000).prop_map(Happening::Pass),
        6 => Just(Happening::Tick),
        6 => (0_u8..5).prop_map(Happening::Answer),
        2 => (0_u8..6, any::<usize>()).prop_map(|(kind, place)| Happening::Feedback(kind, place)),
        1 => prop_oneof![Just("quote_requested"), Just("webinar")].prop_map(Happening::Event),
        1 => Just(Happening::Page),
    ]
}

fn happen(world: &mut World, happening: &Happening) -> Option<domain::Decision> {
    match happening {
        Happening::Submit(campaign) => {
            let body = submission(campaign, house());
            world.now_input(body).ok()
        }
        Happening::Confirm(request) => {
            world.now_input(InputBody::Confirm { request: *request, seen: None, visitor: visitor() }).ok()
        }
        Happening::Leave => world.leave().ok(),
        Happening::AskAccess => world.now_input(InputBody::AskAccess { visitor: visitor() }).ok(),
        Happening::Pass(minutes) => {
            world.now += SignedDuration::from_mins(*minutes);
            None
        }
        Happening::Tick => world.now_input(InputBody::Tick { worker: "w".into() }).ok(),
        Happening::Answer(kind) => {
            let send_id = world.lead.as_ref()?.claim.as_ref()?.send_id.clone();
            let code = || "code".to_owned();
            let result = match kind {
                0 => SendResult::Accepted { message_id: "m".into() },
                1 => SendResult::Rejected { code: code(), retryable: true },
                2 => SendResult::Rejected { code: code(), retryable: false },
                3 => SendResult::Uncertain { code: code() },
                4 => SendResult::Throttled { code: code(), limit: CarrierLimit::Rate },
                _ => return None,
            };
            world.answer(&send_id, result).ok()
        }
        Happening::Feedback(kind, place) => {
            let sends: Vec<SendId> = world.lead.as_ref()?.sends.keys().cloned().collect();
            let send_id = sends.get(place.checked_rem(sends.len())?)?.clone();
            let kind = match kind {
                0 => FeedbackKind::Send,
                1 => FeedbackKind::Delivery,
                2 => FeedbackKind::Open,
                3 => FeedbackKind::Click,
                4 => FeedbackKind::Bounce { permanent: place % 3 == 0 },
                _ => FeedbackKind::Complaint,
            };
            let feedback =
                Feedback { send_id, kind, of_confirmation: false, machine: place % 5 == 0, detail: None };
            world.now_input(InputBody::Feedback(feedback)).ok()
        }
        Happening::Event(name) => world.now_input(event(name)).ok(),
        Happening::Page => world.now_input(page()).ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_lead_is_the_fold_of_its_log(happenings in prop::collection::vec(happening(), 1..60)) {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        for happening in &happenings {
            happen(&mut world, happening);
            prop_assert_eq!(fold(&world.log).expect("a log of ours"), world.lead.clone());
        }
        let log = serde_json::to_string(&world.log).expect("a log is JSON");
        let read: Vec<domain::Activity> = serde_json::from_str(&log).expect("and is read back");
        prop_assert_eq!(read, world.log);
        let lead = serde_json::to_string(&world.lead).expect("a lead is JSON");
        prop_assert_eq!(serde_json::from_str::<Option<domain::Lead>>(&lead).expect("too"), world.lead);
    }

    #[test]
    fn every_claim_is_allowed_and_no_email_leaves_twice(happenings in prop::collection::vec(happening(), 1..80)) {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        for happening in &happenings {
            let before = world.lead.clone();
            let Some(decision) = happen(&mut world, happening) else { continue };
            let Some(before) = before else { continue };
            for activity in &decision.activities {
                let Fact::SendClaimed { send_id, purpose, .. } = &activity.fact else { continue };
                let suppressed = before.suppression.is_some();
                prop_assert!(!suppressed || *purpose == Purpose::Access, "claimed for a suppressed address");
                match purpose {
                    Purpose::Access => prop_assert!(before.may_get_access()),
                    Purpose::Nurture { .. } | Purpose::Alert | Purpose::Notify { .. } => {
                        prop_assert_eq!(before.consent.state, ConsentState::Granted);
                    }
                    Purpose::Confirmation { .. } => {
                        prop_assert_ne!(before.consent.state, ConsentState::Withdrawn);
                    }
                }
                let earlier = before.sends.get(send_id).map(|send| send.outcome);
                prop_assert!(
                    matches!(earlier, None | Some(SendOutcome::Rejected)),
                    "{send_id} was {earlier:?} before"
                );
            }
        }
    }

    #[test]
    fn an_open_claim_keeps_the_lead_until_its_lease_ends(happenings in prop::collection::vec(happening(), 1..80)) {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        for happening in &happenings {
            happen(&mut world, happening);
            if let Some(claim) = world.lead.as_ref().and_then(|lead| lead.claim.as_ref()) {
                prop_assert_eq!(world.lead().due_at(), Some(claim.lease_ends_at));
            }
        }
    }

    #[test]
    fn whoever_is_due_is_served(happenings in prop::collection::vec(happening(), 1..80)) {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        happenings.iter().for_each(|happening| { happen(&mut world, happening); });
        while let Some(due) = world.lead.as_ref().and_then(domain::Lead::due_at) {
            world.now = world.now.max(due);
            let served = world.now_input(InputBody::Tick { worker: "w".into() });
            prop_assert!(served.is_ok(), "it would stay due for ever: {:?}", served.err());
        }
    }

    #[test]
    fn a_form_posted_again_never_resets_consent(
        happenings in prop::collection::vec(happening(), 1..40),
        again in prop::collection::vec(prop_oneof![Just("guide"), Just("news")], 1..5),
    ) {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        happenings.iter().for_each(|happening| { happen(&mut world, happening); });
        let granted = world.lead.as_ref().is_some_and(|lead| lead.consent.state == ConsentState::Granted);
        for campaign in again {
            world.submit(campaign, Traits::new());
            if granted {
                prop_assert_eq!(world.lead().consent.state, ConsentState::Granted);
            }
        }
    }

    #[test]
    fn any_order_and_repetition_gives_the_same_engagement(
        events in prop::collection::vec((0_i64..90 * 24 * 60, 0_u8..3), 1..60),
        seed in any::<u64>(),
    ) {
        let inputs: Vec<(String, InputBody, i64)> = events
            .iter()
            .enumerate()
            .map(|(place, (minute, kind))| {
                let body = match kind { 0 => page(), 1 => event("quote_requested"), _ => event("webinar") };
                (place.to_string(), body, *minute)
            })
            .collect();
        let engagement = |order: Vec<usize>| {
            let mut world = World::begin("2026-01-01T00:00:00Z");
            world.submit("guide", Traits::new());
            let begin = world.now;
            world.now += days(100);
            for place in order {
                let (id, body, minute) = &inputs[place];
                let _ = world.input(id, begin + SignedDuration::from_mins(*minute), body.clone());
            }
            world.score().engagement
        };
        let straight: Vec<usize> = (0..inputs.len()).collect();
        let mut mixed: Vec<usize> = straight.iter().chain(&straight).copied().collect();
        let mut state = seed;
        for place in (1..mixed.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            mixed.swap(place, (state >> 33) as usize % (place + 1));
        }
        prop_assert_eq!(engagement(straight), engagement(mixed));
    }
}
