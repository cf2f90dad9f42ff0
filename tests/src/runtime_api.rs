//! A Lambda Runtime API of our own: starts a function's program and hands it events, as Lambda does.
//! (AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".)

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc};

use crate::log::{Confidential, Log};

/// A function's program, started cold at its first event.
pub struct Function {
    process: Child,
    log: Log,
    events: mpsc::Sender<Value>,
    answers: std::sync::Mutex<mpsc::Receiver<Answer>>,
    runtime: Handle,
}

/// What the program answered: the JSON of a reply, or that of an error.
type Answer = Result<Value, Value>;

struct Api {
    events: Mutex<mpsc::Receiver<Value>>,
    answers: mpsc::Sender<Answer>,
}

impl Function {
    /// Starts the program with an environment.
    pub fn start(
        runtime: &Handle,
        program: &Path,
        environment: &[(String, String)],
        confidential: Confidential,
    ) -> Self {
        let (events, next_event) = mpsc::channel(1);
        let (answers, next_answer) = mpsc::channel(1);
        let api = Arc::new(Api { events: Mutex::new(next_event), answers });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(error_at_start))
            .with_state(api);
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(async move { axum::serve(listener, routes).await });
        let mut process = Command::new(program)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", program.file_name().expect("a name"))
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let log = Log::of(&mut process, &program.display().to_string(), confidential);
        Self { process, log, events, answers: std::sync::Mutex::new(next_answer), runtime: runtime.clone() }
    }

    /// What it has said so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lines()
    }

    /// Hands it one event and waits for its answer, which must not be an error.
    pub fn invoke(&self, event: Value) -> Value {
        self.try_invoke(&event).unwrap_or_else(|error| panic!("the function failed: {error}\non {event}"))
    }

    /// Hands it one event and waits for its answer.
    pub fn try_invoke(&self, event: &Value) -> Result<Value, String> {
        let mut answers = self.answers.lock().expect("one test at a time");
        let answer = self.runtime.block_on(async {
            self.events.send(event.clone()).await.expect("the api runs");
            tokio::time::timeout(Duration::from_secs(60), answers.recv()).await
        });
        match answer {
            Ok(Some(answer)) => answer.map_err(|error| error.to_string()),
            _ => panic!("the function did not answer {event}"),
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.log.end();
    }
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    match api.events.lock().await.recv().await {
        Some(event) => (
            [
                ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
                // The end of time: the functions of a test run under another clock.
                ("lambda-runtime-deadline-ms", "32503680000000"),
                (
                    "lambda-runtime-invoked-function-arn",
                    "arn:aws:lambda:eu-west-3:123456789012:function:test",
                ),
                ("content-type", "application/json"),
            ],
            event.to_string(),
        )
            .into_response(),
        None => std::future::pending().await,
    }
}

async fn response(State(api): State<Arc<Api>>, UrlPath(_): UrlPath<String>, body: Bytes) {
    let _ = api.answers.send(Ok(serde_json::from_slice(&body).unwrap_or_default())).await;
}

async fn error(State(api): State<Arc<Api>>, UrlPath(_): UrlPath<String>, body: Bytes) {
    let _ = api.answers.send(Err(serde_json::from_slice(&body).unwrap_or_default())).await;
}

async fn error_at_start(State(api): State<Arc<Api>>, body: Bytes) {
    let _ = api.answers.send(Err(serde_json::from_slice(&body).unwrap_or_default())).await;
}
