//! Every public route is asked in every method, with links that are good and links that are not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::token::{Confirm, Download, Leave, Own, Prefer, Purpose, Shown, TokenKeys, Track};
use http::{Method, StatusCode, header};
use rstest::rstest;
use support::*;
use web::{ROUTES, Request, Response, Route};

const ADA: &str = "ada@example.org";
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
/// The only hosts that anybody may be sent to: the site, its page of thanks, and where a magnet lies.
const ALLOWED: [&str; 1] = ["https://atelier-soleil.example/"];
const FORM: &str = "email=eve@example.org&housing=house";

/// A world in which Ada has posted the form and confirmed.
async fn world_with_ada() -> World {
    let world = world();
    world.form(post("/f/guide-solaire", &format!("email={ADA}&housing=house&first_name=Ada"))).await;
    world.link(post(&good_links(&world)[0], "")).await;
    assert_eq!(world.lead(ADA).await.unwrap().consent.state, domain::consent::ConsentState::Granted);
    world
}

/// Bea has posted the form, and not confirmed: the link that asks her.
async fn world_asks_bea(world: &World) -> String {
    world.form(post("/f/guide-solaire", "email=bea@example.org&housing=flat")).await;
    let lead = world.lead_id("bea@example.org");
    format!(
        "/c/{}",
        signed(&world.app.token_keys, Confirm { lead, campaign: campaign("guide-solaire"), request: 1 }, NOW)
    )
}

fn signed(keys: &TokenKeys, purpose: impl Purpose, at: &str) -> String {
    keys.sign(purpose, at.parse().unwrap())
}

/// One link for each purpose that a page has.
fn good_links(world: &World) -> Vec<String> {
    links(world, &world.app.token_keys, NOW)
}

fn links(world: &World, keys: &TokenKeys, at: &str) -> Vec<String> {
    let lead = world.lead_id(ADA);
    let guide = campaign("guide-solaire");
    let confirm = Confirm { lead: lead.clone(), campaign: guide.clone(), request: 1 };
    vec![
        format!("/c/{}", signed(keys, confirm, at)),
        format!("/u/{}", signed(keys, Leave { lead: lead.clone(), campaign: None }, at)),
        format!("/p/{}", signed(keys, Prefer { lead: lead.clone() }, at)),
        format!("/p/{}", signed(keys, Own { lead: lead.clone() }, at)),
        format!("/d/{}", signed(keys, Download { lead, campaign: guide }, at)),
    ]
}

/// An address of each route, where something is. A new route wants one, too.
fn of_each_route(world: &World) -> Vec<(&'static Route, String)> {
    let links = good_links(world);
    let address = |route: &'static Route| match route.path {
        "/f/{campaign}" => "/f/guide-solaire".to_owned(),
        "/f/{campaign}/embed.js" => "/f/guide-solaire/embed.js".to_owned(),
        "/v1/events" => "/v1/events".to_owned(),
        path => {
            let before = path.strip_suffix("{token}").unwrap_or_else(|| panic!("{path} is not walked"));
            links.iter().find(|link| link.starts_with(before)).unwrap().clone()
        }
    };
    ROUTES.iter().map(|route| (route, address(route))).collect()
}

/// Links that allow nothing, each for another reason.
fn bad_links(world: &World) -> Vec<(&'static str, String)> {
    let mut bad = Vec::new();
    let good = good_links(world);
    for link in &good {
        let (route, token) = link[1..].split_once('/').unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let mut push = |why, token: &str| bad.push((why, format!("/{route}/{token}")));
        push("cut", &token[..token.len() - 1]);
        push("lengthened", &format!("{token}A"));
        push("without its signature", &format!("{}.{}.", parts[0], parts[1]));
        push("with another's signature", &format!("{}.{}.{}", parts[0], parts[1], "A".repeat(22)));
        push("of an unknown key", &format!("z.{}.{}", parts[1], parts[2]));
        push("nonsense", "nonsense");
        push("empty", "");
        push("too long", &"A".repeat(5_000));
        push("with a slash", &format!("{token}/more"));
        push("of nobody's purpose", &signed(&world.app.token_keys, Track { lead: world.lead_id(ADA) }, NOW));
        let page = Shown { campaign: campaign("guide-solaire"), at: 0 };
        push("of a page", &signed(&world.app.token_keys, page, NOW));
        for other in good.iter().filter(|other| other[..3] != link[..3]) {
            push("of another purpose", other[1..].split_once('/').unwrap().1);
        }
    }
    let stranger = TokenKeys::parse("a:fedcba9876543210").unwrap();
    bad.extend(links(world, &stranger, NOW).into_iter().map(|link| ("signed by a stranger", link)));
    let old = links(world, &world.app.token_keys, "2020-01-01T00:00:00Z");
    bad.extend(old.into_iter().filter(|link| !link.starts_with("/u/")).map(|link| ("too old", link)));
    bad
}

