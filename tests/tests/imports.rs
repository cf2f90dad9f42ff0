//! Imports point one way: a crate names only crates that stand above it in the map of `ARCHITECTURE.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folders of the crates, in the order of the map; a `*` stands for several.
fn map() -> Vec<PathBuf> {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page");
    let rows = page.lines().skip_while(|line| !line.starts_with("| crate | is |")).skip(2);
    let names = rows.map_while(|row| row.strip_prefix("| `")?.split('`').next());
    names.flat_map(folders).collect()
}

fn folders(name: &str) -> Vec<PathBuf> {
    let Some(several) = name.strip_suffix("/*") else { return vec![root().join(name)] };
    let entries = fs::read_dir(root().join(several)).expect("a folder").flatten();
    entries.map(|entry| entry.path()).filter(|path| path.join("Cargo.toml").exists()).collect()
}

/// A crate's name, and what it imports; what its tests import alone is not asked.
fn manifest(folder: &Path) -> (String, BTreeSet<String>) {
    let text = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    let mut section = "";
    let (mut name, mut imports) = (String::new(), BTreeSet::new());
    for line in text.lines() {
        let key = || line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
        match section {
            _ if line.starts_with('[') => section = line,
            "[package]" if key() == "name" => name = line.split('"').nth(1).expect("a name").to_owned(),
            "[dependencies]" => drop(imports.insert(key())),
            _ => {}
        }
    }
    (name, imports)
}

#[test]
fn a_crate_imports_only_from_those_above_it_in_the_map() {
    let crates: Vec<(String, BTreeSet<String>)> = map().iter().map(|folder| manifest(folder)).collect();
    let names: Vec<&String> = crates.iter().map(|(name, _)| name).collect();
    let members = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace");
    assert!(names.len() > 15 && members.contains("[workspace]"), "the map names {names:?} alone");

    for (place, (name, imports)) in crates.iter().enumerate() {
        let below: Vec<_> = names[place..].iter().filter(|other| imports.contains(**other)).collect();
        assert!(below.is_empty(), "{name} imports {below:?}, which do not stand above it");
    }
}

#[test]
fn the_core_knows_neither_a_service_nor_a_runtime() {
    let (_, imports) = manifest(&root().join("shared/domain"));
    let outside = ["tokio", "aws-", "lambda", "axum", "hyper", "reqwest", "rand"];
    let known: Vec<_> =
        imports.iter().filter(|import| outside.iter().any(|start| import.starts_with(start))).collect();
    assert!(known.is_empty(), "shared/domain imports {known:?}");
}
