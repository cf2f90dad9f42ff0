//! Checks a condition that anybody may have written, and asks it of a lead.
#![no_main]

use std::cell::RefCell;
use std::sync::LazyLock;

use campaign_file::read;
use domain::{Bundle, Condition, EmailAddress, Facts, Lead, Locale, TraitValue};
use fuzz::infra::{Infra, ORGANISATION};
use fuzz::reading;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use rehearsal::Rehearsal;

thread_local!(static INFRA: RefCell<Infra> = RefCell::new(Infra::small()));
static NOW: LazyLock<Timestamp> = LazyLock::new(|| "2027-03-01T09:00:00Z".parse().expect("a time"));
static LEADS: LazyLock<[Lead; 2]> = LazyLock::new(|| [lead(false), lead(true)]);

fuzz_target!(|text: &str| {
    INFRA.with_borrow_mut(|infra| {
        let quoted = serde_json::to_string(text).expect("a text");
        infra.replace_text(ORGANISATION, "asked: true", &format!("asked: {quoted}"));
        let reading = read(infra.path());
        reading::check(infra, &reading);
        let Some(bundle) = &reading.bundle else { return };

        let condition = Condition::parse(text).expect("what checks clean is an expression");
        assert!(condition.program().is_some());
        let json = serde_json::to_string(&condition).expect("a text");
        let loaded: Condition = serde_json::from_str(&json).expect("the same text");
        for lead in &*LEADS {
            ask(bundle, &condition, &loaded, lead);
        }
    });
});

/// Functions load conditions by another parser than the one that reads them first: both must mean the same.
fn ask(bundle: &Bundle, written: &Condition, loaded: &Condition, lead: &Lead) {
    let facts = Facts::new(bundle, lead, *NOW);
    let holds = written.holds(&facts);
    assert_eq!(holds, loaded.holds(&facts), "written and loaded");
    assert_eq!(holds, written.holds(&Facts::new(bundle, lead, *NOW)), "asked again");
    let value = written.value(&facts);
    assert_eq!(value == Some("true".to_owned()), holds, "{value:?}");
    let unscored = Facts::without_score(bundle, lead, *NOW);
    written.holds(&unscored);
}

/// A lead of whom nothing is known but the address, or one who told everything.
fn lead(known: bool) -> Lead {
    let new =
        Rehearsal::new_lead(EmailAddress::parse("ada@example.com").expect("an address")).expect("a key");
    let mut lead = Lead::new(new.id, new.email, *NOW);
    if known {
        lead.locale = Locale::parse("fr").ok();
        let texts = [("first_name", "Ada"), ("housing", "house"), ("phone", "+33612345678")];
        lead.traits.extend(texts.map(|(name, value)| (name.to_owned(), TraitValue::from(value))));
        lead.traits.insert("surface".to_owned(), TraitValue::Number(120.0));
        lead.traits.insert("customer".to_owned(), TraitValue::Boolean(false));
        for kind in ["form_submitted", "email_clicked", "page_viewed", "quote_requested"] {
            lead.history.add(kind, *NOW);
        }
    }
    lead
}
