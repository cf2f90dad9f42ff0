//! Whatever is posted, the answer is clear, never a 5xx, and no valid lead is lost.

use std::collections::BTreeSet;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::{Reply, Request};
use tests::programs::infra;

const FORM: &str = "/f/guide-solaire";

struct Sillon {
    dev: Dev,
    _data: TempDir,
}

impl Sillon {
    fn start() -> Self {
        let data = TempDir::new().expect("a folder");
        Self { dev: Dev::start(&infra(), data.path()), _data: data }
    }

    fn json(&self, body: &Value) -> Reply {
        self.dev.send(&Request::json(FORM, body))
    }

    fn leads(&self) -> BTreeSet<String> {
        let leads = self.dev.get_json("/dev/leads.json");
        let leads = leads.as_array().expect("a list").iter();
        leads.map(|lead| lead["email"].as_str().expect("an address").to_owned()).collect()
    }
}

fn faulty_fields(reply: &Reply) -> Vec<String> {
    let errors = reply.json()["errors"].as_array().expect("errors").clone();
    errors.iter().map(|error| error["field"].as_str().expect("a field").to_owned()).collect()
}

#[test]
fn every_faulty_field_is_named_at_once() {
    let sillon = Sillon::start();
    let body = json!({ "email": "nobody", "housing": "castle", "surface": "vast", "phone": "12", "first_name": "x".repeat(81) });
    let reply = sillon.json(&body);
    assert_eq!(reply.status, 422);
    let fields: BTreeSet<String> = faulty_fields(&reply).into_iter().collect();
    assert_eq!(fields, ["email", "first_name", "housing", "phone", "surface"].map(String::from).into());
    let reply = sillon.json(&json!({}));
    assert_eq!((reply.status, faulty_fields(&reply)), (422, vec!["email".into(), "housing".into()]));

    let page = sillon.dev.send(
        &Request::form(FORM, &[("email", "nobody"), ("housing", "castle")]).header("accept-language", "en"),
    );
    assert_eq!(page.status, 422);
    assert!(page.header("content-type").starts_with("text/html") && page.text().contains("value=\"nobody\""));
    assert!(sillon.leads().is_empty());
}

#[test]
fn the_contract_of_the_form_is_kept() {
    let sillon = Sillon::start();
    let form = [("email", "ada@example.com"), ("housing", "house")];
    let ours = ("origin", "https://atelier-soleil.example");
    let post = |request: Request| sillon.dev.send(&request);
    let large = format!("email=ada%40example.com&housing=house&first_name={}", "x".repeat(1 << 20));
    let urlencoded = "application/x-www-form-urlencoded";
    let cases: Vec<(&str, Request, u16)> = vec![
        ("an unknown campaign", Request::form("/f/nobody", &form), 404),
        ("another origin", Request::form(FORM, &form).header("origin", "https://evil.example"), 403),
        ("an opaque origin", Request::form(FORM, &form).header("origin", "null"), 403),
        ("a large body", Request::post(FORM, urlencoded, large.clone()), 413),
        ("a large JSON body", Request::post(FORM, "application/json", large), 413),
        ("another type", Request::post(FORM, "application/xml", "<email/>"), 415),
        ("no type", Request { method: "POST".into(), path: FORM.into(), ..Request::default() }, 415),
        ("another method", Request { method: "DELETE".into(), path: FORM.into(), ..Request::default() }, 405),
        ("no origin", Request::form(FORM, &form), 303),
        ("our origin", Request::form(FORM, &form).header(ours.0, ours.1), 303),
    ];
    for (what, request, expected) in cases {
        let reply = post(request);
        assert_eq!(reply.status, expected, "{what}: {}", reply.text());
    }
    for next in [
        "https://evil.example/",
        "//evil.example",
        "https://atelier-soleil.example@evil.example/",
        "javascript:alert(1)",
        "https:\\\\evil.example",
        "https://atelier-soleil.example.evil.example/",
    ] {
        for name in ["_next", "_redirect"] {
            let reply = post(Request::form(FORM, &[form[0], form[1], (name, next)]));
            assert_eq!(reply.header("location"), "https://atelier-soleil.example/merci", "{name}={next}");
        }
    }
    let reply =
        post(Request::form(FORM, &[form[0], form[1], ("_next", "https://atelier-soleil.example/bravo?x=1")]));
    assert_eq!(reply.header("location"), "https://atelier-soleil.example/bravo?x=1");

    let trap =
        post(Request::form(FORM, &[("email", "bot@example.com"), ("housing", "house"), ("_gotcha", "x")]));
    assert_eq!((trap.status, trap.header("location")), (303, "https://atelier-soleil.example/merci"));
    assert_eq!(sillon.leads(), ["ada@example.com".to_owned()].into());
}

