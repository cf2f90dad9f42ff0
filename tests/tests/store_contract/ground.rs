//! Where the specifications stand: a fresh table, and leads whose story is told in a line.

use app::ports::{Commit, LeadStore, Record, StoreError, Stored, Write};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Activity, EmailAddress, Fact, InputId, Lead, LeadId, LeadKey, evolve};
use dynamodb::Store;
use jiff::{SignedDuration, Timestamp};
use tests::dynamodb::{Requests, client};

/// A fresh table, and what looks at it past the store.
#[derive(Clone)]
pub struct Ground {
    pub store: Store,
    pub client: Client,
    pub table: String,
    pub requests: Requests,
}

impl Ground {
    pub async fn new(endpoint: &str, table: &str) -> Self {
        let requests = Requests::default();
        let client = client(endpoint, requests.clone());
        let store = Store::new(client.clone(), table, vec![4]);
        store.create_table().await.unwrap();
        requests.take();
        Self { store, client, table: table.to_owned(), requests }
    }

    pub async fn profile(&self, lead: &Lead) -> std::collections::HashMap<String, AttributeValue> {
        let key = |text: String| AttributeValue::S(text);
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let request = request.key("PK", key(format!("LEAD#{}", lead.id))).key("SK", key("PROFILE".into()));
        request.send().await.unwrap().item.expect("a profile")
    }

    pub async fn commit(&self, expected: Option<u64>, after: &Story) -> Result<Commit, StoreError> {
        let write = Write { expected, lead: &after.lead, records: &after.records, limits: &[], now: now() };
        self.store.commit(&write).await
    }

    /// Commits, and expects that it is done.
    pub async fn keep(&self, expected: Option<u64>, after: &Story) {
        assert_eq!(self.commit(expected, after).await.unwrap(), Commit::Committed);
    }
}

/// A lead, its version, and the records that are yet to be written.
#[derive(Debug, Clone)]
pub struct Story {
    pub lead: Lead,
    pub version: u64,
    pub records: Vec<Record>,
}

pub fn now() -> Timestamp {
    "2027-01-01T09:00:00Z".parse().unwrap()
}

pub fn input(name: &str) -> InputId {
    InputId::of("test", &[name])
}

pub fn occurred(kind: &str) -> Fact {
    Fact::Occurred { kind: kind.to_owned(), properties: serde_json::Map::new() }
}

impl Story {
    pub fn of(address: &str) -> Self {
        let email = EmailAddress::parse(address).unwrap();
        let id = LeadId::of(&LeadKey::new("a key for these tests").unwrap(), &email);
        let created = Activity { at: now(), fact: Fact::LeadCreated { lead: id, email } };
        let lead = evolve(None, &created).unwrap();
        Self {
            lead,
            version: 1,
            records: vec![Record { input_id: input("created"), version: 1, activities: vec![created] }],
        }
    }

    /// The same lead as stored, with nothing left to write.
    pub fn written(mut self) -> Self {
        self.records.clear();
        self
    }

    pub fn then(mut self, name: &str, facts: impl IntoIterator<Item = Fact>) -> Self {
        let at = now() + SignedDuration::from_secs(i64::try_from(self.version).unwrap());
        let activities: Vec<Activity> = facts.into_iter().map(|fact| Activity { at, fact }).collect();
        self.lead = activities.iter().fold(self.lead, |lead, activity| evolve(Some(lead), activity).unwrap());
        self.version += 1;
        self.records.push(Record { input_id: input(name), version: self.version, activities });
        self
    }

    /// Another lead of the same address was erased before this one.
    pub fn back_after(mut self, erased_at: Timestamp) -> Self {
        let activity = Activity { at: now(), fact: Fact::LeadCameBack { erased_at } };
        self.lead = evolve(Some(self.lead), &activity).unwrap();
        self.records[0].activities.push(activity);
        self
    }

    /// A confirmation is due at that time.
    pub fn due(self, name: &str, at: Timestamp) -> Self {
        let campaign = domain::CampaignId::parse("guide").unwrap();
        let topics = Default::default();
        self.then(name, [Fact::ConfirmationRequested { campaign, request: 1, mail_due: Some(at), topics }])
    }

    pub fn stored(&self) -> Stored {
        Stored { lead: self.lead.clone(), version: self.version }
    }
}
