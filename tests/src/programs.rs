//! The programs as they were built.
#![expect(clippy::disallowed_methods, reason = "tests are told where the programs are")]

use std::path::PathBuf;

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
