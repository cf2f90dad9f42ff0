//! What the pages are made of. Each is also written to `target/tmp/pages`, for whoever wants to look at it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use app::token::{Confirm, Leave, Own, Prefer};
use serde_json::json;
use support::*;

const FAULTY: &str = "email=camill%C3%A9@exemple.fr&first_name=Camille&housing=&surface=0&phone=abc&visit=on";

/// Writes the page to the folder, and takes its style away: one element a line.
fn skeleton(name: &str, response: &web::Response) -> String {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/pages");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(format!("{folder}/{name}.html"), response.body()).unwrap();
    let page = text(response);
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    format!("{}\n\n{before}{after}", response.status()).replace("><", ">\n<")
}

fn looks(name: &str, response: &web::Response) {
    insta::assert_snapshot!(name, skeleton(name, response));
}

#[tokio::test]
async fn the_form() {
    let world = world();
    let page = world.form(get("/f/guide-solaire?lang=en&utm_source=news&other=x")).await;
    looks("form-en", &page);
    skeleton("form-fr", &world.form(get("/f/guide-solaire")).await);
}

#[tokio::test]
async fn the_form_with_its_faults() {
    looks("form-faults", &world().form(post("/f/guide-solaire", FAULTY)).await);
}

#[tokio::test]
async fn the_faults_as_json() {
    let response =
        world().form(with(post("/f/guide-solaire", FAULTY), &[("accept", "application/json")])).await;
    insta::assert_snapshot!(lines(&response));
}

#[tokio::test]
async fn a_form_without_labels_or_a_page_of_thanks() {
    let world = world();
    looks("form-atelier", &world.form(get("/f/atelier")).await);
    looks("form-subscribed", &world.form(get("/f/atelier?thanks&lang=fr")).await);
    skeleton("form-thanks", &world.form(get("/f/guide-solaire?thanks")).await);
}

#[tokio::test]
async fn the_pages_of_trouble() {
    let world = world();
    let forbidden = with(post("/f/guide-solaire", ""), &[("origin", "null")]);
    looks("form-forbidden", &world.form(forbidden).await);
    looks("damaged", &world.link(get("/c/x.y.z")).await);
    skeleton("not-found", &world.form(get("/f/nothing")).await);
}

#[tokio::test]
async fn the_pages_behind_links() {
    let world = world();
    world.form(post("/f/guide-solaire", "email=ada@example.org&housing=house")).await;
    let lead = world.lead_id("ada@example.org");
    let keys = &world.app.token_keys;
    let now = NOW.parse().unwrap();
    let confirm = Confirm { lead: lead.clone(), campaign: campaign("guide-solaire"), request: 1 };
    let confirm = format!("/c/{}", keys.sign(confirm, now));
    let leave = format!(
        "/u/{}",
        keys.sign(Leave { lead: lead.clone(), campaign: Some(campaign("guide-solaire")) }, now)
    );
    let prefer = format!("/p/{}", keys.sign(Prefer { lead: lead.clone() }, now));
    let own = format!("/p/{}", keys.sign(Own { lead }, now));
    looks("confirm", &world.link(get(&confirm)).await);
    looks("confirmed", &world.link(post(&confirm, "")).await);
    looks("preferences", &world.link(get(&prefer)).await);
    let choice = "shown=conseils&shown=jardin&topic=jardin&locale=en&pause=30d";
    looks("preferences-saved", &world.link(post(&prefer, choice)).await);
    looks("link-mailed", &world.link(post(&prefer, "ask=export")).await);
    looks("own", &world.link(get(&own)).await);
    skeleton("own-en", &world.link(get(&format!("{own}?lang=en"))).await);
    skeleton("own-not-sure", &world.link(post(&own, "")).await);
    skeleton("preferences-en", &world.link(get(&format!("{prefer}?lang=en"))).await);
    looks("leave", &world.link(get(&leave)).await);
    looks("left", &world.link(post(&leave, "")).await);
    looks("spent", &world.link(post(&confirm, "")).await);
}

#[tokio::test]
async fn one_fault_of_a_program() {
    let event = json!({ "batch": [{ "event": "Email Opened", "userId": "x" }] }).to_string();
    let headers = [("content-type", "application/json"), ("authorization", "Bearer first")];
    let response = world().events(request(http::Method::POST, "/v1/events", &headers, event)).await;
    let user = "`userId` is not the lead's e-mail address: not an e-mail address";
    let name = "`email_opened` is an activity that Sillon records itself; give the event another name";
    let expected = json!({
        "status": "invalid",
        "errors": [
            { "index": 0, "field": "userId", "code": "not_an_address", "message": user },
            { "index": 0, "field": "event", "code": "reserved", "message": name },
        ],
    });
    assert_eq!(json_of(&response), expected);
}

/// The JSON as it is sent, a line for each object: members in the order in which we write them.
fn lines(response: &web::Response) -> String {
    String::from_utf8_lossy(response.body()).replace("{\"", "\n{\"").trim_start().to_owned()
}
