//! Anybody can have a confirmation sent to an address that does not exist: that must not stop everybody else's e-mails.

use domain::deliverability::{Alarm, Deliveries, Told};

#[test]
fn bounces_of_confirmations_stop_confirmations_alone_unless_others_bounce_too() {
    let told = |confirmations: (u64, u64), others: (u64, u64)| {
        let deliveries = |(delivered, bounced)| Deliveries { delivered, bounced, complained: 0 };
        let mut all = deliveries(confirmations);
        all += deliveries(others);
        Told { all, confirmations: deliveries(confirmations) }
    };
    let kind = |alarm: Option<Alarm>| match alarm {
        None => "none",
        Some(Alarm::All(_)) => "all",
        Some(Alarm::Confirmations(_)) => "confirmations",
    };
    let table = [
        ((96, 4), (0, 0), "confirmations"),
        ((10, 50), (900, 10), "confirmations"),
        ((10, 50), (10_000, 10), "none"),
        ((10, 50), (900, 40), "all"),
        ((100, 0), (40, 40), "all"),
        ((10, 50), (40, 10), "all"),
        ((10, 50), (40, 1), "confirmations"),
        ((19, 1), (50, 40), "all"),
    ];
    for (confirmations, others, expected) in table {
        assert_eq!(kind(told(confirmations, others).alarm()), expected, "{confirmations:?} {others:?}");
    }
    let because = "4 of 100 e-mails bounced: 4.00 %, and 4 % is the most; without confirmations, 0 of 0 bounced and 0 were called spam";
    assert_eq!(told((96, 4), (0, 0)).alarm(), Some(Alarm::Confirmations(because.into())));
}
