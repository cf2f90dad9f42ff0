//! Links are opened, and their buttons pressed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::Ordering;

use app::ports::{LeadStore, Record, Write};
use app::token::{Confirm, Download, Leave, Own, Prefer, Purpose};
use domain::consent::ConsentState;
use domain::{Activity, Fact};
use http::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::json;
use support::*;

const ADA: &str = "ada@example.org";

/// A world in which Ada has posted the form.
async fn after_the_form() -> World {
    let world = world();
    let response = world.form(post("/f/guide-solaire", "email=ada@example.org&housing=house")).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    world
}

async fn after_confirming() -> World {
    let world = after_the_form().await;
    world.link(post(&confirmation(&world), "")).await;
    world
}

/// From no page in particular.
fn post_to_workshops() -> web::Request {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    request(Method::POST, "/f/atelier", &form, "email=ada@example.org")
}

fn signed(world: &World, route: &str, purpose: impl Purpose) -> String {
    format!("/{route}/{}", world.app.token_keys.sign(purpose, NOW.parse().unwrap()))
}

fn confirmation(world: &World) -> String {
    signed(world, "c", Confirm { lead: world.lead_id(ADA), campaign: campaign("guide-solaire"), request: 1 })
}

fn leaving(world: &World) -> String {
    signed(world, "u", Leave { lead: world.lead_id(ADA), campaign: Some(campaign("guide-solaire")) })
}

fn preferring(world: &World) -> String {
    signed(world, "p", Prefer { lead: world.lead_id(ADA) })
}

fn download(world: &World, id: &str) -> String {
    signed(world, "d", Download { lead: world.lead_id(ADA), campaign: campaign(id) })
}

async fn state(world: &World) -> ConsentState {
    world.lead(ADA).await.unwrap().consent.state
}

#[tokio::test]
async fn opening_a_link_changes_nothing() {
    let world = after_confirming().await;
    let before = world.lead(ADA).await;
    for path in [confirmation(&world), leaving(&world), preferring(&world)] {
        for method in [Method::GET, Method::HEAD] {
            let response = world.link(request(method.clone(), &path, &[("user-agent", BROWSER)], "")).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.body().is_empty(), method == Method::HEAD);
            assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains("form-action 'self'") && policy.contains("default-src 'none'"));
            assert_eq!(response.headers()["x-robots-tag"], "noindex");
            assert!(!text(&response).contains(ADA), "the page shows the address");
        }
        assert!(text(&world.link(get(&path)).await).contains("<form method=\"post\">"));
    }
    assert_eq!(world.lead(ADA).await, before);
}

#[tokio::test]
async fn the_button_confirms_once() {
    let world = after_the_form().await;
    let first = world.link(post(&confirmation(&world), "")).await;
    assert_eq!(first.status(), StatusCode::OK);
    assert!(text(&first).contains("C’est confirmé"));
    assert_eq!(state(&world).await, ConsentState::Granted);

    let again = world.link(with(post(&confirmation(&world), ""), &[("accept-language", "en")])).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert!(text(&again).contains("This was confirmed before"));

    world.link(post(&leaving(&world), "")).await;
    let spent = world.link(post(&confirmation(&world), "")).await;
    assert_eq!(spent.status(), StatusCode::GONE);
    assert!(text(&spent).contains("https://leads.example/f/guide-solaire"));
    assert_eq!(state(&world).await, ConsentState::Withdrawn);
}

