//! The schemas and the reference are those in the repository, and accept what the readers accept.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

use std::fs;
use std::path::{Path, PathBuf};

use campaign_file::{DOCUMENTS, reference, schema, to_value};
use jsonschema::Validator;
use serde_json::Value;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn validator(name: &str) -> Validator {
    let document = DOCUMENTS.iter().find(|document| document.name == name).expect("a document");
    jsonschema::validator_for(&schema(document)).expect("a good schema")
}

/// Whatever the schema has against a file.
fn faults(validator: &Validator, yaml: &str) -> Vec<String> {
    let value = to_value(yaml).expect("YAML");
    validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn what_lies_in_the_repository_is_current() {
    for document in DOCUMENTS {
        let path = repository().join(format!("infra/schema/{}.json", document.name));
        let written: Value = serde_json::from_slice(&fs::read(&path).expect("a schema")).expect("JSON");
        assert_eq!(written, schema(document), "run `cargo run -- schema --out infra/schema`");
    }
    let page = fs::read_to_string(repository().join("docs/reference.md")).expect("a page");
    assert!(page == reference(), "run `cargo run -- schema --format markdown > docs/reference.md`");
}

#[test]
fn every_example_file_is_accepted() {
    let mut count = 0;
    for infra in [repository().join("infra"), PathBuf::from("tests/fixtures/example")] {
        let mut files = vec![(infra.join("sillon.yaml"), "organisation")];
        for folder in fs::read_dir(infra.join("campaigns")).expect("campaigns").flatten() {
            files.push((folder.path().join("campaign.yaml"), "campaign"));
            let scenarios = fs::read_dir(folder.path().join("scenarios")).into_iter().flatten().flatten();
            files.extend(scenarios.map(|scenario| (scenario.path(), "scenario")));
        }
        for (path, name) in files {
            let faults = faults(&validator(name), &fs::read_to_string(&path).expect("read"));
            assert!(faults.is_empty(), "{}: {faults:#?}", path.display());
            count += 1;
        }
    }
    assert!(count >= 5, "{count}");
}

/// Every example of the table is of the kind that the table gives.
#[test]
fn every_example_of_a_key_is_of_its_kind() {
    for document in DOCUMENTS {
        let schema = schema(document);
        let definitions = schema["$defs"].as_object().cloned().unwrap_or_default();
        for (name, shape) in definitions.iter().chain([(&document.name.to_owned(), &schema)]) {
            for (key, property) in shape["properties"].as_object().expect("properties") {
                let mut alone = property.clone();
                alone["$defs"] = definitions.clone().into();
                let validator = jsonschema::validator_for(&alone).expect("a good schema");
                for example in property["examples"].as_array().into_iter().flatten() {
                    let faults: Vec<String> =
                        validator.iter_errors(example).map(|error| error.to_string()).collect();
                    assert!(faults.is_empty(), "{name}.{key}: {faults:#?}");
                }
            }
        }
    }
}
