//! `sillon dev` follows edits of the campaigns while it runs, and keeps what runs while an edit has faults.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::Request;

const SILLON: &str = "
organisation:
  name: Atelier Soleil
  postal_address: 12 rue des Lilas, 69003 Lyon, France
  website: https://atelier.example/
  time_zone: Europe/Paris
  locales: [en]
senders:
  hello: { from: hello@atelier.example }
score:
  engagement: { points: { email_clicked: 5 } }
  temperature: { warm: 20, hot: 50 }
";

const CAMPAIGN: &str = "
title: The first title
sender: hello
form:
  fields:
    email: { type: email, required: true }
  consent: { double_opt_in: false, wording: I agree. }
sequence:
  - send: first
";

fn write(infra: &Path, name: &str, text: &str) {
    let path = infra.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// Asks for a page until it says what is wanted.
fn until(dev: &Dev, path: &str, says: impl Fn(&str) -> bool) -> String {
    for _ in 0..200 {
        let page = dev.send(&Request::get(path)).text();
        if says(&page) {
            return page;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{path} still says: {}", dev.send(&Request::get(path)).text());
}

fn hash(data: &Path) -> String {
    let text = std::fs::read_to_string(data.join("bundle.json")).expect("the bundle that runs");
    let bundle: Value = serde_json::from_str(&text).expect("JSON");
    bundle["content_hash"].as_str().expect("a hash").to_owned()
}

#[test]
fn edits_are_taken_up_while_it_runs() {
    let (infra, data) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let (infra, data) = (infra.path(), data.path());
    write(infra, "sillon.yaml", SILLON);
    write(infra, "campaigns/guide/campaign.yaml", CAMPAIGN);
    write(infra, "campaigns/guide/emails/first.en.md", "---\nsubject: As it was\n---\nHello.\n");
    let dev = Dev::start(infra, data);
    let before = hash(data);
    until(&dev, "/", |page| page.contains("The first title"));

    write(infra, "campaigns/guide/campaign.yaml", &CAMPAIGN.replace("first title", "second title"));
    until(&dev, "/f/guide", |page| page.contains("The second title"));
    let edited = hash(data);
    assert_ne!(edited, before, "`sillon plan` compares with what runs");

    // With a fault, what runs goes on, and the pages say what is wrong.
    write(infra, "campaigns/guide/campaign.yaml", &CAMPAIGN.replace("sender: hello", "sender: helo"));
    let page = until(&dev, "/", |page| page.contains("have faults"));
    assert!(page.contains("campaign.yaml:3:9: error") && page.contains("The second title"), "{page}");
    assert_eq!(hash(data), edited);
    let reply = dev.send(&Request::form("/f/guide", &[("email", "ada@example.com")]));
    assert!(reply.status < 400, "{}", reply.text());
    assert_eq!(dev.inbox()[0]["subject"], "As it was");

    write(infra, "campaigns/guide/emails/first.en.md", "---\nsubject: As it is\n---\nHello.\n");
    write(infra, "campaigns/guide/campaign.yaml", CAMPAIGN);
    until(&dev, "/", |page| page.contains("The first title") && !page.contains("have faults"));
    dev.send(&Request::form("/f/guide", &[("email", "grace@example.com")]));
    assert_eq!(dev.inbox()[1]["subject"], "As it is");
    assert_eq!(dev.inbox()[0]["subject"], "As it was", "what left stays as it was");

    write(infra, "campaigns/other/campaign.yaml", &CAMPAIGN.replace("first title", "other title"));
    write(infra, "campaigns/other/emails/first.en.md", "---\nsubject: Another\n---\nHello.\n");
    until(&dev, "/f/other", |page| page.contains("The other title"));
}

#[test]
fn a_campaign_is_drawn() {
    let data = TempDir::new().expect("a folder");
    let dev = Dev::start(&tests::programs::infra(), data.path());
    let home = dev.send(&Request::get("/")).text();
    assert!(home.contains("href=\"/dev/drawings/guide-solaire\""), "{home}");
    let drawing = dev.send(&Request::get("/dev/drawings/guide-solaire"));
    assert_eq!((drawing.status, drawing.header("content-type")), (200, "image/svg+xml"));
    assert!(drawing.text().starts_with("<svg"));
    assert_eq!(dev.send(&Request::get("/dev/drawings/nothing")).status, 404);
}

#[test]
fn a_retention_period_that_is_set_reaches_leads_to_whom_nothing_happens() {
    let (infra, data) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let (infra, data) = (infra.path(), data.path());
    write(infra, "sillon.yaml", SILLON);
    write(infra, "campaigns/guide/campaign.yaml", CAMPAIGN);
    write(infra, "campaigns/guide/emails/first.en.md", "---\nsubject: As it was\n---\nHello.\n");
    let dev = Dev::start(infra, data);
    let post = |email: &str| assert!(dev.send(&Request::form("/f/guide", &[("email", email)])).status < 400);
    post("quiet@example.com");
    dev.advance("20d");
    post("active@example.com");
    dev.advance("15d");
    write(infra, "sillon.yaml", &format!("{SILLON}retention: 30d\n"));
    until(&dev, "/dev/leads.json", |leads| !leads.contains("quiet@") && leads.contains("active@"));
    dev.advance("14d");
    assert!(dev.send(&Request::get("/dev/leads.json")).text().contains("active@"), "it is kept for its time");
    dev.advance("2d");
    assert_eq!(dev.send(&Request::get("/dev/leads.json")).text(), "[]");
}
