//! Forms that ask Turnstile, as they are deployed: what the secret is for, and what happens when nobody answers.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use tempfile::TempDir;
use tests::functions::Functions;
use tests::http::{Reply, Request};
use tests::programs::infra_with;
use tests::stack::Stack;
use tests::story::{MONDAY, at};
use tests::template;
use tokio::runtime::Runtime;

const TURNSTILE: &str = "turnstile: { site_key: 0x4AAAAAAADnPIDROrmt1Wwj }";
const SECRET: &str = "0x4AAAAAAADnPIDROrmt1WwjSecretSecret";
const SOLUTION: (&str, &str) = ("cf-turnstile-response", "0.solution-of-the-test");

/// A siteverify on this machine.
#[derive(Clone, Default)]
struct Cloudflare {
    answer: Arc<Mutex<(u16, &'static str)>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Cloudflare {
    fn serve(&self, runtime: &Runtime) -> String {
        let cloudflare = self.clone();
        let handler = move |body: String| {
            cloudflare.asked.lock().expect("asked").push(body);
            let (status, body) = *cloudflare.answer.lock().expect("an answer");
            async move { (StatusCode::from_u16(status).expect("a status"), body).into_response() }
        };
        let routes = Router::new().route("/siteverify", post(handler));
        format!("{}/siteverify", tests::stubs::serve(runtime.handle(), routes))
    }

    fn answers(&self, status: u16, body: &'static str) {
        *self.answer.lock().expect("an answer") = (status, body);
    }
}

fn ask(functions: &Functions, email: &str, more: &[(&str, &str)]) -> Reply {
    let fields = [&[("email", email), ("housing", "house"), ("first_name", "Camille")], more].concat();
    functions.send(&Request::form("/f/guide-solaire", &fields))
}

#[test]
fn a_form_is_taken_when_cloudflare_says_so_and_never_else() {
    let (folder, runtime) = (TempDir::new().expect("a folder"), Runtime::new().expect("a runtime"));
    let cloudflare = Cloudflare::default();
    let url = cloudflare.serve(&runtime);
    let settings = [("SILLON_TURNSTILE_SECRET", SECRET), ("SILLON_TURNSTILE_URL", &url)];
    let functions = Functions::start_with(&infra_with(folder.path(), TURNSTILE), at(MONDAY), &settings);

    let page = functions.send(&Request::get("/f/guide-solaire"));
    assert!(page.text().contains("data-sitekey=\"0x4AAAAAAADnPIDROrmt1Wwj\""), "{}", page.text());
    assert!(page.header("content-security-policy").contains("frame-src https://challenges.cloudflare.com"));

    assert_eq!(ask(&functions, "ada@example.com", &[]).status, 422, "nobody is asked about nothing");
    assert!(cloudflare.asked.lock().expect("asked").is_empty());
    for (status, body, expected) in [
        (200, r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#, 422),
        (200, r#"{"success":false,"error-codes":["invalid-input-secret"]}"#, 503),
        (500, r#"{"success":true}"#, 503),
        (200, "<html>", 503),
    ] {
        cloudflare.answers(status, body);
        let reply = ask(&functions, "ada@example.com", &[SOLUTION]);
        assert_eq!(reply.status, expected, "{status} {body}");
        assert!(reply.text().contains("Camille"), "what was typed is kept: {}", reply.text());
        assert_eq!(reply.header("retry-after").is_empty(), expected != 503);
    }
    assert_eq!(functions.mails().len(), 0);

    cloudflare.answers(200, r#"{"success":true,"error-codes":[]}"#);
    assert_eq!(ask(&functions, "ada@example.com", &[SOLUTION]).status, 303);
    assert_eq!(functions.mails().len(), 1, "the confirmation");
    let asked = cloudflare.asked.lock().expect("asked");
    let start = format!("secret={SECRET}&response=0.solution-of-the-test&idempotency_key=");
    assert!(asked.iter().all(|body| body.starts_with(&start) && !body.contains("ada")), "{asked:?}");
    assert!(functions.say("invalid-input-secret"), "an operator learns why: {:#?}", functions.logs());
}

#[test]
fn a_function_that_is_to_ask_and_cannot_does_not_start_and_says_why() {
    let folder = TempDir::new().expect("a folder");
    let infra = infra_with(folder.path(), TURNSTILE);
    for secret in ["", "two words"] {
        let settings = [("SILLON_TURNSTILE_SECRET", secret)];
        let functions = Functions::start_with(&infra, at(MONDAY), &settings);
        assert!(functions.say("SILLON_TURNSTILE_SECRET"), "`{secret}`: {:#?}", functions.logs());
    }
}

#[test]
fn only_the_function_that_asks_is_given_the_secret() {
    let template = template::read();
    assert_eq!(template["Parameters"]["TurnstileSecret"]["NoEcho"], true);
    let holds = |value: &serde_json::Value| value.to_string().contains("TurnstileSecret");
    assert!(!holds(&template["Globals"]) && !holds(&template["Outputs"]));
    let resources = template["Resources"].as_object().expect("resources");
    let holders: Vec<&String> = resources.iter().filter(|(_, it)| holds(it)).map(|(name, _)| name).collect();
    assert_eq!(holders, ["SubmitForm"]);
}
