//! The five functions' programs, wired together as `template.yaml` wires them, over stand-ins for AWS.
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use app::ports::LeadStore;
use domain::{EmailAddress, LeadId, LeadKey};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Handle, Runtime};

use crate::calls::Calls;
use crate::clock::Clock;
use crate::dynamodb::{Requests, client, embedded};
use crate::envelopes;
use crate::gateway::Gateway;
use crate::http::{Reply, Request};
use crate::log::Confidential;
use crate::programs::program;
use crate::runtime_api::Function;
use crate::stack::{Mail, Stack};
use crate::stubs::{self, Taken};

/// What the table is called.
pub const TABLE: &str = "leads";
/// The queues, called as in the template.
const WEB_EVENTS: &str = "WebEvents";
const DUE_LEADS: &str = "DueLeads";
const LEAD_KEY: &str = "lead key of the test";
const WRITE_KEY: &str = "write-key-of-the-test";

/// All of it, running.
pub struct Functions {
    programs: Programs,
    gateway: Gateway,
    environment: BTreeMap<String, String>,
    confidential: Confidential,
    store: ::dynamodb::Store,
    /// Where the table answers.
    pub endpoint: String,
    table: aws_sdk_dynamodb::Client,
    sqs: Taken,
    /// What the programs asked of AWS.
    pub calls: Calls,
    clock: Clock,
    runtime: Runtime,
    _folder: TempDir,
}

/// The five of them, each a process.
struct Programs {
    submit_form: Function,
    follow_link: Function,
    collect_events: Function,
    update_score: Function,
    send_nurture: Function,
}

impl Programs {
    fn start(runtime: &Handle, environment: &BTreeMap<String, String>, confidential: &Confidential) -> Self {
        let secrets = environment.iter().filter(|(name, _)| name.starts_with("SILLON_"));
        let secrets = secrets.filter(|(name, _)| name.contains("KEY") || name.contains("SECRET"));
        for part in secrets.flat_map(|(_, value)| value.split([',', ':'])) {
            confidential.note_text(part);
        }
        let function = |name: &str| {
            let mut environment: Vec<_> = environment.clone().into_iter().collect();
            environment.push(("AWS_ACCESS_KEY_ID".into(), name.into()));
            Function::start(runtime, &program(name), &environment, confidential.clone())
        };
        Self {
            submit_form: function("submit-form"),
            follow_link: function("follow-link"),
            collect_events: function("collect-events"),
            update_score: function("update-score"),
            send_nurture: function("send-nurture"),
        }
    }

    /// One that answers requests.
    fn called(&self, name: &str) -> &Function {
        match name {
            "submit-form" => &self.submit_form,
            "follow-link" => &self.follow_link,
            "collect-events" => &self.collect_events,
            _ => panic!("{name} answers no requests"),
        }
    }
}

impl Functions {
    /// Bundles the campaigns, starts everything, and sets the clock.
    pub fn start(infra: &Path, now: Timestamp) -> Self {
        Self::start_with(infra, now, &[])
    }

    /// The same with settings that differ, by the names of their variables.
    pub fn start_with(infra: &Path, now: Timestamp, settings: &[(&str, &str)]) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let handle = runtime.handle();
        let folder = TempDir::new().expect("a folder");
        let layer = folder.path().join("layer");
        let mut bundle = Command::new(program("sillon"));
        let status = bundle.arg("bundle").arg("--infra").arg(infra).arg("--out").arg(&layer).output();
        assert!(status.is_ok_and(|output| output.status.success()), "the campaigns are sound");

        let dynamodb = runtime.block_on(embedded());
        let table = client(&dynamodb, Requests::default());
        let store = ::dynamodb::Store::new(table.clone(), TABLE, vec![4]);
        runtime.block_on(store.create_table()).expect("a table");
        let ses_endpoint = stubs::ses(handle);
        let (sqs_endpoint, sqs) = stubs::sqs(handle);
        let services = [("dynamodb", dynamodb.clone()), ("ses", ses_endpoint), ("sqs", sqs_endpoint)];
        let (aws, calls) = Calls::start(handle, services.into());
        let clock = Clock::real(folder.path());
        clock.move_to(now);

