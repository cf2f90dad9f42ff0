//! The API of `template.yaml` has the routes that the code answers, and what fits none of them is answered by us as well.

use std::collections::BTreeSet;

use tests::functions::Functions;
use tests::gateway::{DEFAULT, Gateway};
use tests::http::Request;
use tests::programs::infra;
use tests::stack::Stack;
use tests::story::{MONDAY, at};
use web::ROUTES;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

#[test]
fn the_template_has_the_routes_that_the_code_answers() {
    let key = |method: &str, path| format!("{method} {path}");
    let answered = ROUTES.iter().flat_map(|route| {
        route.methods.iter().map(move |method| key(method.as_str(), route.path)).collect::<Vec<_>>()
    });
    let answered: BTreeSet<String> = answered.chain([DEFAULT.to_owned()]).collect();
    let deployed: BTreeSet<String> = Gateway::read().routes.into_keys().collect();
    let lacks: Vec<_> = answered.difference(&deployed).collect();
    let nobody_answers: Vec<_> = deployed.difference(&answered).collect();
    assert!(
        lacks.is_empty() && nobody_answers.is_empty(),
        "template.yaml lacks {lacks:?}, and nobody answers {nobody_answers:?}"
    );
}

#[test]
fn whatever_is_asked_bears_our_headers() {
    let functions = Functions::start(&infra(), at(MONDAY));
    let elsewhere =
        ["/", "/robots.txt", "/f/", "/f/guide-solaire/more", "/c/", "/c/token/more", "/v1/elsewhere"];
    let routes = ROUTES.iter().map(|route| {
        let path = route.path.replace("{campaign}", "guide-solaire").replace("{token}", "token");
        (path, Some(route))
    });
    for (path, route) in routes.chain(elsewhere.map(|path| (path.to_owned(), None))) {
        for method in METHODS {
            let asked = Request { method: method.into(), ..Request::get(&path) };
            let reply = functions.send(&asked);
            let what = format!("{method} {path}: {}", reply.told());
            assert_eq!(reply.header("x-content-type-options"), "nosniff", "{what}");
            assert!(reply.header("strict-transport-security").contains("max-age="), "{what}");
            assert!(!reply.header("referrer-policy").is_empty(), "{what}");
            let has_method = |route: &web::Route| route.methods.iter().any(|known| known.as_str() == method);
            match route {
                Some(route) => assert_eq!(reply.status == 405, !has_method(route), "{what}"),
                None => assert!([404, 405].contains(&reply.status), "{what}"),
            }
            if ["POST", "GET"].contains(&method) && reply.status == 404 {
                assert!(reply.header("content-type").starts_with("text/html"), "{what}");
            }
        }
    }
}
