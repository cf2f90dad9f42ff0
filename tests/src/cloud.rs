//! AWS as ministack stands in for it: a whole cloud on this machine, with a clock that can be moved and permissions that
//! hold (`AUTH=true`). What its functions ask of DynamoDB, SES and SQS goes through [`Calls`].
#![expect(clippy::disallowed_methods, reason = "tests start processes, and wait for them by the real clock")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::runtime::Handle;

use crate::calls::Calls;
use crate::clock::Clock;
use crate::dynamodb::free_port;
use crate::http::{self, Request};

/// Where the Python of the environment stands that `tests/requirements/deployment.txt` describes.
pub const PYTHON: &str = "SILLON_TEST_DEPLOYMENT";
/// Whoever uses the cloud from outside: all is allowed.
const ROOT: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_REGION", "eu-west-3"),
    ("AWS_DEFAULT_REGION", "eu-west-3"),
];

/// A running cloud, until it is dropped.
pub struct Cloud {
    process: Child,
    log: PathBuf,
    port: u16,
    /// Where all services answer.
    pub endpoint: String,
    /// The functions' calls.
    pub calls: Calls,
    /// The time there.
    pub clock: Clock,
}

impl Cloud {
    /// Starts it on a free port and waits until it answers. Its log and its clock's file are in the folder.
    pub fn start(runtime: &Handle, folder: &Path) -> Self {
        let port = free_port();
        let endpoint = format!("http://127.0.0.1:{port}");
        let services = ["dynamodb", "ses", "sqs"].map(|service| (service, endpoint.clone()));
        let (proxy, calls) = Calls::start(runtime, services.into());
        let clock = Clock::real(folder);
        let told = folder.join("cloud.log");
        let log = std::fs::File::create(&told).expect("a file");
        let process = Command::new(python())
            .arg(script("cloud.py"))
            .envs(clock.environment())
            .envs(ROOT)
            .env("AUTH", "true")
            .env("LOG_LEVEL", "WARNING")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("AWS_ENDPOINT_URL", &endpoint)
            // Functions inherit these, and they outrank the one above.
            .env("AWS_ENDPOINT_URL_DYNAMODB", &proxy)
            .env("AWS_ENDPOINT_URL_SESV2", &proxy)
            .env("AWS_ENDPOINT_URL_SQS", &proxy)
            // For the code of functions, which it unpacks there.
            .env("TMPDIR", folder)
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .expect("Python starts");
        let mut cloud = Self { process, log: told, port, endpoint, calls, clock };
        cloud.wait();
        cloud
    }

    fn wait(&mut self) {
        let patience = Instant::now() + Duration::from_secs(60);
        while http::send(&self.endpoint, &Request::get("/_ministack/health")).is_err() {
            if let Ok(Some(status)) = self.process.try_wait() {
                panic!("ministack ended by itself: {status}");
            }
            assert!(Instant::now() < patience, "ministack does not answer at {}", self.endpoint);
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// A command that uses the cloud: it is told where it is and what time it is there.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs(ROOT).env("AWS_ENDPOINT_URL", &self.endpoint).envs(self.clock.environment());
        command
    }

    /// Asks a service for something.
    pub fn ask(&self, service: &str, operation: &str, parameters: &Value) -> Value {
        let mut command = self.command(&python());
        let output =
            command.arg(script("ask.py")).args([service, operation, &parameters.to_string()]).output();
        let output = output.expect("Python starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{service} {operation} {parameters}: {told}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// A request to an API, from outside.
    pub fn send(&self, api: &str, request: &Request) -> http::Reply {
        let host = format!("{api}.execute-api.localhost:{}", self.port);
        let request = request.clone().header("host", &host);
        http::send(&self.endpoint, &request).unwrap_or_else(|error| panic!("{request:?}: {error}"))
    }

    /// How many messages are in queues whose name has this part, those under way included.
    pub fn queued(&self, part: &str) -> usize {
        let queues =
            http::send(&self.endpoint, &Request::get("/_ministack/sqs/messages")).expect("an answer");
        messages(&queues.json(), part)
    }

    /// Kills the processes of the function with this access key, as Lambda's host kills what misbehaves.
    pub fn kill(&self, access_key: &str) {
        for (process, _) in self.of_function(access_key) {
            let _ = Command::new("kill").args(["-9", &process.to_string()]).stderr(Stdio::null()).status();
        }
    }

    /// What the function with this access key is called, while it runs.
    pub fn function(&self, access_key: &str) -> Option<String> {
        let called =
            |variable: &String| variable.strip_prefix("AWS_LAMBDA_FUNCTION_NAME=").map(str::to_owned);
        self.of_function(access_key).iter().find_map(|(_, environment)| environment.iter().find_map(called))
    }

    /// The processes of the function with this access key, each with its environment.
    fn of_function(&self, access_key: &str) -> Vec<(u32, Vec<String>)> {
        let wanted = format!("AWS_ACCESS_KEY_ID={access_key}");
        let environment = |process| {
            let all = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
            let all = all.split(|byte| *byte == 0).map(|one| String::from_utf8_lossy(one).into_owned());
            (process, all.collect::<Vec<_>>())
        };
        let all = children(self.process.id()).into_iter().map(environment);
        all.filter(|(_, environment)| environment.contains(&wanted)).collect()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        for process in children(self.process.id()) {
            let _ = Command::new("kill").args(["-9", &process.to_string()]).stderr(Stdio::null()).status();
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            eprintln!("The cloud's last words:\n{}", lines[lines.len().saturating_sub(60)..].join("\n"));
        }
    }
}

fn python() -> PathBuf {
    let python = std::env::var_os(PYTHON);
    python.unwrap_or_else(|| panic!("{PYTHON} must name a Python with ministack: run `tests/e2e/run`")).into()
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e").join(name)
}

/// `{"messages": {account: {region: {queue: [message, …]}}}}`
fn messages(answer: &Value, part: &str) -> usize {
    let values = |value: &Value| {
        value.as_object().into_iter().flatten().map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let regions = values(&answer["messages"]).into_iter().flat_map(|account| values(&account));
    let queues = regions.flat_map(|region| region.as_object().cloned().unwrap_or_default());
    let wanted = queues.filter(|(url, _)| url.contains(part));
    wanted.map(|(_, messages)| messages.as_array().map_or(0, Vec::len)).sum()
}

/// By Linux's list: the processes that this one started and that live.
fn children(parent: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect()
}
