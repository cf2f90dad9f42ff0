//! Where the organisation has Turnstile, only what comes with a solution is taken; and nobody's typing is lost over it.

mod support;

use app::ports::ChallengeError;
use domain::organisation::Turnstile;
use http::{StatusCode, header};
use rstest::rstest;
use serde_json::json;
use support::*;
use web::Response;

const FORM: &str = "/f/guide-solaire";
const VALID: &str = "email=ada%40example.org&housing=house&first_name=Ada";
const SOLUTION: &str = "0.a-solution_of.Cloudflare";
const CLOUDFLARE: &str = "https://challenges.cloudflare.com";

/// A world whose forms ask Turnstile, which answers so.
fn guarded(verdict: Result<bool, &str>) -> World {
    let mut world = world();
    world.app.bundle.organisation.turnstile = Some(Turnstile { site_key: "0x4AAAAAAADnPIDROrmt1Wwj".into() });
    *world.challenge.verdict.lock().unwrap() = verdict.map_err(ChallengeError::new);
    world
}

async fn send(world: &World, more: &str) -> Response {
    world.form(post(FORM, &format!("{VALID}{more}"))).await
}

async fn solve(world: &World) -> Response {
    send(world, &format!("&cf-turnstile-response={SOLUTION}")).await
}

fn outcome(response: &Response) -> web::Outcome {
    response.extensions().get::<web::Outcome>().unwrap().clone()
}

#[tokio::test]
async fn who_solves_the_challenge_is_taken_and_the_solution_kept_nowhere() {
    let world = guarded(Ok(true));
    assert_eq!(solve(&world).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(world.count(), 1);
    assert!(!world.stored_bytes().contains(SOLUTION));
    let asked = world.challenge.asked.lock().unwrap();
    let [(solution, attempt)] = asked.as_slice() else { panic!("asked once: {asked:?}") };
    assert_eq!(solution, SOLUTION);
    assert!(attempt.len() == 32 && attempt.chars().all(|c| c.is_ascii_hexdigit()), "{attempt}");
}

#[rstest]
#[case::without_a_solution("", 0)]
#[case::with_an_empty_one("&cf-turnstile-response=", 0)]
#[case::with_one_that_is_none("&cf-turnstile-response=made-up", 1)]
#[tokio::test]
async fn who_does_not_is_asked_again_and_keeps_what_was_typed(#[case] more: &str, #[case] asked: usize) {
    let world = guarded(Ok(false));
    let page = send(&world, more).await;
    assert_eq!((page.status(), outcome(&page).name), (StatusCode::UNPROCESSABLE_ENTITY, "unsolved"));
    for kept in ["ada@example.org", "Ada", "Nous n’avons pas pu vérifier", "class=\"cf-turnstile\""] {
        assert!(text(&page).contains(kept), "{kept} is missing in {}", text(&page));
    }
    assert!(!text(&page).contains("made-up"), "a new challenge, not the old solution");
    assert_eq!((world.count(), world.challenge.asked.lock().unwrap().len()), (0, asked));
}

#[tokio::test]
async fn a_program_is_told_so_in_json_and_our_script_leaves_it_to_our_page() {
    let world = guarded(Ok(false));
    let expected = json!([{
        "field": "cf-turnstile-response",
        "code": "unsolved",
        "message": "`cf-turnstile-response` is missing, spent, older than five minutes, or not by this site's key; each \
                    post needs one of its own",
    }]);
    let headers = [("content-type", "application/json"), ("accept", "application/json")];
    let program = json!({ "email": "ada@example.org", "housing": "house" }).to_string();
    for request in [with(post(FORM, &program), &headers), post(FORM, &format!("{VALID}&_embed=1"))] {
        let response = world.form(request).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(json_of(&response), json!({ "status": "refused", "errors": expected }));
    }
    assert_eq!(world.count(), 0);

    *world.challenge.verdict.lock().unwrap() = Ok(true);
    let program =
        json!({ "email": "ada@example.org", "housing": "house", "cf-turnstile-response": SOLUTION });
    let response = world.form(with(post(FORM, &program.to_string()), &headers)).await;
    assert_eq!(response.status(), StatusCode::OK, "{}", text(&response));
    assert_eq!(world.count(), 1);
}

#[tokio::test]
async fn nothing_is_taken_while_nobody_tells_whether_it_was_solved() {
    let world = guarded(Err("timeout"));
    let page = solve(&world).await;
    assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.headers()[header::RETRY_AFTER], "10");
    assert!(text(&page).contains("Ada") && text(&page).contains("Rien n’est effacé"), "{}", text(&page));
    let told = outcome(&page);
    assert_eq!(told.error.as_deref(), Some("nobody tells whether the challenge was solved: timeout"));
    assert_eq!(world.count(), 0);
    *world.challenge.verdict.lock().unwrap() = Ok(true);
    assert_eq!(solve(&world).await.status(), StatusCode::SEE_OTHER, "it passes");
}

#[tokio::test]
async fn a_post_that_is_repeated_is_one_attempt_and_a_solution_serves_no_other() {
    let world = guarded(Ok(true));
    solve(&world).await;
    solve(&world).await;
    world.form(post(FORM, &format!("{VALID}&_embed=1&cf-turnstile-response={SOLUTION}"))).await;
    let other = VALID.replace("ada", "bob");
    world.form(post(FORM, &format!("{other}&cf-turnstile-response={SOLUTION}"))).await;
    let asked = world.challenge.asked.lock().unwrap();
    let attempts: Vec<&String> = asked.iter().map(|(_, attempt)| attempt).collect();
    assert_eq!(attempts.len(), 4);
    assert!(attempts[0] == attempts[1] && attempts[1] == attempts[2], "{attempts:?}");
    assert_ne!(attempts[0], attempts[3]);
}

#[tokio::test]
async fn a_solution_is_not_spent_on_what_is_refused_anyway() {
    let world = guarded(Ok(true));
    for refused in ["email=ada&housing=house", "email=ada%40example.org&housing=house&_gotcha=x"] {
        world.form(post(FORM, &format!("{refused}&cf-turnstile-response={SOLUTION}"))).await;
    }
    assert!(world.challenge.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_page_shows_the_challenge_and_its_policy_lets_in_nothing_else() {
    let page = guarded(Ok(true)).form(get(FORM)).await;
    let text = text(&page);
    let widget = "<div class=\"cf-turnstile\" data-sitekey=\"0x4AAAAAAADnPIDROrmt1Wwj\" data-language=\"fr\"";
    assert!(text.contains(widget), "{text}");
    assert!(
        text.contains("<noscript>") && text.contains("vous ne pouvez pas envoyer le formulaire"),
        "{text}"
    );
    let script = format!("src=\"{CLOUDFLARE}/turnstile/v0/api.js\" defer");
    assert!(text.find("embed.js") < text.find(&script), "ours first: {text}");
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let plain = world().form(get(FORM)).await;
    let plain_policy = plain.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert_eq!(policy.replace(&format!(" {CLOUDFLARE}; frame-src {CLOUDFLARE}"), ""), plain_policy);
    assert!(policy.contains(&format!("script-src 'self' {CLOUDFLARE};")), "{policy}");
    assert!(!plain_policy.contains("cloudflare") && !plain_policy.contains("frame-src"));
    assert!(!support::text(&plain).contains("turnstile"), "no page loads what nobody asked for");
}
