//! No template makes rendering run or grow without end, whoever wrote it.

#![expect(clippy::disallowed_methods, reason = "a test measures how long rendering takes")]

mod support;

use std::time::{Duration, Instant};

use domain::{Locale, PartialName};
use rstest::rstest;
use support::{Case, source};

/// Renders, and holds that it ends soon.
fn fails_soon(case: Case) -> String {
    let began = Instant::now();
    let error = case.try_nurture("m").unwrap_err().to_string();
    assert!(began.elapsed() < Duration::from_secs(10), "took {:?}", began.elapsed());
    error
}

const EIGHT: &str = "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}";
const ENDS: &str = "{% endfor %}{% endfor %}{% endfor %}";

#[rstest]
#[case::empty_loops(format!("{EIGHT}{ENDS}"), "does more than an e-mail may")]
#[case::printing_loops(format!("{EIGHT}x{ENDS}"), "does more than an e-mail may")]
#[case::long_text(format!("{{% for a in range(1000) %}}{}{{% endfor %}}", "x".repeat(10_000)), "longer than any")]
#[case::long_values("{% for a in range(900) %}{{ lead.long }}{% endfor %}".into(), "longer than any")]
#[case::held_back("{% set x %}{% for a in range(900) %}{{ lead.long }}{% endfor %}{% endset %}".into(), "longer than any")]
#[case::range("{{ range(100000000) }}".into(), "1000 numbers at most")]
#[case::replace("{{ lead.long | replace('x', lead.long) }}".into(), "would make a text of more than")]
#[case::join("{{ lead.long | split('') | join(lead.long) }}".into(), "would make a text of more than")]
#[case::map("{{ lead.long | split('') | map('replace', 'x', lead.long) }}".into(), "would make a text of more than")]
#[case::plural("{{ 3 | plural(other=lead.hashes) }}".into(), "")]
#[case::format("{{ '%99999999d' | format(1) }}".into(), "unknown filter")]
#[case::indent("{{ 'a' | indent(99999999) }}".into(), "unknown filter")]
#[case::batch("{{ [1] | batch(99999999, 'x') }}".into(), "unknown filter")]
#[case::namespace("{% set n = namespace(x='a') %}".into(), "unknown function")]
#[case::macros("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}".into(), "unknown statement macro")]
#[case::recursive_loop("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}".into(), "")]
#[case::deep("(".repeat(5_000), "")]
fn hostile_templates(#[case] template: String, #[case] told: &str) {
    let template = if template.starts_with('(') {
        format!("{{{{ {template}1{} }}}}", ")".repeat(template.len()))
    } else {
        template
    };
    let case = Case::new()
        .with_trait("long", &"x".repeat(5_000))
        .with_trait("hashes", &"#".repeat(70_000))
        .with_email("m", "fr", source("s", &template));
    let error = fails_soon(case);
    assert!(error.contains(told), "{error}");
}

#[rstest]
#[case::itself("{% include 'a' %}", "")]
#[case::each_other("{% include 'b' %}", "{% include 'a' %}")]
#[case::in_loops(
    "{% for i in range(1000) %}{% include 'b' %}{% endfor %}",
    "{% for i in range(1000) %}x{% endfor %}"
)]
fn hostile_partials(#[case] first: &str, #[case] second: &str) {
    let mut case = Case::new().with_email("m", "fr", source("s", "{% include 'a' %}"));
    for (name, text) in [("a", first), ("b", second)] {
        let languages = case.bundle.partials.entry(PartialName::parse(name).unwrap()).or_default();
        languages.insert(Locale::parse("fr").unwrap(), text.into());
    }
    let error = fails_soon(case);
    assert!(error.contains("more than an e-mail may") || error.contains("recursion limit"), "{error}");
}

#[test]
fn what_a_loop_sets_is_forgotten_each_time() {
    let template = "{% set x = 'a' %}{% for i in range(30) %}{% set x = x ~ x %}{% endfor %}{{ x }}";
    assert_eq!(Case::new().with_email("m", "fr", source(template, "t")).nurture("m").subject, "a");
    let inner = "{% for i in range(3) %}{% set x = (x or 'a') ~ 'b' %}{{ x }} {% endfor %}";
    assert_eq!(Case::new().with_email("m", "fr", source(inner, "t")).nurture("m").subject, "ab ab ab");
}
