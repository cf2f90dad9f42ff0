//! Files that were written to do harm: each ends soon, with a finding that says which bound it breaks.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use campaign_file::Rule;
use support::{CAMPAIGN, Infra, ORGANISATION, WELCOME};

/// What is found in the example with one file replaced.
fn rules(file: &str, text: &str) -> Vec<Rule> {
    let infra = Infra::example();
    infra.write(file, text);
    let findings = infra.findings();
    let shown: usize =
        findings.iter().filter_map(|finding| finding.source_line.as_ref()).map(String::len).sum();
    assert!(findings.len() <= 2_000 && shown < 50_000_000, "{} findings", findings.len());
    assert!(findings.iter().any(|finding| finding.file.ends_with(file)), "nothing is found in {file}");
    findings.into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn aliases_that_multiply_are_refused_at_once() {
    let mut text = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..30 {
        let below = level - 1;
        text += &format!("a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n");
    }
    assert!(rules(CAMPAIGN, &text).contains(&Rule::NotYaml));
}

#[test]
fn values_without_end() {
    for text in [
        format!("sequence: [{}]", "x,\n".repeat(200_000)),
        (0..60_000).map(|at| format!("key{at}: 1\n")).collect::<String>(),
        format!("sequence:\n{}", "- {}\n".repeat(150_000)),
        format!("sequence:{}", "\n- send: x".repeat(9_000)),
        format!("a: {}", "[".repeat(300_000)),
        "- ".repeat(9_000),
        format!("{}a", "? ".repeat(9_000)),
    ] {
        rules(CAMPAIGN, &text);
    }
}

#[test]
fn names_and_lines_without_end() {
    let long = "x".repeat(900_000);
    assert!(rules(CAMPAIGN, &format!("{long}: 1")).contains(&Rule::Limit));
    assert!(rules(ORGANISATION, &format!("name: {long}")).contains(&Rule::Limit));
    let long = "x".repeat(19_000);
    rules(CAMPAIGN, &format!("{long}: 1\nexit_when: lead.{long}"));
    rules(WELCOME, &format!("---\nsubject: x\n---\n{}", "{{ lead.x }}\n".repeat(60_000)));
    rules(WELCOME, &format!("---\nsubject: x\n---\n{}", format!("{{{{ {long} }}}}\n").repeat(40)));
}

#[test]
fn templates_that_loop_and_nest() {
    let mut text = "---\nsubject: x\n---\n".to_owned();
    for depth in 0..30 {
        text += &format!("{{% for a{depth} in range(100000) %}}");
    }
    rules(WELCOME, &(text + "x" + &"{% endfor %}".repeat(30)));
    rules(WELCOME, &format!("---\nsubject: x\n---\n{}", "{% if 1 %}".repeat(5_000)));
    rules(WELCOME, &format!("---\nsubject: x\n---\n{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000)));
}

#[test]
fn conditions_that_loop_within_loops_or_make_lists() {
    let list = "[1,2,3,4,5,6,7,8,9,10]";
    let nested = (0..7).fold("true".to_owned(), |inner, depth| format!("{list}.all(x{depth}, {inner})"));
    let grown = (0..7).fold("1".to_owned(), |inner, depth| format!("{list}.map(x{depth}, {inner})"));
    for condition in [nested, format!("size({grown}) > 0"), format!("size({list}.filter(x, x > 1)) > 0")] {
        let text = format!("title: A\nsender: hello\naudience: \"{condition}\"\nsequence: [wait: 1d]\n");
        assert!(rules(CAMPAIGN, &text).contains(&Rule::Limit), "{condition}");
    }
    let findings = |condition: &str| {
        let infra = Infra::example();
        infra.write(
            CAMPAIGN,
            format!("title: A\nsender: hello\naudience: '{condition}'\nsequence: [wait: 1d]\n"),
        );
        infra.findings().into_iter().filter(|finding| finding.rule == Rule::Limit).count()
    };
    assert_eq!(findings(r#"["Ann", "Bo"].exists(name, lead.first_name.startsWith(name))"#), 0);
}
