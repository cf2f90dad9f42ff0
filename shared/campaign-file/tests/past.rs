//! Dates of a campaign that are past are told, by the clock that is handed in.
#![allow(clippy::expect_used, reason = "a test that cannot go on says why and stops")]

mod support;

use campaign_file::{Severity, past, read};
use rstest::rstest;
use support::{CAMPAIGN, Infra};

#[rstest]
#[case::a_day("wait_until: 2026-12-01", "2026-12-01T07:59:59Z", None)]
#[case::a_day_ends_in_the_morning(
    "wait_until: 2026-12-01",
    "2026-12-01T08:00:01Z",
    Some("`2026-12-01` is past")
)]
#[case::a_time_beside_it("{ wait_until: 2026-12-01, at: \"18:00\" }", "2026-12-01T16:59:59Z", None)]
#[case::a_time("wait_until: 2026-12-01 09:00", "2026-12-02T00:00:00Z", Some("`2026-12-01 09:00` is past"))]
#[case::within_a_block(
    "{ if: 'lead.housing == \"house\"', then: [wait_until: 2026-12-01] }",
    "2027-01-01T00:00:00Z",
    Some("goes on at once")
)]
#[case::with_another_way(
    "{ wait_until: 2026-12-01, otherwise: [exit] }",
    "2027-01-01T00:00:00Z",
    Some("takes `otherwise`")
)]
#[case::the_last_day_of_an_email(
    "{ send: bienvenue, id: again, until: 2026-12-01 }",
    "2026-12-01T22:00:00Z",
    None
)]
#[case::an_email_that_leaves_no_more(
    "{ send: bienvenue, id: again, until: 2026-12-01 }",
    "2026-12-02T00:00:00Z",
    Some("this e-mail leaves no more")
)]
fn a_date_that_is_past_is_told(#[case] step: &str, #[case] now: &str, #[case] told: Option<&str>) {
    let infra = Infra::example();
    infra.replace(CAMPAIGN, "sequence:\n", &format!("sequence:\n  - {step}\n"));
    let reading = read(infra.folder.path());
    let bundle = reading.bundle.expect("no errors");
    let findings = past(infra.folder.path(), &bundle, now.parse().expect("a time"));
    assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    match told {
        Some(words) => assert!(matches!(messages[..], [message] if message.contains(words)), "{messages:?}"),
        None => assert!(messages.is_empty(), "{messages:?}"),
    }
}

#[rstest]
#[case::before_its_own_wait("2026-12-10", "2026-12-09", true)]
#[case::on_its_day("2026-12-10", "2026-12-10", false)]
#[case::at_its_hour("2026-12-10 18:00", "2026-12-10 17:00", true)]
fn an_email_that_ends_before_the_date_it_waits_for_is_told(
    #[case] wait: &str,
    #[case] until: &str,
    #[case] told: bool,
) {
    let infra = Infra::example();
    let steps = format!(
        "sequence:\n  - wait_until: {wait}\n  - {{ if: 'lead.housing == \"house\"', then: [{{ send: bienvenue, id: again, until: {until} }}] }}\n"
    );
    infra.replace(CAMPAIGN, "sequence:\n", &steps);
    let findings = read(infra.folder.path()).findings;
    let doubts = findings.iter().filter(|finding| finding.message.contains("leaves to nobody"));
    assert_eq!(doubts.count(), usize::from(told), "{findings:?}");
}

#[rstest]
#[case::that_nobody_knows("EUX", Some("write `EUR`"))]
#[case::in_use("CHF", None)]
fn a_currency_that_nobody_uses_is_told(#[case] code: &str, #[case] help: Option<&str>) {
    let infra = Infra::example();
    infra.replace(CAMPAIGN, "currency: EUR", &format!("currency: {code}"));
    infra.replace(
        support::WELCOME,
        "{{ magnet_url }}",
        &format!("{{{{ magnet_url }}}} {{{{ 3 | money(\"{code}\") }}}}"),
    );
    let reading = read(infra.folder.path());
    assert!(reading.bundle.is_some(), "{:?}", reading.findings);
    let doubts: Vec<&str> = reading
        .findings
        .iter()
        .filter(|finding| finding.message.contains("ISO 4217"))
        .map(|finding| finding.help.as_str())
        .collect();
    assert_eq!(doubts, help.map_or_else(Vec::new, |help| vec![help; 2]));
}
