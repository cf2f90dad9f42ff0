//! A form is posted: what a browser or a script gets to see, and what is kept.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::Ordering;

use domain::TraitValue;
use domain::consent::ConsentState;
use http::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use support::*;

const FORM: &str = "/f/guide-solaire";
const ADA: &str = "ada@example.org";
const VALID: &str = "email=ada%40example.org&housing=house";

/// The post of a script.
fn script(body: &Value) -> web::Request {
    let headers = [("content-type", "application/json"), ("accept", "application/json")];
    with(request(Method::POST, FORM, &headers, body.to_string()), &[("origin", SITE)])
}

fn multipart(parts: &[(&str, &str)]) -> web::Request {
    let mut body = String::new();
    for (disposition, value) in parts {
        body += &format!("--XyZ\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n");
    }
    body += "--XyZ--\r\n";
    with(post(FORM, &body), &[("content-type", "multipart/form-data; boundary=XyZ")])
}

#[tokio::test]
async fn a_browser_is_led_to_the_campaigns_page_and_everything_is_kept() {
    let world = world();
    let body = "email=+Ada%40Example.org&first_name=Zo%C3%AB%0D%0ABcc%3A+x&housing=house&surface=120%2C5\
                &phone=06+12+34+56+78&visit=on&send=Go&_time_zone=europe/brussels&_locale=en_GB";
    let request = with(
        post(FORM, body),
        &[("referer", "https://atelier-soleil.example/guide?utm_source=news&utm_medium=mail&secret=1#top")],
    );
    let response = world.form(request).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&response), "https://atelier-soleil.example/merci");

    let lead = world.lead(ADA).await.unwrap();
    assert_eq!(lead.consent.state, ConsentState::Pending);
    assert_eq!(lead.locale.unwrap().as_str(), "en");
    assert_eq!(lead.time_zone.as_deref(), Some("Europe/Brussels"));
    let traits = [
        ("first_name", TraitValue::from("Zoë Bcc: x")),
        ("housing", TraitValue::from("house")),
        ("phone", TraitValue::from("+33612345678")),
        ("surface", TraitValue::Number(120.5)),
        ("visit", TraitValue::Boolean(true)),
    ];
    assert_eq!(lead.traits, traits.map(|(name, value)| (name.to_owned(), value)).into());
    let touch = lead.attribution.first.unwrap().touch;
    assert_eq!(touch.utm_source.as_deref(), Some("news"));
    assert_eq!(touch.utm_medium.as_deref(), Some("mail"));
    assert_eq!(touch.landing_page.as_deref(), Some("https://atelier-soleil.example/guide"));
}

