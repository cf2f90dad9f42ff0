//! `sillon dev` as a process of its own.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::http::{self, Reply, Request};
use crate::log::{Confidential, Log};
use crate::programs::program;

/// A running `sillon dev`; ends when dropped.
pub struct Dev {
    process: Child,
    log: Log,
    confidential: Confidential,
    /// Where it answers.
    pub base: String,
    /// What its clock said last.
    pub(crate) now: std::cell::Cell<Timestamp>,
}

impl Dev {
    /// Starts it on a free port and waits until it says where it is.
    pub fn start(infra: &Path, data: &Path) -> Self {
        Self::start_with(&[], infra, data)
    }

    /// Starts it with further options.
    pub fn start_with(options: &[&str], infra: &Path, data: &Path) -> Self {
        let mut process = Command::new(program("sillon"))
            .args(["dev", "--listen", "127.0.0.1:0"])
            .args(options)
            .arg("--data")
            .arg(data)
            .arg("--infra")
            .arg(infra)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sillon starts");
        let confidential = Confidential::default();
        let log = Log::of(&mut process, "sillon dev", confidential.clone());
        let base = log.wait_for(|line| {
            line.strip_prefix("Sillon is at ").map(|url| url.trim_end_matches('/').to_owned())
        });
        Self { process, log, confidential, base, now: Timestamp::UNIX_EPOCH.into() }
    }

    /// As the system kills what uses too much memory: without a word.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.log.end();
    }

    /// Sends a request that must be answered.
    pub fn send(&self, request: &Request) -> Reply {
        self.confidential.note(request);
        http::send(&self.base, request).unwrap_or_else(|error| panic!("{request:?}: {error}"))
    }

    /// `GET` of JSON.
    pub fn get_json(&self, path: &str) -> Value {
        self.send(&Request::get(path)).json()
    }

    /// Moves the clock; answers `{now, sent}`.
    pub fn clock(&self, change: Value) -> Value {
        let reply = self.send(&Request::json("/dev/clock", &change));
        assert_eq!(reply.status, 200, "{}", reply.text());
        let answer = reply.json();
        self.now.set(answer["now"].as_str().and_then(|now| now.parse().ok()).expect("a time"));
        answer
    }

    /// Lets time pass.
    pub fn advance(&self, span: &str) -> Value {
        self.clock(json!({ "advance": span }))
    }

    /// Every e-mail.
    pub fn inbox(&self) -> Vec<Value> {
        self.get_json("/dev/inbox.json").as_array().expect("a list").clone()
    }

    /// One lead with its activities.
    pub fn lead(&self, email: &str) -> Value {
        self.get_json(&format!("/dev/leads/{email}.json"))
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        self.end();
    }
}
