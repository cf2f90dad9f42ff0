//! E-mails that are well written and still cannot be sent to somebody: each is found, with who would go without it.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use support::{CAMPAIGN, Infra, ORGANISATION, WELCOME, report};

/// Where the texts of the table stand in the example's first e-mail.
const HERE: &str = "Merci de votre confiance.";

#[test]
fn for_those_who_left_something_out() {
    insta::assert_snapshot!(report(&[
        (WELCOME, HERE, "{{ lead.surface + 1 }}"),
        (WELCOME, HERE, "a\n\n{{ lead.surface }} {{ lead.surface * 2 | round }} {{ lead.first_name }}"),
        (WELCOME, HERE, "[a]({{ lead.phone }})"),
        (WELCOME, HERE, "{% if not lead.phone %}{{ lead.surface - 1 }}{% endif %}"),
        (WELCOME, HERE, "{% if lead.surface and not lead.phone %}{{ lead.phone + 1 }}{% endif %}"),
        (WELCOME, "subject: \"{{", "subject: \"{{ lead.surface - 1 }} {{"),
        (WELCOME, "preheader: Douze", "preheader: \"{{ -lead.surface }}\" # Douze"),
        (
            CAMPAIGN,
            "- send: bienvenue\n",
            "- send: bienvenue\n    subject: { fr: \"{{ lead.surface + 1 }}\" }\n"
        ),
    ]));
}

#[test]
fn for_everybody_or_for_some() {
    insta::assert_snapshot!(report(&[
        (WELCOME, HERE, "[z]()"),
        (WELCOME, HERE, "{{ lead.first_name + 1 }}"),
        (WELCOME, HERE, "{{ lead.surface / 0 }}"),
        (WELCOME, HERE, "{{ 10 / score.total }}"),
        (WELCOME, HERE, "{% if lead.housing == 'flat' %}{{ 1 / 0 }}{% endif %}"),
        (WELCOME, HERE, "{{ lead.surface | length }}"),
        (WELCOME, HERE, "{{ lead.first_name.foo.bar }}"),
    ]));
}

#[test]
fn what_the_form_requires_is_there_unless_one_enters_otherwise() {
    let told = |audience: bool| {
        let infra = Infra::example();
        infra.replace(CAMPAIGN, "type: number, min: 1, ", "type: number, required: true, min: 1, ");
        infra.replace(WELCOME, HERE, "{{ lead.surface + 1 }}");
        if audience {
            infra.replace(CAMPAIGN, "goal: ", "audience: lead.customer\ngoal: ");
        }
        infra.lines().iter().any(|line| line.contains("a lead without `surface`"))
    };
    assert!(!told(false));
    assert!(told(true));
}

#[test]
fn within_a_partial() {
    let infra = Infra::example();
    infra.write("partials/roof.fr.md", "Un toit.\n{{ lead.surface + 1 }}\n");
    infra.replace(WELCOME, HERE, "{% include 'roof' %}");
    insta::assert_snapshot!(infra.whole_lines().join("\n"));
}

#[test]
fn what_stands_too_deep() {
    let quotes = format!("{}{}", ">".repeat(101), " x");
    let lists = format!("a\n\n{}x", "- ".repeat(101));
    let html = "<div>".repeat(101);
    insta::assert_snapshot!(report(&[
        (WELCOME, HERE, &quotes),
        (WELCOME, HERE, &lists),
        (WELCOME, HERE, &html),
        (WELCOME, HERE, "{% for a in range(200) %}>{% endfor %} x"),
    ]));
    let infra = Infra::example();
    let lines = format!("{}\n", ">".repeat(19_000)).repeat(40);
    infra.replace(WELCOME, HERE, &lines);
    assert_eq!(infra.findings().len(), 1);
}

/// What a lead left out prints nothing, so these are as they should be.
#[test]
fn what_is_made_of_nothing_is_no_fault() {
    for text in [
        "{% for room in lead.phone | split(\",\") %}\n- {{ room | trim }}\n{% endfor %}",
        "{{ lead.phone | split(',') | join(' & ') }} {{ lead.phone | length }} {{ lead.phone | first }}",
        "{{ lead.surface | round }} {{ lead.first_name | int }} {{ lead.first_name[0] }}",
        "{{ (lead.surface | default(0)) + 1 }} {% if lead.phone %}[a]({{ lead.phone }}){% endif %}",
        "{{ lead.customer }} {{ lead.surface | money('EUR') | default('rien') }}",
    ] {
        let infra = Infra::example();
        infra.replace(WELCOME, HERE, text);
        assert_eq!(infra.lines(), Vec::<String>::new(), "{text}");
    }
}

/// Traits that another campaign's form asks for, or `sillon.yaml` declares, may lack as well.
#[test]
fn declared_elsewhere() {
    let infra = Infra::example();
    infra.replace(
        ORGANISATION,
        "customer: { type: boolean }",
        "customer: { type: boolean }\n  seats: { type: number }",
    );
    infra.replace(WELCOME, HERE, "{{ lead.seats * 2 }}");
    insta::assert_snapshot!(infra.whole_lines().join("\n"));
}
