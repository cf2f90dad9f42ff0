//! The state of the files that a marketer edits, told by their names, sizes and times.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

/// Below `infra/`, nothing that is read lies deeper.
const DEEPEST: usize = 6;

/// Changes whenever a file of the folder, or the further one, comes, goes, or is written.
pub fn of(infra: &Path, further: Option<&Path>) -> String {
    let mut state = DefaultHasher::new();
    walk(infra, 0, &mut state);
    if let Some(path) = further {
        entry(path, &mut state);
    }
    format!("{:016x}", state.finish())
}

fn walk(folder: &Path, depth: usize, state: &mut DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| !path.file_name().unwrap_or_default().to_string_lossy().starts_with('.'));
    paths.sort();
    for path in paths {
        if path.is_dir() && depth < DEEPEST && !path.ends_with("target") {
            walk(&path, depth + 1, state);
        } else {
            entry(&path, state);
        }
    }
}

fn entry(path: &Path, state: &mut DefaultHasher) {
    let about = std::fs::metadata(path).ok();
    let about = about.map(|about| (about.len(), about.modified().ok()));
    (path, about).hash(state);
}
