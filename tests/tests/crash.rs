//! `sillon dev` is killed again and again: no accepted lead is lost, and no nurture e-mail leaves twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::{self, Request};
use tests::programs::infra;

/// How many forms a process takes before it is killed, at the next one or while it sends what they asked for.
const POSTS: [usize; 8] = [1, 2, 3, 5, 8, 5, 3, 1];
/// Milliseconds that a process lives while it sends; spread so that kills hit claims, sends and their results.
const LIVES: [u64; 8] = [40, 90, 150, 230, 320, 450, 610, 800];

/// Posts forms until nobody answers any more, and tells of each that was accepted; answers their addresses.
fn post_until_dead(base: &str, round: usize, dead: &AtomicBool, taken: &Sender<()>) -> BTreeSet<String> {
    let mut accepted = BTreeSet::new();
    for n in 0.. {
        let email = format!("lead-{round}-{n}@example.com");
        let request = Request::form("/f/guide-solaire", &[("email", &email), ("housing", "house")]);
        match http::send(base, &request) {
            Ok(reply) if reply.status == 303 => {
                accepted.insert(email);
                let _ = taken.send(());
            }
            Ok(reply) => panic!("{}: {}", reply.status, reply.text()),
            Err(_) => break,
        }
        if dead.load(Ordering::SeqCst) {
            break;
        }
    }
    accepted
}

#[test]
fn kills_lose_no_lead_and_repeat_no_nurture_email() {
    let data = TempDir::new().expect("a folder");
    let mut accepted = BTreeSet::new();
    for (round, posts) in POSTS.into_iter().enumerate() {
        let dev = Dev::start(&infra(), data.path());
        let base = dev.base.clone();
        let dead = AtomicBool::new(false);
        let (tell, taken) = channel();
        accepted.extend(std::thread::scope(|scope| {
            let (base, dead) = (&base, &dead);
            let posts_made = scope.spawn(move || post_until_dead(base, round, dead, &tell));
            assert_eq!(taken.iter().take(posts).count(), posts, "the forms are taken until it is killed");
            dev.kill();
            dead.store(true, Ordering::SeqCst);
            posts_made.join().expect("posting does not panic")
        }));
    }

    let dev = Dev::start(&infra(), data.path());
    let leads = dev.get_json("/dev/leads.json");
    let known: BTreeSet<&str> =
        leads.as_array().expect("a list").iter().filter_map(|lead| lead["email"].as_str()).collect();
    let lost: Vec<_> = accepted.iter().filter(|email| !known.contains(email.as_str())).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");

    // A claim that a killed process left open ends with its lease; an uncertain confirmation is repeated.
    dev.advance("1h");
    let inbox = dev.inbox();
    let confirmed: BTreeMap<&str, String> = inbox
        .iter()
        .map(|mail| (mail["to"].as_str().expect("an address"), link(mail["text"].as_str().expect("a text"))))
        .collect();
    for email in &accepted {
        let link = confirmed.get(email.as_str()).unwrap_or_else(|| panic!("{email} got no confirmation"));
        assert_eq!(dev.send(&Request::form(link, &[])).status, 200, "{email}");
    }
    dev.kill();

    for life in LIVES {
        let dev = Dev::start(&infra(), data.path());
        let base = dev.base.clone();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let advance = serde_json::json!({ "advance": "2d" });
                let _ = http::send(&base, &Request::json("/dev/clock", &advance));
            });
            std::thread::sleep(Duration::from_millis(life));
            dev.kill();
        });
    }
    let dev = Dev::start(&infra(), data.path());
    dev.advance("60d");
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut send_ids = BTreeSet::new();
    for mail in dev.inbox() {
        let text = |name: &str| mail[name].as_str().expect("text").to_owned();
        assert!(send_ids.insert(text("send_id")), "{} left twice", text("send_id"));
        if text("step") != "confirm" && text("step") != "alert" {
            *seen.entry((text("to"), text("step"))).or_default() += 1;
        }
    }
    let repeated: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
    assert!(repeated.is_empty(), "{repeated:?}");
    let guides = seen.keys().filter(|(_, step)| step == "bienvenue").count();
    assert!(guides * 10 > accepted.len() * 9, "{guides} guides for {} leads", accepted.len());
}

fn link(text: &str) -> String {
    let start = text.find("/c/").unwrap_or_else(|| panic!("no link in {text}"));
    text[start..]
        .split(|c: char| c.is_whitespace() || c == ')' || c == '>')
        .next()
        .unwrap_or_default()
        .to_owned()
}
