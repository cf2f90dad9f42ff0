//! What it costs in requests to DynamoDB: one for a new lead, at most two for a known one, one per shard for an idle minute.

use app::App;
use app::ports::{Account, AccountError, Clock, DueQueue, QueueError, Quota, Turn};
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

/// An app over an empty table, whose requests are counted.
async fn app_of(shards: u32) -> (App<dynamodb::Store, Noon>, Requests) {
    let requests = Requests::default();
    let store = dynamodb::Store::new(client(&embedded().await, requests.clone()), "leads", vec![shards]);
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
    (app, requests)
}

#[tokio::test]
async fn a_form_costs_one_request_and_two_at_most() {
    let (app, requests) = app_of(4).await;
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

/// Who is asked only when somebody is due.
struct Unasked;

impl Account for Unasked {
    async fn quota(&self) -> Result<Quota, AccountError> {
        panic!("nobody is due, and SES was asked")
    }
}

impl DueQueue for Unasked {
    async fn put(&self, turns: &[Turn]) -> Result<(), QueueError> {
        panic!("nobody is due, and {turns:?} were queued")
    }
}

#[tokio::test]
async fn an_idle_minute_costs_at_most_one_query_per_shard() {
    for shards in [1, 4] {
        let (app, requests) = app_of(shards).await;
        let queued = app.queue_due(&app.store, &Unasked, &Unasked).await.expect("a tick");
        let taken = u32::try_from(requests.take()).expect("few");
        assert_eq!(queued.leads, 0);
        assert!((1..=shards).contains(&taken), "{taken} requests for {shards} shards");
    }
}
