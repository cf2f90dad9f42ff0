//! Reads an `infra/` that anybody may have written. What checks clean makes a bundle by which leads can live.
#![no_main]

use std::cell::RefCell;

use campaign_file::{mend, read, settle};
use domain::Bundle;
use domain::sequence::Act;
use fuzz::infra::Infra;
use fuzz::{mail, reading, story};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

thread_local!(static INFRA: RefCell<Infra> = RefCell::new(Infra::example()));

fuzz_target!(|bytes: &[u8]| INFRA.with_borrow_mut(|infra| {
    infra.replace("campaign", bytes);
    let reading = read(infra.path());
    reading::check(infra, &reading);
    let Some(bundle) = &reading.bundle else { return check_mends(infra) };

    let json = serde_json::to_string(bundle).expect("a bundle is JSON");
    let again: Bundle = serde_json::from_str(&json).expect("what functions load");
    assert_eq!(serde_json::to_string(&again).expect("JSON"), json, "the bundle changes when it is loaded");
    let now: Timestamp = "2027-03-01T09:00:00Z".parse().expect("a time");
    mail::render_all(&again, now);
    story::play(&again, now);
    check_settles(infra, bundle);
}));

/// Mending twice is mending once, and tells what it leaves.
fn check_mends(infra: &mut Infra) {
    let mended = mend(infra.path());
    for file in &mended.files {
        infra.rewrite(&file.path, &file.after);
    }
    let reading = read(infra.path());
    reading::check(infra, &reading);
    assert_eq!(reading.findings, mended.left.findings, "the mended files are not those that were read");
    let again = mend(infra.path());
    assert!(again.files.is_empty(), "{:#?}\nand then\n{:#?}", mended.files, again.files);
}

/// Every experiment can be settled, and the file stays one that checks clean.
fn check_settles(infra: &mut Infra, bundle: &Bundle) {
    for (id, campaign) in &bundle.campaigns {
        for (step, act) in campaign.sequence.steps.iter().map(|(id, step)| (id, &step.act)) {
            let Act::Experiment(experiment) = act else { continue };
            let Some(variant) = experiment.variants.first() else { continue };
            let settled = settle(infra.path(), id, step, &variant.id).expect("an experiment that is there");
            infra.rewrite(&settled.path, &settled.after);
            let reading = read(infra.path());
            assert!(reading.bundle.is_some(), "{}\n{:#?}", settled.after, reading.findings);
        }
    }
}
