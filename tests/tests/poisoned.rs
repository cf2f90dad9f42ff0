//! A lead that cannot be served is set aside with its reason, the others go on, and it comes back where it stood.

use app::ports::LeadStore;
use jiff::SignedDuration;
use tests::functions::Functions;
use tests::http::Request;
use tests::programs::infra;
use tests::stack::Stack;
use tests::story::{MONDAY, at};

fn confirmed(functions: &Functions, email: &str) {
    let fields = [("email", email), ("housing", "house")];
    assert_eq!(functions.send(&Request::form("/f/guide-solaire", &fields)).status, 303);
    let mail = functions.mails().pop().expect("the confirmation");
    assert_eq!(functions.send(&Request::form(&mail.path("c"), &[])).status, 200);
}

#[test]
fn a_poisoned_lead_does_not_hold_up_the_others_and_comes_back() {
    let functions = Functions::start(&infra(), at(MONDAY));
    for email in ["ada@example.com", "bea@example.com"] {
        confirmed(&functions, email);
    }
    let before = functions.mails().len();
    let good = functions.replace_state("ada@example.com", "spoilt");
    let later = functions.now() + SignedDuration::from_hours(24 * 4);

    functions.tick_at(later, 2);
    functions.nudge_at(later + SignedDuration::from_mins(1), "ada@example.com", 5);
    let sent = |functions: &Functions| -> Vec<String> {
        functions.mails().split_off(before).into_iter().map(|mail| mail.to).collect()
    };
    assert_eq!(sent(&functions), ["bea@example.com"]);
    let store = functions.store();
    let aside = || functions.wait_for(store.all_aside(|_| ())).expect("a scan");
    assert_eq!(
        aside(),
        [],
        "two failures may be a deployment's, and whatever repeats them at once tells nothing more"
    );

    let later = later + SignedDuration::from_mins(2);
    functions.tick_at(later, 1);
    let ada = functions.id("ada@example.com");
    assert_eq!(aside().iter().map(|aside| &aside.lead).collect::<Vec<_>>(), [&ada]);
    assert!(aside()[0].because.contains("cannot be read"), "{}", aside()[0].because);
    let due = || functions.wait_for(store.due(later + SignedDuration::from_secs(1), 10)).expect("the index");
    assert_eq!(due(), [], "nobody is tried for ever");

    let back = || functions.wait_for(app::put_back(store, &ada, "Grace", later));
    let refused = back().expect_err("what is wrong is not mended").to_string();
    assert!(refused.contains("cannot be read"), "{refused}");
    assert_eq!(aside().len(), 1);

    functions.replace_state("ada@example.com", &good);
    assert!(back().expect("it can be written"));
    let last = functions.wait_for(store.records(&ada)).expect("records").pop().expect("a record");
    assert_eq!(last.activities[0].fact, domain::Fact::LeadPutBack { by: "Grace".into() });
    functions.tick_at(later, 1);
    assert_eq!(sent(&functions), ["bea@example.com", "ada@example.com"]);
    assert_eq!(aside(), []);
}
