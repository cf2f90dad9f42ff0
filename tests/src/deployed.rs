//! The stack as it ships: the programs in a cloud, put there by `sam deploy` with `template.yaml`.
#![expect(clippy::disallowed_methods, reason = "tests start processes, and wait for them by the real clock")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use app::ports::LeadStore;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Activity, EmailAddress, Lead, LeadId, LeadKey};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::cloud::Cloud;
use crate::dynamodb::{Requests, client};
use crate::http::{Reply, Request};
use crate::log::Confidential;
use crate::programs::program;
use crate::stack::{Mail, Stack};
use crate::template;

/// Where the folder of the functions' programs stands, built for deployment.
pub const SHIPPED: &str = "SILLON_TEST_SHIPPED";
/// Where the path of the `sam` command stands.
pub const SAM: &str = "SILLON_TEST_SAM";
const STACK: &str = "sillon";
const BUCKET: &str = "artifacts";
const LEAD_KEY: &str = "the lead key of the test in the cloud";
const WRITE_KEY: &str = "the-write-key-of-the-test-in-the-cloud";
const TOKEN_KEY: &str = "0123456789abcdef0123456789abcdef";
/// What a cloud on this machine needs at most for what takes AWS a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// A deployed stack, running.
pub struct Deployed {
    /// Where it runs.
    pub cloud: Cloud,
    api: String,
    feedback_topic: String,
    table: String,
    client: aws_sdk_dynamodb::Client,
    store: ::dynamodb::Store,
    runtime: Runtime,
    confidential: Confidential,
    folder: TempDir,
}

impl Deployed {
    /// Bundles the campaigns, deploys them with the functions, and sets the clock.
    pub fn start(infra: &Path, now: Timestamp) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = TempDir::new().expect("a folder");
        let layer = folder.path().join("layer");
        let mut bundle = Command::new(program("sillon"));
        let bundled = bundle.arg("bundle").arg("--infra").arg(infra).arg("--out").arg(&layer).output();
        assert!(bundled.is_ok_and(|output| output.status.success()), "the campaigns are sound");

        let cloud = Cloud::start(runtime.handle(), folder.path());
        let template = folder.path().join("template.json");
        std::fs::write(&template, for_ministack(template::read(), folder.path(), &layer).to_string())
            .expect("a file");
        let region =
            json!({ "Bucket": BUCKET, "CreateBucketConfiguration": { "LocationConstraint": "eu-west-3" } });
        cloud.ask("s3", "create_bucket", &region);
        deploy(&cloud, &template);