#[tokio::test]
async fn the_page_names_all_that_its_button_begins() {
    let mut world = world();
    let forms = world.app.bundle.campaigns.values_mut().filter_map(|campaign| campaign.form.as_mut());
    forms.for_each(|form| form.consent.double_opt_in = true);
    world.form(post("/f/guide-solaire", "email=ada@example.org&housing=house")).await;
    world.form(post_to_workshops()).await;
    let page = text(&world.link(get(&confirmation(&world))).await);
    for named in ["Réduire de moitié", "Nos ateliers du samedi", "accepte de recevoir le programme."] {
        assert!(page.contains(named), "{named} is missing in: {page}");
    }
    let both = "campaign=guide-solaire&campaign=atelier";
    let hidden = both.split('&').map(|field| field.split_once('=').unwrap().1);
    hidden.for_each(|id| assert!(page.contains(&format!(r#"name="campaign" value="{id}""#)), "{page}"));

    world.link(post(&confirmation(&world), both)).await;
    let begun: Vec<_> = world.lead(ADA).await.unwrap().enrolments.into_keys().collect();
    assert_eq!(begun, [campaign("atelier"), campaign("guide-solaire")]);
}

#[tokio::test]
async fn the_button_begins_nothing_that_its_page_did_not_name() {
    let mut world = after_the_form().await;
    world.app.bundle.campaigns.get_mut("atelier").unwrap().form.as_mut().unwrap().consent.double_opt_in =
        true;
    world.form(post_to_workshops()).await;
    assert_eq!(world.lead(ADA).await.unwrap().consent.request.unwrap().campaigns.len(), 2);
    world.link(post(&confirmation(&world), "campaign=guide-solaire")).await;
    let begun = async || world.lead(ADA).await.unwrap().enrolments.into_keys().collect::<Vec<_>>();
    assert_eq!(begun().await, [campaign("guide-solaire")]);
    world.link(post(&confirmation(&world), "campaign=guide-solaire&campaign=atelier")).await;
    assert_eq!(begun().await.len(), 2, "a page that names it does");
}

#[rstest]
#[case::urlencoded("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click")]
#[case::multipart(
    "multipart/form-data; boundary=b",
    "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
)]
#[case::without_a_type("", "List-Unsubscribe=One-Click")]
#[tokio::test]
async fn a_mail_client_leaves_in_one_click(#[case] kind: &str, #[case] body: &str) {
    let world = after_confirming().await;
    let path = leaving(&world);
    for _ in 0..2 {
        let headers = [("content-type", kind)];
        let headers: &[_] = if kind.is_empty() { &[] } else { &headers };
        let response = world.link(request(Method::POST, &path, headers, body)).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    }
    assert_eq!(state(&world).await, ConsentState::Withdrawn);
    let records = app::ports::LeadStore::records(&world.app.store, &world.lead_id(ADA)).await.unwrap();
    let withdrawn: Vec<_> = records
        .iter()
        .flat_map(|record| &record.activities)
        .filter(|activity| activity.kind() == "consent_withdrawn")
        .collect();
    assert_eq!(withdrawn.len(), 1);
    assert!(serde_json::to_string(&withdrawn[0]).unwrap().contains("one_click"));
}

#[tokio::test]
async fn a_page_says_goodbye_and_shows_the_way_back() {
    let world = after_confirming().await;
    let response = world.link(post(&leaving(&world), "")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(text(&response).contains("https://leads.example/f/guide-solaire?lang=fr"));
    assert_eq!(state(&world).await, ConsentState::Withdrawn);
}

/// Footers get forwarded, and whoever has one can post as often as they like.
#[tokio::test]
async fn choices_that_change_all_day_are_kept_as_they_are_and_the_page_says_so() {
    let world = after_confirming().await;
    let path = preferring(&world);
    let choose = async |locale: &str| {
        world.app.clock.advance(1);
        world.link(post(&path, &format!("locale={locale}"))).await
    };
    for place in 0..30 {
        assert_eq!(choose(["en", "fr"][place % 2]).await.status(), StatusCode::OK);
    }
    let response = choose("en").await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(text(&response).contains("demain"), "{}", text(&response));
    assert_eq!(world.lead(ADA).await.unwrap().locale.unwrap().as_str(), "fr");
    let narrower = world.link(post(&path, "shown=conseils&locale=fr&pause=30d")).await;
    assert_eq!(narrower.status(), StatusCode::OK, "fewer e-mails are one's own wish at any time");
}

/// The same of the link to the guide.
#[tokio::test]
async fn however_often_the_guide_is_fetched_it_is_served_and_a_day_has_few_records_of_it() {
    let world = after_confirming().await;
    let path = download(&world, "guide-solaire");
    for place in 0..4_000 {
        world.app.clock.advance(10);
        let machine = place % 2 == 0;
        let request = if machine { with(get(&path), &[("user-agent", "curl/8.5.0")]) } else { get(&path) };
        assert!(world.link(request).await.status().is_success());
    }
    let records = app::ports::LeadStore::records(&world.app.store, &world.lead_id(ADA)).await.unwrap();
    let activities = records.iter().flat_map(|record| &record.activities);
    let noted = activities.filter(|activity| activity.kind() == "magnet_downloaded").count();
    assert!((20..=20 + 12).contains(&noted), "{noted}");
}

/// E-mails get forwarded with their footers.
#[tokio::test]
async fn whoever_leaves_by_a_forwarded_footer_learns_of_no_campaign_but_that_of_the_e_mail() {
    for (of_email, named) in [(Some("atelier"), 1), (Some("gone"), 0), (None, 0)] {
        let world = after_confirming().await;
        let token = Leave { lead: world.lead_id(ADA), campaign: of_email.map(campaign) };
        let response = world.link(post(&signed(&world, "u", token), "")).await;
        assert_eq!(state(&world).await, ConsentState::Withdrawn);
        let page = text(&response);
        assert!(!page.contains("guide-solaire"), "the campaign that she entered: {page}");
        assert_eq!(page.matches("https://leads.example/f/").count(), named, "{of_email:?}");
    }
}

#[rstest]
#[case::nonsense("/c/nonsense", 404)]
#[case::empty("/c/", 404)]
#[case::with_slashes("/u/a/b/c", 404)]
#[case::unknown_route("/x/token", 404)]
#[case::no_route("/", 404)]
#[tokio::test]
async fn a_damaged_link_says_so(#[case] path: &str, #[case] status: u16) {
    let world = world();
    for request in [get(path), post(path, "")] {
        assert_eq!(world.link(request).await.status().as_u16(), status);
    }
}

#[tokio::test]
async fn a_link_of_one_purpose_is_none_of_another() {
    let world = after_confirming().await;
    let token = leaving(&world).replacen("/u/", "/p/", 1);
    assert_eq!(world.link(get(&token)).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_old_confirmation_is_gone() {
    let world = after_the_form().await;
    let token = Confirm { lead: world.lead_id(ADA), campaign: campaign("guide-solaire"), request: 1 };
    let old = world.app.token_keys.sign(token, "2026-01-01T00:00:00Z".parse().unwrap());
    let response = world.link(post(&format!("/c/{old}"), "")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(state(&world).await, ConsentState::Pending);
}

#[tokio::test]
async fn preferences_are_kept() {
    let world = after_confirming().await;
    let path = preferring(&world);
    let body = "shown=conseils&shown=jardin&topic=jardin&locale=en&pause=2w";
    let response = world.link(post(&path, body)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(text(&response).contains("Saved.") && text(&response).contains("24 March 2027"));
    let lead = world.lead(ADA).await.unwrap();
    let left: Vec<&str> = lead.preferences.left_topics.iter().map(|topic| topic.as_str()).collect();
    assert_eq!(left, ["conseils"]);
    assert_eq!(lead.locale.unwrap().as_str(), "en");
    assert_eq!(lead.preferences.paused_until, Some("2027-03-24T09:00:00Z".parse().unwrap()));

    // What is not shown stays as it is.
    world.app.clock.advance(1);
    world.link(post(&path, "")).await;
    assert_eq!(world.lead(ADA).await.unwrap().preferences, lead.preferences);
    world.app.clock.advance(1);
    world.link(post(&path, "shown=conseils&topic=conseils&pause=none")).await;
    assert_eq!(world.lead(ADA).await.unwrap().preferences, Default::default());
}

#[rstest]
#[case("pause=9y")]
#[case("locale=xx")]
#[case("locale=fr&locale=en")]
#[tokio::test]
async fn what_is_not_on_offer_is_not_kept(#[case] body: &str) {
    let world = after_confirming().await;
    let before = world.lead(ADA).await;
    let response = world.link(post(&preferring(&world), body)).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.lead(ADA).await, before);
}

#[rstest]
#[case::a_person(BROWSER, &[], "false")]
#[case::a_robot("Mozilla/5.0 (compatible; Googlebot/2.1)", &[], "true")]
#[case::a_browser_that_fetches_ahead(BROWSER, &[("sec-purpose", "prefetch;prerender")], "true")]
#[tokio::test]
async fn a_download_is_noted(
    #[case] agent: &str,
    #[case] headers: &[(&'static str, &str)],
    #[case] machine: &str,
) {
    let world = after_confirming().await;
    let path = download(&world, "guide-solaire");
    let head = world.link(request(Method::HEAD, &path, &[("user-agent", agent)], "")).await;
    assert_eq!((head.status(), head.body().len()), (StatusCode::OK, 0));
    assert_eq!(head.headers()[header::CONTENT_LENGTH], "14");
    assert!(!world.kinds(ADA).await.contains(&"magnet_downloaded".into()));

    let response = world.link(with(get(&path), &[&[("user-agent", agent)], headers].concat())).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/pdf");
    assert_eq!(&response.body()[..], b"%PDF-1.7 guide");
    let records = app::ports::LeadStore::records(&world.app.store, &world.lead_id(ADA)).await.unwrap();
    let noted = serde_json::to_string(&records.last().unwrap().activities).unwrap();
    assert!(
        noted.contains("magnet_downloaded") && noted.contains(&format!("\"machine\":{machine}")),
        "{noted}"
    );
}

#[tokio::test]
async fn a_magnet_elsewhere_is_pointed_to() {
    let world = after_confirming().await;
    let response = world.link(get(&download(&world, "atelier"))).await;
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(location(&response), "https://atelier-soleil.example/programme");
}

#[tokio::test]
async fn when_the_store_fails_the_guide_is_still_had_and_the_rest_may_be_tried_again() {
    let world = after_the_form().await;
    world.app.store.broken.store(true, Ordering::Relaxed);
    let response = world.link(get(&download(&world, "guide-solaire"))).await;
    assert_eq!(response.status(), StatusCode::OK);
    for request in [post(&confirmation(&world), ""), post(&leaving(&world), ""), get(&preferring(&world))] {
        let response = world.link(request).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let world = world();
    let response = world.link(request(Method::DELETE, "/u/x", &[], "")).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()[header::ALLOW]),
        (405, &"GET, HEAD, POST".parse().unwrap())
    );
    let response = world.link(post("/d/x", "")).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()[header::ALLOW]),
        (405, &"GET, HEAD".parse().unwrap())
    );
    let response = world.link(post("/u/x", &"x".repeat(100_000))).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_lead_that_is_gone_is_told_so() {
    let world = world();
    assert_eq!(world.link(get(&preferring(&world))).await.status(), StatusCode::GONE);
    assert_eq!(world.link(post(&leaving(&world), "")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_confirmation_is_asked_for_in_a_language_that_the_campaign_speaks() {
    let world = world();
    for (id, expected) in [("guide-solaire", "en"), ("atelier", "fr")] {
        let confirm = Confirm { lead: world.lead_id(ADA), campaign: campaign(id), request: 1 };
        let path = signed(&world, "c", confirm);
        for request in [get(&path), post(&path, "")] {
            let page = text(&world.link(with(request, &[("accept-language", "en")])).await);
            assert!(page.contains(&format!("<html lang=\"{expected}\">")), "{id}: {page}");
        }
    }
}

/// The link that is mailed to who asks for its data.
fn own(world: &World) -> String {
    signed(world, "p", Own { lead: world.lead_id(ADA) })
}

#[rstest]
#[case::to_get_them("export")]
#[case::to_erase_them("erase")]
#[tokio::test]
async fn whoever_asks_for_data_is_mailed_a_link_and_told_no_more(#[case] ask: &str) {
    let world = after_confirming().await;
    let page = text(&world.link(with(get(&preferring(&world)), &[("accept-language", "en")])).await);
    assert!(page.contains("name=\"ask\" value=\"export\"") && page.contains("name=\"ask\" value=\"erase\""));
    let before = world.lead(ADA).await.unwrap();
    let first = world.link(post(&preferring(&world), &format!("ask={ask}"))).await;
    let due = world.lead(ADA).await.unwrap().access_due;
    assert_eq!(due.map(|(_, at)| at), Some(NOW.parse().unwrap()));
    world.app.clock.advance(1);
    let again = world.link(post(&preferring(&world), &format!("ask={ask}"))).await;
    assert_eq!(
        (first.status(), first.body()),
        (StatusCode::OK, again.body()),
        "nobody learns whether one left"
    );
    assert!(!text(&first).contains(ADA));
    let kinds = world.kinds(ADA).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "access_requested").count(), 1);
    assert_eq!(world.lead(ADA).await.unwrap().preferences, before.preferences);
}

#[tokio::test]
async fn a_lead_reads_all_of_its_data_and_saves_them() {
    let world = after_confirming().await;
    let before = world.stored_bytes();
    let page = world.link(with(get(&own(&world)), &[("accept-language", "en")])).await;
    assert_eq!(page.status(), StatusCode::OK);
    let shown = text(&page);
    for part in [
        ADA,
        "Votre logement",
        "Maison",
        "J'accepte",
        "203.0.113.7",
        "Firefox/140.0",
        "form_submitted",
        "opt_in_confirmed",
        "?as=json",
    ] {
        assert!(shown.contains(part) || shown.contains(&part.replace('\'', "&#39;")), "{part}: {shown}");
    }
    assert!(shown.contains("<strong>2,5</strong>"), "{shown}");
    let in_english = world.link(get(&format!("{}?lang=en", own(&world)))).await;
    assert!(text(&in_english).contains("<strong>2.5</strong>"), "{}", text(&in_english));
    let file = world.link(get(&format!("{}?as=json", own(&world)))).await;
    assert_eq!(file.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"my-data.json\"");
    let data = json_of(&file);
    assert_eq!(data["profile"]["email"], ADA);
    assert_eq!(data["profile"]["consent"]["state"], "granted");
    assert_eq!(data["agreements"][0]["visitor"]["ip"], "203.0.113.7");
    let wording = data["agreements"][0]["wording"].as_str().unwrap();
    assert!(wording.contains("guide"), "{wording}");
    assert_eq!(data["activities"].as_array().unwrap().len(), world.kinds(ADA).await.len());
    assert!(data["score"]["reasons"].is_array());
    assert_eq!(world.stored_bytes(), before, "reading leaves no trace");
}

/// A function's answer is wrapped in JSON, and may have 6 MB at most (Lambda quotas).
fn wrapped(answer: &web::Response) -> usize {
    serde_json::to_string(&text(answer)).unwrap().len()
}

#[tokio::test]
async fn however_much_is_stored_of_a_lead_it_reads_and_saves_all_of_it() {
    const MOST: usize = 5_900_000;
    let world = after_confirming().await;
    let id = world.lead_id(ADA);
    let mut stored = world.app.store.load(&id).await.unwrap().unwrap();
    for number in 0..40 {
        let properties = json!({ "number": number, "said": "\"<".repeat(50_000) });
        let fact =
            Fact::Occurred { kind: "said".into(), properties: properties.as_object().unwrap().clone() };
        let activities = vec![Activity { at: NOW.parse().unwrap(), fact }];
        let input_id = domain::InputId::of("test", &[&number.to_string()]);
        let records = [Record { input_id, version: stored.version + 1, activities }];
        let now = NOW.parse().unwrap();
        let write =
            Write { expected: Some(stored.version), lead: &stored.lead, records: &records, limits: &[], now };
        world.app.store.commit(&write).await.unwrap();
        stored.version += 1;
    }
    let page = world.link(with(get(&own(&world)), &[("accept-language", "en")])).await;
    assert!(wrapped(&page) < MOST, "{}", wrapped(&page));
    let links: Vec<String> = text(&page)
        .split("href=\"?")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0.replace("&amp;", "&")))
        .filter(|query| query.starts_with("as=json"))
        .collect();
    assert!(links.len() > 2, "{links:?}");
    let mut activities = Vec::new();
    for (place, query) in links.iter().enumerate() {
        let part = world.link(get(&format!("{}?{query}", own(&world)))).await;
        assert!(wrapped(&part) < MOST, "{query}: {}", wrapped(&part));
        let data = json_of(&part);
        assert_eq!(
            (&data["part"], &data["of"], data["profile"].is_object(), data["score"].is_object()),
            (&json!(place + 1), &json!(links.len()), place == 0, place == 0)
        );
        activities.extend(data["activities"].as_array().unwrap().clone());
    }
    let records = world.app.store.records(&id).await.unwrap();
    let all: Vec<_> = records.iter().flat_map(|record| &record.activities).collect();
    assert_eq!(json!(activities), json!(all));
    let beyond = world.link(get(&format!("{}?as=json&part=99", own(&world)))).await;
    assert_eq!(beyond.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_lead_erases_itself_if_it_is_sure() {
    let world = after_confirming().await;
    let path = own(&world);
    let unsure = world.link(post(&path, "")).await;
    assert_eq!(unsure.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.lead(ADA).await.is_some());
    for _ in 0..2 {
        assert_eq!(world.link(post(&path, "sure=yes")).await.status(), StatusCode::OK);
        assert!(!world.stored_bytes().contains("ada"), "{}", world.stored_bytes());
    }
    assert_eq!(world.link(get(&path)).await.status(), StatusCode::GONE);
    assert_eq!(world.link(get(&preferring(&world))).await.status(), StatusCode::GONE);
    assert_eq!(world.link(post(&leaving(&world), "")).await.status(), StatusCode::OK);
    assert_eq!(world.link(post(&confirmation(&world), "")).await.status(), StatusCode::GONE);
    assert_eq!(world.count(), 0, "no old link brings anything back");
}

#[tokio::test]
async fn a_link_that_is_forwarded_shows_nothing_and_erases_nothing() {
    let world = after_confirming().await;
    let before = world.lead(ADA).await;
    let page = text(&world.link(get(&format!("{}?as=json", preferring(&world)))).await);
    assert!(!page.contains(ADA));
    world.link(post(&preferring(&world), "sure=yes")).await;
    assert_eq!(world.lead(ADA).await.map(|lead| lead.email), before.map(|lead| lead.email));
    world.app.clock.advance(3_600);
    assert_eq!(
        world.link(get(&own(&world))).await.status(),
        StatusCode::NOT_FOUND,
        "an hour later it is too old"
    );
    assert_eq!(world.link(post(&own(&world), "sure=yes")).await.status(), StatusCode::NOT_FOUND);
    assert!(world.lead(ADA).await.is_some());
}
