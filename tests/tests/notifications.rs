//! Another system hears of a lead from `sillon dev`: one on this machine in fact, all others on paper.

use std::path::Path;

use domain::WebhookId;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::Request;
use tests::stubs;

const SECRET: &str = "whsec_c2lsbG9uIGRldiB3ZWJob29rIHNlY3JldA==";

/// An organisation whose campaign tells two systems of a lead and sends it an e-mail then.
fn write(infra: &Path, here: &str) {
    let campaign = infra.join("campaigns/news");
    std::fs::create_dir_all(campaign.join("emails")).expect("made");
    let put = |path: &str, text: String| std::fs::write(infra.join(path), text).expect("written");
    put(
        "sillon.yaml",
        format!(
            "organisation: {{ name: A, postal_address: B, time_zone: Europe/Paris, locales: [en] }}\n\
             senders: {{ hello: {{ from: hello@example.org }} }}\n\
             webhooks: {{ here: {{ url: '{here}' }}, crm: {{ url: 'https://crm.example/hooks' }} }}\n"
        ),
    );
    put(
        "campaigns/news/campaign.yaml",
        "title: News\nsender: hello\n\
         form:\n  fields: { email: { type: email, required: true }, city: { type: text, label: City } }\n  \
         consent: { double_opt_in: false, wording: Yes please. }\n\
         sequence:\n  - notify: here\n  - notify: crm\n  - send: hello\n"
            .into(),
    );
    put("campaigns/news/emails/hello.en.md", "---\nsubject: Hello\n---\nHello.\n".into());
}

#[test]
fn a_webhook_on_this_machine_is_told_and_told_again() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (here, taken) = stubs::webhook(runtime.handle(), &[503, 204]);
    let folder = TempDir::new().expect("a folder");
    write(&folder.path().join("infra"), &here);
    let dev = Dev::start(&folder.path().join("infra"), &folder.path().join("data"));

    dev.send(&Request::form("/f/news", &[("email", "ada@example.com"), ("city", "Lyon")]));
    assert_eq!(taken.all().len(), 1, "posted at once, and refused");
    assert_eq!(dev.inbox().len(), 0, "the sequence waits");
    let answer = dev.advance("1m");
    assert_eq!(answer["sent"], 1, "notifications are no e-mails");

    let posts = taken.all();
    assert_eq!(posts.len(), 2, "{posts:?}");
    let body: Value = serde_json::from_str(posts[0]["body"].as_str().expect("a body")).expect("JSON");
    assert_eq!(body["type"], "lead.notified");
    assert_eq!(body["data"]["email"], "ada@example.com");
    assert_eq!(body["data"]["traits"], json!({ "city": "Lyon" }));
    assert_eq!(body["data"]["tags"], json!([]));
    assert_eq!(body["data"]["campaign"], "news");
    let secrets = webhook::Secrets::parse(&format!("here:{SECRET}")).expect("a secret");
    for post in &posts {
        let header = |name: &str| post["headers"][name].as_str().expect("a header");
        assert_eq!(header("webhook-id"), posts[0]["headers"]["webhook-id"], "one id for all tries");
        let timestamp = header("webhook-timestamp").parse().expect("seconds");
        let name = WebhookId::parse("here").expect("a name");
        let body = post["body"].as_str().expect("a body");
        let expected = secrets.sign(&name, header("webhook-id"), timestamp, body).expect("signed");
        assert_eq!(header("webhook-signature"), expected);
    }

    let told = dev.get_json("/dev/notifications.json");
    let told: Vec<_> = told.as_array().expect("a list").iter().collect();
    let answers: Vec<_> =
        told.iter().map(|told| (told["webhook"].as_str(), told["answer"].as_str())).collect();
    let expected = [("here", "http_503"), ("here", "accepted"), ("crm", "kept")];
    assert_eq!(answers, expected.map(|(webhook, answer)| (Some(webhook), Some(answer))));
    let mails: Vec<Value> = dev.inbox();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0]["subject"], "Hello");
    let lead = dev.lead("ada@example.com");
    let kinds = lead["activities"].as_array().expect("a list").iter();
    assert_eq!(kinds.filter(|activity| activity["kind"] == "notified").count(), 2);
    let page = dev.send(&Request::get("/dev/inbox")).text();
    assert!(page.contains("https://crm.example/hooks"), "{page}");
}