/// What follows the question mark may name the visitor, as in links of other people's newsletters.
#[rstest]
#[case::as_our_script_posts("_landing_page", "_referrer")]
#[case::as_others_post("_landing_page", "referrer")]
#[tokio::test]
async fn of_the_pages_that_a_visitor_came_by_no_query_is_kept(#[case] landing: &str, #[case] referrer: &str) {
    let world = world();
    let page = |name: &str| format!("https%3A%2F%2Fa.example%2F{name}%3Femail%3Dada%2540example.org%23top");
    let told = format!("{landing}={}&{referrer}={}&utm_source=news", page("landing"), page("before"));
    let faulty = world.form(post(FORM, &format!("email=&{told}"))).await;
    assert_eq!(faulty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let again = text(&faulty);
    assert!(again.contains("https://a.example/before\"") && !again.contains("?email"), "{again}");
    world.form(post(FORM, &format!("email={ADA}&housing=house&{told}"))).await;
    let touch = world.lead(ADA).await.unwrap().attribution.first.unwrap().touch;
    assert_eq!(touch.landing_page.as_deref(), Some("https://a.example/landing"));
    assert_eq!(touch.referrer.as_deref(), Some("https://a.example/before"));
    assert_eq!(touch.utm_source.as_deref(), Some("news"));
}

#[tokio::test]
async fn the_hosted_form_keeps_no_query_of_the_page_before_it() {
    let before = [("referer", "https://a.example/before?email=ada%40example.org#top")];
    let response = world().form(with(get(FORM), &before)).await;
    assert!(text(&response).contains(r#"name="_referrer" value="https://a.example/before""#));
}

#[tokio::test]
async fn a_script_is_told_what_follows_by_the_campaign_alone() {
    let world = world();
    for _ in 0..2 {
        let response = world
            .form(script(&json!({ "email": ADA, "housing": "flat", "surface": 80, "visit": false })))
            .await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(json_of(&response), json!({ "status": "pending_confirmation" }));
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], SITE);
    }
    assert_eq!(world.kinds(ADA).await.iter().filter(|kind| *kind == "form_submitted").count(), 1);
    let headers = [("content-type", "application/json"), ("accept", "application/json")];
    let body = json!({ "email": "bob@example.org" }).to_string();
    let response = world.form(request(Method::POST, "/f/atelier", &headers, body)).await;
    assert_eq!(json_of(&response), json!({ "status": "subscribed" }));
}

#[rstest]
#[case::urlencoded(post(FORM, VALID))]
#[case::the_same_value_twice(post(FORM, "email=ada@example.org&email=ada@example.org&housing=house"))]
#[case::an_empty_and_a_full_value(post(FORM, "email=&email=ada@example.org&housing=house"))]
#[case::a_box_behind_a_hidden_no(post(FORM, "email=ada@example.org&housing=house&visit=0&visit=1"))]
#[case::multipart(multipart(&[("name=\"email\"", ADA), ("name=\"housing\"", "house")]))]
#[case::an_untouched_file_field(multipart(&[
    ("name=\"email\"", ADA), ("name=\"housing\"", "house"), ("name=\"cv\"; filename=\"\"", ""),
]))]
#[case::an_ad_tool_that_knows_no_utf8(post(
    FORM,
    "email=ada@example.org&housing=house&utm_campaign=%E9t%E9"
))]
#[case::without_an_origin(with(post(FORM, VALID), &[("origin", "")]))]
#[case::from_our_own_page(with(post(FORM, VALID), &[("origin", "https://leads.example")]))]
#[case::from_our_own_page_by_another_name(
    with(post(FORM, VALID), &[("origin", "http://localhost:8787"), ("host", "localhost:8787")])
)]
#[case::a_time_zone_that_no_clock_knows(post(
    FORM,
    "email=ada@example.org&housing=house&_time_zone=Mars/Base"
))]
#[tokio::test]
async fn no_valid_lead_is_lost(#[case] request: web::Request) {
    let world = world();
    let response = world.form(request).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{}", text(&response));
    assert_eq!(world.lead(ADA).await.unwrap().traits["housing"], TraitValue::from("house"));
}

#[rstest]
#[case::missing(json!({}), json!({ "email": "required", "housing": "required" }))]
#[case::all_at_once(
    json!({ "email": "x", "first_name": "x".repeat(81), "housing": "tent", "surface": 0, "phone": "abc", "visit": "maybe" }),
    json!({ "email": "not_an_address", "first_name": "too_long", "housing": "not_a_choice", "surface": "too_small",
            "phone": "not_a_phone_number", "visit": "not_a_tick" })
)]
#[case::beyond_ascii(json!({ "email": "camillé@example.org", "housing": "house" }), json!({ "email": "address_not_ascii" }))]
#[case::no_domain(json!({ "email": "camille@nowhere", "housing": "house" }), json!({ "email": "address_without_domain" }))]
#[case::nested(json!({ "email": { "$gt": "" }, "housing": "house" }), json!({ "email": "nested" }))]
#[case::nested_elsewhere(json!({ "email": ADA, "housing": "house", "more": [1] }), json!({ "more": "nested" }))]
#[case::too_large(json!({ "email": ADA, "housing": "house", "surface": 1e9 }), json!({ "surface": "too_large" }))]
#[case::no_number(json!({ "email": ADA, "housing": "house", "surface": true }), json!({ "surface": "not_a_number" }))]
#[case::nothing_but_space(json!({ "email": " \n", "housing": null }), json!({ "email": "required", "housing": "required" }))]
#[tokio::test]
async fn every_fault_is_told_at_once(#[case] body: Value, #[case] expected: Value) {
    let world = world();
    let response = world.form(script(&body)).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let answer = json_of(&response);
    assert_eq!(answer["status"], "invalid");
    let errors = answer["errors"].as_array().unwrap().iter();
    let told: serde_json::Map<String, Value> =
        errors.map(|error| (error["field"].as_str().unwrap().to_owned(), error["code"].clone())).collect();
    assert_eq!(Value::Object(told), expected);
    assert_eq!(world.count(), 0);
}

