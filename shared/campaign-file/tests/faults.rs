//! One fault at a time: the example with a single change, and what is found then.
//!
//! The snapshots beside this file show each change with its findings as
//! `line:column (length) severity rule: message (mend)`, and below them the edits of `sillon check --fix`.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use std::fmt::Write;

use campaign_file::{DOCUMENTS, Rule, schema, to_value};
use support::{CAMPAIGN, Infra, ORGANISATION, WELCOME};

/// What is at fault in the structure of a file is refused by its schema as well.
fn check_schema(infra: &Infra) {
    for (file, name) in [(ORGANISATION, "organisation"), (CAMPAIGN, "campaign")] {
        let structure = infra.findings().into_iter().find(|finding| {
            finding.file.ends_with(file) && matches!(finding.rule, Rule::UnknownKey | Rule::WrongType)
        });
        let text = std::fs::read_to_string(infra.path(file)).expect("read");
        let (Some(finding), Some(value)) = (structure, to_value(&text)) else { continue };
        let document = DOCUMENTS.iter().find(|document| document.name == name).expect("a document");
        let validator = jsonschema::validator_for(&schema(document)).expect("a good schema");
        assert!(!validator.is_valid(&value), "the schema accepts {finding:#?}");
    }
}

/// Each change by itself, with what is found.
fn report(changes: &[(&str, &str, &str)]) -> String {
    let mut report = String::new();
    for (file, old, new) in changes {
        let infra = Infra::example();
        infra.replace(file, old, new);
        let (old, new) = (old.replace('\n', "⏎"), new.replace('\n', "⏎"));
        writeln!(report, "{old}  →  {new}").expect("written");
        check_schema(&infra);
        for line in infra.whole_lines() {
            writeln!(report, "    {line}").expect("written");
        }
    }
    report
}

/// The faults of this file stand for all: each finds its finding, and there are many.
#[test]
fn two_hundred_faulty_files() {
    let mut cases = 0;
    for entry in std::fs::read_dir("tests/snapshots").expect("snapshots").flatten() {
        if !entry.file_name().to_string_lossy().starts_with("faults__") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("read");
        let body = text.splitn(3, "---\n").nth(2).expect("a snapshot");
        let lines: Vec<&str> = body.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0].contains("  →  ")) {
            let finding = pair[1].contains(" error ") || pair[1].contains(" warning ");
            cases += usize::from(pair[1].starts_with("    ") && finding);
        }
    }
    assert!(cases >= 200, "{cases}");
}

/// Keys that nobody knows or that are missing or twice, and values of the wrong type.
#[test]
fn keys_and_types() {
    insta::assert_snapshot!(report(&[
        (ORGANISATION, "postal_address:", "postal_adress:"),
        (ORGANISATION, "  name: Atelier Soleil\n", ""),
        (ORGANISATION, "name: Atelier Soleil", "name: [a]"),
        (ORGANISATION, "name: Atelier Soleil", "name: 12"),
        (ORGANISATION, "name: Atelier Soleil", "name:"),
        (ORGANISATION, "name: Atelier Soleil", "name: ''"),
        (ORGANISATION, "senders:\n", "zzz: 1\nsenders:\n"),
        (CAMPAIGN, "sender: bonjour\n", "sender: bonjour\nsender: salut\n"),
        (CAMPAIGN, "amount: 1200", "amount: '1200'"),
        (CAMPAIGN, "amount: 1200", "amount: 1e999"),
        (CAMPAIGN, "\nsequence:", "\nsequense:"),
        (CAMPAIGN, "required: true }\n    first", "required: yes }\n    first"),
        (
            CAMPAIGN,
            "fields:\n    email: { type: email, required: true }",
            "fields:\n    mail: { type: email, required: true }"
        ),
        (ORGANISATION, "locales: [fr, en]", "locales: fr"),
        (ORGANISATION, "locales: [fr, en]", "locales: [fr, en, FR]"),
        (ORGANISATION, "locales: [fr, en]", "locales: []"),
        (
            ORGANISATION,
            "topics:\n  conseils: { fr: Nos conseils énergie, en: Our energy tips }",
            "topics: conseils"
        ),
        (ORGANISATION, "fr: Nos conseils énergie, en", "en"),
        (ORGANISATION, "en: Our energy", "de: Our energy"),
    ]));
}

