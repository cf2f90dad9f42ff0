//! Servers and browsers tell events.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::Ordering;

use app::token::Track;
use domain::input::TrackKind;
use domain::{InputBody, TraitValue};
use http::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use support::*;
use web::decode_events;

const ADA: &str = "ada@example.org";

fn server(body: &Value) -> web::Request {
    let headers = [("content-type", "application/json"), ("authorization", "Bearer second")];
    request(Method::POST, "/v1/events", &headers, body.to_string())
}

fn token(world: &World) -> String {
    world.app.token_keys.sign(Track { lead: world.lead_id(ADA) }, NOW.parse().unwrap())
}

fn queued(world: &World) -> Vec<(domain::LeadId, domain::Input)> {
    let messages = world.queue.messages.lock().unwrap();
    assert_eq!(messages.len(), 1, "one message for one request");
    decode_events(&world.app.lead_key, &messages[0]).unwrap()
}

#[tokio::test]
async fn a_server_tells_of_its_leads() {
    let world = world();
    let body = json!({ "batch": [
        { "type": "track", "event": "Quote Requested", "userId": " Ada@example.org", "messageId": "m-1",
          "timestamp": "2027-03-09T10:00:00.123456+01:00", "properties": { "amount": 1200, "items": [1] } },
        { "type": "identify", "userId": ADA, "context": { "timezone": "europe/paris" },
          "traits": { "customer": true, "seats": 3, "city": "Lyon\r\n", "email": "other@example.org", "gone": null } },
        { "type": "page", "email": ADA, "name": "Prices", "properties": { "url": "https://a.example/prices?id=1#x" } },
        { "event": "appointmentBooked", "traits": { "email": ADA } }
    ] });
    let response = world.events(server(&body)).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(json_of(&response), json!({ "accepted": 4 }));

    let inputs = queued(&world);
    assert!(inputs.iter().all(|(lead, input)| *lead == world.lead_id(ADA) && input.new_lead().is_some()));
    let kinds: Vec<TrackKind> = inputs
        .iter()
        .map(|(_, input)| match &input.body {
            InputBody::Track(track) => track.kind.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let TrackKind::Event { name, properties } = &kinds[0] else { panic!() };
    assert_eq!((name.as_str(), &properties["amount"]), ("quote_requested", &json!(1200)));
    assert_eq!(inputs[0].1.at, "2027-03-09T09:00:00.123Z".parse().unwrap());
    assert_eq!(inputs[1].1.at, NOW.parse().unwrap());
    let traits = [
        ("city", TraitValue::from("Lyon")),
        ("customer", TraitValue::Boolean(true)),
        ("seats", TraitValue::Number(3.0)),
    ];
    assert_eq!(
        kinds[1],
        TrackKind::Identify {
            traits: traits.map(|(name, value)| (name.to_owned(), value)).into(),
            time_zone: Some("Europe/Paris".into()),
        }
    );
    let page = TrackKind::Page { url: Some("https://a.example/prices".into()), title: Some("Prices".into()) };
    assert_eq!(kinds[2], page);
    assert!(matches!(&kinds[3], TrackKind::Event { name, .. } if name == "appointment_booked"));
}

#[tokio::test]
async fn an_event_is_known_by_its_message_id() {
    let world = world();
    let event = |id: Value| json!({ "event": "seen", "userId": ADA, "messageId": id });
    let batch = [
        event(json!("a")),
        event(json!("a")),
        event(json!("été #1")),
        event(Value::Null),
        event(Value::Null),
    ];
    world.events(server(&json!({ "batch": batch }))).await;
    let ids: Vec<String> = queued(&world).into_iter().map(|(_, input)| input.id.to_string()).collect();
    assert_eq!(ids[0], ids[1]);
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), 4);
    assert_eq!(ids, queued(&world).into_iter().map(|(_, input)| input.id.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_browsers_message_id_never_stands_for_a_servers() {
    let id_of = async |body: Value, by_browser: bool| {
        let world = world();
        let bearer = format!("Bearer {}", token(&world));
        let authority = if by_browser { vec![("authorization", bearer.as_str())] } else { vec![] };
        let response = world.events(with(server(&body), &authority)).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        queued(&world).remove(0).1.id
    };
    let event = json!({ "event": "bought", "userId": ADA, "messageId": "order-1" });
    let by_browser = id_of(event.clone(), true).await;
    assert_ne!(by_browser, id_of(event.clone(), false).await);
    assert_eq!(by_browser, id_of(event, true).await, "it stands for itself");
}

/// Else an event that waited in a queue while its lead was erased would pass for one of after that.
#[tokio::test]
async fn what_is_dated_ahead_happened_when_it_came() {
    let world = world();
    let event = json!({ "event": "seen", "userId": ADA, "timestamp": "2999-01-01T00:00:00Z" });
    world.events(server(&event)).await;
    assert_eq!(queued(&world)[0].1.at, NOW.parse().unwrap());
}

#[tokio::test]
async fn a_browser_speaks_for_its_own_lead_alone() {
    let world = world();
    let token = token(&world);
    let event =
        json!({ "type": "track", "event": "video_watched", "userId": "bob@example.org", "token": token });
    let beacon = request(Method::POST, "/v1/events", &[("content-type", "text/plain")], event.to_string());
    let response = world.events(with(beacon, &[("origin", SITE)])).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], SITE);
    let inputs = queued(&world);
    assert_eq!(inputs[0].0, world.lead_id(ADA));
    assert_eq!(inputs[0].1.new_lead(), None);
    assert!(!world.queue.messages.lock().unwrap()[0].contains(&token), "the token is not queued");

    let identify = json!({ "type": "identify", "traits": { "customer": true } });
    let bearer = format!("Bearer {token}");
    let response = world.events(with(server(&identify), &[("authorization", &bearer)])).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(json_of(&response)["errors"][0]["code"], "not_allowed");
}

#[rstest]
#[case::no_user(json!({ "event": "seen" }), "userId", "required")]
#[case::user_is_a_number(json!({ "event": "seen", "userId": 7 }), "userId", "not_a_text")]
#[case::user_is_no_address(json!({ "event": "seen", "userId": "7" }), "userId", "not_an_address")]
#[case::no_event(json!({ "type": "track", "userId": ADA }), "event", "required")]
#[case::event_without_letters(json!({ "event": "…", "userId": ADA }), "event", "required")]
#[case::event_is_too_long(json!({ "event": "x".repeat(65), "userId": ADA }), "event", "too_long")]
#[case::reserved(json!({ "event": "Email Opened", "userId": ADA }), "event", "reserved")]
#[case::unknown_type(json!({ "type": "alias", "userId": ADA }), "type", "unknown_type")]
#[case::no_type(json!({ "userId": ADA }), "type", "unknown_type")]
#[case::no_time(json!({ "event": "seen", "userId": ADA, "timestamp": "yesterday" }), "timestamp", "not_a_time")]
#[case::long_id(json!({ "event": "seen", "userId": ADA, "messageId": "x".repeat(201) }), "messageId", "too_long")]
#[case::properties(json!({ "event": "seen", "userId": ADA, "properties": 1 }), "properties", "not_an_object")]
#[case::nested(json!({ "type": "identify", "userId": ADA, "traits": { "a": {} } }), "traits.a", "nested")]
#[case::long(json!({ "type": "identify", "userId": ADA, "traits": { "a": "x".repeat(1001) } }), "traits.a", "too_long")]
#[case::a_number(json!({ "type": "identify", "userId": ADA, "traits": { "customer": 1 } }), "traits.customer", "wrong_type")]
#[case::no_date(json!({ "type": "identify", "userId": ADA, "traits": { "birthday": "2027-02-29" } }), "traits.birthday", "wrong_type")]
#[case::other_date(json!({ "type": "identify", "userId": ADA, "traits": { "birthday": "29/02/2028" } }), "traits.birthday", "wrong_type")]
#[case::no_country(json!({ "type": "identify", "userId": ADA, "traits": { "country": "France" } }), "traits.country", "wrong_type")]
#[case::no_zone(json!({ "type": "identify", "userId": ADA, "traits": { "zone": "Paris" } }), "traits.zone", "wrong_type")]
#[case::computed(json!({ "type": "identify", "userId": ADA, "traits": { "large": true } }), "traits.large", "computed")]
#[tokio::test]
async fn a_fault_names_its_event_and_its_field(
    #[case] event: Value,
    #[case] field: &str,
    #[case] code: &str,
) {
    let world = world();
    let good = json!({ "event": "seen", "userId": ADA });
    let response = world.events(server(&json!({ "batch": [good, event] }))).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let errors = json_of(&response)["errors"].clone();
    assert_eq!((&errors[0]["index"], errors[0]["field"].as_str()), (&json!(1), Some(field)));
    assert_eq!(errors[0]["code"], code);
    assert!(world.queue.messages.lock().unwrap().is_empty(), "a request is taken whole or not at all");
}

#[tokio::test]
async fn too_much_is_refused() {
    let world = world();
    let many = json!({ "batch": vec![json!({ "event": "a", "userId": ADA }); 501] });
    assert_eq!(json_of(&world.events(server(&many)).await)["errors"][0]["code"], "too_many_events");
    let traits: serde_json::Map<_, _> = (0..101).map(|n| (format!("t{n}"), json!(n))).collect();
    let identify = json!({ "type": "identify", "userId": ADA, "traits": traits });
    assert_eq!(json_of(&world.events(server(&identify)).await)["errors"][0]["code"], "too_many_traits");
    let large = json!({ "event": "a", "userId": ADA, "properties": { "x": "x".repeat(70_000) } });
    assert_eq!(world.events(server(&large)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let deep = format!("{{\"event\":{}", "[".repeat(60_000));
    let request = with(server(&json!({})), &[]).map(|_| deep.into());
    assert_eq!(world.events(request).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let mut nested = json!(1);
    for _ in 0..10 {
        nested = json!([nested]);
    }
    let event = json!({ "event": "a", "userId": ADA, "properties": { "x": nested } });
    assert_eq!(json_of(&world.events(server(&event)).await)["errors"][0]["code"], "too_deep");
}

/// With members that nobody reads, and which are queued all the same.
fn nested(levels: usize) -> Value {
    let list = (0..levels).fold(json!(1), |inner, _| json!([inner]));
    json!({ "type": "page", "userId": ADA, "context": { "n": list } })
}

fn with_properties(bytes: usize) -> Value {
    json!({ "event": "a", "userId": ADA, "properties": { "x": "x".repeat(bytes - r#"{"x":""}"#.len()) } })
}

#[rstest]
#[case::as_deep_as_may_be(nested(30), None)]
#[case::deeper(nested(31), Some((None, "too_deep")))]
#[case::as_deep_as_a_body_may_be(nested(124), Some((None, "too_deep")))]
#[case::as_large_as_may_be(with_properties(8192), None)]
#[case::larger(with_properties(8193), Some((Some("properties"), "too_large")))]
#[tokio::test]
async fn what_is_taken_can_be_stored_and_the_rest_is_told_so(
    #[case] event: Value,
    #[case] fault: Option<(Option<&str>, &str)>,
) {
    let world = world();
    let response = world.events(server(&event)).await;
    let told = json_of(&response);
    match fault {
        None => {
            assert_eq!(response.status(), StatusCode::ACCEPTED, "{told}");
            assert_eq!(queued(&world).len(), 1);
        }
        Some((field, code)) => {
            assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(
                (told["errors"][0]["field"].as_str(), &told["errors"][0]["code"]),
                (field, &json!(code))
            );
            assert!(world.queue.messages.lock().unwrap().is_empty());
        }
    }
}

#[rstest]
#[case::nothing(&[("authorization", "")], 401)]
#[case::unknown_key(&[("authorization", "Bearer third")], 401)]
#[case::basic(&[("authorization", "Basic Zmlyc3Q6")], 202)]
#[case::another_type(&[("content-type", "application/x-www-form-urlencoded")], 415)]
#[case::no_type(&[("content-type", "")], 202)]
#[tokio::test]
async fn who_is_believed(#[case] headers: &[(&'static str, &str)], #[case] status: u16) {
    let world = world();
    let response = world.events(with(server(&json!({ "event": "seen", "userId": ADA })), headers)).await;
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(response.headers().contains_key(header::WWW_AUTHENTICATE), status == 401);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_told_so() {
    let world = world();
    for body in ["", "[]", "{", "\u{feff}", "nul\0"] {
        let request = server(&json!({})).map(|_| body.into());
        let response = world.events(request).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let empty = world.events(server(&json!({ "batch": [] }))).await;
    assert_eq!(json_of(&empty), json!({ "accepted": 0 }));
}

#[tokio::test]
async fn a_full_queue_asks_for_patience() {
    let world = world();
    world.queue.broken.store(true, Ordering::Relaxed);
    let response = world.events(server(&json!({ "event": "seen", "userId": ADA }))).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn pages_of_any_form_may_tell() {
    let world = world();
    let ask = |origin: &'static str| request(Method::OPTIONS, "/v1/events", &[("origin", origin)], "");
    let response = world.events(ask(SITE)).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], "authorization, content-type");
    assert_eq!(world.events(ask("https://evil.example")).await.status(), StatusCode::FORBIDDEN);
    let response = world.events(request(Method::GET, "/v1/events", &[], "")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[rstest]
#[case("")]
#[case("{}")]
#[case(r#"{"by":"anybody","received_at":"2027-01-01T00:00:00Z","events":[]}"#)]
#[case(r#"{"by":"server","received_at":"2027-01-01T00:00:00Z","events":[{}]}"#)]
fn a_message_that_is_none(#[case] message: &str) {
    let key = domain::LeadKey::new("0123456789abcdef").unwrap();
    assert!(decode_events(&key, message).is_err());
}

#[tokio::test]
async fn a_browser_tells_few_events_at_a_time_and_none_of_long_ago() {
    let world = world();
    let bearer = format!("Bearer {}", token(&world));
    let post = |events: &[Value]| {
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        request(Method::POST, "/v1/events", &headers, json!({ "batch": events }).to_string())
    };
    let event = json!({ "event": "video_watched", "timestamp": "2019-01-01T00:00:00Z" });
    let refused = world.events(post(&vec![event.clone(); 21])).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(json_of(&refused)["errors"][0]["code"], "too_many_events");
    assert_eq!(world.events(post(&vec![event; 20])).await.status(), StatusCode::ACCEPTED);
    assert!(queued(&world).iter().all(|(_, input)| input.at == NOW.parse().unwrap()));
}