fn everywhere(world: &World) -> Vec<String> {
    let mut paths: Vec<String> = [
        "/f/guide-solaire?lang=en",
        "/f/atelier",
        "/f/nowhere",
        "/f/nowhere/embed.js",
        "/f/",
        "/v1/elsewhere",
        "/x/token",
        "/",
    ]
    .map(str::to_owned)
    .into();
    paths.extend(of_each_route(world).into_iter().map(|(_, address)| address));
    paths.extend(good_links(world));
    paths.extend(bad_links(world).into_iter().map(|(_, link)| link));
    paths
}

/// As the gateway sends it to whom it concerns: what fits no route goes where links go.
async fn ask(world: &World, request: Request) -> Response {
    let fits = |(route, parameter): &(&Route, &str)| {
        let is_one_part = !parameter.is_empty() && !parameter.contains('/');
        route.methods.contains(request.method()) && is_one_part == route.path.contains('{')
    };
    match Route::of(request.uri().path()).filter(fits) {
        Some((route, _)) => ask_for(route, world, request).await,
        None => world.link(request).await,
    }
}

async fn ask_for(route: &Route, world: &World, request: Request) -> Response {
    match route.path {
        path if path.starts_with("/f/") => world.form(request).await,
        "/v1/events" => world.events(request).await,
        _ => world.link(request).await,
    }
}

#[tokio::test]
async fn each_route_answers_its_methods_and_no_others() {
    let world = world_with_ada().await;
    for (route, address) in of_each_route(&world) {
        for method in METHODS {
            let asked = || {
                let mut asked = with(post(&address, FORM), &[("authorization", "Bearer first")]);
                *asked.method_mut() = method.clone();
                asked
            };
            let answers = ask_for(route, &world, asked()).await;
            let (status, by_gateway) = (answers.status(), ask(&world, asked()).await);
            let refused = status == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(refused, !route.methods.contains(&method), "{method} {}: {status}", route.path);
            assert_ne!(status, StatusCode::NOT_FOUND, "{method} {}", route.path);
            assert_eq!(by_gateway.status(), status, "{method} {}", route.path);
            assert_eq!(by_gateway.headers().get(header::ALLOW), answers.headers().get(header::ALLOW));
        }
    }
}

