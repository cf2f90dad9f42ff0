//! An organisation with two campaigns, its leads in memory, and requests as browsers send them.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{LazyLock, Mutex};

use app::App;
use app::limit::{Limit, LimitKind};
use app::ports::{
    Challenge, ChallengeError, Clock, Commit, Due, Erasure, EventQueue, LeadStore, QueueError, Record,
    StoreError, Stored, Write,
};
use app::token::TokenKeys;
use domain::consent::SuppressionReason;
use domain::{Bundle, CampaignId, EmailAddress, InputId, Lead, LeadId, LeadKey};
use http::{Method, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use web::{Request, Response, WriteKeys};

pub const NOW: &str = "2027-03-10T09:00:00Z";
pub const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0";
pub const SITE: &str = "https://atelier-soleil.example";

/// A clock that stands still until it is moved.
#[derive(Default)]
pub struct Still(AtomicI64);

impl Still {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        let start: Timestamp = NOW.parse().unwrap();
        start + SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// Keeps leads as long as the test runs, and fails when told to.
#[derive(Default)]
pub struct Memory {
    leads: Mutex<BTreeMap<LeadId, (Stored, Vec<Record>)>>,
    counts: Mutex<BTreeMap<String, u32>>,
    pub broken: AtomicBool,
}

impl Memory {
    /// Raises all counts, or tells which one is full.
    fn count(&self, limits: &[Limit]) -> Result<(), Commit> {
        let mut counts = self.counts.lock().unwrap();
        let key = |limit: &Limit| format!("{:?} {} {} {}", limit.kind, limit.whose, limit.from, limit.until);
        let full = |limit: &&Limit| counts.get(&key(limit)).is_some_and(|count| *count >= limit.most);
        match limits.iter().find(full).map(|limit| (limit.kind, limit.until)) {
            Some((LimitKind::Network, until)) => return Err(Commit::TooMany { until }),
            Some((LimitKind::Mailbox, _)) => return Err(Commit::MailboxTaken),
            None => {}
        }
        for limit in limits {
            *counts.entry(key(limit)).or_default() += 1;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), StoreError> {
        match self.broken.load(Ordering::Relaxed) {
            true => Err(StoreError::Transient("the table is on fire".into())),
            false => Ok(()),
        }
    }
}

impl LeadStore for Memory {
    async fn load(&self, lead: &LeadId) -> Result<Option<Stored>, StoreError> {
        self.check()?;
        Ok(self.leads.lock().unwrap().get(lead).map(|(stored, _)| stored.clone()))
    }

    async fn commit(&self, write: &Write<'_>) -> Result<Commit, StoreError> {
        self.check()?;
        let mut leads = self.leads.lock().unwrap();
        let known = leads.get(&write.lead.id);
        let changed = known.map(|(stored, _)| stored).filter(|stored| Some(stored.version) != write.expected);
        let current = || changed.cloned().map(Box::new);
        let is_known = |record: &&Record| {
            known.is_some_and(|(_, records)| records.iter().any(|known| known.input_id == record.input_id))
        };
        let inputs: Vec<InputId> =
            write.records.iter().filter(is_known).map(|record| record.input_id.clone()).collect();
        if !inputs.is_empty() {
            return Ok(Commit::Duplicate { inputs, current: current() });
        }
        if let Some(current) = current() {
            return Ok(Commit::Changed(current));
        }
        if let Err(full) = self.count(write.limits) {
            return Ok(full);
        }
        let version = write.records.last().map_or(0, |record| record.version);
        let stored = Stored { lead: write.lead.clone(), version };
        let (kept, records) = leads.entry(write.lead.id.clone()).or_insert((stored.clone(), vec![]));
        *kept = stored;
        records.extend(write.records.iter().cloned());
        Ok(Commit::Committed)
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
        _: &LeadId,
        _: SuppressionReason,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Everything went at once.
    async fn finish_erasure(&self, _: &LeadId) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn records(&self, lead: &LeadId) -> Result<Vec<Record>, StoreError> {
        Ok(self.leads.lock().unwrap().get(lead).map(|(_, records)| records.clone()).unwrap_or_default())
    }

    async fn reads_of_all(&self, _: Timestamp) -> Result<Vec<domain::Activity>, StoreError> {
        Ok(Vec::new())
    }
}

/// Keeps what is queued.
#[derive(Default)]
pub struct Queue {
    pub messages: Mutex<Vec<String>>,
    pub broken: AtomicBool,
}

impl EventQueue for Queue {
    async fn put(&self, body: String) -> Result<(), QueueError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(QueueError("the queue is full".into()));
        }
        self.messages.lock().unwrap().push(body);
        Ok(())
    }
}

/// Judges every solution as told, and keeps what it was asked.
pub struct Judge {
    pub verdict: Mutex<Result<bool, ChallengeError>>,
    pub asked: Mutex<Vec<(String, String)>>,
}

impl Default for Judge {
    fn default() -> Self {
        let nobody = Err(ChallengeError::new("nobody was to be asked"));
        Self { verdict: Mutex::new(nobody), asked: Mutex::default() }
    }
}

impl Challenge for Judge {
    async fn is_solved(&self, solution: &str, attempt: &str) -> Result<bool, ChallengeError> {
        self.asked.lock().unwrap().push((solution.to_owned(), attempt.to_owned()));
        self.verdict.lock().unwrap().clone()
    }
}

/// Everything that a request meets.
pub struct World {
    pub app: App<Memory, Still>,
    pub challenge: Judge,
    pub queue: Queue,
    pub write_keys: WriteKeys,
}

/// The bundle's folder of magnets, written once.
static FILES: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = option_env!("CARGO_TARGET_TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let files = folder.join(env!("CARGO_CRATE_NAME"));
    let folder = files.join("guide-solaire/files");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("guide.pdf"), b"%PDF-1.7 guide").unwrap();
    files
});

