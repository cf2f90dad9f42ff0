//! A form that refuses addresses which are thrown away, asked over HTTP.

use serde_json::json;
use tempfile::TempDir;
use tests::dev::Dev;
use tests::http::Request;
use tests::programs::infra_with;

const FORM: &str = "/f/guide-solaire";

#[test]
fn addresses_that_are_thrown_away_are_refused_where_the_form_says_so() {
    let folder = TempDir::new().expect("a folder");
    let infra = infra_with(folder.path(), "");
    let data = folder.path().join("data");
    let open = Dev::start(&infra, &data);
    let form = |email: &str| json!({ "email": email, "housing": "house" });
    assert_eq!(
        open.send(&Request::json(FORM, &form("ada@mailinator.com"))).status,
        200,
        "by itself it takes all"
    );
    drop(open);

    let file = infra.join("campaigns/guide-solaire/campaign.yaml");
    let written = std::fs::read_to_string(&file).expect("a file");
    let strict = written.replacen("\nform:\n", "\nform:\n  refuse_disposable: true\n", 1);
    assert_ne!(strict, written);
    std::fs::write(&file, strict).expect("it can be written");
    let dev = Dev::start(&infra, &folder.path().join("strict"));
    for thrown in ["bob@mailinator.com", " Bob+x@MAILINATOR.com", "bob@a.b.mailinator.com", "bob@yopmail.com"]
    {
        let reply = dev.send(&Request::json(FORM, &form(thrown)));
        assert_eq!(
            (reply.status, &reply.json()["errors"][0]["code"]),
            (422, &json!("disposable_address")),
            "{thrown}"
        );
        let page = dev.send(&Request::form(FORM, &[("email", thrown), ("housing", "house")]));
        assert_eq!(page.status, 422, "{thrown}");
        assert!(page.text().contains("aria-invalid"), "beside its field: {}", page.text());
    }
    assert_eq!(dev.get_json("/dev/leads.json"), json!([]));
    assert_eq!(dev.inbox().len(), 0);
    for kept in ["bob@mailinator.com.example.org", "bob@mailinator.example.com", "bob@gmail.com"] {
        assert_eq!(dev.send(&Request::json(FORM, &form(kept))).status, 200, "{kept}");
    }
}
