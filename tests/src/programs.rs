//! The programs as they were built.
#![expect(clippy::disallowed_methods, reason = "tests are told where the programs are")]

use std::path::{Path, PathBuf};

/// The path of a program of this workspace, such as `sillon` or `submit-form`.
pub fn program(name: &str) -> PathBuf {
    let folder = std::env::var_os("SILLON_TEST_FUNCTIONS").unwrap_or_else(|| {
        panic!("SILLON_TEST_FUNCTIONS must name the folder of the programs: run the tests with `tests/run`")
    });
    let path = PathBuf::from(folder).join(name);
    assert!(path.exists(), "{} is not built: run the tests with `tests/run`", path.display());
    path
}

/// The campaigns of this repository.
pub fn infra() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../infra")
}

/// The same with something more in `sillon.yaml`, copied into the folder.
pub fn infra_with(folder: &Path, more: &str) -> PathBuf {
    let copied = folder.join("infra");
    copy(&infra(), &copied);
    let file = copied.join("sillon.yaml");
    let written = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, format!("{written}\n{more}\n")).expect("it can be written");
    copied
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { std::fs::copy(&from, &to).map(|_| ()).expect("a copy") }
    }
}
