//! What a lead costs: one DynamoDB request when it is new, at most two when it is known.

use app::App;
use app::ports::Clock;
use app::token::TokenKeys;
use domain::attribution::Touch;
use domain::consent::Visitor;
use domain::input::{NewLead, Submission};
use domain::{CampaignId, EmailAddress, Input, InputBody, InputId, LeadKey, Locale, Traits};
use jiff::Timestamp;
use tests::dynamodb::{Requests, client, embedded};
use tests::programs::infra;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2027-03-01T12:00:00Z".parse().expect("a time")
    }
}

fn post(lead_key: &LeadKey, id: &str, email: &str) -> (domain::LeadId, Input) {
    let lead = NewLead::of(lead_key, EmailAddress::parse(email).expect("an address"));
    let submission = Submission {
        lead: lead.clone(),
        campaign: CampaignId::parse("guide-solaire").expect("an id"),
        traits: Traits::from([("housing".into(), "house".into())]),
        topics: Default::default(),
        locale: Locale::parse("fr").expect("a language"),
        time_zone: None,
        touch: Touch::default(),
        visitor: Visitor::default(),
    };
    let id = InputId::of("form", &[id]);
    (lead.id, Input { id, at: Noon.now(), body: InputBody::SubmitForm(submission) })
}

#[tokio::test]
async fn a_form_costs_one_request_and_two_at_most() {
    let requests = Requests::default();
    let store = dynamodb::Store::new(client(&embedded().await, requests.clone()), "leads", vec![4]);
    store.create_table().await.expect("a table");
    let app = App {
        bundle: campaign_file::read(&infra()).bundle.expect("sound campaigns"),
        store,
        clock: Noon,
        lead_key: LeadKey::new("0123456789abcdef").expect("a key"),
        token_keys: TokenKeys::parse("k1:0123456789abcdef").expect("keys"),
        public_url: "https://hello.example".into(),
        files: infra().join("campaigns"),
    };
    requests.take();
    let cases = [
        ("a new lead", "1", "ada@example.com", 1),
        ("another one", "2", "bob@example.com", 1),
        ("the same post again", "1", "ada@example.com", 1),
        ("a known lead", "3", "ada@example.com", 2),
        ("and again", "4", "ada@example.com", 2),
    ];
    for (what, id, email, most) in cases {
        let (lead, input) = post(&app.lead_key, id, email);
        app.apply_to_new(&lead, input).await.expect("the store works");
        let taken = requests.take();
        assert!((1..=most).contains(&taken), "{what} cost {taken} requests, not at most {most}");
    }
}