/// What only our own script and page post, posted by somebody else.
#[test]
fn what_scripts_post_gets_clear_answers() {
    let sillon = Sillon::start();
    let form = |more: &[(&'static str, &'static str)]| {
        let fields = [&[("email", "ada@example.com"), ("housing", "house")], more].concat();
        sillon.dev.send(&Request::form(FORM, &fields))
    };
    for (more, expected) in [
        (&[("_embed", "1")][..], 200),
        (&[("_embed", "1"), ("_topics", "all")], 200),
        (&[("_topics", "conseils"), ("_topics", "conseils")], 303),
        (&[("_embed", "1"), ("housing", "castle")], 422),
        (&[("_embed", "1"), ("_next", "javascript:alert(1)")], 200),
    ] {
        let reply = form(more);
        assert_eq!(reply.status, expected, "{more:?}: {}", reply.text());
        assert!(!reply.text().contains("javascript:"), "{more:?}");
    }
    for (method, path, expected) in [
        ("GET", "/f/guide-solaire/embed.js", 200),
        ("HEAD", "/f/guide-solaire/embed.js", 200),
        ("POST", "/f/guide-solaire/embed.js", 405),
        ("GET", "/f/nobody/embed.js", 404),
        ("GET", "/f/guide-solaire/embed.js/", 404),
        ("GET", "/f/guide-solaire/other.js", 404),
    ] {
        let request = Request { method: method.into(), path: path.into(), ..Request::default() };
        let reply = sillon.dev.send(&request);
        assert_eq!(reply.status, expected, "{method} {path}: {}", reply.text());
        assert!(reply.body.len() < 3 * 1024 || expected != 200, "{} bytes", reply.body.len());
    }
}