#[rstest]
#[case::in_french("fr", "Ce champ est nécessaire.")]
#[case::in_english("en", "This field is needed.")]
#[tokio::test]
async fn faults_are_told_in_the_visitors_language(#[case] locale: &str, #[case] expected: &str) {
    let response = world().form(script(&json!({ "email": ADA, "_locale": locale }))).await;
    assert_eq!(json_of(&response)["errors"][0]["message"], expected);
}

#[rstest]
#[case::two_addresses("email=ada@example.org&email=bob@example.org&housing=house", "email", "ambiguous")]
#[case::broken_utf8("email=ada@example.org&housing=house&first_name=%E9ric", "first_name", "not_utf8")]
#[case::raw_latin1_escape("email=%FFada@example.org&housing=house", "email", "not_utf8")]
#[tokio::test]
async fn what_a_form_cannot_mean(#[case] body: &str, #[case] field: &str, #[case] code: &str) {
    let world = world();
    let response = world.form(with(post(FORM, body), &[("accept", "application/json")])).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let errors = json_of(&response)["errors"].clone();
    assert_eq!((errors[0]["field"].as_str(), errors[0]["code"].as_str()), (Some(field), Some(code)));
    assert_eq!(world.count(), 0);
}

#[tokio::test]
async fn json_members_that_come_twice_are_seen() {
    let body = r#"{"email":"ada@example.org","email":"bob@example.org","housing":"house"}"#;
    let request = with(post(FORM, body), &[("content-type", "application/json"), ("accept", "")]);
    let response = world().form(request).await;
    assert_eq!(json_of(&response)["errors"][0]["code"], "ambiguous");
}

#[tokio::test]
async fn files_are_refused_by_name() {
    let parts = [
        ("name=\"email\"", ADA),
        ("name=\"housing\"", "house"),
        ("name=\"cv\"; filename=\"cv.pdf\"", "%PDF"),
    ];
    let response = world().form(with(multipart(&parts), &[("accept", "application/json")])).await;
    assert_eq!(json_of(&response)["errors"][0]["field"], "cv");
    assert_eq!(json_of(&response)["errors"][0]["code"], "file");
}

#[rstest]
#[case::unknown_campaign("/f/nothing", &[], 404)]
#[case::no_campaign_at_all("/f/", &[], 404)]
#[case::deeper("/f/guide-solaire/more", &[], 404)]
#[case::another_origin(FORM, &[("origin", "https://evil.example")], 403)]
#[case::an_origin_of_null(FORM, &[("origin", "null")], 403)]
#[case::plain_text(FORM, &[("content-type", "text/plain")], 415)]
#[case::no_type(FORM, &[("content-type", "")], 415)]
#[case::no_boundary(FORM, &[("content-type", "multipart/form-data")], 422)]
#[case::not_json(FORM, &[("content-type", "application/json")], 422)]
#[tokio::test]
async fn a_post_is_refused(
    #[case] path: &str,
    #[case] headers: &[(&'static str, &str)],
    #[case] status: u16,
) {
    for accept in ["text/html", "application/json"] {
        let world = world();
        let request = with(with(post(path, VALID), headers), &[("accept", accept)]);
        let response = world.form(request).await;
        assert_eq!(response.status().as_u16(), status);
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        assert!(kind.starts_with(accept), "{kind}");
        assert_eq!(world.count(), 0);
    }
}

