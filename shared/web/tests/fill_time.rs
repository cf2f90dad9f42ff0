//! Our own page tells when it was shown: robots are too quick for it, and nobody else ever notices.

mod support;

use app::ports::Clock;
use app::token::{Download, Shown, TokenKeys};
use http::{StatusCode, header};
use rstest::rstest;
use support::*;
use web::Response;

const FORM: &str = "/f/guide-solaire";
const VALID: &str = "email=ada%40example.org&housing=house&first_name=Ada";

/// The stamp that a page of ours bears.
fn stamp(page: &Response) -> String {
    let text = text(page);
    let (_, rest) = text.split_once("name=\"_shown\" value=\"").expect("a stamp");
    rest.split('"').next().expect("its end").to_owned()
}

async fn send(world: &World, body: &str, stamp: &str) -> Response {
    world.form(post(FORM, &format!("{body}&_shown={stamp}"))).await
}

fn outcome(response: &Response) -> &'static str {
    response.extensions().get::<web::Outcome>().map_or("", |outcome| outcome.name)
}

#[rstest]
#[case::of_a_browser(&[])]
#[case::of_a_script(&[("accept", "application/json")])]
#[tokio::test]
async fn what_comes_sooner_than_anybody_types_is_answered_like_everything_and_stored_nowhere(
    #[case] headers: &[(&'static str, &str)],
) {
    let world = world();
    let shown = stamp(&world.form(get(FORM)).await);
    let ask = || with(post(FORM, &format!("{VALID}&_shown={shown}")), headers);
    world.app.clock.advance(1);
    let early = world.form(ask()).await;
    assert_eq!(outcome(&early), "too_soon");
    assert_eq!(world.count(), 0);
    world.app.clock.advance(1);
    let human = world.form(ask()).await;
    assert_eq!(outcome(&human), "recorded");
    assert_eq!(world.count(), 1);
    assert_eq!(
        (early.status(), early.headers(), early.body()),
        (human.status(), human.headers(), human.body())
    );
    assert!(!world.stored_bytes().contains("_shown"), "it is no trait");
    assert!(!world.stored_bytes().contains(&shown));
}

#[tokio::test]
async fn a_page_can_be_sent_for_a_day() {
    let world = world();
    let page = world.form(get(FORM)).await;
    assert_eq!(
        page.headers()[header::CACHE_CONTROL],
        "no-store",
        "nobody gets another's page, or an old one"
    );
    world.app.clock.advance(24 * 3600 - 1);
    assert_eq!(send(&world, VALID, &stamp(&page)).await.status(), StatusCode::SEE_OTHER);
}

/// Stamps that tell nothing, each for another reason.
fn worthless(world: &World, why: &str) -> String {
    let keys = &world.app.token_keys;
    let now = Clock::now(&world.app.clock);
    let at = now.as_millisecond() - 60_000;
    let guide = campaign("guide-solaire");
    let good = keys.sign(Shown { campaign: guide.clone(), at }, now);
    match why {
        "too old" => keys.sign(Shown { campaign: guide, at }, now - jiff::SignedDuration::from_hours(24)),
        "changed" => good.replace('.', ".A"),
        "cut" => good[..good.len() - 1].to_owned(),
        "of another form" => keys.sign(Shown { campaign: campaign("atelier"), at }, now),
        "of another purpose" => {
            keys.sign(Download { lead: world.lead_id("ada@example.org"), campaign: guide }, now)
        }
        "of a stranger" => {
            TokenKeys::parse("a:fedcba9876543210").unwrap().sign(Shown { campaign: guide, at }, now)
        }
        _ => why.to_owned(),
    }
}

#[rstest]
#[case("too old")]
#[case("changed")]
#[case("cut")]
#[case("of another form")]
#[case("of another purpose")]
#[case("of a stranger")]
#[case("nonsense")]
#[tokio::test]
async fn a_stamp_that_tells_nothing_costs_one_more_press_of_the_button(#[case] why: &str) {
    let world = world();
    let body = format!("{VALID}&_next=https%3A%2F%2Fatelier-soleil.example%2Fbravo&utm_source=news");
    let page = send(&world, &body, &worthless(&world, why)).await;
    assert_eq!((page.status(), outcome(&page)), (StatusCode::CONFLICT, "stale"));
    assert_eq!(world.count(), 0);
    for kept in ["ada@example.org", "Ada", "bravo", "news", "Rien n’est effacé"] {
        assert!(text(&page).contains(kept), "{kept} is missing in {}", text(&page));
    }
    let sent = send(&world, &body, &stamp(&page)).await;
    assert_eq!(
        (sent.status(), location(&sent)),
        (StatusCode::SEE_OTHER, "https://atelier-soleil.example/bravo")
    );
    assert_eq!(world.count(), 1);

    let json = with(
        post(FORM, &format!("{VALID}&_shown={}", worthless(&world, why))),
        &[("accept", "application/json")],
    );
    let json = world.form(json).await;
    assert_eq!(
        (json.status(), &json_of(&json)["errors"][0]["code"]),
        (StatusCode::CONFLICT, &"stale".into())
    );
}

#[tokio::test]
async fn what_was_corrected_can_be_sent_at_once() {
    let world = world();
    let shown = stamp(&world.form(get(FORM)).await);
    world.app.clock.advance(30);
    let faulty = send(&world, "email=ada%40example.org", &shown).await;
    assert_eq!(faulty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let again = stamp(&faulty);
    assert_ne!(again, shown, "the day begins anew");
    assert_eq!(send(&world, VALID, &again).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(world.count(), 1);
}

#[tokio::test]
async fn clocks_that_differ_hurt_nobody() {
    let (ahead, behind) = (world(), world());
    ahead.app.clock.advance(5);
    let page = ahead.form(get(FORM)).await;
    assert_eq!(send(&behind, VALID, &stamp(&page)).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(behind.count(), 1, "a page of the future");

    let behind = world();
    let faulty = ahead.form(post(FORM, "email=ada%40example.org")).await;
    assert_eq!(send(&behind, VALID, &stamp(&faulty)).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(behind.count(), 1, "a page that was filled in before");
}

#[tokio::test]
async fn forms_on_pages_of_ones_own_bear_no_stamp() {
    let world = world();
    assert_eq!(world.form(post(FORM, VALID)).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(world.count(), 1);
}

#[tokio::test]
async fn where_nobody_measures_the_page_bears_no_stamp() {
    let mut world = world();
    let shown = stamp(&world.form(get(FORM)).await);
    world.app.bundle.organisation.limits.fill_time = None;
    assert!(!text(&world.form(get(FORM)).await).contains("_shown"));
    assert_eq!(send(&world, VALID, &shown).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(world.count(), 1);
}

#[tokio::test]
async fn a_page_outlives_the_key_that_signed_it_only_while_that_is_known() {
    let mut world = world();
    let shown = stamp(&world.form(get(FORM)).await);
    world.app.clock.advance(10);
    let new = "b:fedcba9876543210";
    world.app.token_keys = TokenKeys::parse(&format!("{new},a:0123456789abcdef")).unwrap();
    assert_eq!(send(&world, VALID, &shown).await.status(), StatusCode::SEE_OTHER);
    world.app.token_keys = TokenKeys::parse(new).unwrap();
    let late = send(&world, VALID, &shown).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    assert_eq!(send(&world, VALID, &stamp(&late)).await.status(), StatusCode::SEE_OTHER);
}
