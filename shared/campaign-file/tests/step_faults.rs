//! One fault at a time in what steps do and when campaigns may send: the example with a single change, and what is found.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use support::{CAMPAIGN, ORGANISATION, report};

/// The example's first step, with these after it. Each begins a line of its own.
fn after_welcome<'a>(steps: &[&'a str]) -> Vec<(&'static str, &'static str, String)> {
    let step =
        |steps: &&'a str| (CAMPAIGN, "  - send: bienvenue\n", format!("  - send: bienvenue\n{steps}\n"));
    steps.iter().map(step).collect()
}

/// What is found when each of these stands after the first step.
fn report_steps(steps: &[&str]) -> String {
    let changes = after_welcome(steps);
    let changes: Vec<(&str, &str, &str)> =
        changes.iter().map(|(file, old, new)| (*file, *old, new.as_str())).collect();
    report(&changes).replace("  - send: bienvenue⏎  →    - send: bienvenue⏎", "")
}

#[test]
fn branches() {
    insta::assert_snapshot!(report_steps(&[
        "  - branch: lead.customer",
        "  - branch: []",
        "  - branch:\n      - else: [exit]",
        "  - branch:\n      - if: lead.customer",
        "  - branch:\n      - then: [exit]",
        "  - branch:\n      - if: lead.custommer\n        then: [exit]",
        "  - branch:\n      - else: [exit]\n      - if: lead.customer\n        then: [exit]",
        "  - branch:\n      - if: lead.customer\n        then: [exit]\n        else: [exit]",
        "  - branch:\n      - iff: lead.customer\n        then: [exit]",
        "  - branch:\n      - if: \"true\"\n        then: [exit]\n      - if: lead.customer\n        then: [wait: 1d]",
        "  - branch:\n      - if: lead.customer\n        then: [exit]\n      - else: [exit]",
    ]));
}

#[test]
fn dates() {
    insta::assert_snapshot!(report_steps(&[
        "  - wait_until: tomorrow",
        "  - wait_until: 2026-02-30",
        "  - wait_until: 2026-12-01 25:00",
        "  - wait_until: 12",
        "  - wait_until: lead.renewal",
        "  - wait_until: lead.surface",
        "  - wait_until: 2026-12-01\n    before: 14d",
        "  - wait_until: 2026-12-01 09:00\n    at: 10:00",
        "  - wait_until: 2026-12-01\n    at: noon",
        "  - wait_until: 2026-12-01\n    within: 3d",
        "  - every: 1y",
        "  - every: 1y on birthday\n    do: [wait: 1d]",
        "  - every: 1h on lead.birthday\n    do: [wait: 1d]",
        "  - every: 1y on lead.surface\n    do: [wait: 1d]",
        "  - every: 1y on lead.surface\n    do: []",
        "  - every: 0d on lead.surface\n    do: [wait: 1d]",
        "  - every: 1mo 3d on lead.surface\n    do: [wait: 1d]",
        "  - every: 20y on lead.surface\n    do: [wait: 1d]",
    ]));
}

#[test]
fn dates_that_are_declared() {
    let declared = |steps: &str| {
        let infra = support::Infra::example();
        infra.replace(
            ORGANISATION,
            "customer: { type: boolean }",
            "customer: { type: boolean }\n  renewal_date: { type: date }\n  large: { type: boolean, compute: lead.surface > 100 }",
        );
        infra.replace(CAMPAIGN, "  - send: bienvenue\n", &format!("  - send: bienvenue\n{steps}\n"));
        infra.lines()
    };
    assert_eq!(
        declared("  - wait_until: lead.renewal_date\n    before: 14d\n    otherwise: [alert: sales]"),
        [""; 0]
    );
    insta::assert_snapshot!(
        [
            "  - wait_until: lead.renewal_dat",
            "  - wait_until: lead.renewal_date\n    before: 14d\n    after: 1d",
            "  - wait_until: lead.renewal_date\n    before: 2h",
            "  - every: 1y on lead.renewal_date\n    do:\n      - every: 1mo on lead.renewal_date\n        do: [wait: 1d]",
            "  - every: 1y on lead.renewal_date\n    do: [send: relance]",
            "  - set: { renewal_date: 2026-13-01 }",
            "  - set: { renewal_date: soon }",
            "  - set: { large: true }",
        ]
        .map(|steps| format!("{}\n    {}", steps.replace('\n', "⏎"), declared(steps).join("\n    ")))
        .join("\n")
    );
}

