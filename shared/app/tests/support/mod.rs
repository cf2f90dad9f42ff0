//! Leads in memory, a clock that is moved by hand, and a carrier that takes its time.
#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

#[path = "../../../domain/tests/support/mod.rs"]
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use app::ports::{
    Clock, Commit, Due, Erasure, LeadStore, Mailer, Notifier, Record, StoreError, Stored, Write,
};
use app::token::TokenKeys;
use app::{App, Notification};
use domain::campaign::EmailSource;
use domain::consent::SuppressionReason;
use domain::input::{NewLead, SendResult};
use domain::organisation::Sender;
use domain::{EmailAddress, EmailName, Fact, Input, InputBody, InputId, LeadId, LeadKey, SenderId};
use email::Message;
use jiff::{SignedDuration, Timestamp};
pub use story::event;
use tokio::sync::oneshot;

const NOON: &str = "2026-11-23T11:00:00Z";

/// A clock that stands still until it is moved.
pub struct Still(Mutex<Timestamp>);

impl Still {
    pub fn advance(&self, span: SignedDuration) {
        *self.0.lock().unwrap() += span;
    }
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Keeps leads as long as the test runs.
#[derive(Default)]
pub struct Memory {
    leads: Mutex<BTreeMap<LeadId, (Stored, BTreeSet<InputId>)>>,
    /// Leads whose items cannot be read any more.
    pub broken: Mutex<BTreeSet<LeadId>>,
    /// Whose marks were told a suppression after they were erased.
    pub marks: Mutex<BTreeSet<(LeadId, String)>>,
    /// Inputs that are too large to be stored.
    pub too_large: Mutex<BTreeSet<InputId>>,
    /// Whether somebody else is faster at every erasure.
    pub contended: Mutex<bool>,
    /// The next e-mail that is recorded as throttled is written, which is told; once that is told back, the writer learns only
    /// that its second attempt met the first.
    pub loses_answer: Mutex<Option<(oneshot::Sender<()>, oneshot::Receiver<()>)>>,
}

impl Memory {
    pub fn lead(&self, lead: &LeadId) -> domain::Lead {
        self.leads.lock().unwrap()[lead].0.lead.clone()
    }

    pub fn change(&self, lead: &LeadId, change: impl FnOnce(&mut domain::Lead)) {
        change(&mut self.leads.lock().unwrap().get_mut(lead).expect("a lead").0.lead);
    }

    fn contend(&self) -> Result<(), StoreError> {
        if *self.contended.lock().unwrap() { Err(StoreError::Conflict) } else { Ok(()) }
    }

    fn write(&self, write: &Write<'_>) -> Result<Commit, StoreError> {
        let too_large = self.too_large.lock().unwrap();
        if write.records.iter().any(|record| too_large.contains(&record.input_id)) {
            return Err(StoreError::Permanent("the record is too large".into()));
        }
        let mut leads = self.leads.lock().unwrap();
        let (current, mut inputs) = leads
            .get(&write.lead.id)
            .cloned()
            .map_or_else(Default::default, |(stored, inputs)| (Some(stored), inputs));
        let known: Vec<InputId> = write
            .records
            .iter()
            .map(|record| record.input_id.clone())
            .filter(|input| inputs.contains(input))
            .collect();
        if !known.is_empty() {
            return Ok(Commit::Duplicate { inputs: known, current: current.map(Box::new) });
        }
        if let Some(current) = current.filter(|current| Some(current.version) != write.expected) {
            return Ok(Commit::Changed(Box::new(current)));
        }
        inputs.extend(write.records.iter().map(|record| record.input_id.clone()));
        let version = write.records.last().map_or(0, |record| record.version);
        leads.insert(write.lead.id.clone(), (Stored { lead: write.lead.clone(), version }, inputs));
        Ok(Commit::Committed)
    }
}

impl LeadStore for Memory {
    async fn load(&self, lead: &LeadId) -> Result<Option<Stored>, StoreError> {
        if self.broken.lock().unwrap().contains(lead) {
            return Err(StoreError::Permanent("the item cannot be read".into()));
        }
        Ok(self.leads.lock().unwrap().get(lead).map(|(stored, _)| stored.clone()))
    }

