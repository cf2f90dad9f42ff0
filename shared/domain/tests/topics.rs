//! Stories of forms that let a visitor choose topics: what is left, what is taken, and when that counts.

mod support;

use std::collections::BTreeSet;

use domain::{InputBody, TopicId, Traits};
use support::*;

const MONDAY_NOON: &str = "2026-11-23T11:00:00Z";

fn topics(names: &[&str]) -> BTreeSet<TopicId> {
    names.iter().map(|name| TopicId::parse(*name).expect("a topic")).collect()
}

/// Both campaigns' forms let a visitor choose between tips and offers. `guide` confirms the address, `news` does not.
fn world() -> World {
    let mut world = World::begin(MONDAY_NOON);
    for campaign in world.bundle.campaigns.values_mut() {
        let form = campaign.form.as_mut().expect("a form");
        form.topics = topics(&["conseils", "offres"]).into_iter().collect();
    }
    world
}

fn choose(world: &mut World, campaign: &str, chosen: &[&str]) {
    let InputBody::SubmitForm(mut submission) = submission(campaign, Traits::new()) else { unreachable!() };
    submission.topics = topics(chosen);
    world.now_input(InputBody::SubmitForm(submission)).expect("a valid form is never refused");
}

fn left(world: &World) -> BTreeSet<TopicId> {
    world.lead().preferences.left_topics.clone()
}

#[test]
fn what_is_not_chosen_is_left() {
    for (chosen, expected) in
        [(&["conseils", "offres"][..], &[][..]), (&["offres"], &["conseils"]), (&[], &["conseils", "offres"])]
    {
        let mut world = world();
        choose(&mut world, "guide", chosen);
        assert_eq!(left(&world), topics(expected), "{chosen:?}");
        world.confirm();
        assert_eq!(left(&world), topics(expected), "{chosen:?}, confirmed");
    }
}

#[test]
fn a_form_without_topics_leaves_nothing_and_takes_nothing() {
    let mut world = world();
    choose(&mut world, "guide", &["offres"]);
    world.bundle = bundle();
    choose(&mut world, "guide", &[]);
    assert_eq!(left(&world), topics(&["conseils"]));
}

#[test]
fn a_topic_of_another_form_stays_as_it_is() {
    let mut world = world();
    choose(&mut world, "guide", &["offres"]);
    let news = world.bundle.campaigns.get_mut(&campaign_id("news")).expect("it is there");
    news.form.as_mut().expect("a form").topics = topics(&["offres"]).into_iter().collect();
    choose(&mut world, "news", &[]);
    assert_eq!(left(&world), topics(&["conseils", "offres"]));
}

/// Whoever knows an address can post it: a topic that its owner left is taken again only by its owner's answer.
#[test]
fn a_topic_that_was_left_is_taken_again_by_an_answer() {
    let mut world = world();
    choose(&mut world, "guide", &["offres"]);
    world.confirm();
    choose(&mut world, "guide", &["conseils", "offres"]);
    assert_eq!(left(&world), topics(&["conseils"]), "nobody has answered yet");
    world.confirm();
    assert_eq!(left(&world), topics(&[]));
}

#[test]
fn an_answer_takes_again_the_topics_that_its_page_named() {
    for (seen, expected) in [("guide", &[][..]), ("news", &["conseils"])] {
        let mut world = world();
        choose(&mut world, "guide", &["offres"]);
        world.confirm();
        choose(&mut world, "guide", &["conseils", "offres"]);
        world.confirm_seen(&[seen]);
        assert_eq!(left(&world), topics(expected), "{seen}");
    }
}

/// Whoever left altogether gets nothing, so that leaving one more harms nobody; taking one again takes an answer.
#[test]
fn who_left_altogether_takes_topics_again_by_an_answer_alone() {
    let mut world = world();
    choose(&mut world, "news", &["offres"]);
    world.leave().expect("granted");
    choose(&mut world, "news", &["conseils"]);
    assert_eq!(left(&world), topics(&["conseils", "offres"]));
    world.confirm();
    assert_eq!(left(&world), topics(&["offres"]));
}

/// Who once confirmed the address may come back: nobody else has chosen for them meanwhile.
#[test]
fn no_post_leaves_a_topic_of_who_confirmed_and_then_left() {
    let mut world = world();
    choose(&mut world, "guide", &["offres"]);
    world.confirm();
    world.leave().expect("granted");
    for campaign in ["news", "guide"] {
        choose(&mut world, campaign, &["conseils"]);
        assert_eq!(left(&world), topics(&["conseils"]), "{campaign}");
    }
    world.confirm();
    assert_eq!(left(&world), topics(&[]), "what an answer takes again, and no more");
}

/// The same: nobody loses a topic because somebody else posted their address.
#[test]
fn no_post_leaves_a_topic_of_whoever_gets_our_emails() {
    let mut world = world();
    choose(&mut world, "guide", &["conseils", "offres"]);
    world.confirm();
    choose(&mut world, "guide", &[]);
    assert_eq!(left(&world), topics(&[]));
}

#[test]
fn until_a_first_answer_the_last_post_counts() {
    let mut world = world();
    choose(&mut world, "guide", &[]);
    choose(&mut world, "guide", &["conseils"]);
    assert_eq!(left(&world), topics(&["offres"]));
}

#[test]
fn a_form_that_needs_no_answer_takes_at_once() {
    let mut world = world();
    choose(&mut world, "news", &["offres"]);
    choose(&mut world, "news", &["conseils"]);
    assert_eq!(left(&world), topics(&["offres"]));
}

#[test]
fn the_log_tells_what_was_chosen() {
    let mut world = world();
    choose(&mut world, "guide", &["offres"]);
    let told = world.log.iter().map(|activity| serde_json::to_value(activity).expect("JSON"));
    let form = told.into_iter().find(|activity| activity["kind"] == "form_submitted").expect("a form");
    assert_eq!(form["topics"], serde_json::json!(["offres"]));
    assert_eq!(form["left_topics"], serde_json::json!(["conseils"]));
}
