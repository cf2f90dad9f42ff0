//! What `sillon dev` keeps beside its store: a file with one JSON object a line, which only grows.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// All of a file's objects, oldest first.
pub struct Kept<T> {
    file: PathBuf,
    all: Mutex<Vec<Arc<T>>>,
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// What the file holds; nothing if there is none yet. `what` says in an error what it should have been.
    pub fn open(file: PathBuf, what: &str) -> anyhow::Result<Self> {
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        // A line without an end was being written when the process was killed: what it was about did not happen.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            OpenOptions::new().write(true).open(&file)?.set_len(whole as u64)?;
        }
        let all = text[..whole].lines().map(|line| serde_json::from_str(line).map(Arc::new));
        let all = all.collect::<Result<_, _>>();
        let all = all.with_context(|| format!("{}: not {what} of Sillon", file.display()))?;
        Ok(Self { file, all: Mutex::new(all) })
    }

    pub fn all(&self) -> Vec<Arc<T>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes out whatever is so, in the file first: it is written beside, so that it is there whole or as it was.
    pub fn forget(&self, is_so: impl Fn(&T) -> bool) -> std::io::Result<()> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let left: Vec<Arc<T>> = all.iter().filter(|one| !is_so(one)).cloned().collect();
        if left.len() == all.len() {
            return Ok(());
        }
        let mut text = Vec::new();
        for one in &left {
            serde_json::to_writer(&mut text, &**one)?;
            text.push(b'\n');
        }
        let beside = self.file.with_extension("part");
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, &self.file)?;
        *all = left;
        Ok(())
    }

    /// Adds one, in the file first.
    pub fn put(&self, one: T) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(&one)?;
        line.push(b'\n');
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        OpenOptions::new().create(true).append(true).open(&self.file)?.write_all(&line)?;
        all.push(Arc::new(one));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &tempfile::TempDir) -> Vec<Arc<String>> {
        Kept::open(folder.path().join("kept.jsonl"), "a list").expect("a file that can be read").all()
    }

    #[test]
    fn what_was_put_is_there_again_and_half_a_line_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("kept.jsonl");
        assert!(open(&folder).is_empty(), "there is no file yet");
        let kept = Kept::open(file.clone(), "a list").expect("a new file");
        kept.put("first".to_owned()).expect("room");
        kept.put("second".to_owned()).expect("room");
        let text = std::fs::read_to_string(&file).expect("the file");
        std::fs::write(&file, format!("{text}\"thi")).expect("half a line");
        assert_eq!(open(&folder), kept.all());
        assert_eq!(std::fs::read_to_string(&file).expect("the file"), text, "the half line is gone");
    }

    #[test]
    fn a_file_of_another_kind_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("kept.jsonl");
        std::fs::write(&file, "{}\n").expect("a file");
        let error = Kept::<String>::open(file, "an inbox").err().expect("a fault");
        assert!(error.to_string().ends_with("kept.jsonl: not an inbox of Sillon"), "{error}");
    }
}