#[tokio::test]
async fn where_nothing_is_a_visitor_gets_a_page_and_a_program_json() {
    let world = world();
    for path in ["/", "/x/token", "/v1/elsewhere", "/f/a/b", "/f/", "//c/token", "/robots.txt"] {
        let page = ask(&world, with(get(path), &[("accept-language", "en")])).await;
        assert_eq!(page.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(text(&page).contains("This page does not exist"), "{path}: {}", text(&page));
        let answer = ask(&world, with(get(path), &[("accept", "application/json")])).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(json_of(&answer)["errors"][0]["code"], "not_found", "{path}");
        let head = ask(&world, request(Method::HEAD, path, &[], "")).await;
        assert!(head.status() == StatusCode::NOT_FOUND && head.body().is_empty(), "{path}");
    }
}

#[rstest]
#[case::get(Method::GET)]
#[case::head(Method::HEAD)]
#[case::put(Method::PUT)]
#[case::patch(Method::PATCH)]
#[case::delete(Method::DELETE)]
#[case::options(Method::OPTIONS)]
#[tokio::test]
async fn only_a_post_changes_what_is_stored(#[case] method: Method) {
    let world = world_with_ada().await;
    let asks_bea = world_asks_bea(&world).await;
    let downloads = good_links(&world).into_iter().find(|link| link.starts_with("/d/")).unwrap();
    let before = world.stored_bytes();
    let mut asked = 0;
    for path in everywhere(&world).into_iter().chain([asks_bea]) {
        if path == downloads && method == Method::GET {
            continue;
        }
        // The body, the address and the headers would do something if they were posted.
        for query in
            ["", "?as=json&ask=export&erase=yes&sure=yes&List-Unsubscribe=One-Click&email=eve@example.org"]
        {
            let path = if path.contains('?') { path.clone() } else { format!("{path}{query}") };
            let mut request =
                post(&path, &format!("{FORM}&List-Unsubscribe=One-Click&pause=3m&ask=export&sure=yes"));
            *request.method_mut() = method.clone();
            let request =
                with(request, &[("authorization", "Bearer first"), ("x-http-method-override", "POST")]);
            ask(&world, request).await;
            asked += 1;
        }
        assert_eq!(world.stored_bytes(), before, "{method} {path}");
    }
    assert!(asked > 100, "{asked}");
}

#[rstest]
#[case::a_person(Method::GET, BROWSER, 1)]
#[case::a_person_who_peeks(Method::HEAD, BROWSER, 0)]
#[tokio::test]
async fn fetching_the_magnet_adds_one_record_and_no_more(
    #[case] method: Method,
    #[case] agent: &str,
    #[case] records: usize,
) {
    let world = world_with_ada().await;
    let link = good_links(&world).into_iter().find(|link| link.starts_with("/d/")).unwrap();
    let (lead, kinds) = (world.lead(ADA).await.unwrap(), world.kinds(ADA).await);
    for _ in 0..3 {
        let response = ask(&world, request(method.clone(), &link, &[("user-agent", agent)], "")).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
    let after = world.kinds(ADA).await;
    let added = &after[kinds.len()..];
    assert_eq!(added, vec!["magnet_downloaded".to_owned(); records]);
    let mut after = world.lead(ADA).await.unwrap();
    after.history = lead.history.clone();
    assert_eq!(after, lead, "but for what is counted");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_link_its_page_is_the_same() {
    let world = world_with_ada().await;
    for language in ["fr", "en"] {
        for method in [Method::GET, Method::POST] {
            let mut pages = Vec::new();
            for (why, path) in bad_links(&world) {
                if path.starts_with("/d/") && method == Method::POST {
                    continue;
                }
                let headers = [("accept-language", language), ("user-agent", BROWSER)];
                let response = ask(&world, request(method.clone(), &path, &headers, "")).await;
                assert_eq!(response.status(), StatusCode::NOT_FOUND, "{why}: {path}");
                pages.push((why, path, response));
            }
            assert!(pages.len() > 40);
            let (_, _, first) = &pages[0];
            for (why, path, page) in &pages {
                assert_eq!(page.body(), first.body(), "{why}: {method} {path}");
                assert_eq!(page.headers(), first.headers(), "{why}: {method} {path}");
            }
            assert!(text(first).contains(&format!("<html lang=\"{language}\">")));
        }
    }
}

#[tokio::test]
async fn every_answer_bears_the_headers_that_keep_it_harmless() {
    let world = world_with_ada().await;
    let mut pages = 0;
    for path in everywhere(&world) {
        for method in METHODS {
            let mut asked = post(&path, FORM);
            *asked.method_mut() = method.clone();
            let response = ask(&world, asked).await;
            let what = format!("{method} {path}: {}", response.status());
            let headers = response.headers();
            assert!(!response.status().is_server_error(), "{what}");
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{what}");
            let referrer = headers[header::REFERRER_POLICY].to_str().unwrap();
            // A form's address is no secret, and its post tells its origin.
            let is_form = path.starts_with("/f/") && referrer == "strict-origin-when-cross-origin";
            assert!(referrer == "no-referrer" || is_form, "{what}: {referrer}");
            assert!(
                headers[header::STRICT_TRANSPORT_SECURITY].to_str().unwrap().contains("max-age="),
                "{what}"
            );
            assert!(!headers.contains_key(header::SET_COOKIE), "{what}");
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
            for lax in ["unsafe-inline", "unsafe-eval", "*", "http:", "data:"] {
                assert!(!policy.contains(lax), "{what}: {policy}");
            }
            let kind = headers.get(header::CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap());
            if kind.starts_with("text/html") {
                pages += 1;
                assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
                assert!(policy.contains("base-uri 'none'"), "{what}: {policy}");
                let is_form = path.starts_with("/f/");
                assert!(policy.contains("form-action 'self'") || is_form, "{what}: {policy}");
                assert!(policy.contains("script-src 'self'") == policy.contains("script-src"), "{what}");
                assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{what}");
            }
            if !path.starts_with("/f/") && kind.starts_with("text/html") {
                assert!(!policy.contains("script-src"), "{what}: {policy}");
                assert_eq!(headers["x-robots-tag"], "noindex", "{what}");
            }
        }
    }
    assert!(pages > 200, "{pages}");
}

#[tokio::test]
async fn nobody_is_sent_beyond_the_allowed_places() {
    let world = world_with_ada().await;
    let lures = [
        "https://evil.example/",
        "//evil.example",
        "https:\\\\evil.example",
        "https://atelier-soleil.example@evil.example/",
        "https://atelier-soleil.example.evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
        "https://evil.example\r\nLocation: https://evil.example",
    ];
    let mut sent = 0;
    for path in everywhere(&world) {
        for method in METHODS {
            for lure in lures {
                let encoded: String = form_encoded(lure);
                let names = ["_next", "_redirect", "next", "redirect", "url", "return_to", "to"];
                let query: String = names.map(|name| format!("&{name}={encoded}")).concat();
                let address = format!("{path}{}{}", if path.contains('?') { "" } else { "?a=b" }, query);
                let mut asked = post(&address, &format!("{FORM}{query}"));
                *asked.method_mut() = method.clone();
                let asked = with(asked, &[("host", "evil.example"), ("x-forwarded-host", "evil.example")]);
                let response = ask(&world, asked).await;
                let to = location(&response);
                sent += usize::from(!to.is_empty());
                assert!(
                    to.is_empty() || ALLOWED.iter().any(|allowed| to.starts_with(allowed)),
                    "{method} {address} leads to {to}"
                );
                assert!(response.headers().get("refresh").is_none());
                assert!(!text(&response_text(response)).contains("http-equiv"));
            }
        }
    }
    assert!(sent > 0, "somebody is sent somewhere");
}

/// A body that is no text tells nothing.
fn response_text(mut response: Response) -> Response {
    if std::str::from_utf8(response.body()).is_err() {
        *response.body_mut() = Default::default();
    }
    response
}

fn form_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