        let answer = cloud.ask("cloudformation", "describe_stack_resources", &json!({ "StackName": STACK }));
        let named = |name: &str| {
            let all = answer["StackResources"].as_array().into_iter().flatten();
            let mut ids = all.filter(|resource| resource["LogicalResourceId"] == name);
            let id = ids.next().and_then(|resource| resource["PhysicalResourceId"].as_str());
            id.unwrap_or_else(|| panic!("{name} is not deployed")).to_owned()
        };
        let table = named("Table");
        let client = client(&cloud.endpoint, Requests::default());
        let store = ::dynamodb::Store::new(client.clone(), &table, vec![4]);
        cloud.clock.move_to(now);
        let confidential = Confidential::default();
        [LEAD_KEY, WRITE_KEY, TOKEN_KEY].iter().for_each(|secret| confidential.note_text(secret));
        Self {
            api: named("Api"),
            feedback_topic: named("SesTopic"),
            table,
            client,
            store,
            cloud,
            runtime,
            confidential,
            folder,
        }
    }

    /// Every lead as it is stored.
    pub fn leads(&self) -> Vec<Lead> {
        let scan = self.client.scan().table_name(&self.table).filter_expression("SK = :profile");
        let scan = scan.expression_attribute_values(":profile", AttributeValue::S("PROFILE".into()));
        let found = self.runtime.block_on(scan.send()).expect("a scan");
        let ids = found.items().iter().filter_map(|item| item["PK"].as_s().ok()?.strip_prefix("LEAD#"));
        let load = |id: &str| {
            let id = LeadId::parse(id).expect("an id");
            self.runtime.block_on(self.store.load(&id)).expect("the table").map(|stored| stored.lead)
        };
        ids.filter_map(load).collect()
    }

    /// All that the functions have said, each its lines in order.
    fn said(&self) -> Vec<String> {
        let logs = std::fs::read_dir(logs(self.folder.path())).expect("a folder");
        let read = |log: std::io::Result<std::fs::DirEntry>| {
            let text = std::fs::read(log.expect("an entry").path()).expect("a log");
            String::from_utf8_lossy(&text).lines().map(str::to_owned).collect::<Vec<_>>()
        };
        logs.flat_map(read).collect()
    }

    fn what_went_wrong(&self) -> String {
        let ill = |line: &String| ["WARN", "ERROR", "panicked"].iter().any(|word| line.contains(word));
        let ill: Vec<_> = self.said().into_iter().filter(ill).collect();
        format!("What went wrong in the functions:\n{}", ill[ill.len().saturating_sub(20)..].join("\n"))
    }

    fn load(&self, email: &str) -> Lead {
        self.runtime.block_on(self.store.load(&id(email))).expect("the table").expect("a lead").lead
    }

    /// All that happened to the lead with that address.
    pub fn activities(&self, email: &str) -> Vec<Activity> {
        let records = self.runtime.block_on(self.store.records(&id(email))).expect("the table");
        records.into_iter().flat_map(|record| record.activities).collect()
    }

    fn first_due(&self, until: Timestamp) -> Option<app::ports::Due> {
        self.runtime.block_on(self.store.due(until, 1)).expect("the index").pop()
    }

    /// What keeps the stack busy without time passing: events under way, nudges, claims.
    fn busy(&self) -> Option<&'static str> {
        if self.cloud.queued("Events-") + self.cloud.queued("DueLeads") > 0 {
            return Some("messages are queued");
        }
        let scan = self.client.scan().table_name(&self.table).filter_expression("nudge = :yes");
        let scan = scan.expression_attribute_values(":yes", AttributeValue::Bool(true));
        if !self.runtime.block_on(scan.send()).expect("a scan").items().is_empty() {
            return Some("a lead asks to be served");
        }
        self.leads().iter().any(|lead| lead.claim.is_some()).then_some("an e-mail is on its way")
    }

    /// Waits until nothing is under way any more, or for so long. Answers what still is.
    pub fn settle(&self, patience: Duration) -> Option<&'static str> {
        let end = Instant::now() + patience;
        loop {
            let busy = self.busy();
            if busy.is_none() || Instant::now() > end {
                return busy;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What SES does: it publishes to the topic of the configuration set.
    pub fn publish(&self, record: &Value) {
        self.confidential.note_record(record);
        let message = json!({ "TopicArn": self.feedback_topic, "Message": record.to_string() });
        self.cloud.ask("sns", "publish", &message);
    }

    /// A request from outside, whatever becomes of it.
    pub fn try_to_send(&self, request: &Request) -> Reply {
        self.confidential.note(request);
        self.cloud.send(&self.api, request)
    }

    /// Time passes; `patience` is how long a tick may take to serve who is due first, before the next tick tries.
    pub fn pass(&self, until: Timestamp, patience: Duration) {
        let mut ticks = 0;
        while let Some(first) = self.first_due(until) {
            self.cloud.clock.move_to(first.at);
            let end = Instant::now() + patience;
            while self.first_due(until).as_ref() == Some(&first) && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(100));
            }
            self.settle(patience);
            if self.first_due(until).as_ref() == Some(&first) {
                ticks += 1;
                assert!(ticks < 200, "{first:?} stays due");
                self.cloud.clock.move_to(self.cloud.clock.now() + SignedDuration::from_mins(1));
            }
        }
        self.cloud.clock.move_to(until);
    }
}

/// What a test that failed should know; of one that passed, nothing that no log may tell.
impl Drop for Deployed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return eprintln!("{}", self.what_went_wrong());
        }
        let said = self.said();
        assert!(!said.is_empty(), "the functions say what they do");
        let leaks = self.confidential.leaks(&said);
        assert!(leaks.is_empty(), "a function's log tells what no log may tell:\n{}", leaks.join("\n"));
    }
}

/// Where the functions' logs are.
fn logs(folder: &Path) -> PathBuf {
    folder.join("logs")
}

/// The program as it is deployed, and before it a line that keeps what it says, which ministack drops.
fn put_code(program: &Path, code: &Path, log: &Path) {
    std::fs::create_dir_all(code).expect("a folder");
    std::fs::copy(program, code.join("program")).expect("a program");
    // ministack unpacks all but `bootstrap` without its right to be run.
    let bootstrap = format!("#!/bin/sh\nchmod +x program\nexec ./program >> '{}' 2>&1\n", log.display());
    std::fs::write(code.join("bootstrap"), bootstrap).expect("a file");
}

fn id(email: &str) -> LeadId {
    let key = LeadKey::new(LEAD_KEY).expect("a key");
    LeadId::of(&key, &EmailAddress::parse(email).expect("an address"))
}

impl Stack for Deployed {
    /// A busy machine may stand still for longer than the functions wait for AWS. They answer 503 then, and a visitor does as
    /// the page says: waits, and tries again.
    fn send(&self, request: &Request) -> Reply {
        let mut reply = self.try_to_send(request);
        assert_eq!(self.settle(PATIENCE), None, "after {request:?}");
        if reply.status == 503 {
            eprintln!("{} {} was answered {}", request.method, request.path, reply.told());
            eprintln!("{}", self.what_went_wrong());
            reply = self.try_to_send(request);
            assert_eq!(self.settle(PATIENCE), None, "after {request:?}");
        }
        reply
    }