    async fn commit(&self, write: &Write<'_>) -> Result<Commit, StoreError> {
        let mut facts =
            write.records.iter().flat_map(|record| &record.activities).map(|activity| &activity.fact);
        let throttled = facts.any(|fact| matches!(fact, Fact::SendThrottled { .. }));
        let written = self.write(write);
        let loses_answer = self.loses_answer.lock().unwrap().take_if(|_| throttled);
        if let Some((told, go_on)) = loses_answer {
            told.send(()).unwrap();
            go_on.await.unwrap();
            return Err(StoreError::Conflict);
        }
        written
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        let leads = self.leads.lock().unwrap();
        let due = leads.values().filter_map(|(Stored { lead, .. }, _)| {
            Some(Due { at: lead.due_at()?, lead: lead.id.clone(), is_waited_for: lead.is_waited_for() })
        });
        let mut due: Vec<Due> = due.filter(|due| due.at <= until).collect();
        due.sort_unstable_by_key(|due| (!due.is_waited_for, due.at, due.lead.clone()));
        due.truncate(limit);
        Ok(due)
    }

    async fn begin_erasure(
        &self,
        lead: &LeadId,
        erasure: Erasure<'_>,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        self.contend()?;
        let mut leads = self.leads.lock().unwrap();
        let current = leads.get(lead).map(|(stored, _)| stored.version);
        if matches!(erasure, Erasure::Retention { read } if Some(read) != current) {
            return Ok(false);
        }
        leads.remove(lead);
        Ok(true)
    }

    async fn suppress_erased(
        &self,
        lead: &LeadId,
        reason: SuppressionReason,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.marks.lock().unwrap().insert((lead.clone(), format!("{reason:?}"))))
    }

    /// Everything went at once.
    async fn finish_erasure(&self, _: &LeadId) -> Result<bool, StoreError> {
        self.contend()?;
        Ok(false)
    }

    async fn records(&self, _: &LeadId) -> Result<Vec<Record>, StoreError> {
        Ok(Vec::new())
    }

    async fn reads_of_all(&self, _: Timestamp) -> Result<Vec<domain::Activity>, StoreError> {
        Ok(Vec::new())
    }
}

/// Takes every e-mail, each in ten seconds.
pub struct Slow<'a>(pub &'a Still);

impl Mailer for Slow<'_> {
    async fn send(&self, _: &Message) -> SendResult {
        self.0.advance(SignedDuration::from_secs(10));
        SendResult::Accepted { message_id: "m".into() }
    }
}

/// Takes every notification.
#[derive(Default)]
pub struct Told(pub Mutex<Vec<Notification>>);

impl Notifier for Told {
    async fn post(&self, notification: &Notification) -> SendResult {
        self.0.lock().unwrap().push(notification.clone());
        SendResult::Accepted { message_id: String::new() }
    }
}

pub type World = App<Memory, Still>;

pub fn world() -> World {
    let mut bundle = story::bundle();
    let sender = Sender { from: "bonjour@example.com".into(), reply_to: None };
    bundle.organisation.senders = BTreeMap::from([(SenderId::parse("bonjour").unwrap(), sender)]);
    App {
        bundle,
        store: Memory::default(),
        clock: Still(Mutex::new(NOON.parse().unwrap())),
        lead_key: LeadKey::new("0123456789abcdef").unwrap(),
        token_keys: TokenKeys::parse("a:0123456789abcdef").unwrap(),
        public_url: "https://hello.example".into(),
        files: Default::default(),
    }
}

pub fn input(world: &World, id: &str, body: InputBody) -> Input {
    Input { id: InputId::of("test", &[id]), at: world.clock.now(), body }
}

/// Somebody fills in the form of `guide`, so that a confirmation is due.
pub async fn submit(world: &World, name: &str) -> LeadId {
    submit_to(world, name, "guide").await
}

/// Somebody fills in the form of a campaign.
pub async fn submit_to(world: &World, name: &str, campaign: &str) -> LeadId {
    let InputBody::SubmitForm(mut submission) = story::submission(campaign, Default::default()) else {
        unreachable!("a submission is one")
    };
    let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
    submission.lead = NewLead::of(&world.lead_key, email);
    let lead = submission.lead.id.clone();
    let input = input(world, name, InputBody::SubmitForm(submission));
    world.apply_to_new(&lead, input).await.expect("stored");
    lead
}

/// The e-mails of `news`, so that they can leave.
pub fn write_news(world: &mut World) {
    let source = EmailSource { subject: "News".into(), preheader: None, body: "News.".into() };
    let languages = BTreeMap::from([(domain::Locale::parse("fr").unwrap(), source)]);
    let news = world.bundle.campaigns.get_mut("news").unwrap();
    for name in ["one", "two"] {
        news.emails.insert(EmailName::parse(name).unwrap(), languages.clone());
    }
}