        let bundle = layer.join("sillon");
        let mut environment: BTreeMap<String, String> = clock.environment().into_iter().collect();
        let (web_events, due_leads) =
            (format!("{aws}/123456789012/{WEB_EVENTS}"), format!("{aws}/123456789012/{DUE_LEADS}"));
        let usual = [
            ("AWS_REGION", "eu-west-3"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", &aws),
            ("SILLON_TABLE", TABLE),
            ("SILLON_BUNDLE", bundle.to_str().expect("a path")),
            ("SILLON_PUBLIC_URL", "https://hello.example"),
            ("SILLON_LEAD_KEY", LEAD_KEY),
            ("SILLON_TOKEN_KEYS", "k1:0123456789abcdef0123456789abcdef"),
            ("SILLON_WRITE_KEYS", WRITE_KEY),
            ("SILLON_EVENTS_QUEUE_URL", &web_events),
            ("SILLON_DUE_QUEUE_URL", &due_leads),
            ("SILLON_CONFIGURATION_SET", "sillon"),
        ];
        let settings = usual.iter().chain(settings);
        environment.extend(settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let confidential = Confidential::default();
        Self {
            programs: Programs::start(handle, &environment, &confidential),
            gateway: Gateway::read(),
            environment,
            confidential,
            store,
            endpoint: dynamodb,
            table,
            sqs,
            calls,
            clock,
            runtime,
            _folder: folder,
        }
    }

    /// What a deployment does that changes a setting: all programs end, and others start.
    pub fn deploy(&mut self, setting: &str, value: &str) {
        self.environment.insert(setting.to_owned(), value.to_owned());
        self.programs = Programs::start(self.runtime.handle(), &self.environment, &self.confidential);
    }

    /// All that the programs have said since they were started.
    pub fn logs(&self) -> Vec<String> {
        let Programs { submit_form, follow_link, collect_events, update_score, send_nurture } =
            &self.programs;
        [submit_form, follow_link, collect_events, update_score, send_nurture].map(Function::log).concat()
    }

    /// Whether one of them says that, now or soon: what a program says comes a little after what it answers.
    pub fn say(&self, words: &str) -> bool {
        (0..100).any(|attempt| {
            if attempt > 0 {
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            self.logs().iter().any(|line| line.contains(words))
        })
    }

    /// The leads, as the functions store them.
    pub fn store(&self) -> &::dynamodb::Store {
        &self.store
    }

    /// Runs what needs a runtime.
    pub fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The id of the lead with that address.
    pub fn id(&self, email: &str) -> LeadId {
        let key = LeadKey::new(LEAD_KEY).expect("a key");
        LeadId::of(&key, &EmailAddress::parse(email).expect("an address"))
    }

    /// Puts something else in place of a profile's state; answers what was there.
    pub fn replace_state(&self, email: &str, state: &str) -> String {
        self.runtime.block_on(crate::dynamodb::replace_state(&self.table, TABLE, &self.id(email), state))
    }

    /// Lets the schedule fire some times, a minute apart, from that moment on; a worker that fails is no fault.
    pub fn tick_at(&self, moment: Timestamp, times: usize) {
        for minute in 0..times {
            let minute = i64::try_from(minute).expect("a few");
            self.clock.move_to(moment + jiff::SignedDuration::from_mins(minute));
            self.programs.send_nurture.invoke(envelopes::tick());
            for turn in self.queued() {
                let _ = self.programs.send_nurture.try_invoke(&envelopes::sqs(&[turn]));
            }
        }
    }

    /// What the stream does when it repeats a nudge again and again.
    pub fn nudge_at(&self, moment: Timestamp, email: &str, times: usize) {
        self.clock.move_to(moment);
        for _ in 0..times {
            let key = format!("LEAD#{}", self.id(email));
            let _ = self.programs.send_nurture.try_invoke(&envelopes::stream(&key));
        }
    }

    /// What the stream does: profiles that ask for a nudge wake `send-nurture`.
    fn nudge(&self) {
        let found = self.table.scan().table_name(TABLE).filter_expression("nudge = :yes");
        let yes = aws_sdk_dynamodb::types::AttributeValue::Bool(true);
        let found =
            self.runtime.block_on(found.expression_attribute_values(":yes", yes).send()).expect("a scan");
        for profile in found.items() {
            let key = profile["PK"].as_s().expect("a key");
            self.programs.send_nurture.invoke(envelopes::stream(key));
        }
    }

    /// The bodies of the messages that were queued meanwhile.
    fn queued(&self) -> Vec<String> {
        let body = |message: &Value| message.as_str().expect("a body").to_owned();
        self.sqs.take().iter().map(body).collect()
    }

    /// Hands messages to `update-score`, which may not be able to take them. Answers its reply.
    pub fn offer(&self, bodies: &[String]) -> Result<Value, String> {
        self.programs.update_score.try_invoke(&envelopes::sqs(bodies))
    }

    /// What SQS does: hands messages to `update-score`, which must take all of them.
    fn update_score(&self, bodies: &[String]) {
        let reply = self.programs.update_score.invoke(envelopes::sqs(bodies));
        assert_eq!(reply["batchItemFailures"], json!([]), "{bodies:?}");
        self.nudge();
    }
}

impl Stack for Functions {
    fn send(&self, request: &Request) -> Reply {
        self.confidential.note(request);
        let (route, function) = self.gateway.route(&request.method, &request.path);
        let function = self.programs.called(function);
        let mut request = request.clone();
        request.headers.entry("host".into()).or_insert_with(|| "hello.example".into());
        let reply = envelopes::api_gateway_reply(&function.invoke(envelopes::api_gateway(&request, route)));
        let queued = self.queued();
        if queued.is_empty() {
            self.nudge();
        } else {
            self.update_score(&queued);
        }
        reply
    }

    fn pass_to(&self, moment: Timestamp) {
        while let Some(first) = self.runtime.block_on(self.store.due(moment, 1)).expect("the index").pop() {
            self.clock.move_to(first.at);
            self.programs.send_nurture.invoke(envelopes::tick());
            for turn in self.queued() {
                self.programs.send_nurture.invoke(envelopes::sqs(&[turn]));
            }
            let next = self.runtime.block_on(self.store.due(moment, 1)).expect("the index").pop();
            assert_ne!(next, Some(first), "a lead stays due although it was served");
        }
        self.clock.move_to(moment);
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn feedback(&self, record: &Value) {
        self.confidential.note_record(record);
        self.update_score(&[envelopes::sns(record)]);
    }

    fn mails(&self) -> Vec<Mail> {
        self.calls.sent()
    }

    fn lead(&self, email: &str) -> Value {
        let lead =
            self.runtime.block_on(self.store.load(&self.id(email))).expect("the table").expect("a lead").lead;
        crate::stack::told(&lead)
    }

    fn write_key(&self) -> &str {
        WRITE_KEY
    }
}