    fn pass_to(&self, moment: Timestamp) {
        self.pass(moment, Duration::from_secs(10));
    }

    fn now(&self) -> Timestamp {
        self.cloud.clock.now()
    }

    fn feedback(&self, record: &Value) {
        self.publish(record);
        assert_eq!(self.settle(PATIENCE), None, "after {record}");
    }

    fn mails(&self) -> Vec<Mail> {
        self.cloud.calls.sent()
    }

    fn lead(&self, email: &str) -> Value {
        crate::stack::told(&self.load(email))
    }

    fn write_key(&self) -> &str {
        WRITE_KEY
    }
}

/// The template as `sam build` leaves it, with the programs and the bundle in their places, and with what ministack
/// lacks made up for:
/// - it mounts no layers for programs of our own: `SILLON_BUNDLE` names the folder itself;
/// - it makes secrets with punctuation although told not to, and commas part keys: the secrets are written out;
/// - it compares a number that is a parameter as text: how many workers send is written out;
/// - it knows not on which identity an e-mail is sent: SES may be called on any;
/// - it takes a batch of messages for a permission of its own, which AWS does not have;
/// - it knows no DKIM records: the outputs that tell them are left out.
fn for_ministack(mut template: Value, folder: &Path, layer: &Path) -> Value {
    let programs: PathBuf = std::env::var_os(SHIPPED)
        .unwrap_or_else(|| panic!("{SHIPPED} must name the folder of the programs: run `tests/e2e/run`"))
        .into();
    std::fs::create_dir(logs(folder)).expect("a folder");
    template["Globals"]["Function"]["Environment"]["Variables"]["SILLON_BUNDLE"] =
        json!(layer.join("sillon"));
    let resources = template["Resources"].as_object_mut().expect("resources");
    for (name, resource) in resources.iter_mut() {
        let kind = resource["Type"].as_str().unwrap_or_default().to_owned();
        let Some(properties) = resource.get_mut("Properties") else { continue };
        match kind.as_str() {
            "AWS::Serverless::LayerVersion" => properties["ContentUri"] = json!(layer),
            "AWS::Serverless::Function" => {
                let source = properties["CodeUri"].as_str().and_then(|path| path.rsplit('/').next());
                let function = source.expect("a folder").to_owned();
                let code = folder.join("code").join(&function);
                put_code(&programs.join(&function), &code, &logs(folder).join(&function));
                properties["CodeUri"] = json!(code);
                if let Some(turns) = properties.pointer_mut("/Events/Turns/Properties/ScalingConfig") {
                    turns["MaximumConcurrency"] = json!(5);
                }
            }
            "AWS::SecretsManager::Secret" => {
                let generated = properties.as_object_mut().and_then(|all| all.remove("GenerateSecretString"));
                assert!(generated.is_some(), "{name} is generated");
                properties["SecretString"] = match name.as_str() {
                    "LeadKey" => LEAD_KEY.into(),
                    "WriteKey" => json!({ "secret": WRITE_KEY }).to_string().into(),
                    _ => json!({ "secret": TOKEN_KEY }).to_string().into(),
                };
            }
            "AWS::IAM::Role" => {
                let statements = &mut properties["Policies"][0]["PolicyDocument"]["Statement"];
                for statement in statements.as_array_mut().expect("a list") {
                    let actions = statement["Action"].as_array_mut().expect("a list");
                    if actions.contains(&json!("sqs:SendMessage")) {
                        actions.push(json!("sqs:SendMessageBatch"));
                    }
                    if actions.contains(&json!("ses:SendEmail")) {
                        statement["Resource"] = json!("*");
                    }
                }
            }
            _ => {}
        }
    }
    template["Outputs"].as_object_mut().expect("outputs").retain(|name, _| !name.starts_with("DkimRecord"));
    template
}

fn deploy(cloud: &Cloud, template: &Path) {
    let sam = std::env::var_os(SAM);
    let sam: PathBuf = sam.unwrap_or_else(|| panic!("{SAM} must name `sam`: run `tests/e2e/run`")).into();
    let mut command = cloud.command(&sam);
    // Its sleep fails under another clock, which shows real time as yet.
    command.env_remove("LD_PRELOAD").env("SAM_CLI_TELEMETRY", "0");
    command.args(["deploy", "--stack-name", STACK, "--s3-bucket", BUCKET, "--template-file"]).arg(template);
    command.args(["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"]);
    let architecture =
        format!("Architecture={}", if cfg!(target_arch = "x86_64") { "x86_64" } else { "arm64" });
    command.args(["--parameter-overrides", "SendingDomain=atelier-soleil.example", &architecture]);
    command.arg("PublicUrl=https://hello.example");
    let output = command.output().expect("sam starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}