#[tokio::test]
async fn bodies_are_bounded() {
    let world = world();
    let filler = "x".repeat(1024 * 1024);
    for kind in
        ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "x/y"]
    {
        let response = world.form(with(post(FORM, &filler), &[("content-type", kind)])).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    let deep = "[".repeat(60_000);
    let request = with(post(FORM, &deep), &[("content-type", "application/json")]);
    assert_eq!(world.form(request).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let nested = format!("{{\"email\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    let request =
        with(post(FORM, &nested), &[("content-type", "application/json"), ("accept", "application/json")]);
    assert_eq!(json_of(&world.form(request).await)["errors"][0]["code"], "nested");
}

#[tokio::test]
async fn the_trap_gets_the_same_answer_and_keeps_nothing() {
    let world = world();
    for body in [VALID, "email=nonsense"] {
        let honest = world.form(post(FORM, VALID)).await;
        let trapped = world.form(post(FORM, &format!("{body}&_gotcha=I+am+a+robot"))).await;
        assert_eq!((honest.status(), location(&honest)), (trapped.status(), location(&trapped)));
    }
    let world = support::world();
    let response = world.form(script(&json!({ "email": ADA, "housing": "house", "_gotcha": "x" }))).await;
    assert_eq!(json_of(&response), json!({ "status": "pending_confirmation" }));
    assert_eq!(world.count(), 0);
}

#[tokio::test]
async fn a_page_of_its_own_is_where_the_post_says_if_it_may() {
    let world = world();
    let next = |address: &str| format!("{VALID}&_next={address}");
    let response = world.form(post(FORM, &next("https%3A%2F%2Fatelier-soleil.example%2Fvu"))).await;
    assert_eq!(location(&response), "https://atelier-soleil.example/vu");
    let response =
        world.form(post(FORM, &format!("{VALID}&_redirect=https://atelier-soleil.example/vu"))).await;
    assert_eq!(location(&response), "https://atelier-soleil.example/vu");
    let response = world.form(post(FORM, &next("https://evil.example/"))).await;
    assert_eq!(location(&response), "https://atelier-soleil.example/merci");
    let response = world.form(with(post("/f/atelier", VALID), &[("origin", "")])).await;
    assert_eq!(location(&response), "https://leads.example/f/atelier?thanks&lang=fr");
}

#[tokio::test]
async fn a_post_with_a_token_of_its_own_is_the_same_post_however_it_is_repeated() {
    let world = world();
    for housing in ["house", "flat"] {
        world.form(post(FORM, &format!("email=ada@example.org&housing={housing}&_token=7f3a"))).await;
    }
    assert_eq!(world.lead(ADA).await.unwrap().traits["housing"], TraitValue::from("house"));
    world.form(post(FORM, "email=ada@example.org&housing=flat")).await;
    assert_eq!(world.lead(ADA).await.unwrap().traits["housing"], TraitValue::from("flat"));
}

#[tokio::test]
async fn a_visitor_keeps_what_was_typed_when_the_store_fails() {
    let world = world();
    world.app.store.broken.store(true, Ordering::Relaxed);
    let response = world.form(post(FORM, &format!("{VALID}&first_name=%3Cb%3EAda&utm_source=news"))).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key(header::RETRY_AFTER));
    let page = text(&response);
    assert!(page.contains("&lt;b&gt;Ada") && page.contains("Rien n’est effacé") && page.contains("news"));
    let outcome = response.extensions().get::<web::Outcome>().unwrap();
    assert!(outcome.error.as_deref().unwrap().contains("on fire"));

    let response = world.form(script(&json!({ "email": ADA, "housing": "house" }))).await;
    assert_eq!(json_of(&response)["errors"][0]["code"], "unavailable");
}

#[tokio::test]
async fn scripts_elsewhere_ask_before_they_post() {
    let world = world();
    let ask = |origin: &'static str| request(Method::OPTIONS, FORM, &[("origin", origin)], "");
    let response = world.form(ask(SITE)).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], SITE);
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], "content-type");
    assert!(response.headers()[header::VARY].to_str().unwrap().contains("Origin"));
    let response = world.form(ask("https://evil.example")).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(!response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let response = world().form(request(Method::DELETE, FORM, &[], "")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET, HEAD, POST, OPTIONS");
}

#[tokio::test]
async fn the_hosted_form_is_shown_and_shown_again_with_its_faults() {
    let world = world();
    let response = world
        .form(with(get("/f/guide-solaire?lang=en&utm_source=news"), &[("referer", "https://a.example/")]))
        .await;
    let page = text(&response);
    assert!(page.contains("Halve your energy bills") && page.contains("I agree to receive the guide"));
    assert!(
        page.contains(r#"name="utm_source" value="news""#)
            && page.contains(r#"name="_referrer" value="https://a.example/""#)
    );
    assert_eq!(page.matches("<script").count(), 1, "ours alone");
    // With no referrer at all, browsers would post the page with an origin of `null`.
    assert_eq!(response.headers()[header::REFERRER_POLICY], "strict-origin-when-cross-origin");
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'")
            && !policy.contains("unsafe")
            && !policy.contains("form-action")
    );

    let head = world.form(request(Method::HEAD, FORM, &[], "")).await;
    assert_eq!((head.status(), head.body().len()), (StatusCode::OK, 0));

    let again =
        text(&world.form(post(FORM, "email=a%22b%3Cscript%3E&housing=house&_next=https://x.example")).await);
    assert!(again.contains("a&quot;b&lt;script&gt;") && again.contains("camille@exemple.fr"));
    assert!(
        again.contains(r#"value="house" required checked"#)
            && again.contains(r#"name="_next" value="https://x.example""#)
    );
}

#[tokio::test]
async fn the_page_speaks_a_language_that_the_campaign_speaks() {
    let world = world();
    let english = [("accept-language", "en-GB,en;q=0.9"), ("origin", "")];
    let page = |path: &str| with(get(path), &english);
    for path in ["/f/atelier", "/f/atelier?lang=en", "/f/atelier?thanks&lang=en"] {
        let page = text(&world.form(page(path)).await);
        assert!(page.contains("<html lang=\"fr\">") && !page.contains("lang=en"), "{path}: {page}");
    }
    let with_faults = world.form(with(post("/f/atelier", "email=nobody&_locale=en"), &english)).await;
    assert!(text(&with_faults).contains("<html lang=\"fr\">"));
    let both = text(&world.form(page("/f/guide-solaire")).await);
    assert!(both.contains("<html lang=\"en\">") && both.contains("lang=fr"));

    // The lead's own language stays as asked: another campaign may speak it.
    assert!(text(&world.form(page("/f/atelier")).await).contains("name=\"_locale\" value=\"en\""));
    let thanks = world.form(with(post("/f/atelier", "email=ada@example.org"), &english)).await;
    assert!(location(&thanks).ends_with("/f/atelier?thanks&lang=fr"));
    assert_eq!(world.lead(ADA).await.unwrap().locale.unwrap().as_str(), "en");
}

#[tokio::test]
async fn a_campaign_without_a_form_has_no_page() {
    let mut world = world();
    world.app.bundle.campaigns.values_mut().for_each(|campaign| campaign.form = None);
    let requests =
        [request(Method::GET, FORM, &[], ""), post(FORM, VALID), request(Method::OPTIONS, FORM, &[], "")];
    for request in requests {
        assert_eq!(world.form(request).await.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(world.count(), 0);
}
