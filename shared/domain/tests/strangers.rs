//! Anybody can post anybody's address: what such a post can change for somebody who gets our e-mails, and what it cannot.

mod support;

use domain::campaign::ReEntry;
use domain::consent::ConsentState;
use domain::form::{Field, FieldKind};
use domain::organisation::Localised;
use domain::{Fact, InputBody, Locale, Rejection, TopicId, Traits};
use jiff::SignedDuration;
use rstest::rstest;
use support::*;

fn traits(of: &[(&str, &str)]) -> Traits {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
}

fn post(world: &mut World, campaign: &str, locale: &str, zone: &str, of: &[(&str, &str)]) {
    let InputBody::SubmitForm(mut submission) = submission(campaign, traits(of)) else { panic!("a form") };
    submission.locale = Locale::parse(locale).expect("a locale");
    submission.time_zone = Some(zone.to_owned());
    world.now_input(InputBody::SubmitForm(submission)).expect("a form");
}

/// Ada, who told her first name and confirmed her address.
fn ada() -> World {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    post(&mut world, "guide", "fr", "Europe/Paris", &[("first_name", "Ada")]);
    world.confirm();
    world
}

/// Of whom the post is: language, zone and traits.
fn known(world: &World) -> (&str, &str, &Traits) {
    let lead = world.lead();
    (lead.locale.as_ref().expect("one").as_str(), lead.time_zone.as_deref().expect("one"), &lead.traits)
}

#[test]
fn a_post_fills_in_what_is_not_known_and_changes_nothing_that_is() {
    let mut world = ada();
    let hostile = [("first_name", "Fool"), ("company", "Acme")];
    post(&mut world, "guide", "en", "Asia/Tokyo", &hostile);
    let expected = traits(&[("first_name", "Ada"), ("company", "Acme")]);
    assert_eq!(known(&world), ("fr", "Europe/Paris", &expected));
}

/// Whoever left may come back, and finds what they told.
#[rstest]
#[case::where_addresses_are_confirmed("guide")]
#[case::where_they_are_not("news")]
fn a_post_changes_nothing_that_is_known_of_who_confirmed_and_then_left(#[case] campaign: &str) {
    let mut world = ada();
    for _ in 0..2 {
        world.leave().expect("granted");
        assert!(!world.lead().consent.confirmed);
        let hostile = [("first_name", "Fool"), ("company", "Acme")];
        for _ in 0..2 {
            post(&mut world, campaign, "en", "Asia/Tokyo", &hostile);
            let expected = traits(&[("first_name", "Ada"), ("company", "Acme")]);
            assert_eq!(known(&world), ("fr", "Europe/Paris", &expected));
        }
        world.confirm();
    }
}