#[test]
fn marks() {
    insta::assert_snapshot!(report_steps(&[
        "  - set: {}",
        "  - set: solar",
        "  - set: { interest: solar }",
        "  - set: { email: eve@example.com }",
        "  - set: { customer: \"yes\" }",
        "  - set: { customer: [a] }",
        "  - set: { housing: castle }",
        "  - tag: Hot Prospect",
        "  - tag: 1",
        "  - untag: prospect",
        "  - tag: prospect\n  - untag: prospct",
        "  - tag: prospect\n  - if: tagged(\"prospct\")\n    then: [exit]",
        "  - if: tagged(lead.housing)\n    then: [exit]",
        "  - enrol: guide-solaire",
        "  - enrol: guide-solair",
        "  - holdout: 10",
        "  - holdout: ten",
        "  - holdout: 0%",
        "  - holdout: 100%",
        "  - holdout: 0.25%",
        "  - holdout: -5%",
        "  - wait_for: []\n    within: 1d",
        "  - wait_for: [email_clicked, email_clicked]\n    within: 1d",
        "  - wait_for: [email_clicked, email_clickd]\n    within: 1d",
        "  - tag: prospect\n    within: 1d",
    ]));
}

#[test]
fn campaigns_that_enrol_in_a_circle() {
    let told = |re_entry_of_both: [&str; 2]| {
        let infra = support::Infra::example();
        for (name, other, re_entry) in [("a", "b", re_entry_of_both[0]), ("b", "a", re_entry_of_both[1])] {
            let text =
                format!("title: A\nsender: bonjour\n{re_entry}sequence:\n  - wait: 1d\n  - enrol: {other}\n");
            infra.write(&format!("campaigns/{name}/campaign.yaml"), text);
        }
        infra.lines()
    };
    let again = "re_entry: after 1m\n";
    assert_eq!(told([again, ""]), [""; 0]);
    insta::assert_snapshot!(told([again, again]).join("\n"));
}

#[test]
fn who_enters_and_when() {
    insta::assert_snapshot!(report(&[
        (CAMPAIGN, "sender: bonjour", "sender: bonjour\npriority: high"),
        (CAMPAIGN, "sender: bonjour", "sender: bonjour\npriority: 1.5"),
        (CAMPAIGN, "sender: bonjour", "sender: bonjour\npriority: 100000"),
        (CAMPAIGN, "sender: bonjour", "sender: bonjour\nre_entry: always"),
        (CAMPAIGN, "sender: bonjour", "sender: bonjour\nre_entry: after 3 moons"),
        (CAMPAIGN, "sender: bonjour", "sender: bonjour\nre_entry: once per lead.product"),
        (CAMPAIGN, "sender: bonjour", "sender: bonjour\nre_entry: true"),
        (ORGANISATION, "  quiet_hours", "  closed_days: 12-25\n  quiet_hours"),
        (ORGANISATION, "  quiet_hours", "  closed_days: [12-25, 13-01]\n  quiet_hours"),
        (ORGANISATION, "  quiet_hours", "  closed_days: [2026-02-29]\n  quiet_hours"),
        (ORGANISATION, "  quiet_hours", "  closed_days: [25/12]\n  quiet_hours"),
        (ORGANISATION, "customer: { type: boolean }", "customer: { type: day }"),
    ]));
}