pub fn world() -> World {
    World {
        app: App {
            bundle: BUNDLE.clone(),
            store: Memory::default(),
            clock: Still::default(),
            lead_key: LeadKey::new("0123456789abcdef").unwrap(),
            token_keys: TokenKeys::parse("a:0123456789abcdef").unwrap(),
            public_url: "https://leads.example".into(),
            files: FILES.clone(),
        },
        challenge: Judge::default(),
        queue: Queue::default(),
        write_keys: WriteKeys::parse("first,second").unwrap(),
    }
}

impl World {
    pub async fn form(&self, request: Request) -> Response {
        web::form(&self.app, &self.challenge, request, Some("203.0.113.7")).await
    }

    pub async fn link(&self, request: Request) -> Response {
        web::link(&self.app, request, Some("203.0.113.7")).await
    }

    pub async fn events(&self, request: Request) -> Response {
        web::events(&self.app, &self.write_keys, &self.queue, request).await
    }

    pub fn lead_id(&self, email: &str) -> LeadId {
        LeadId::of(&self.app.lead_key, &EmailAddress::parse(email).unwrap())
    }

    pub async fn lead(&self, email: &str) -> Option<Lead> {
        self.app.store.load(&self.lead_id(email)).await.unwrap().map(|stored| stored.lead)
    }

    pub async fn kinds(&self, email: &str) -> Vec<String> {
        let records = self.app.store.records(&self.lead_id(email)).await.unwrap();
        records.iter().flat_map(|record| &record.activities).map(domain::Activity::kind).collect()
    }

    /// Every byte that is stored or queued.
    pub fn stored_bytes(&self) -> String {
        let Memory { leads, counts, .. } = &self.app.store;
        let (leads, counts) = (leads.lock().unwrap(), counts.lock().unwrap());
        format!("{leads:?} {counts:?} {:?}", self.queue.messages.lock().unwrap())
    }

    pub fn count(&self) -> usize {
        self.app.store.leads.lock().unwrap().len()
    }

    pub fn only_lead(&self) -> Option<Lead> {
        let leads = self.app.store.leads.lock().unwrap();
        leads.values().next().map(|(stored, _)| stored.lead.clone()).filter(|_| leads.len() == 1)
    }
}

/// A request, its headers and its body.
pub fn request(method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Request {
    let mut request = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into().into()).unwrap()
}

pub fn get(path: &str) -> Request {
    request(Method::GET, path, &[("user-agent", BROWSER)], "")
}

/// A post as a browser sends it from the campaign's own site.
pub fn post(path: &str, body: &str) -> Request {
    let headers = [
        ("user-agent", BROWSER),
        ("origin", SITE),
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("accept-language", "fr-FR,fr;q=0.9,en;q=0.8"),
    ];
    request(Method::POST, path, &headers, body)
}

