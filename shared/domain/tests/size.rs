//! A profile stays small, whatever its lead has been through: DynamoDB takes 400 KB.

mod support;

use domain::{Fact, InputBody, Traits};
use jiff::SignedDuration;
use support::*;

/// As it is stored.
fn kilobytes(world: &World) -> usize {
    serde_json::to_vec(world.lead()).expect("JSON").len() / 1024
}

#[test]
fn a_profile_stays_small_however_many_campaigns_its_lead_went_through() {
    const CAMPAIGNS: usize = 60;
    const EMAILS: usize = 20;
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.bundle.organisation.limits = Default::default();
    let steps: Vec<String> = (1..=EMAILS).map(|number| format!("e-mail-number-{number:02}")).collect();
    let line = steps
        .iter()
        .enumerate()
        .map(|(place, name)| (name.as_str(), send(name, None), steps.get(place + 1).map(String::as_str)));
    let line = sequence(line.collect());
    let news = world.bundle.campaigns[&campaign_id("news")].clone();
    let names: Vec<String> = (1..=CAMPAIGNS).map(|number| format!("campaign-number-{number:02}")).collect();
    for name in &names {
        let campaign = domain::Campaign { id: campaign_id(name), sequence: line.clone(), ..news.clone() };
        world.bundle.campaigns.insert(campaign.id.clone(), campaign);
    }
    let mut sent = 0;
    for name in &names {
        world.submit(name, Traits::new());
        sent += world.pass(days(10)).len();
    }
    assert_eq!(sent, CAMPAIGNS * EMAILS);
    assert!(kilobytes(&world) < 150, "{} KB", kilobytes(&world));
    for name in &names {
        world.submit(name, Traits::new());
    }
    assert!(world.pass(days(10)).is_empty(), "nobody enters a second time, nor gets an e-mail again");
}

#[test]
fn what_forms_tell_beyond_a_profiles_room_is_passed_over_and_stands_in_the_log() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    let long = |letter: &str| letter.repeat(20 * 1024);
    for letter in ["a", "b", "c", "d"] {
        let answers =
            [(format!("note_{letter}"), long(letter).as_str().into()), ("size".to_owned(), letter.into())];
        world.submit("news", Traits::from(answers));
        world.pass(SignedDuration::from_mins(1));
    }
    let lead = world.lead();
    let known: Vec<&str> = lead.traits.keys().map(String::as_str).collect();
    assert_eq!(known, ["note_a", "note_b", "note_c", "size"]);
    assert_eq!(lead.traits["size"], "d".into(), "what fits is taken");
    let last = world.log.iter().rev().find_map(|activity| match &activity.fact {
        Fact::FormSubmitted { passed_over, .. } => Some(passed_over.clone()),
        _ => None,
    });
    assert_eq!(last, Some(Traits::from([("note_d".to_owned(), long("d").as_str().into())])));
    world
        .now_input(InputBody::Leave { through: domain::activity::Withdrawal::OneClick, visitor: visitor() })
        .expect("leaving always finds room");
}
