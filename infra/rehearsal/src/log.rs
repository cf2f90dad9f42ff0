//! The log file: JSON Lines, one lead a line, with everything that ever happened to it.
//!
//! `{"lead":"<id>","activities":[{"at":"2027-01-01T09:00:00Z","kind":"lead_created",…},…]}`, each activity as the store
//! and `GET /dev/leads/{email}.json` have it. The lead's state is the fold of its line.

use std::io::{self, BufRead, Read, Write};

use domain::{Activity, Fact, Lead, LeadId, evolve::BrokenLog, fold};
use serde::{Deserialize, Serialize};

/// Longer lines are no log of ours; memory stays bounded whatever file is given.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// A lead and everything that ever happened to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// Who.
    pub lead: LeadId,
    /// In the order in which they were decided, which is the order of the fold.
    pub activities: Vec<Activity>,
}

/// A line that is no lead's log. Those after it can be read all the same.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Fault {
    /// Counted from 1.
    pub line: u64,
    what: String,
}

impl Log {
    /// The lead as it is after all of it.
    pub fn fold(&self) -> Result<Lead, BrokenLog> {
        fold(&self.activities)?.ok_or(BrokenLog)
    }

    /// Writes it as a line.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        out.write_all(&line)
    }

    fn read(line: &[u8]) -> Result<Self, String> {
        let log: Self = serde_json::from_slice(line).map_err(|error| not_a_log(&error))?;
        let first = log.activities.first().map(|activity| &activity.fact);
        if !matches!(first, Some(Fact::LeadCreated { lead, .. }) if *lead == log.lead) {
            return Err("a lead's log begins with the `lead_created` of that lead".to_owned());
        }
        log.fold().map_err(|error| error.to_string())?;
        Ok(log)
    }
}

/// The parser's words, and the place in the line instead of that in the text it was given.
fn not_a_log(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let what = told.rsplit_once(" at line ").map_or(told.as_str(), |(what, _)| what);
    format!("not a lead's log: {what}, at character {}", error.column())
}

/// Reads a log file line by line: memory holds one line.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    line: u64,
    bytes: u64,
    ended: bool,
    buffer: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// Reads from the beginning.
    pub fn new(input: R) -> Self {
        Self { input, line: 0, bytes: 0, ended: false, buffer: Vec::new() }
    }

    /// How much was read, for a progress bar.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads a line into the buffer. False at the end.
    fn turn(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        let read = self.input.by_ref().take(MOST_BYTES).read_until(b'\n', &mut self.buffer)?;
        self.bytes += read as u64;
        Ok(read > 0)
    }

    /// Reads on to the end of a line that is too long, and keeps nothing of it.
    fn skip_line(&mut self) -> io::Result<()> {
        while self.buffer.last() != Some(&b'\n') && self.turn()? {}
        Ok(())
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Log, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            self.line += 1;
            let line = self.line;
            let fault = |what: String| Some(Err(Fault { line, what }));
            match self.turn() {
                Ok(true) if self.buffer.trim_ascii().is_empty() => {}
                Ok(true) if self.buffer.len() as u64 == MOST_BYTES && !self.buffer.ends_with(b"\n") => {
                    self.ended = self.skip_line().is_err();
                    return fault(format!("longer than {} MB: no log of Sillon", MOST_BYTES / 1024 / 1024));
                }
                Ok(true) => {
                    return Some(Log::read(self.buffer.trim_ascii()).map_err(|what| Fault { line, what }));
                }
                Ok(false) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return fault(format!("cannot be read, nor what follows: {error}"));
                }
            }
        }
        None
    }
}