/// Between the page that Ada reads and the button that she presses, somebody posts her address to another form.
#[test]
fn an_answer_begins_what_its_page_named_and_no_more() {
    let begun = |pressed: &[&[&str]]| {
        let mut world = World::begin("2026-11-23T11:00:00Z");
        for campaign in world.bundle.campaigns.values_mut() {
            campaign.form.as_mut().expect("a form").consent.double_opt_in = true;
        }
        world.submit("guide", Traits::new());
        world.submit("news", Traits::new());
        pressed.iter().for_each(|seen| world.confirm_seen(seen));
        world.lead().enrolments.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(begun(&[&["guide"]]), ["guide"]);
    assert_eq!(begun(&[&["guide", "news"]]), ["guide", "news"]);
    assert_eq!(begun(&[&["elsewhere"]]), [""; 0], "nor what nobody asked for");
    assert_eq!(begun(&[&["guide"], &["news"]]), ["guide", "news"], "what is left out is asked for still");
}

/// Nothing that was posted is lost: whoever reads the log sees what was said, and that it was not believed.
#[test]
fn what_is_passed_over_stands_in_the_log() {
    let mut world = ada();
    post(&mut world, "guide", "fr", "Europe/Paris", &[("first_name", "Augusta"), ("company", "Acme")]);
    post(&mut world, "guide", "fr", "Europe/Paris", &[("first_name", "Ada")]);
    let said: Vec<(Traits, Traits)> = world
        .log
        .iter()
        .filter_map(|activity| match &activity.fact {
            Fact::FormSubmitted { traits, passed_over, .. } => Some((traits.clone(), passed_over.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(said[1], (traits(&[("company", "Acme")]), traits(&[("first_name", "Augusta")])));
    assert_eq!(said[2], (traits(&[("first_name", "Ada")]), Traits::new()), "the same is no contradiction");
}

/// Consent without a confirmed address shows nobody's own hand: neither post is more than the other.
#[test]
fn what_was_said_before_an_address_was_ever_confirmed_may_be_said_anew() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    post(&mut world, "news", "en", "Europe/London", &[("first_name", "Fool")]);
    post(&mut world, "guide", "fr", "Europe/Paris", &[("first_name", "Ada")]);
    assert_eq!(known(&world), ("fr", "Europe/Paris", &traits(&[("first_name", "Ada")])));
}

#[test]
fn until_an_address_is_confirmed_the_last_post_counts() {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    post(&mut world, "guide", "fr", "Europe/Paris", &[("first_name", "Ad")]);
    post(&mut world, "guide", "en", "Europe/London", &[("first_name", "Ada")]);
    assert_eq!(known(&world), ("en", "Europe/London", &traits(&[("first_name", "Ada")])));
}

#[test]
fn a_form_that_confirms_no_address_changes_what_it_is_told() {
    let mut world = ada();
    post(&mut world, "news", "en", "Europe/London", &[("first_name", "Augusta")]);
    assert_eq!(known(&world), ("en", "Europe/London", &traits(&[("first_name", "Augusta")])));
}

#[test]
fn a_trait_by_which_a_campaign_is_entered_again_is_the_posts_own() {
    let mut world = ada();
    let guide = world.bundle.campaigns.get_mut(&campaign_id("guide")).expect("it is there");
    guide.re_entry = ReEntry::OncePer("seminar".into());
    let day = Field {
        name: "day".into(),
        kind: FieldKind::Date,
        required: true,
        later: false,
        label: Localised::default(),
        message: Localised::default(),
    };
    guide.form.as_mut().expect("a form").fields.push(day);
    for (seminar, day) in [("spring", "2027-04-01"), ("autumn", "2027-10-01")] {
        post(
            &mut world,
            "guide",
            "fr",
            "Europe/Paris",
            &[("seminar", seminar), ("day", day), ("first_name", "Fool")],
        );
        let expected = traits(&[("first_name", "Ada"), ("seminar", seminar), ("day", day)]);
        assert_eq!(known(&world).2, &expected, "but for free text");
    }
}

/// Who confirmed enters again with every post that names another seminar, and each time gets the magnet.
#[test]
fn posts_of_a_confirmed_address_bring_few_guides_at_once_and_the_cap_holds_the_others() {
    let mut world = ada();
    let guide = world.bundle.campaigns.get_mut(&campaign_id("guide")).expect("it is there");
    guide.re_entry = ReEntry::OncePer("seminar".into());
    guide.sequence = sequence(vec![("welcome", send("welcome", None), None)]);
    let post_many = |world: &mut World, day: &str| {
        let mut sent = world.pass(SignedDuration::ZERO);
        for place in 0..20 {
            post(world, "guide", "fr", "Europe/Paris", &[("seminar", &format!("{day} {place}"))]);
            sent.extend(world.pass(SignedDuration::from_secs(1)));
        }
        sent.len()
    };
    assert_eq!(post_many(&mut world, "monday"), 3 + 2, "three wait for nothing, and two are the cap's");
    assert!(world.pass(SignedDuration::from_hours(23)).is_empty());
    let next = world.pass(SignedDuration::from_hours(2));
    assert_eq!(next.len(), 1, "the last enrolment's, when there is room again: {next:?}");
    assert_eq!(
        post_many(&mut world, "tuesday"),
        2 + 2,
        "it was the first of three, which the cap does not count"
    );
}

/// Whoever has one of our e-mails has the token by which browsers tell events.
#[test]
fn a_token_tells_no_more_events_a_day_than_a_person_makes() {
    let mut world = ada();
    let before = world.log.len();
    for kind in ["one", "two", "three", "four", "five", "six"] {
        let taken = (0..100).filter(|_| world.now_input(event(kind)).is_ok()).count();
        assert_eq!(taken, if ["five", "six"].contains(&kind) { 0 } else { 50 }, "{kind}");
    }
    assert_eq!(world.now_input(page()).err(), Some(Rejection::NothingToDo));
    assert_eq!(world.log.len() - before, 200);
    let InputBody::Track(mut of_server) = event("one") else { panic!("an event") };
    let InputBody::SubmitForm(submission) = submission("guide", Traits::new()) else { panic!("a form") };
    of_server.new_lead = Some(submission.lead);
    world.now_input(InputBody::Track(of_server)).expect("a server is not bounded so");
    world.bundle.organisation.events.push("seven".into());
    world.now_input(event("seven")).expect("what the files name finds room on the busiest day");
    world.now += days(1);
    world.now_input(event("one")).expect("another day");
}

#[test]
fn preferences_that_are_the_same_change_nothing() {
    let mut world = ada();
    let choice = || InputBody::ChangePreferences {
        left_topics: [TopicId::parse("conseils").expect("a topic")].into(),
        locale: Some(Locale::parse("fr").expect("a locale")),
        paused_until: None,
    };
    world.now_input(choice()).expect("a change");
    assert_eq!(world.now_input(choice()).err(), Some(Rejection::NothingToDo));
}

/// So does whoever has a footer. What brings fewer e-mails is taken all the same.
#[test]
fn a_footer_changes_preferences_no_more_often_a_day_than_a_person_does() {
    let mut world = ada();
    let choose = |world: &mut World, left: &[&str], locale: &str, paused: Option<SignedDuration>| {
        let left_topics = left.iter().map(|topic| TopicId::parse(*topic).expect("a topic")).collect();
        let paused_until = paused.map(|span| at("2026-11-23T11:00:00Z") + span);
        let locale = Some(Locale::parse(locale).expect("a locale"));
        world.now_input(InputBody::ChangePreferences { left_topics, locale, paused_until }).map(|_| ())
    };
    let taken = |world: &mut World| {
        (0..100).filter(|place| choose(world, &[], ["en", "fr"][place % 2], None).is_ok()).count()
    };
    assert_eq!(taken(&mut world), 30);
    let before = world.log.len();
    let full = Err(Rejection::EnoughForToday);
    assert_eq!(choose(&mut world, &["conseils"], "fr", None), Ok(()), "a topic is left");
    assert_eq!(choose(&mut world, &[], "fr", None), full, "and not taken again");
    assert_eq!(choose(&mut world, &["jardin"], "fr", None), full, "nor changed for another");
    assert_eq!(choose(&mut world, &["conseils"], "fr", Some(days(14))), Ok(()), "a pause begins");
    for longer in (1..100).map(SignedDuration::from_secs) {
        assert_eq!(choose(&mut world, &["conseils"], "fr", Some(days(14) + longer)), full);
    }
    assert_eq!(choose(&mut world, &["conseils"], "en", Some(days(30))), full, "another language");
    assert_eq!(choose(&mut world, &["conseils"], "fr", Some(days(30))), Ok(()), "a longer one");
    assert_eq!(choose(&mut world, &["conseils"], "fr", None), full, "it does not end");
    assert_eq!(world.log.len(), before + 3);
    world.leave().expect("one may leave at any time");
    world.now += days(1);
    assert_eq!(taken(&mut world), 30, "another day");
}

#[test]
fn a_link_to_a_guide_is_noted_no_more_often_a_day_than_a_person_follows_it() {
    let mut world = ada();
    world.pass(SignedDuration::from_mins(1));
    let download = |world: &mut World| {
        world.now += SignedDuration::from_secs(10);
        world.now_input(InputBody::DownloadMagnet { campaign: campaign_id("guide"), machine: false }).is_ok()
    };
    assert_eq!((0..100).filter(|_| download(&mut world)).count(), 20);
    world.now += days(1);
    assert!(download(&mut world), "another day");
}

/// Whoever left did so by a link in one of our e-mails; that they want more of them is shown by nothing less.
#[rstest]
#[case::who_confirmed("guide", "news")]
#[case::who_never_confirmed("news", "news")]
#[case::where_addresses_are_confirmed("news", "guide")]
fn no_post_undoes_a_withdrawal(#[case] first: &str, #[case] then: &str) {
    let mut world = World::begin("2026-11-23T11:00:00Z");
    world.submit(first, Traits::new());
    world.pass(SignedDuration::from_mins(1));
    if first == "guide" {
        world.confirm();
    }
    world.leave().expect("it got e-mails");
    for _ in 0..2 {
        world.pass(days(1));
        world.submit(then, Traits::new());
        assert_eq!(world.lead().consent.state, ConsentState::Pending);
        let sent = world.pass(SignedDuration::from_hours(12));
        assert!(sent.len() == 1 && sent[0].ends_with(" confirm"), "{sent:?}");
    }
    world.confirm();
    assert_eq!(world.lead().consent.state, ConsentState::Granted);
    assert!(!world.pass(days(1)).is_empty(), "the campaign begins");
}
