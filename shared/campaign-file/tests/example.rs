//! The language's example reads without errors, and compiles to what it says.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

use std::path::Path;

use domain::{Bundle, StepId};

fn example() -> campaign_file::Reading {
    campaign_file::read(Path::new("tests/fixtures/example"))
}

fn bundle() -> Bundle {
    example().bundle.expect("a bundle")
}

#[test]
fn it_has_no_errors_and_a_warning_for_each_missing_language() {
    insta::assert_snapshot!(campaign_file::render(&example().findings, false));
}

#[test]
fn it_compiles_to_this_bundle() {
    let mut bundle = bundle();
    let campaigns = bundle.campaigns.values_mut();
    for email in
        campaigns.flat_map(|campaign| campaign.emails.values_mut()).flat_map(|email| email.values_mut())
    {
        email.body = "(body)".into();
    }
    insta::assert_json_snapshot!(bundle);
}

#[test]
fn steps_lead_on_to_what_stands_after_their_branch() {
    let bundle = bundle();
    let sequence = &bundle.campaigns.values().next().expect("a campaign").sequence;
    let next = |id: &str| {
        let step = &sequence.steps[&StepId::parse(id).expect("an id")];
        step.next.as_ref().map_or("(end)", |next| next.as_str()).to_owned()
    };
    assert_eq!(sequence.first.as_ref().map(|id| id.as_str()), Some("bienvenue"));
    for (step, follower) in [
        ("bienvenue", "bienvenue-wait"),
        ("bienvenue-wait", "etude-de-cas"),
        ("etude-de-cas", "etude-de-cas-wait-for"),
        ("etude-de-cas-wait-for", "relance-if"),
        ("relance", "relance-if"),
        ("relance-if", "(end)"),
        ("relance-alert", "(end)"),
        ("relance-wait", "temoignages"),
        ("temoignages", "(end)"),
    ] {
        assert_eq!(next(step), follower, "after {step}");
    }
}

#[test]
fn the_artifact_can_be_loaded_back_and_holds_the_magnet() {
    let folder = tempfile::tempdir().expect("a folder");
    let bundle = bundle();
    campaign_file::write(&bundle, Path::new("tests/fixtures/example"), folder.path()).expect("written");
    let json = std::fs::read(folder.path().join("bundle.json")).expect("bundle.json");
    let loaded: Bundle = serde_json::from_slice(&json).expect("a bundle");
    assert_eq!(serde_json::to_value(&loaded).expect("JSON"), serde_json::to_value(&bundle).expect("JSON"));
    let magnet = folder.path().join("files/guide-solaire/files/guide.pdf");
    assert!(std::fs::read(magnet).expect("the magnet").starts_with(b"%PDF"));
}

#[test]
fn the_same_files_give_the_same_hash() {
    assert_eq!(bundle().content_hash, bundle().content_hash);
    assert_eq!(bundle().content_hash.len(), 64);
}
