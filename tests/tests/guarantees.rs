//! `docs/guarantees.md` names tests that exist: a promise whose test is gone is none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of all functions that are marked as tests, below a folder of this repository.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        // Not through links, and not into what tools build.
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if folder && !name.starts_with('.') && name != "target" && name != "node_modules" {
            tests_below(&path, found);
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(&path).expect("a file");
            let lines: Vec<_> = text.lines().map(str::trim_start).collect();
            // The store's contract makes tests of what it lists: `subject::specification,`.
            let listed = lines.iter().skip_while(|line| **line != "contract! {");
            found.extend(
                listed.filter_map(|line| Some(line.strip_suffix(',')?.split_once("::")?.1.to_owned())),
            );
            for (place, line) in lines.iter().enumerate() {
                let name = line.trim_start_matches("pub ").trim_start_matches("async ").strip_prefix("fn ");
                let marked = lines[..place]
                    .iter()
                    .rev()
                    .take_while(|line| line.starts_with("#[") || line.starts_with("//"));
                let is_test = |mark: &&str| {
                    mark.contains("test]") || mark.contains("test(") || mark.starts_with("#[case")
                };
                if let (Some(name), true) = (name, marked.clone().any(is_test)) {
                    found.extend(name.split(['(', '<']).next().map(str::to_owned));
                }
            }
        }
    }
}

#[test]
fn every_promise_names_tests_that_exist() {
    let page = std::fs::read_to_string(root().join("docs/guarantees.md")).expect("the page");
    let mut known = BTreeSet::new();
    ["functions", "infra", "shared", "tests"]
        .iter()
        .for_each(|folder| tests_below(&root().join(folder), &mut known));

    let quoted = page.split('`').skip(1).step_by(2);
    let named: BTreeSet<&str> = quoted
        .filter(|name| name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    assert!(named.len() > 20 && known.len() > 200, "{} of {}", named.len(), known.len());
    let unknown: Vec<_> = named.iter().filter(|name| !known.contains(**name)).collect();
    assert!(unknown.is_empty(), "docs/guarantees.md names tests that do not exist: {unknown:?}");

    let bold = page.split("\n\n").filter(|part| part.starts_with("**")).collect::<Vec<_>>();
    let bare: Vec<_> = bold
        .iter()
        .filter(|part| {
            !part.contains('→')
                && !part.starts_with("**That an e-mail arrives")
                && !part.starts_with("**Exactly once")
        })
        .collect();
    assert!(bare.is_empty(), "promises without a test: {bare:?}");
}
