//! Checks and writes an e-mail whose template anybody may have written, to a lead who means harm.
#![no_main]

use std::cell::RefCell;

use campaign_file::read;
use fuzz::infra::Infra;
use fuzz::{mail, reading};
use libfuzzer_sys::fuzz_target;

thread_local!(static INFRA: RefCell<Infra> = RefCell::new(Infra::small()));

fuzz_target!(|bytes: &[u8]| INFRA.with_borrow_mut(|infra| {
    infra.replace("welcome", bytes);
    let reading = read(infra.path());
    reading::check(infra, &reading);
    if let Some(bundle) = &reading.bundle {
        mail::render_all(bundle, "2027-03-01T09:00:00Z".parse().expect("a time"));
    }
}));
