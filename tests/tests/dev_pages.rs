//! What `sillon dev` shows and to whom: the developer on this machine, and no page elsewhere.

use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::{Request, percent};
use tests::programs::{infra, infra_with};

fn start() -> (Dev, TempDir) {
    let data = TempDir::new().expect("a folder");
    (Dev::start(&infra(), data.path()), data)
}

/// A page elsewhere whose name was made to lead to 127.0.0.1 is of our origin, as browsers see it.
#[test]
fn another_name_of_this_machine_opens_nothing() {
    let (dev, _data) = start();
    let port = dev.base.rsplit(':').next().expect("a port");
    let clock = || Request::json("/dev/clock", &json!({ "advance": "1d" }));
    let inside = ["/", "/dev/leads", "/dev/leads.json", "/dev/inbox.json"];
    for (name, expected) in [
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("192.168.0.1", 403),
        ("localhost", 200),
        ("LOCALHOST", 200),
        ("shop.localhost", 200),
        ("127.0.0.1", 200),
        ("[::1]", 200),
    ] {
        let host = format!("{name}:{port}");
        for path in inside {
            let reply = dev.send(&Request::get(path).header("host", &host));
            assert_eq!(reply.status, expected, "{name} {path}: {}", reply.text());
        }
        let ours = clock().header("host", &host).header("origin", &format!("http://{host}"));
        assert_eq!(dev.send(&ours).status, expected, "{name} moves the clock");
    }
    let elsewhere = clock().header("origin", "https://evil.example");
    assert_eq!(dev.send(&elsewhere).status, 403);
}

#[test]
fn no_page_is_kept_or_taken_for_something_else_and_none_tells_where_it_is() {
    let (dev, _data) = start();
    for path in ["/", "/dev/inbox", "/dev/leads", "/dev/leads.json", "/dev/inbox.json", "/dev/inbox/none"] {
        let reply = dev.send(&Request::get(path));
        let headers = ["x-content-type-options", "referrer-policy", "cache-control"];
        assert_eq!(headers.map(|name| reply.header(name)), ["nosniff", "no-referrer", "no-store"], "{path}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors"),
            "{path}: {policy}"
        );
    }
}

#[rstest]
#[case::a_page("/dev/inbox", "/dev/inbox")]
#[case::elsewhere("https://evil.example", "/")]
#[case::elsewhere_without_a_scheme("//evil.example", "/")]
#[case::elsewhere_by_a_backslash("/\\evil.example", "/")]
#[case::elsewhere_by_a_tab("/\t/evil.example", "/")]
#[case::a_header("/\r\nSet-Cookie: a=b", "/")]
#[case::nothing("", "/")]
fn the_clock_leads_back_to_a_page_of_ours(#[case] back: &str, #[case] expected: &str) {
    let (dev, _data) = start();
    let reply = dev.send(&Request::form("/dev/clock", &[("advance", "1h"), ("back", back)]));
    assert_eq!((reply.status, reply.header("location")), (303, expected));
}

/// RFC 5322 allows characters before the @ that mean something in a path.
#[test]
fn every_lead_has_a_page() {
    let (dev, _data) = start();
    for email in
        ["a/b@example.com", "a?b@example.com", "a#b@example.com", "a%20b@example.com", "o'x+1@example.com"]
    {
        let form = Request::form("/f/guide-solaire", &[("email", email), ("housing", "flat")]);
        assert_eq!(dev.send(&form).status, 303, "{email}");
        let path = format!("/dev/leads/{}", percent(email).replace("%40", "@"));
        assert_eq!(dev.get_json(&format!("{path}.json"))["email"], email);
        let mail = dev.inbox().pop().expect("a confirmation");
        let pretend = format!("/dev/inbox/{}/pretend", mail["id"].as_str().expect("an id"));
        let reply = dev.send(&Request::form(&pretend, &[("event", "Open")]));
        assert_eq!(reply.status, 303, "{}", reply.text());
        let page = dev.send(&Request::get(reply.header("location")));
        assert_eq!(page.status, 200, "{email}: {}", page.text());
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
    }
    let leads = dev.send(&Request::get("/dev/leads")).text();
    let hrefs = leads.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    for href in hrefs.filter(|href| href.starts_with("/dev/leads/")) {
        let href = href.replace("&amp;", "&").replace("&#39;", "'");
        assert_eq!(dev.send(&Request::get(&href)).status, 200, "{href}");
    }
}

/// Whoever builds a page posts its form again and again.
#[test]
fn posts_of_one_network_are_counted_where_somebody_asks_for_it() {
    for (options, refused) in [(&[][..], 0), (&["--limit-networks"], 3)] {
        let (data, folder) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
        let infra = infra_with(folder.path(), "");
        let file = infra.join("sillon.yaml");
        let written = std::fs::read_to_string(&file).expect("a file");
        let limited = written.replace("limits:\n", "limits:\n  per_network: 5 per 1h\n");
        std::fs::write(&file, limited).expect("a file");
        let dev = Dev::start_with(options, &infra, data.path());
        let statuses = (0..8).map(|place| {
            let form = json!({ "email": format!("lead-{place}@example.com"), "housing": "flat" });
            dev.send(&Request::json("/f/guide-solaire", &form)).status
        });
        assert_eq!(statuses.filter(|status| *status == 429).count(), refused, "{options:?}");
    }
}
