//! Strangers post what is not theirs: what they can make us do is bounded, and nobody else notices.

mod support;

use std::sync::Mutex;

use app::ports::{Clock, Mailer, Notifier};
use app::{Held, Notification, Nurture, Pace, PaceError, Pass, Unlimited};
use domain::input::{Hold, SendResult};
use domain::organisation::FrequencyCap;
use email::Message;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::json;
use support::*;

/// Keeps whom it was to write to.
#[derive(Default)]
struct Carrier(Mutex<Vec<String>>, Option<SendResult>);

impl Mailer for Carrier {
    async fn send(&self, message: &Message) -> SendResult {
        if let Some(refusal) = &self.1 {
            return refusal.clone();
        }
        self.0.lock().unwrap().extend(message.to.iter().cloned());
        SendResult::Accepted { message_id: "m".into() }
    }
}

impl Notifier for Carrier {
    async fn post(&self, _: &Notification) -> SendResult {
        SendResult::Accepted { message_id: String::new() }
    }
}

/// An hour of the account that has no room for a confirmation.
struct FullHour {
    until: Timestamp,
}

impl Pace for FullHour {
    async fn pass(&self, _: Timestamp) -> Result<Pass, PaceError> {
        Ok(Pass::At(Timestamp::MIN))
    }

    async fn hold_confirmation(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(Some(Held::Until(Hold::Hour { until: self.until, has_place: true })))
    }

    async fn foresee_hold(&self, _: u32, _: bool) -> Result<Option<Held>, PaceError> {
        Ok(None)
    }

    async fn give_back(&self, _: Timestamp) {}

    async fn answered(&self, _: &SendResult) -> Result<(), PaceError> {
        Ok(())
    }
}

/// Sends what is due, and answers to whom.
async fn send(world: &World) -> Vec<String> {
    send_by(world, &Unlimited, Carrier::default()).await
}

async fn send_by(world: &World, pace: &impl Pace, carrier: Carrier) -> Vec<String> {
    let (app, worker, at_once) = (&world.app, "w", 1);
    let nurture = Nurture { app, mailer: &carrier, notifier: &carrier, pace, worker, at_once };
    let report = nurture.send_due(Timestamp::MAX).await.unwrap();
    assert_eq!(report.failed, []);
    carrier.0.into_inner().unwrap()
}

async fn ask(world: &World, email: &str) -> StatusCode {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", email), ("housing", "house")])
        .finish();
    world.form(post("/f/guide-solaire", &body)).await.status()
}

fn a_day(world: &World) {
    world.app.clock.advance(24 * 3600);
}

#[tokio::test]
async fn all_addresses_of_a_mailbox_together_get_one_confirmation_a_day() {
    let world = world();
    for email in ["ada.l@gmail.com", "adal@gmail.com", "a.dal+1@googlemail.com", "ADAL+2@gmail.com"] {
        assert_eq!(ask(&world, email).await, StatusCode::SEE_OTHER, "nobody learns who was there before");
    }
    assert_eq!(world.count(), 4, "all of them are stored");
    assert_eq!(send(&world).await, ["ada.l@gmail.com"]);
    assert_eq!(ask(&world, "other@gmail.com").await, StatusCode::SEE_OTHER);
    assert_eq!(send(&world).await, ["other@gmail.com"]);
    a_day(&world);
    assert_eq!(send(&world).await, ["adal@gmail.com"], "the first that was not asked, and no more");
    a_day(&world);
    assert_eq!(send(&world).await, [""; 0]);
    assert_eq!(ask(&world, "adal+2@gmail.com").await, StatusCode::SEE_OTHER);
    assert_eq!(send(&world).await, ["adal+2@gmail.com"], "whoever posts again is asked");
}

/// Half an hour before the UTC day ends, and as much after.
fn late_in_the_evening(world: &World) -> (Timestamp, Timestamp) {
    let now = world.app.clock.now();
    let midnight = FrequencyCap { count: 1, per: SignedDuration::from_hours(24) }.window(now).1;
    let evening = midnight - SignedDuration::from_mins(30);
    world.app.clock.advance(evening.duration_since(now).as_secs());
    (evening, midnight + SignedDuration::from_mins(30))
}