/// What is no YAML, or YAML that has no meaning here. The other files are checked all the same.
#[test]
fn yaml() {
    insta::assert_snapshot!(report(&[
        (ORGANISATION, "name: Atelier Soleil", "name: Atelier: Soleil"),
        (ORGANISATION, "locales: [fr, en]", "locales: [fr, en"),
        (ORGANISATION, "name: Atelier Soleil", r#"name: "Atelier"#),
        (ORGANISATION, "name: Atelier Soleil", "name: *x"),
        (ORGANISATION, "name: Atelier Soleil", "name: !x Atelier"),
        (ORGANISATION, "name: Atelier Soleil", "name: @x"),
        (ORGANISATION, "  name: Atelier Soleil", " name: Atelier Soleil"),
        (CAMPAIGN, "title:", "---\ntitle:"),
        (CAMPAIGN, "\nexit_when", "\n---\nexit_when"),
        (
            ORGANISATION,
            "name: Atelier Soleil",
            "name: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
        ),
        (CAMPAIGN, "title: Réduire de moitié vos factures d'énergie", "title:\n\t- x"),
        (CAMPAIGN, "  - wait: 3d", "\t- wait: 3d"),
        (CAMPAIGN, "    within: 4d", "  \twithin: 4d"),
        (ORGANISATION, "senders:\n", "? [a]\n: b\nsenders:\n"),
    ]));
}

/// Names that nothing declares, and declarations that cannot stand.
#[test]
fn names() {
    insta::assert_snapshot!(report(&[
        (CAMPAIGN, "sender: bonjour", "sender: bonjor"),
        (CAMPAIGN, "topic: conseils", "topic: conseil"),
        (CAMPAIGN, "between: mon-fri 09:00-18:00 ", "topic: actus "),
        (CAMPAIGN, "send: bienvenue", "send: bienvenu"),
        (CAMPAIGN, "send: bienvenue", "send: confirm"),
        (CAMPAIGN, "wait_for: email_clicked", "wait_for: email_clickd"),
        (CAMPAIGN, "wait_for: email_clicked", "wait_for: enrolled"),
        (CAMPAIGN, "wait_for: email_clicked", "wait_for: quote_requested"),
        (CAMPAIGN, "goal: quote_requested", "goal: enrolled"),
        (CAMPAIGN, "goal: quote_requested", "goal: Quote Requested"),
        (CAMPAIGN, "goal: quote_requested", "goal: email_clickd"),
        (ORGANISATION, "  mql: score", "  mqll: score"),
        (ORGANISATION, "  mql: score", "  subscriber: score"),
        (ORGANISATION, "form_submitted: 10", "send_claimed: 10"),
        (ORGANISATION, "score:\n", "events: [email_clicked, Bad-Name]\nscore:\n"),
        (ORGANISATION, "time_zone: Europe/Paris", "time_zone: Europe/Pari"),
        (CAMPAIGN, "alert: sales", "alert: boss"),
        (ORGANISATION, "alert: [ventes@atelier-soleil.example]", "alert: []"),
        (ORGANISATION, "customer: { type: boolean }", "customer: { type: bool }"),
        (ORGANISATION, "customer: { type: boolean }", "email: { type: text }"),
        (ORGANISATION, "customer: { type: boolean }", "Cust: { type: text }\n  customer: { type: boolean }"),
        (
            ORGANISATION,
            "customer: { type: boolean }",
            "customer: { type: boolean }\n  surface: { type: text }"
        ),
        (CAMPAIGN, "type: phone", "type: fone"),
        (CAMPAIGN, "type: phone", "type: phone, min: 3"),
        (CAMPAIGN, "min: 1, max: 10000", "min: 10, max: 1"),
        (CAMPAIGN, "max_length: 80", "max_length: 0.5"),
        (CAMPAIGN, "[house, flat]", "[house, house, flat]"),
        (CAMPAIGN, "[house, flat]", "[]"),
        (CAMPAIGN, "[house, flat]", "{ house: { fr: Maison, en: House }, flat: { en: Flat } }"),
        (CAMPAIGN, "currency: EUR, per: month", "currency: euro, per: mont"),
    ]));
}

/// Durations, windows, caps, addresses and origins.
#[test]
fn times_and_addresses() {
    insta::assert_snapshot!(report(&[
        (CAMPAIGN, "wait: 3d", "wait: 3x"),
        (CAMPAIGN, "wait: 3d", "wait: 3"),
        (CAMPAIGN, "wait: 3d", "wait: P1M"),
        (CAMPAIGN, "wait: 3d", "wait: 0d"),
        (CAMPAIGN, "wait: 3d", "wait: 20000d"),
        (CAMPAIGN, "mon-fri 09:00-18:00 ", "mon-fry 09:00-18:00 "),
        (CAMPAIGN, "mon-fri 09:00-18:00 ", "18:00-09:00 "),
        (CAMPAIGN, "mon-fri 09:00-18:00 ", "mon 9h-18h "),
        (CAMPAIGN, "mon-fri 09:00-18:00 ", "22:00-23:00 "),
        (ORGANISATION, "21:00-08:00", "21-8"),
        (ORGANISATION, "21:00-08:00", "21:00-21:00"),
        (ORGANISATION, "2 per 24h", "2 every 24h"),
        (ORGANISATION, "2 per 24h", "0 per 24h"),
        (ORGANISATION, "per_lead: 2 per 24h", "fill_time: 5m"),
        (ORGANISATION, "per_lead: 2 per 24h", "fill_time: soon"),
        (ORGANISATION, "limits:\n", "turnstile: { site_key: '0x4 AAA' }\nlimits:\n"),
        (ORGANISATION, "limits:\n", "turnstile: { site_key: 1x00000000000000000000AA }\nlimits:\n"),
        (
            ORGANISATION,
            "limits:\n",
            "turnstile: { site_key: 0x4AAAAAAADnPIDROrmt1WwjAAAAAAAAAAAAA }\nlimits:\n"
        ),
        (ORGANISATION, "limits:\n", "limits:\n  confirmations: [1 per 1d, 6 per 30d, 2 per 24h]\n"),
        (ORGANISATION, "10 per 1d", "10 per 12h"),
        (ORGANISATION, "half_life: 30d", "half_life: thirty days"),
        (ORGANISATION, "warm: 20, hot: 50", "warm: 50, hot: 20"),
        (
            ORGANISATION,
            "from: Atelier Soleil <bonjour@atelier-soleil.example>",
            "from: Atelier Soleil <bonjour@>"
        ),
        (
            ORGANISATION,
            "from: Atelier Soleil <bonjour@atelier-soleil.example>",
            "from: Soleil, Atelier <bonjour@atelier-soleil.example>"
        ),
        (
            ORGANISATION,
            "from: Atelier Soleil <bonjour@atelier-soleil.example>",
            "from: \"A\\nBcc: <bonjour@atelier-soleil.example>\""
        ),
        (
            ORGANISATION,
            "from: Atelier Soleil <bonjour@atelier-soleil.example>",
            "from: Atelier Soleil <bonjour@atelier-soleil.example"
        ),
        (ORGANISATION, "alert: [ventes@", "alert: [ventes"),
        (CAMPAIGN, "[https://atelier-soleil.example]", "[https://atelier-soleil.example/]"),
        (CAMPAIGN, "[https://atelier-soleil.example]", "[http://atelier-soleil.example]"),
        (CAMPAIGN, "[https://atelier-soleil.example]", "['*']"),
        (CAMPAIGN, "thanks: https:", "thanks: http:"),
        (CAMPAIGN, "thanks: https://atelier-soleil.example/merci", "thanks: /merci"),
        (ORGANISATION, "website: https:", "website: javascript:"),
    ]));
}

/// CEL: each fault at its place inside the expression, however the YAML writes it.
#[test]
fn conditions() {
    insta::assert_snapshot!(report(&[
        (ORGANISATION, "score.total >= 40", "score.totl >= 40"),
        (ORGANISATION, "score.total >= 40", "score.total >="),
        (ORGANISATION, "score.total >= 40", "score.total >= 40 and true"),
        (ORGANISATION, "score.total >= 40", "score.total = 40"),
        (ORGANISATION, "housing == \"house\"", "housing == “house”"),
        (ORGANISATION, "score.total >= 40", "\"score.total >= 40\\\" \""),
        (ORGANISATION, "score.total >= 40", "score.total"),
        (ORGANISATION, "score.total >= 40", "40"),
        (ORGANISATION, "score.total >= 40", r#"'"hot"'"#),
        (ORGANISATION, "score.total >= 40", "[a]"),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: lead.custmer == true"),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: has(lead.custmer)"),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: 'lead["custmer"] == true'"#),
        (
            CAMPAIGN,
            "exit_when: lead.customer == true",
            "exit_when: \"lead.customer == true \\u0026\\u0026 lead.housng == 'x'\""
        ),
        (
            CAMPAIGN,
            "exit_when: lead.customer == true",
            "exit_when: >-\n  lead.customer == true\n  && lead.housng == 'house'\n"
        ),
        (
            CAMPAIGN,
            "exit_when: lead.customer == true",
            "exit_when: |\n    lead.customer == true &&\n    lead.housng == 'house'\n"
        ),
        (
            CAMPAIGN,
            "exit_when: lead.customer == true",
            "exit_when: lead.customer == true &&\n   lead.housng == 'house'"
        ),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: lead.housing == "huose""#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: lead.housing in ["house", "flt"]"#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: temperature == "warmer""#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: stage != "qualified""#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: lead.locale == "de""#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: lead.customer == "true""#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: lead.surface > "100""#),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: score.total + 1 > 20"),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: lead.surface && true"),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: customer"),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: foo(1)"),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: lead"),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: occured("email_clicked")"#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: occurred("email_clickd")"#),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: times(email_clicked) > 2"),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: days_since("step_began") > 2"#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: in_segment("homeowner")"#),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: lead.first_name.matches("x")"#),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: email.fre"),
        (CAMPAIGN, "exit_when: lead.customer == true", "exit_when: lead.first_name.length > 2"),
        (CAMPAIGN, "exit_when: lead.customer == true", r#"exit_when: "é" == lead.first_name && lead.x"#),
        (
            CAMPAIGN,
            "exit_when: lead.customer == true",
            "exit_when: ((((((((((((((((((((true))))))))))))))))))))"
        ),
        (ORGANISATION, r#"when: lead.housing == "house""#, "when: score.total > 3"),
        (ORGANISATION, r#"when: lead.housing == "house""#, r#"when: temperature == "hot""#),
        (ORGANISATION, r#"when: lead.housing == "house""#, r#"when: in_segment("hot_ones")"#),
        (
            ORGANISATION,
            r#"homeowners: lead.housing == "house""#,
            "homeowners: in_segment(\"gone_quiet\")\n  other: in_segment(\"homeowners\")\n  third: in_segment(\"third\")"
        ),
        (
            ORGANISATION,
            "gone_quiet: days_since_last_activity > 60",
            "gone_quiet: in_segment(\"homeowners\")\n  homeowner: true"
        ),
        (
            ORGANISATION,
            r#"homeowners: lead.housing == "house""#,
            "a: in_segment(\"gone_quiet\")\n  gone: in_segment(\"b\")\n  b: in_segment(\"gone\")"
        ),
    ]));
}

/// Steps: what they do, their ids, and those that can never run.
#[test]
fn sequences() {
    insta::assert_snapshot!(report(&[
        (CAMPAIGN, "  - wait: 3d", "  - wiat: 3d"),
        (CAMPAIGN, "  - wait: 3d", "  - {}"),
        (CAMPAIGN, "  - wait: 3d", "  - id: x"),
        (CAMPAIGN, "  - wait: 3d", "  - wait: 3d\n    send: relance"),
        (CAMPAIGN, "  - wait: 3d", "  - wait: 3d\n    between: 09:00-10:00"),
        (CAMPAIGN, "    within: 4d\n", ""),
        (CAMPAIGN, "  - send: bienvenue\n", "  - send: bienvenue\n  - send: bienvenue\n"),
        (CAMPAIGN, "  - wait: 3d", "  - wait: 3d\n    id: bienvenue"),
        (CAMPAIGN, "  - wait: 3d", "  - wait: 3d\n    id: confirm"),
        (CAMPAIGN, "  - wait: 3d", "  - wait: 3d\n    id: Bad Id"),
        (CAMPAIGN, "  - wait: 3d", "  - exit"),
        (CAMPAIGN, "  - wait: 3d", "  - exit: true"),
        (CAMPAIGN, "  - wait: 3d", "  - exit: they left"),
        (CAMPAIGN, "  - wait: 3d", "  - exit: false"),
        (
            CAMPAIGN,
            "  - wait: 3d",
            "  - if: lead.customer\n    then:\n      - exit\n    else:\n      - wait: 1d\n      - exit"
        ),
        (CAMPAIGN, "  - wait: 3d", "  - if: false\n    then:\n      - wait: 1d"),
        (CAMPAIGN, "  - wait: 3d", "  - if: true\n    then:\n      - wait: 1d\n    else: [wait: 2d]"),
        (
            CAMPAIGN,
            "  - send: bienvenue\n",
            "  - wait_for: email_opened\n    within: 1d\n  - send: bienvenue\n"
        ),
        (CAMPAIGN, "  - wait: 3d", "  - if: lead.customer"),
        (CAMPAIGN, "  - wait: 3d", "  - pause"),
        (CAMPAIGN, "sequence:", "sequence: []\nsequenc:"),
    ]));
}

/// Experiments: the first e-mail in variants, with a fault in each.
#[test]
fn experiments() {
    const SEND: &str = "  - send: bienvenue\n";
    let with = |inside: &str| format!("  - experiment: opening\n{inside}");
    let two = "    variants: { a: { send: bienvenue }, b: { send: bienvenue, subject: { fr: Voici, en: Here } } }\n";
    let cases = [
        format!("  - experiment: Opening day\n{two}"),
        format!("  - experiment: opening\n    id: other\n{two}"),
        with("    variants: { a: { send: bienvenue } }\n"),
        with("    variants: [a, b]\n"),
        with("    measure: goal\n"),
        with(&format!("    measure: email_opened\n{two}")),
        with(&format!("    settled: c\n{two}")),
        with(&format!("    within: 0d\n{two}")),
        with(&format!("    within: soon\n{two}")),
        with("    variants: { a: { send: bienvenue }, b: { send: bienvenu } }\n"),
        with("    variants: { a: { send: bienvenue }, b: { weight: 2 } }\n"),
        with("    variants: { a: { send: bienvenue }, b: { sned: bienvenue } }\n"),
        with("    variants: { a: { send: bienvenue }, b: { send: relance, do: [exit] } }\n"),
        with("    variants: { a: { send: bienvenue }, b: { do: [send: relance], subject: Non } }\n"),
        with("    variants: { a: { send: bienvenue, weight: 0.5 }, b: { send: relance, weight: 2000 } }\n"),
        with("    variants: { a: { send: bienvenue, weight: two }, B: { send: relance } }\n"),
        with(
            "    variants: { a: { send: bienvenue }, b: { do: [{ send: bienvenue }] }, c: { do: [{ send: bienvenue }] } }\n",
        ),
        with("    variants: { a: { send: bienvenue }, b: { send: bienvenue, subject: Voici } }\n"),
        with(
            "    variants: { a: { send: bienvenue }, b: { send: bienvenue, subject: { fr: 'Pour {{ lead.firstname }}', en: '{{ lead.first_name' } } }\n",
        ),
        with("    measure: email_clicked\n    variants: { a: { send: bienvenue }, b: { do: [wait: 1d] } }\n"),
        with("    variants: { a: { do: [exit] }, b: { do: [exit] } }\n"),
    ];
    let changes: Vec<_> = cases.iter().map(|case| (CAMPAIGN, SEND, case.as_str())).collect();
    insta::assert_snapshot!(report(&changes));
}

/// Filters that write as a language does, and what they are told.
#[test]
fn formats() {
    let guide = "Votre guide vous attend :";
    let changes: Vec<(&str, &str, &str)> = [
        "{{ lead.surface | money }}",
        "{{ lead.surface | money('euro') }}",
        "{{ lead.surface | mony('EUR') }}",
        "{{ lead.first_name | date('full') }}",
        "{{ lead.surface | plural('panneau', 'panneaux') }}",
        "{{ lead.surface | plural(one='panneau') }}",
        "{{ lead.surface | plural(other='panneaux') }}",
        "{{ lead.surface | plural(on='panneau', one='# panneau', other='panneaux') }}",
        "{{ lead.surface | plural(one='# panneau', other='# panneaux') }} {{ lead.surface | number(2) }}",
        "{% for room in lead.first_name | split(',') %}{{ room.name | trim }} {{ rom }}{% endfor %}",
        "{{ lead.first_name | e }}",
    ]
    .into_iter()
    .map(|text| (WELCOME, guide, text))
    .collect();
    insta::assert_snapshot!(report(&changes));
}

/// Templates that would run or grow without measure.
#[test]
fn bounds() {
    let guide = "Votre guide vous attend :";
    let double = "{% set x = x ~ x %}".repeat(30);
    let nested = "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}";
    let held = format!("{{% set y %}}{}{{% endset %}}", "{{ lead.first_name }}".repeat(20));
    let long = format!("{{% for a in range(900) %}}{}{{% endfor %}}", "x".repeat(1_000));
    let changes: Vec<(&str, &str, String)> = [
        nested.to_owned(),
        format!("{{% set x = lead.first_name %}}{double}{{{{ x }}}}"),
        "{{ lead.first_name * 100000000 }}".to_owned(),
        "{{ 'ab' * lead.surface }}".to_owned(),
        "{{ lead.surface * 2 * (1 + 0.2) }}".to_owned(),
        "{% for a in [1] recursive %}{{ a }}{% endfor %}".to_owned(),
        "{% set y %}{% for a in [1, 2] %}{{ a }}{% endfor %}{% endset %}".to_owned(),
        held,
        long,
        "{% macro m() %}{% endmacro %}".to_owned(),
        "{{ namespace(x=1) }}".to_owned(),
        "{% extends 'x' %}".to_owned(),
        "{{ lead.first_name | format(1) }}".to_owned(),
    ]
    .into_iter()
    .map(|text| (WELCOME, guide, text))
    .collect();
    let changes: Vec<(&str, &str, &str)> =
        changes.iter().map(|(file, old, new)| (*file, *old, new.as_str())).collect();
    let shortened =
        report(&changes).replace(&double, "(doubled thirty times)").replace(&"x".repeat(1_000), "(1000)");
    insta::assert_snapshot!(shortened);
}

/// Partials: missing, misspelt, faulty within, including themselves.
#[test]
fn partials() {
    let mut report = String::new();
    for (files, include) in [
        (vec![("fin.fr.md", "Au revoir {{ lead.first_name }}")], "{% include 'fin' %}"),
        (vec![("fin.fr.md", "Au revoir {{ lead.frst_name }}")], "{% include 'fin' %}"),
        (vec![("fin.fr.md", "Au revoir {{ lead.first_name")], "{% include 'fin' %}"),
        (vec![("fin.fr.md", "Au revoir")], "{% include 'fine' %}"),
        (vec![("fin.fr.md", "Au revoir")], "{% include lead.first_name %}"),
        (vec![("fin.fr.md", "Au revoir")], "rien"),
        (vec![("fin.en.md", "Bye")], "{% include 'fin' %}"),
        (vec![("fin.de.md", "Tschüss")], "{% include 'fin' %}"),
        (vec![("fin.txt", "Bye"), ("fin.md", "Bye")], "rien"),
        (vec![("a.fr.md", "{% include 'b' %}"), ("b.fr.md", "{% include 'a' %}")], "{% include 'a' %}"),
        (vec![("a.fr.md", &"{% include 'b' %}".repeat(101)), ("b.fr.md", "b")], "{% include 'a' %}"),
    ] {
        let infra = Infra::example();
        infra.replace(WELCOME, "Votre guide vous attend :", include);
        for (name, text) in &files {
            infra.write(&format!("partials/{name}"), text);
        }
        let files: Vec<String> =
            files.iter().map(|(name, text)| format!("{name}: {}", &text[..text.len().min(40)])).collect();
        writeln!(report, "{include}  ←  {}", files.join(" | ")).expect("written");
        for line in infra.lines() {
            writeln!(report, "    {line}").expect("written");
        }
    }
    insta::assert_snapshot!(report);
}

/// Pauses, and steps that are gone.
#[test]
fn edits() {
    const BEFORE: &str = "\nsequence:";
    let section = |lines: &str| format!("\nremoved_steps:\n{lines}sequence:");
    let cases = [
        "\npaused: soon\nsequence:".to_owned(),
        "\npausd: true\nsequence:".to_owned(),
        "\nremoved_steps: [old]\nsequence:".to_owned(),
        section("  old: relance\n  older: exit\n"),
        section("  old: relanc\n"),
        section("  old: older\n  older: old\n"),
        section("  old: old\n"),
        section("  bienvenue: relance\n"),
        section("  Old step: relance\n"),
        section("  old:\n"),
        section("  old: 2\n"),
        section("  old: relance\n  old: exit\n"),
    ];
    let changes: Vec<_> = cases.iter().map(|case| (CAMPAIGN, BEFORE, case.as_str())).collect();
    insta::assert_snapshot!(report(&changes));
}

/// Systems that are told of a lead.
#[test]
fn webhooks() {
    let declare = |inside: &str| format!("webhooks:\n{inside}\nscore:\n");
    let urls = [
        "http://crm.example/hooks",
        "crm.example",
        "https://ann:secret@crm.example",
        "http://localhost:9000/hooks",
    ];
    let mut cases: Vec<String> =
        urls.iter().map(|url| declare(&format!("  crm: {{ url: '{url}' }}"))).collect();
    cases.extend(
        ["  crm: {}", "  crm: https://crm.example", "  CRM: { url: https://crm.example }", "  [crm]"]
            .map(declare),
    );
    cases.push(declare("  crm: { url: https://crm.example, secret: whsec_aaaa }"));
    let mut changes: Vec<_> = cases.iter().map(|case| (ORGANISATION, "score:\n", case.as_str())).collect();
    changes.extend([
        (CAMPAIGN, "  - wait: 3d", "  - notify: crm"),
        (CAMPAIGN, "  - wait: 3d", "  - notify: [crm]"),
    ]);
    insta::assert_snapshot!(report(&changes));
}

/// E-mails and magnets.
#[test]
fn templates() {
    insta::assert_snapshot!(report(&[
        (WELCOME, "{{ magnet_url }}", "{{ magnet_ur }}"),
        (WELCOME, "lead.first_name | default", "lead.firstname | default"),
        (WELCOME, "{% if lead.first_name %}", "{% if lead.first_nam %}"),
        (WELCOME, r#"lead.housing == "flat""#, r#"lead.housing == "flt""#),
        (WELCOME, "{{ magnet_url }}", "{{ magnet_url "),
        (WELCOME, "{% endif %} !", " !"),
        (WELCOME, "{% else %}", "{% els %}"),
        (WELCOME, "{{ magnet_url }}", "{{ magnet_url | urlencod }}"),
        (WELCOME, "{{ magnet_url }}", "{{ magnet_url | uper }}"),
        (WELCOME, "{{ magnet_url }}", "{{ magnet_url }} {{ lead.first_name | safe }}"),
        (WELCOME, "{{ magnet_url }}", "{{ magnet_url }} {{ confirm_url }}"),
        (WELCOME, "{{ magnet_url }}", "{{ magnet_url }} {{ first_name }}"),
        (
            WELCOME,
            "{{ magnet_url }}",
            "{{ magnet_url }} {{ campaign.name }} {{ lead.first_name.upper() }} {{ upper(lead.first_name) }} {{ 1 is evn }}"
        ),
        (
            WELCOME,
            "{{ magnet_url }}",
            "{{ magnet_url }}{% for w in lead.first_name | split(' ') %}{{ w }}{{ loop.index }}{{ v }}{% endfor %}{% set a = 1 %}{{ a }}"
        ),
        (WELCOME, "default('Bonjour')", "default('Bonjour\\n')"),
        (WELCOME, r#"subject: ""#, r#"subjct: ""#),
        (WELCOME, "preheader: Douze pages pour réduire vos factures.", "preheader: Dès {{ lead.prenom }}"),
        (WELCOME, "---\nsubject", "subject"),
        (WELCOME, "preheader: Douze pages pour réduire vos factures.", "preheader: a: b"),
        (CAMPAIGN, "magnet:\n  file: files/guide.pdf            # {{ magnet_url }} in an e-mail\n", ""),
        (CAMPAIGN, "file: files/guide.pdf", "file: files/guid.pdf"),
        (CAMPAIGN, "file: files/guide.pdf", "file: ../x.pdf"),
        (CAMPAIGN, "file: files/guide.pdf", "file: /etc/passwd"),
        (CAMPAIGN, "file: files/guide.pdf", "file: files/guide.pdf\n  url: https://a.example"),
        (CAMPAIGN, "file: files/guide.pdf            # {{ magnet_url }} in an e-mail", "{}"),
        (CAMPAIGN, "file: files/guide.pdf", "file: files"),
        (WELCOME, "{{ magnet_url }}", "https://x.example"),
    ]));
}

#[test]
fn an_alert_goes_to_as_many_as_ses_takes() {
    for (addresses, expected) in [(50, 0), (51, 1)] {
        let infra = Infra::example();
        let list: Vec<String> = (0..addresses).map(|place| format!("sales{place}@example.com")).collect();
        let alert = format!("alert: [{}]", list.join(", "));
        infra.replace(ORGANISATION, "alert: [ventes@atelier-soleil.example]", &alert);
        let found = infra.whole_lines().into_iter().filter(|line| line.contains("at most 50 addresses"));
        assert_eq!(found.count(), expected, "{addresses} addresses");
    }
}
