//! The crowd: leads who all have one e-mail due, written into a table in bulk.

use std::path::Path;

use app::App;
use app::ports::Clock;
use app::token::TokenKeys;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::consent::Visitor;
use domain::input::{NewLead, Submission};
use domain::{CampaignId, EmailAddress, Input, InputBody, InputId, LeadId, LeadKey, Locale, Traits};
use dynamodb::Store;
use dynoxide::types::{AttributeValue as Stored, Item};
use dynoxide::{Database, ImportOptions};
use jiff::Timestamp;
use tests::dynamodb::{Requests, client, of_file};

use crate::ground::TokioClock;

pub const TABLE: &str = "leads";
pub const SHARDS: u32 = 4;
/// Leads that are written in one transaction.
const TOGETHER: usize = 5_000;

/// The app, with the campaign of this benchmark.
pub fn app<C: Clock>(store: Store, clock: C) -> App<Store, C> {
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/drain/infra");
    App {
        bundle: campaign_file::read(&infra).bundle.unwrap(),
        store,
        clock,
        lead_key: LeadKey::new("0123456789abcdef").unwrap(),
        token_keys: TokenKeys::parse("k1:0123456789abcdef").unwrap(),
        public_url: "https://hello.example".into(),
        files: infra.join("campaigns"),
    }
}

/// One lead posts the form and confirms the address; the others are copies of its item under their own names.
pub fn seed(file: &Path, leads: usize) {
    let _ = std::fs::remove_file(file);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (key, id, email, item) = runtime.block_on(first(file));
    let database = Database::new(file.to_str().unwrap()).unwrap();
    database.enable_bulk_loading().unwrap();
    let options = || ImportOptions { record_streams: false, set_cached_at: false };
    for from in (1..leads).step_by(TOGETHER) {
        let copies = (from..leads.min(from + TOGETHER)).map(|number| {
            let other = EmailAddress::parse(&format!("lead-{number:07}@example.com")).unwrap();
            let other_id = LeadId::of(&key, &other);
            let renamed = |text: &str| {
                text.replace(id.as_str(), other_id.as_str()).replace(email.as_str(), other.as_str())
            };
            let mut copy: Item =
                item.iter().map(|(name, value)| (name.clone(), stored(value, &renamed))).collect();
            // The last shard is for those for whom somebody waits.
            let shard = other_id.shard(SHARDS - 1);
            copy.insert("due_pk".into(), Stored::S(format!("DUE#{SHARDS}#{shard}")));
            copy
        });
        database.import_items(TABLE, copies.collect(), options()).unwrap();
        println!("{}", from + TOGETHER);
    }
    database.disable_bulk_loading().unwrap();
}

type First = (LeadKey, LeadId, EmailAddress, std::collections::HashMap<String, AttributeValue>);

async fn first(file: &Path) -> First {
    let client = client(&of_file(file).await, Requests::default());
    let store = Store::new(client.clone(), TABLE, vec![SHARDS]);
    store.create_table().await.unwrap();
    let app = app(store, TokioClock::begin(Timestamp::now()));
    let email = EmailAddress::parse("lead-0000000@example.com").unwrap();
    let lead = NewLead::of(&app.lead_key, email.clone());
    let submission = Submission {
        lead: lead.clone(),
        campaign: CampaignId::parse("news").unwrap(),
        traits: Traits::from([("first_name".into(), "Ada".into())]),
        topics: Default::default(),
        locale: Locale::parse("en").unwrap(),
        time_zone: None,
        touch: Default::default(),
        visitor: Visitor::default(),
    };
    let input =
        |kind: &str, body: InputBody| Input { id: InputId::of(kind, &["1"]), at: app.clock.now(), body };
    let submit = InputBody::SubmitForm(submission);
    app.apply_to_new(&lead.id, input("form", submit)).await.unwrap();
    let confirm = InputBody::Confirm { request: 1, seen: None, visitor: Visitor::default() };
    app.apply(&lead.id, vec![input("confirm", confirm)]).await.unwrap();
    let text = |text: String| AttributeValue::S(text);
    let item = client.get_item().table_name(TABLE);
    let item = item.key("PK", text(format!("LEAD#{}", lead.id))).key("SK", text("PROFILE".into()));
    let item = item.send().await.unwrap().item.unwrap();
    assert!(item.contains_key("due_sk"), "an e-mail is due at once");
    (app.lead_key, lead.id, email, item)
}

fn stored(value: &AttributeValue, renamed: &dyn Fn(&str) -> String) -> Stored {
    match value {
        AttributeValue::S(text) => Stored::S(renamed(text)),
        AttributeValue::N(number) => Stored::N(number.clone()),
        AttributeValue::Bool(yes) => Stored::BOOL(*yes),
        AttributeValue::L(list) => Stored::L(list.iter().map(|value| stored(value, renamed)).collect()),
        other => panic!("no profile holds {other:?}"),
    }
}