/// The same with other headers; an empty value takes one away.
pub fn with(mut request: Request, headers: &[(&'static str, &str)]) -> Request {
    for (name, value) in headers {
        request.headers_mut().remove(*name);
        if !value.is_empty() {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
    }
    request
}

pub fn text(response: &Response) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

pub fn json_of(response: &Response) -> serde_json::Value {
    serde_json::from_slice(response.body()).unwrap()
}

pub fn location(response: &Response) -> &str {
    response.headers().get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
}

pub fn campaign(id: &str) -> CampaignId {
    CampaignId::parse(id).unwrap()
}

static BUNDLE: LazyLock<Bundle> = LazyLock::new(bundle);

fn bundle() -> Bundle {
    let hours = |hours: i64| serde_json::to_value(jiff::SignedDuration::from_hours(hours)).unwrap();
    let crafts = ["bois", "pierre", "terre", "verre", "laine", "métal"];
    let crafts = crafts.map(|value| json!({ "value": value, "label": {} }));
    let consent = json!({
        "double_opt_in": true,
        "wording": {
            "fr": "J'accepte de recevoir le guide et les conseils d'Atelier Soleil. Je peux me désinscrire à tout moment.",
            "en": "I agree to receive the guide and tips from Atelier Soleil. I can leave at any time."
        }
    });
    serde_json::from_value(json!({
        "content_hash": "test",
        "traits": { "customer": "boolean", "birthday": "date", "country": "country", "zone": "time_zone" },
        "organisation": {
            "name": "Atelier Soleil",
            "postal_address": "12 rue des Lilas, 69003 Lyon, France",
            "website": "https://atelier-soleil.example",
            "privacy_policy": "https://atelier-soleil.example/confidentialite",
            "time_zone": "Europe/Paris",
            "locales": ["fr", "en"],
            "senders": { "bonjour": { "from": "Atelier Soleil <bonjour@atelier-soleil.example>", "reply_to": null } },
            "topics": {
                "conseils": { "fr": "Nos conseils énergie", "en": "Our energy tips" },
                "jardin": { "fr": "Nos conseils de jardin", "en": "Our gardening tips" }
            },
            "traits": { "customer": "boolean" },
            "computed": { "large": { "type": "boolean", "compute": "lead.surface > 100" } },
            "events": [],
            "sales": { "alert": ["ventes@atelier-soleil.example"], "respond_within": null },
            "limits": { "per_lead": null, "quiet_hours": null, "per_network": null },
            "score": { "fit": [], "half_life": hours(720), "points": { "form_submitted": { "points": 2.5, "at_most": null } }, "temperature": { "warm": 20.0, "hot": 50.0 } },
            "stages": {},
            "segments": {}
        },
        "campaigns": {
            "guide-solaire": {
                "id": "guide-solaire",
                "title": { "fr": "Réduire de moitié vos factures d'énergie", "en": "Halve your energy bills" },
                "sender": "bonjour", "topic": "conseils", "goal": "quote_requested", "budget": null,
                "form": {
                    "allowed_origins": [SITE], "thanks": "https://atelier-soleil.example/merci",
                    "fields": [
                        { "name": "email", "type": "email", "required": true,
                          "label": { "fr": "Adresse e-mail", "en": "E-mail address" } },
                        { "name": "first_name", "type": "text", "max_length": 80, "required": false,
                          "label": { "fr": "Prénom", "en": "First name" } },
                        { "name": "housing", "type": "choice", "required": true,
                          "label": { "fr": "Votre logement", "en": "Your home" },
                          "options": [
                              { "value": "house", "label": { "fr": "Maison", "en": "House" } },
                              { "value": "flat", "label": { "fr": "Appartement", "en": "Flat" } }
                          ] },
                        { "name": "surface", "type": "number", "min": 1.0, "max": 10000.0, "required": false,
                          "label": { "fr": "Surface habitable en m²", "en": "Floor area in m²" } },
                        { "name": "phone", "type": "phone", "required": false,
                          "label": { "fr": "Téléphone", "en": "Telephone" } },
                        { "name": "visit", "type": "checkbox", "required": false,
                          "label": { "fr": "Je souhaite une visite gratuite", "en": "I would like a free visit" } }
                    ],
                    "consent": consent
                },
                "magnet": { "file": "files/guide.pdf" },
                "sequence": { "first": null, "steps": {} },
                "exit_when": null, "emails": {}, "magnet_emails": []
            },
            "atelier": {
                "id": "atelier",
                "title": { "fr": "Nos ateliers du samedi" },
                "sender": "bonjour", "topic": null, "goal": null, "budget": null,
                "form": {
                    "allowed_origins": [], "thanks": null,
                    "fields": [
                        { "name": "email", "type": "email", "required": true, "label": {} },
                        { "name": "sector", "type": "choice", "required": false, "label": {},
                          "options": crafts }
                    ],
                    "consent": { "double_opt_in": false, "wording": { "fr": "J'accepte de recevoir le programme." } }
                },
                "magnet": { "url": "https://atelier-soleil.example/programme" },
                "sequence": { "first": null, "steps": {} },
                "exit_when": null, "emails": {}, "magnet_emails": []
            }
        }
    }))
    .unwrap()
}
