//! What a program says, kept line by line, and looked through when it ends: no address, no token, no secret, and nothing
//! that was posted may stand there.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use regex_lite::Regex;
use serde_json::Value;

use crate::http::Request;

/// What somebody might have written by chance: shorter texts prove nothing.
const SHORTEST: usize = 4;

/// Posted values that a log tells by rights, each for its reason.
const ALLOWED: &[(&str, &str)] = &[
    ("guide-solaire", "a campaign's id, which is public"),
    ("track", "a kind of event, in the words of the contract"),
    ("failed", "what SES calls a bounce's action, and we what went wrong"),
    ("true", "a word of JSON"),
    ("false", "a word of JSON"),
];

/// An e-mail address, its `@` percent-encoded or not.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)[a-z0-9._+-]+(@|%40)[a-z0-9-]+(\.[a-z0-9-]+)+").expect("a pattern"));
/// `key.payload.signature`, or a payload by itself: base64url of what begins with `{"`.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9]+\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{22}|eyJ[A-Za-z0-9_-]{12,}")
        .expect("a pattern")
});

/// What no log may tell, beyond what can be known by its shape.
#[derive(Clone, Default)]
pub struct Confidential(Arc<Mutex<BTreeSet<String>>>);

impl Confidential {
    /// Keeps in mind what a request says: the values of its body and of its query.
    pub fn note(&self, request: &Request) {
        if let Some((_, query)) = request.path.split_once('?') {
            self.note_fields(query.as_bytes());
        }
        match serde_json::from_slice::<Value>(&request.body) {
            Ok(value) => self.note_json(&value),
            Err(_) => self.note_fields(&request.body),
        }
    }

    /// Keeps in mind what SES tells of an e-mail, but for its tags, by which logs may name it.
    pub fn note_record(&self, record: &Value) {
        for part in record.as_object().into_iter().flat_map(|parts| parts.values()) {
            let told = part.as_object().into_iter().flatten();
            let told = told.filter(|(name, _)| !["tags", "messageId", "timestamp"].contains(&name.as_str()));
            told.for_each(|(_, value)| self.note_json(value));
        }
    }

    /// Keeps a text in mind.
    pub fn note_text(&self, text: &str) {
        let text = text.trim();
        let allowed = ALLOWED.iter().any(|(allowed, _)| *allowed == text);
        if text.len() >= SHORTEST && !allowed {
            locked(&self.0).insert(text.to_owned());
        }
    }

    fn note_fields(&self, fields: &[u8]) {
        for (_, value) in form_urlencoded::parse(fields) {
            self.note_text(&value);
        }
    }

    fn note_json(&self, value: &Value) {
        match value {
            Value::String(text) => self.note_text(text),
            Value::Array(items) => items.iter().for_each(|item| self.note_json(item)),
            Value::Object(members) => members.values().for_each(|member| self.note_json(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Each line that tells too much, with what it tells.
    pub fn leaks(&self, lines: &[String]) -> Vec<String> {
        let leak = |line: &String| Some(format!("`{}` in: {line}", self.found_in(line)?));
        lines.iter().filter_map(leak).collect()
    }

    /// What of that stands in a line.
    fn found_in(&self, line: &str) -> Option<String> {
        let shapes = [&*ADDRESS, &*TOKEN];
        let shaped = shapes.iter().find_map(|shape| shape.find(line)).map(|found| found.as_str().to_owned());
        shaped.or_else(|| locked(&self.0).iter().find(|text| stands_in(text, line)).cloned())
    }
}

/// What a test that failed left behind is as good as before.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the text stands there, and not only as a part of another word.
fn stands_in(text: &str, line: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    line.match_indices(text).any(|(start, _)| {
        !part(line[..start].chars().next_back()) && !part(line[start + text.len()..].chars().next())
    })
}

/// All that a program has said, on both of its outputs.
pub struct Log {
    name: String,
    confidential: Confidential,
    heard: Mutex<Receiver<String>>,
    lines: Mutex<Vec<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Log {
    /// Listens to a program whose outputs are pipes.
    pub fn of(process: &mut Child, name: &str, confidential: Confidential) -> Self {
        let (tell, heard) = channel();
        let readers = [
            process.stdout.take().map(|output| listen(output, tell.clone())),
            process.stderr.take().map(|output| listen(output, tell.clone())),
        ];
        let readers = readers.into_iter().flatten().collect();
        Self {
            name: name.to_owned(),
            confidential,
            heard: Mutex::new(heard),
            lines: Mutex::default(),
            readers,
        }
    }

    /// Waits until it says something that tells what is looked for.
    pub fn wait_for<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        loop {
            let line = locked(&self.heard).recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|_| panic!("{} does not say it: {:#?}", self.name, self.lines()));
            let found = find(&line);
            locked(&self.lines).push(line);
            if let Some(found) = found {
                return found;
            }
        }
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = locked(&self.lines);
        lines.extend(locked(&self.heard).try_iter());
        lines.clone()
    }

    /// Reads on to the end of a program that has ended, and looks through all of it. It is a test's last word: nothing is said
    /// if the test failed already.
    pub fn end(&mut self) {
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        let leaks = self.confidential.leaks(&self.lines());
        if !std::thread::panicking() {
            assert!(
                leaks.is_empty(),
                "the log of {} tells what no log may tell:\n{}",
                self.name,
                leaks.join("\n")
            );
        }
    }
}

fn listen(output: impl Read + Send + 'static, tell: Sender<String>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let _ = tell.send(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of these lines, after the posts of a form and of an event.
    fn leaks(line: &str) -> bool {
        let confidential = Confidential::default();
        confidential.note(&Request::form(
            "/f/guide?utm_source=spring",
            &[("first_name", "Zoë"), ("city", "Saint-Denis")],
        ));
        confidential.note(&Request::json(
            "/v1/events",
            &serde_json::json!({ "traits": { "plan": ["gold plated"] } }),
        ));
        confidential.note_text("hunter2hunter2");
        confidential.found_in(line).is_some()
    }

    #[test]
    fn what_no_log_may_tell_is_found() {
        let token = "k1.eyJsZWFkIjoiMDEyMzQ1Njc4OSJ9.AAAAAAAAAAAAAAAAAAAAAA";
        for line in [
            "sent to ada@example.com".to_owned(),
            "path=/dev/leads/ada%40example.com".to_owned(),
            r#"{"to":"Ada+x@mail.example.co.uk"}"#.to_owned(),
            format!("GET /c/{token}"),
            "payload eyJsZWFkIjoiMDEyMzQ1Njc4OSJ9".to_owned(),
            "traits: Zoë lives".to_owned(),
            "city=Saint-Denis,".to_owned(),
            "source: spring".to_owned(),
            "a gold plated plan".to_owned(),
            "key hunter2hunter2".to_owned(),
        ] {
            assert!(leaks(&line), "{line}");
        }
    }

    #[test]
    fn what_a_log_tells_by_rights_is_no_leak() {
        for line in [
            r#"{"level":"INFO","fields":{"message":"recorded","route":"/f/{campaign}","status":303,"lead":"0123456789abcdef0123456789abcdef"}}"#,
            "arn:aws:lambda:eu-west-3:123456789012:function:test",
            "springtime in Saint-Denis-du-Nord, hunter2hunter2hunter2",
            "version 1.136.0 of aws-sdk-dynamodb, bundle 3f2a.9c",
        ] {
            assert!(!leaks(line), "{line}");
        }
    }
}
