//! What a lead's history keeps of what nobody asks about.

use domain::history::History;
use jiff::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

fn history(happened: &[(&str, i64)]) -> History {
    let mut history = History::default();
    happened.iter().for_each(|(kind, second)| history.add(kind, at(*second)));
    history.forget_unasked(|kind| kind == "email_clicked");
    history
}

#[test]
fn what_nobody_asks_about_is_forgotten_but_for_the_last_thing_that_the_lead_did() {
    let same = [
        history(&[("email_clicked", 1), ("email_opened", 2), ("email_opened", 9)]),
        history(&[("email_clicked", 1), ("email_sent", 5), ("email_opened", 9), ("email_sent", 20)]),
        history(&[("email_clicked", 1), ("page_viewed", 3), ("email_opened", 9)]),
    ];
    assert_eq!(same[0], same[1]);
    assert_eq!(same[0], same[2]);
    assert_eq!(same[0].last("email_opened"), Some(at(9)));
    for other in [
        history(&[("email_clicked", 1), ("email_opened", 8)]),
        history(&[("email_clicked", 2), ("email_opened", 9)]),
        history(&[("email_clicked", 1), ("email_clicked", 2), ("email_opened", 9)]),
        history(&[("email_clicked", 9)]),
    ] {
        assert_ne!(same[0], other);
    }
}

#[test]
fn what_is_asked_about_is_kept_whole() {
    let history = history(&[("email_opened", 1), ("email_clicked", 2), ("email_clicked", 9)]);
    assert_eq!((history.times("email_clicked"), history.moments("email_clicked").count()), (2, 2));
    assert_eq!(history.kinds().collect::<Vec<_>>(), ["email_clicked"]);
}
