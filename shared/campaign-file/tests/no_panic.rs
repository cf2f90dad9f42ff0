//! Whatever the files hold, reading them ends with findings and never with a panic.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use campaign_file::{read, render, to_json};
use proptest::prelude::*;
use support::{CAMPAIGN, Infra, ORGANISATION, WELCOME};

/// Reads the folder, and holds what must be true of every reading.
fn check(infra: &Infra) {
    let reading = read(infra.folder.path());
    assert_eq!(reading.bundle.is_none(), reading.has_errors(), "{:#?}", reading.findings);
    for finding in &reading.findings {
        assert!(finding.line > 0 && finding.column > 0, "{finding:?}");
        assert!(!finding.help.is_empty(), "no mend: {finding:?}");
        if let Some(line) = &finding.source_line {
            assert!(finding.column + finding.length <= line.chars().count() + 2, "{finding:?}");
        }
    }
    render(&reading.findings, true);
    to_json(&reading.findings);
}

/// Text made of the language's own pieces, so that it gets past the first check.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\n",
        "  ",
        "    ",
        "- ",
        ": ",
        "'",
        "\"",
        "|",
        ">-",
        "{",
        "}",
        "[",
        "]",
        ",",
        "#",
        "&a ",
        "*a",
        "!",
        "---\n",
        "é",
        "organisation",
        "senders",
        "score",
        "sequence",
        "send",
        "wait",
        "wait_for",
        "if",
        "then",
        "else",
        "exit",
        "form",
        "fields",
        "email",
        "type",
        "lead.housing",
        " == ",
        " && ",
        " || ",
        "(",
        ")",
        "score.total",
        "in_segment(\"a\")",
        "{{ ",
        " }}",
        "{% if ",
        " %}",
        "{% endif %}",
        "magnet_url",
        "3d",
        "40",
        "true",
        "null",
        "~",
        "\\",
        "\u{feff}",
        "\t",
        ".",
        "?",
        "!",
        "-",
        "in",
        "has",
        "exists(x, ",
        "'a'",
        "1.5",
        "\r\n",
        "\u{2028}",
        "😀",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_files(text in prop_oneof![pieces(), any::<String>()], which in 0..3_usize) {
        let infra = Infra::example();
        infra.write([ORGANISATION, CAMPAIGN, WELCOME][which], text);
        check(&infra);
    }

    #[test]
    fn the_example_with_a_part_overwritten(text in pieces(), at in 0.0..1.0_f64, length in 0..40_usize, which in 0..3_usize) {
        let infra = Infra::example();
        let file = [ORGANISATION, CAMPAIGN, WELCOME][which];
        let old: Vec<char> = std::fs::read_to_string(infra.path(file)).expect("read").chars().collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let at = (old.len() as f64 * at) as usize;
        let end = (at + length).min(old.len());
        let new: String = old[..at].iter().copied().chain(text.chars()).chain(old[end..].iter().copied()).collect();
        infra.write(file, new);
        check(&infra);
    }

    #[test]
    fn arbitrary_conditions(text in pieces()) {
        let infra = Infra::example();
        let quoted = serde_json::to_string(&text).expect("a text");
        infra.replace(CAMPAIGN, "exit_when: lead.customer == true", &format!("exit_when: {quoted}"));
        check(&infra);
    }
}

#[test]
fn conditions_and_templates_that_nest_without_end() {
    let deep = |open: &str, middle: &str, close: &str, times: usize| {
        format!("{}{middle}{}", open.repeat(times), close.repeat(times))
    };
    for times in [1, 5, 7, 8, 20, 40, 200] {
        for (open, middle, close) in [
            ("(", "true", ")"),
            ("!(", "true", ")"),
            ("[", "1", "]"),
            ("{1: ", "1", "}"),
            ("occurred(", "1", ")"),
            ("[1].exists(x, ", "true", ")"),
            ("true || (", "true", ")"),
            ("(true && true == true && ", "true", ")"),
            ("1 + ", "1", ""),
            ("true == ", "true", ""),
            ("true ? true : ", "true", ""),
            ("true && ", "true", ""),
            ("!", "true", ""),
            ("-", "1", ""),
            ("!-", "1", ""),
            ("'a' in ", "['a']", ""),
            ("lead", ".a", ".a"),
            ("lead", "['a']", "['a']"),
            ("1 - -", "1", ""),
        ] {
            let infra = Infra::example();
            let text = serde_json::to_string(&deep(open, middle, close, times)).expect("a text");
            infra.replace(CAMPAIGN, "exit_when: lead.customer == true", &format!("exit_when: {text}"));
            check(&infra);
        }
        for (open, middle, close) in [
            ("{% if stage %}", "x", "{% endif %}"),
            ("{{ ", "stage", " }}"),
            ("{{ (", "stage", ") }}"),
            ("{% for a in [1] %}", "x", "{% endfor %}"),
        ] {
            let infra = Infra::example();
            infra.replace(WELCOME, "{{ magnet_url }}", &deep(open, middle, close, times));
            check(&infra);
        }
        let infra = Infra::example();
        infra.replace(WELCOME, "{{ magnet_url }}", &format!("{{{{ {} }}}}", deep("(", "stage", ")", times)));
        check(&infra);
        // A list in a text has its quotes escaped: done again and again, that doubles what there is.
        for (open, close) in [("[", "]|upper"), ("[", "] ~ ''"), ("{'a': ", "}|lower"), ("[", "]|split(',')")]
        {
            let infra = Infra::example();
            infra.replace(
                WELCOME,
                "{{ magnet_url }}",
                &format!("{{{{ {} }}}}", deep(open, "stage", close, times)),
            );
            check(&infra);
        }
    }
}
