//! A lead's whole journey, as one story that can be told to any way in which Sillon runs.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::envelopes;
use crate::http::Request;
use crate::stack::{Mail, Stack};

/// When it begins: a Monday, 11:00 in Paris.
pub const MONDAY: &str = "2027-03-01T10:00:00Z";
const SALES: &str = "ventes@atelier-soleil.example";

/// A time as text.
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// A minute more, since the story itself takes time, too.
fn pass(stack: &impl Stack, days: i64) {
    stack.pass_to(stack.now() + SignedDuration::from_hours(24 * days) + SignedDuration::from_mins(1));
}

/// `step → address` of the e-mails after the first `seen`.
fn since(stack: &impl Stack, seen: usize) -> Vec<String> {
    stack.mails()[seen..].iter().map(|mail| format!("{} → {}", mail.step, mail.to)).collect()
}

fn last(stack: &impl Stack) -> Mail {
    stack.mails().pop().expect("an e-mail")
}

fn post_as_browser(stack: &impl Stack, fields: &[(&str, &str)]) {
    let request = Request::form("/f/guide-solaire", fields)
        .header("origin", "https://atelier-soleil.example")
        .header("referer", "https://atelier-soleil.example/guide?utm_source=newsletter&utm_medium=email")
        .header("accept-language", "fr-FR,fr;q=0.8,en;q=0.5")
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0");
    let reply = stack.send(&request);
    assert_eq!(
        (reply.status, reply.header("location")),
        (303, "https://atelier-soleil.example/merci"),
        "{}",
        reply.text()
    );
}

fn confirm(stack: &impl Stack) {
    let link = last(stack).path("c");
    let reply = stack.send(&Request::form(&link, &[]));
    assert_eq!(reply.status, 200, "{}", reply.told());
}

fn click(stack: &impl Stack, mail: &Mail) {
    let now = stack.now().to_string();
    stack.feedback(&envelopes::click(&mail.message_id, &mail.tags, &mail.to, &now));
}

fn state(stack: &impl Stack, email: &str) -> Value {
    let lead = stack.lead(email);
    let enrolments = lead["enrolments"].as_array().expect("enrolments");
    let guide = enrolments.iter().find(|enrolment| enrolment["campaign"] == "guide-solaire");
    guide.map_or(Value::Null, |enrolment| enrolment["state"].clone())
}

/// Ada has a large house and clicks.
fn ada(stack: &impl Stack) {
    let seen = stack.mails().len();
    post_as_browser(
        stack,
        &[
            ("email", "Ada@Example.com"),
            ("first_name", "Ada"),
            ("housing", "house"),
            ("surface", "120"),
            ("phone", "06 12 34 56 78"),
            ("_gotcha", ""),
        ],
    );
    assert_eq!(since(stack, seen), ["confirm → ada@example.com"]);

    let link = last(stack).path("c");
    let page = stack.send(&Request::get(&link));
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("<form") && page.text().contains("method=\"post\""),
        "a button: {}",
        page.text()
    );
    assert_eq!(stack.send(&Request { method: "HEAD".into(), ..Request::get(&link) }).status, 200);
    assert_eq!(stack.lead("ada@example.com")["consent"], "pending", "opening the link changes nothing");
    assert_eq!(since(stack, seen).len(), 1);

    confirm(stack);
    assert_eq!(stack.lead("ada@example.com")["consent"], "granted");
    assert_eq!(since(stack, seen)[1..], ["bienvenue → ada@example.com"], "the guide leaves at once");
    let guide = last(stack);
    let header =
        |name: &str| guide.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    assert!(
        header("List-Unsubscribe").is_some_and(|value| value.starts_with("<http") && value.contains("/u/"))
    );
    assert!(guide.text.contains("12 rue des Lilas, 69003 Lyon") && guide.html.contains("12 rue des Lilas"));
    assert!(guide.subject.starts_with("Ada"), "{}", guide.subject);

    let magnet =
        stack.send(&Request::get(&guide.path("d")).header("user-agent", "Mozilla/5.0 Firefox/148.0"));
    assert_eq!((magnet.status, magnet.header("content-type")), (200, "application/pdf"));
    assert!(magnet.body.starts_with(b"%PDF-"));

    pass(stack, 2);
    assert_eq!(since(stack, seen).len(), 2);
    pass(stack, 1);
    assert_eq!(since(stack, seen)[2..], ["etude-de-cas → ada@example.com"]);
    click(stack, &last(stack));
    assert_eq!(since(stack, seen)[3..], [format!("alert → {SALES}")], "a click and 40 points lead to sales");
    let alert = last(stack);
    for part in ["ada@example.com", "120", "+33612345678"] {
        assert!(alert.text.contains(part), "{part} is missing in {}", alert.text);
    }
    assert!(alert.text.contains("a roof of their own") && alert.text.contains("a large home"), "its reasons");
    assert!(
        !alert.tags.as_object().expect("tags").contains_key("lead"),
        "a salesperson's click is not the lead's"
    );
    for route in ["/c/", "/u/", "/p/", "/d/"] {
        assert!(
            !alert.text.contains(route) && !alert.html.contains(route),
            "the lead's links are not for sales"
        );
    }
    assert_eq!(state(stack, "ada@example.com"), "completed");
    pass(stack, 30);
    assert_eq!(since(stack, seen).len(), 4);
}