/// What moves a confirmation to another day must not give its mailbox two on that day.
#[tokio::test]
async fn a_confirmation_that_is_put_off_to_another_day_takes_that_days_place() {
    let world = world();
    let (evening, morning) = late_in_the_evening(&world);
    ask(&world, "victim+1@example.com").await;
    let full = FullHour { until: morning };
    assert_eq!(send_by(&world, &full, Carrier::default()).await, [""; 0], "it is held");
    world.app.clock.advance(morning.duration_since(evening).as_secs());
    ask(&world, "victim+2@example.com").await;
    assert_eq!(send(&world).await, ["victim+1@example.com"], "the place was taken");
    a_day(&world);
    assert_eq!(send(&world).await, ["victim+2@example.com"]);
}

#[tokio::test]
async fn a_confirmation_is_not_put_off_to_a_day_whose_place_is_taken() {
    let world = world();
    let (evening, morning) = late_in_the_evening(&world);
    for email in ["victim+1@example.com", "victim+2@example.com"] {
        ask(&world, email).await;
    }
    let full = FullHour { until: morning };
    assert_eq!(send_by(&world, &full, Carrier::default()).await, [""; 0], "the first is held");
    world.app.clock.advance(morning.duration_since(evening).as_secs());
    assert_eq!(send(&world).await, [""; 0], "its new day belongs to the second");
    let mut sent = Vec::new();
    for hours in [12, 11, 1] {
        world.app.clock.advance(hours * 3600);
        sent.push(send(&world).await.join(" "));
    }
    assert_eq!(sent, ["", "victim+2@example.com", "victim+1@example.com"].map(String::from));
}

#[tokio::test]
async fn a_refused_confirmation_that_is_tried_on_another_day_takes_that_days_place() {
    let world = world();
    late_in_the_evening(&world);
    ask(&world, "victim+1@example.com").await;
    let refused = || SendResult::Rejected { code: "InternalFailure".into(), retryable: true };
    for minutes in [0, 1, 5] {
        world.app.clock.advance(minutes * 60);
        let refusing = Carrier(Mutex::default(), Some(refused()));
        assert_eq!(send_by(&world, &Unlimited, refusing).await, [""; 0]);
    }
    world.app.clock.advance(25 * 60);
    ask(&world, "victim+2@example.com").await;
    assert_eq!(send(&world).await, ["victim+2@example.com"]);
    world.app.clock.advance(5 * 60);
    assert_eq!(send(&world).await, [""; 0], "the day has had its confirmation");
    a_day(&world);
    assert_eq!(send(&world).await, ["victim+1@example.com"]);
}

#[tokio::test]
async fn confirmations_of_one_mailbox_that_waited_for_days_do_not_leave_at_once() {
    let world = world();
    for email in ["victim+1@example.com", "victim+2@example.com"] {
        ask(&world, email).await;
    }
    for _ in 0..4 {
        a_day(&world);
    }
    assert_eq!(send(&world).await, ["victim+1@example.com"], "sending was stopped, and is resumed");
    a_day(&world);
    assert_eq!(send(&world).await, ["victim+2@example.com"]);
}