#[test]
fn odd_bodies_get_clear_answers() {
    let sillon = Sillon::start();
    let urlencoded = "application/x-www-form-urlencoded";
    let deep = format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000));
    let cases: Vec<(&str, Request, &[u16])> = vec![
        (
            "broken UTF-8",
            Request::post(
                FORM,
                urlencoded,
                b"email=ada%40example.com&housing=house&first_name=%ff%fe".to_vec(),
            ),
            &[400, 422],
        ),
        (
            "raw broken UTF-8",
            Request::post(FORM, urlencoded, b"email=\xff\xfe&housing=house".to_vec()),
            &[400, 422],
        ),
        (
            "two addresses",
            Request::form(
                FORM,
                &[("email", "a@example.com"), ("email", "b@example.com"), ("housing", "house")],
            ),
            &[422],
        ),
        (
            "the same twice in JSON",
            Request::post(
                FORM,
                "application/json",
                r#"{"email":"a@example.com","email":"b@example.com","housing":"house"}"#,
            ),
            &[400, 422],
        ),
        (
            "deep JSON",
            Request::post(FORM, "application/json", format!(r#"{{"email":{deep}}}"#)),
            &[400, 413, 422],
        ),
        ("no JSON", Request::post(FORM, "application/json", "{"), &[400, 422]),
        ("a list", Request::post(FORM, "application/json", "[]"), &[400, 422]),
        ("a nested value", Request::json(FORM, &json!({ "email": { "a": 1 }, "housing": "house" })), &[422]),
        (
            "a broken multipart",
            Request::post(FORM, "multipart/form-data; boundary=x", "--y\r\n"),
            &[400, 422],
        ),
        ("no boundary", Request::post(FORM, "multipart/form-data", "--y\r\n"), &[400, 415, 422]),
        (
            "a local part beyond ASCII",
            Request::form(FORM, &[("email", "zoé@example.com"), ("housing", "house")]),
            &[422],
        ),
        (
            "a header in the address",
            Request::form(FORM, &[("email", "a@example.com\r\nBcc: b@example.com"), ("housing", "house")]),
            &[422],
        ),
    ];
    for (what, request, expected) in cases {
        let reply = sillon.dev.send(&request);
        assert!(expected.contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
        assert!(!reply.body.is_empty(), "{what}: no word of explanation");
    }
    assert!(sillon.leads().is_empty());

    let multipart = "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nada@example.com\r\n--b\r\n\
                     Content-Disposition: form-data; name=\"housing\"\r\n\r\nhouse\r\n--b--\r\n";
    let reply = sillon.dev.send(&Request::post(FORM, "multipart/form-data; boundary=b", multipart));
    assert_eq!(reply.status, 303, "{}", reply.text());
    let name = "Ada\r\nBcc: everybody@example.com <script>alert(1)</script> {{ 7 * 7 }} **b**";
    let reply = sillon.dev.send(&Request::form(
        FORM,
        &[("email", "eve@example.com"), ("housing", "flat"), ("first_name", name)],
    ));
    assert_eq!(reply.status, 303, "odd, but a name: {}", reply.text());
    for mail in sillon.dev.inbox() {
        let link = mail["text"].as_str().expect("a text");
        let start = link.find("/c/").expect("a link");
        let link = link[start..].split_whitespace().next().expect("a link");
        assert_eq!(sillon.dev.send(&Request::form(link, &[])).status, 200);
    }
    let inbox = sillon.dev.inbox();
    let guide = inbox
        .iter()
        .find(|mail| mail["to"] == "eve@example.com" && mail["step"] == "bienvenue")
        .expect("the guide");
    let text = |name: &str| guide[name].as_str().expect("text");
    assert!(!text("subject").contains(['\r', '\n']) && !text("html").contains("<script>"));
    assert!(!text("html").contains("<strong>b</strong>") && !text("html").contains(" 49 "));
}

#[test]
fn ten_thousand_odd_strings_are_never_a_server_error() {
    let sillon = Sillon::start();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let text = proptest::prop_oneof![
        "\\PC{0,40}",
        proptest::arbitrary::any::<String>(),
        "[a-z]{1,8}@[a-z]{1,8}\\.[a-z]{2,3}",
        "[ -~]{0,20}@[ -~]{0,20}",
        proptest::sample::select(vec![
            "",
            " ",
            "\0",
            "\u{202e}",
            "NaN",
            "-inf",
            "1e999",
            "+33",
            "👩‍🚀",
            "../..",
            "%00",
            "{{lead}}",
            "null"
        ])
        .prop_map(String::from),
    ];
    let mut next = || text.new_tree(&mut runner).expect("a text").current();
    let mut accepted = BTreeSet::new();
    for n in 0..10_000 {
        let (name, odd, surface, phone) = (next(), next(), next(), next());
        let valid = n % 10 == 0;
        let email = if valid { format!("valid-{n}@example.com") } else { next() };
        let body = if valid {
            json!({ "email": email, "housing": "house", "unknown": odd, "_next": name, "_locale": odd, "utm_source": odd })
        } else {
            json!({ "email": email, "housing": odd, "first_name": name, "surface": surface, "phone": phone, name: odd })
        };
        let request = if n % 2 == 0 {
            Request::json(FORM, &body)
        } else {
            let fields: Vec<(String, String)> = body
                .as_object()
                .expect("an object")
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect();
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            Request::form(FORM, &fields)
        };
        let reply = sillon.dev.send(&request);
        assert!(matches!(reply.status, 200 | 303 | 422), "{}: {}\n{body}", reply.status, reply.text());
        if valid {
            assert!(matches!(reply.status, 200 | 303), "a valid form was refused: {}\n{body}", reply.text());
            accepted.insert(email);
        }
    }
    let known = sillon.leads();
    let lost: Vec<_> = accepted.iter().filter(|email| !known.contains(*email)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
}

#[test]
fn events_without_authority_are_refused() {
    let sillon = Sillon::start();
    let event = json!({ "type": "track", "event": "quote_requested", "userId": "ada@example.com" });
    let request = || Request::json("/v1/events", &event);
    let cases = [
        ("nobody", request(), 401),
        ("another key", request().header("authorization", "Bearer wrong"), 401),
        ("no scheme", request().header("authorization", "dev"), 401),
        ("the key", request().header("authorization", "Bearer dev"), 202),
        ("the key as Segment sends it", request().header("authorization", "Basic ZGV2Og=="), 202),
    ];
    for (who, request, expected) in cases {
        let reply = sillon.dev.send(&request);
        assert_eq!(reply.status, expected, "{who}: {}", reply.text());
    }
    assert_eq!(
        sillon.dev.lead("ada@example.com")["consent"],
        "none",
        "an unknown address makes a lead without consent"
    );
}

#[test]
fn forged_and_spent_links_do_nothing() {
    let sillon = Sillon::start();
    for route in ["c", "u", "p", "d"] {
        for token in ["x", "a.b.c", "dev.e30.AAAA", &"x".repeat(4000), "%00", "%2e%2e"] {
            let path = format!("/{route}/{token}");
            for request in [Request::get(&path), Request::form(&path, &[])] {
                let reply = sillon.dev.send(&request);
                assert!((400..500).contains(&reply.status), "{} {path}: {}", request.method, reply.status);
            }
        }
    }
}

#[test]
fn many_posts_at_once_for_one_address_are_no_server_error() {
    let sillon = Sillon::start();
    let base = sillon.dev.base.as_str();
    let post = |n: usize| {
        let name = format!("Ada {n}");
        let fields = [("email", "ada@example.com"), ("housing", "house"), ("first_name", name.as_str())];
        tests::http::send(base, &Request::form(FORM, &fields)).expect("an answer")
    };
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let posts: Vec<_> = (0..40).map(|n| scope.spawn(move || post(n))).collect();
        posts.into_iter().map(|post| post.join().expect("it does not panic")).collect()
    });
    for reply in &replies {
        assert!(matches!(reply.status, 303 | 429), "{}: {}", reply.status, reply.text());
        assert_eq!(reply.status == 429, !reply.header("retry-after").is_empty());
    }
    assert!(replies.iter().any(|reply| reply.status == 303));
    assert_eq!(sillon.leads().len(), 1);
    let confirmations = sillon.dev.inbox().len();
    assert_eq!(confirmations, 1, "one a day");
}