/// Bob has a flat, posts by a script, reads English, never clicks, and asks for a quote in the end.
fn bob(stack: &impl Stack) {
    // A Thursday: three days on, it is a Sunday, and the case study waits for Monday, 09:00 in Paris.
    stack.pass_to(at("2027-04-08T10:00:00Z"));
    let seen = stack.mails().len();
    let form = json!({ "email": "bob@example.com", "housing": "flat", "first_name": "Bob", "_locale": "en" });
    let reply = stack.send(&Request::json("/f/guide-solaire", &form));
    assert_eq!((reply.status, reply.json()), (200, json!({ "status": "pending_confirmation" })));
    confirm(stack);
    assert_eq!(since(stack, seen), ["confirm → bob@example.com", "bienvenue → bob@example.com"]);
    assert!(last(stack).subject.contains("your guide is here"), "{}", last(stack).subject);
    stack.pass_to(at("2027-04-12T06:59:00Z"));
    assert_eq!(since(stack, seen).len(), 2, "its window is closed");
    stack.pass_to(at("2027-04-12T07:01:00Z"));
    assert_eq!(since(stack, seen)[2..], ["etude-de-cas → bob@example.com"]);
    pass(stack, 4);
    assert_eq!(since(stack, seen)[3..], ["relance → bob@example.com"], "no click");
    let quote = json!({ "type": "track", "event": "quote_requested", "userId": "bob@example.com", "messageId": "q-1" });
    let authority = format!("Bearer {}", stack.write_key());
    for _ in 0..2 {
        let reply = stack.send(&Request::json("/v1/events", &quote).header("authorization", &authority));
        assert_eq!(reply.status, 202, "{}", reply.told());
    }
    assert_eq!(state(stack, "bob@example.com"), "goal_reached");
    assert_eq!(stack.lead("bob@example.com")["stage"], "sql");
    pass(stack, 30);
    assert_eq!(since(stack, seen).len(), 4, "no `temoignages` after the goal");
}