#[tokio::test]
async fn a_network_that_posts_too_often_is_told_when_to_come_again() {
    let mut world = world();
    world.app.bundle.organisation.limits.per_network =
        Some(FrequencyCap { count: 2, per: SignedDuration::from_mins(10) });
    world.app.clock.advance(60);
    assert_eq!(ask(&world, "ada@example.com").await, StatusCode::SEE_OTHER);
    assert_eq!(ask(&world, "ada@example.com").await, StatusCode::SEE_OTHER, "the same post counts once");
    assert_eq!(ask(&world, "bob@example.com").await, StatusCode::SEE_OTHER);

    let body = "email=cleo@example.com&housing=house&first_name=Cl%C3%A9o";
    let page = world.form(post("/f/guide-solaire", body)).await;
    assert_eq!(page.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(page.headers()["retry-after"], "541", "the rest of ten minutes");
    assert!(text(&page).contains("Trop d’envois viennent de votre réseau"), "{}", text(&page));
    assert!(text(&page).contains("Cléo"), "what was typed is kept");
    let outcome = page.extensions().get::<web::Outcome>().unwrap();
    assert_eq!((outcome.name, &outcome.error), ("too_many", &None));

    let json = world.form(with(post("/f/guide-solaire", body), &[("accept", "application/json")])).await;
    assert_eq!(json.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(json_of(&json)["errors"][0]["code"], "too_many");
    assert_eq!(world.count(), 2);

    world.app.clock.advance(541);
    assert_eq!(ask(&world, "cleo@example.com").await, StatusCode::SEE_OTHER);
}

/// The guide's form confirms addresses or does not, and its sequence begins with an e-mail.
fn welcoming(world: &mut World, double_opt_in: bool) {
    let guide = world.app.bundle.campaigns.get_mut(&campaign("guide-solaire")).unwrap();
    let welcome = json!({ "first": "welcome", "steps": {
        "welcome": { "act": "send", "email": "welcome", "between": null, "topic": null, "next": null }
    } });
    let text =
        json!({ "welcome": { "fr": { "subject": "Bienvenue", "preheader": "", "body": "Bonjour." } } });
    guide.form.as_mut().unwrap().consent.double_opt_in = double_opt_in;
    guide.sequence = serde_json::from_value(welcome).unwrap();
    guide.emails = serde_json::from_value(text).unwrap();
}

#[tokio::test]
async fn forms_that_confirm_no_addresses_are_bound_by_the_mailboxs_room_too() {
    let mut world = world();
    welcoming(&mut world, false);
    for email in ["ada.l@gmail.com", "adal@gmail.com", "a.dal+1@googlemail.com", "bob@example.com"] {
        assert_eq!(ask(&world, email).await, StatusCode::SEE_OTHER, "nobody learns who was there before");
    }
    assert_eq!(world.count(), 4, "all of them are stored");
    assert_eq!(send(&world).await, ["ada.l@gmail.com", "bob@example.com"], "at once");
    a_day(&world);
    assert_eq!(send(&world).await, ["adal@gmail.com"], "is asked to confirm, and no more");
    let state = |lead: Option<domain::Lead>| lead.unwrap().consent.state.as_str();
    assert_eq!(state(world.lead("ada.l@gmail.com").await), "granted");
    assert_eq!(state(world.lead("adal@gmail.com").await), "pending");
    a_day(&world);
    assert_eq!(ask(&world, "a.dal+1@googlemail.com").await, StatusCode::SEE_OTHER);
    assert_eq!(
        send(&world).await,
        ["a.dal+1@googlemail.com"],
        "who posts again when there is room is let in"
    );
    assert_eq!(state(world.lead("a.dal+1@googlemail.com").await), "granted");
}

/// A generator of our own keeps the attack the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// The victim's address, spelled in one of many ways.
    fn spelling(&mut self) -> String {
        let mut local = String::new();
        for letter in "victim".chars() {
            if !local.is_empty() && self.below(3) == 0 {
                local.push('.');
            }
            local.push(if self.below(2) == 0 { letter } else { letter.to_ascii_uppercase() });
        }
        if self.below(4) > 0 {
            local = format!("{local}+{}", self.below(20_000));
        }
        format!("{local}@{}", ["gmail.com", "googlemail.com", "GMail.com"][self.below(3) as usize])
    }
}

/// From a hundred thousand networks, so that their limit does not even help.
#[rstest]
#[case::where_addresses_are_confirmed(true)]
#[case::where_they_are_not(false)]
#[tokio::test]
async fn a_hundred_thousand_hostile_posts_make_one_email_to_the_victim(#[case] double_opt_in: bool) {
    const POSTS: u64 = 100_000;
    let mut world = world();
    welcoming(&mut world, double_opt_in);
    world.app.bundle.organisation.limits.per_network =
        Some(FrequencyCap { count: 30, per: SignedDuration::from_mins(10) });
    let guide = world.app.bundle.campaigns[&campaign("guide-solaire")].clone();
    for place in 0..9 {
        let mut other = guide.clone();
        other.id = campaign(&format!("guide-{place}"));
        world.app.bundle.campaigns.insert(other.id.clone(), other);
    }
    let mut chance = Chance(7);
    let mut sent = Vec::new();
    for place in 0..POSTS {
        let path = match chance.below(10) {
            9 => "/f/guide-solaire".to_owned(),
            campaign => format!("/f/guide-{campaign}"),
        };
        let email = chance.spelling().replace('+', "%2B");
        let ip = std::net::Ipv4Addr::from_bits(0x0a00_0000 + chance.below(POSTS) as u32).to_string();
        let request = post(&path, &format!("email={email}&housing=house&_token={place}"));
        let status = web::form(&world.app, &world.challenge, request, Some(&ip)).await.status();
        assert_eq!(status, StatusCode::SEE_OTHER, "{email} of {ip}");
        if place % 10_000 == 0 {
            sent.extend(send(&world).await);
            world.app.clock.advance(3600);
        }
    }
    sent.extend(send(&world).await);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(ask(&world, "somebody@gmail.com").await, StatusCode::SEE_OTHER);
    assert_eq!(send(&world).await, ["somebody@gmail.com"], "nobody else is kept waiting");
}
