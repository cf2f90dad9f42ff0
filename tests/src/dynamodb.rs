//! DynamoDB for tests: the embedded engine in process, or ministack as a process of its own, with requests counted.
#![expect(clippy::disallowed_methods, reason = "tests start processes, and wait for them by the real clock")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::LeadId;

/// Where the path of ministack's command stands; `tests/run` installs it and sets this.
pub const MINISTACK: &str = "SILLON_TEST_MINISTACK";

/// Counts the requests that a client sends, repetitions included.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<AtomicUsize>);

impl Requests {
    /// How many there were since the last time somebody asked.
    pub fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Intercept for Requests {
    fn name(&self) -> &'static str {
        "Requests"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A client of the endpoint, with the SDK's own retries.
pub fn client(endpoint: &str, requests: Requests) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-3"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .interceptor(requests)
        .build();
    Client::from_conf(config)
}

/// Starts the embedded engine in memory on a port of its own; it ends with the runtime. Answers its endpoint.
pub async fn embedded() -> String {
    serve(dynoxide::Database::memory().expect("a database in memory")).await
}

/// The same over a file, such as that in which `sillon dev` keeps its leads.
pub async fn of_file(file: &Path) -> String {
    serve(dynoxide::Database::new(file.to_str().expect("a path in UTF-8")).expect("a database")).await
}

async fn serve(database: dynoxide::Database) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    endpoint
}

/// Puts something else in place of the state that a profile holds; answers what was there.
pub async fn replace_state(client: &Client, table: &str, lead: &LeadId, state: &str) -> String {
    let update = client.update_item().table_name(table);
    let update = update
        .key("PK", AttributeValue::S(format!("LEAD#{lead}")))
        .key("SK", AttributeValue::S("PROFILE".into()))
        .update_expression("SET #state = :state")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":state", AttributeValue::S(state.into()))
        .return_values(ReturnValue::UpdatedOld);
    let old = update.send().await.expect("an update").attributes.expect("what was there");
    old["state"].as_s().expect("a text").clone()
}

/// Ministack, until it is dropped.
pub struct Ministack {
    process: Child,
    /// Where it answers.
    pub endpoint: String,
}

impl Ministack {
    /// Starts it on a free port and waits until it answers.
    pub async fn start() -> Self {
        let command = std::env::var_os(MINISTACK).unwrap_or_else(|| {
            panic!(
                "{MINISTACK} must name the `ministack` command, the second implementation that the store is held \
                 against. `tests/run` installs it and sets the variable: run the tests with it"
            )
        });
        let port = free_port();
        let process = Command::new(&command)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}, which {MINISTACK} names, does not start: {error}"));
        let mut ministack = Self { process, endpoint: format!("http://127.0.0.1:{port}") };
        ministack.wait(port).await;
        ministack
    }

    async fn wait(&mut self, port: u16) {
        let patience = Instant::now() + Duration::from_secs(60);
        let client = client(&self.endpoint, Requests::default());
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err()
            || client.list_tables().send().await.is_err()
        {
            if let Ok(Some(status)) = self.process.try_wait() {
                panic!("ministack ended by itself: {status}");
            }
            assert!(Instant::now() < patience, "ministack does not answer on port {port}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody listens on, as far as one can know.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