/// Carol leaves by her mail program's button; Dan's mailbox does not exist; Eve was told of twice.
fn those_who_leave(stack: &impl Stack) {
    let seen = stack.mails().len();
    post_as_browser(stack, &[("email", "carol@example.com"), ("housing", "house")]);
    confirm(stack);
    let guide = last(stack);
    let list = guide.headers.iter().find(|(name, _)| name == "List-Unsubscribe").expect("a way to leave");
    let link = &list.1[list.1.find("/u/").expect("its path")..list.1.len() - 1];
    let page = stack.send(&Request::get(link));
    assert_eq!((page.status, &stack.lead("carol@example.com")["consent"]), (200, &json!("granted")));
    let reply = stack.send(&Request::form(link, &[("List-Unsubscribe", "One-Click")]));
    assert_eq!((reply.status, &stack.lead("carol@example.com")["consent"]), (200, &json!("withdrawn")));
    assert_eq!(state(stack, "carol@example.com"), "exited");

    post_as_browser(stack, &[("email", "dan@example.com"), ("housing", "house")]);
    confirm(stack);
    let guide = last(stack);
    let mut bounce = envelopes::click(&guide.message_id, &guide.tags, &guide.to, &stack.now().to_string());
    bounce["eventType"] = json!("Bounce");
    bounce["bounce"] = json!({
        "feedbackId": "010001957c1f4a2b-6b1e5d3c",
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{ "emailAddress": "dan@example.com", "action": "failed", "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown" }],
        "timestamp": stack.now().to_string(),
        "reportingMTA": "dsn; a8-70.smtp-out.eu-west-3.amazonses.com",
    });
    stack.feedback(&bounce);
    stack.feedback(&bounce);
    post_as_browser(stack, &[("email", "dan@example.com"), ("housing", "flat")]);
    pass(stack, 60);
    assert_eq!(since(stack, seen).len(), 4, "two confirmations and two guides, and then nothing");
}

/// Hal left, asks for what is known of him, erases it, and comes back.
fn hal(stack: &impl Stack) {
    let seen = stack.mails().len();
    post_as_browser(stack, &[("email", "hal@example.com"), ("first_name", "Hal"), ("housing", "house")]);
    confirm(stack);
    let guide = last(stack);
    stack.send(&Request::form(&guide.path("u"), &[]));
    let preferences = guide.path("p");
    assert!(!stack.send(&Request::get(&preferences)).text().contains("hal@"), "footers get forwarded");
    for _ in 0..2 {
        let reply = stack.send(&Request::form(&preferences, &[("ask", "export")]));
        assert_eq!(reply.status, 200, "{}", reply.told());
    }
    assert_eq!(since(stack, seen)[2..], ["access → hal@example.com"], "one a day");
    let own = last(stack).path("p");
    assert!(stack.send(&Request::get(&own)).text().contains("hal@example.com"));
    let data = stack.send(&Request::get(&format!("{own}?as=json"))).json();
    assert_eq!(
        (&data["profile"]["traits"]["first_name"], &data["profile"]["consent"]["state"]),
        (&json!("Hal"), &json!("withdrawn"))
    );

    assert_eq!(stack.send(&Request::form(&own, &[])).status, 422, "nobody erases by accident");
    let erased = stack.send(&Request::form(&own, &[("sure", "yes")]));
    assert_eq!(erased.status, 200, "{}", erased.told());
    assert_eq!(stack.send(&Request::get(&preferences)).status, 410);
    post_as_browser(stack, &[("email", "hal@example.com"), ("housing", "flat")]);
    assert_eq!(stack.lead("hal@example.com")["consent"], "pending", "he may come back, as anybody may come");
    assert_eq!(stack.lead("hal@example.com")["traits"].get("first_name"), None);
}

/// Tells it; answers every e-mail that left, in order, but for those to Hal: what was sent to an erased lead, not every inbox
/// keeps.
pub fn tell(stack: &impl Stack) -> Vec<Mail> {
    stack.pass_to(at(MONDAY));
    ada(stack);
    bob(stack);
    those_who_leave(stack);
    let told = stack.mails();
    hal(stack);
    told
}

/// An e-mail without what a key or an address of the run decides.
pub fn comparable(mail: &Mail) -> (String, String, String, String) {
    let words = mail.text.split_whitespace().map(|word| {
        let link =
            ["/c/", "/u/", "/p/", "/d/"].iter().find(|route| word.contains("http") && word.contains(**route));
        link.map_or(word.to_owned(), |route| format!("link{route}"))
    });
    let text: Vec<String> = words.collect();
    (mail.step.clone(), mail.to.clone(), mail.subject.clone(), text.join(" "))
}
