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

#[rstest]
#[case::quotes(">".repeat(19_000))]
#[case::lines_of_quotes(format!("{}\n", ">".repeat(19_000)).repeat(4))]
#[case::quotes_to_the_brim(format!("{}\n", ">".repeat(19_000)).repeat(13))]
#[case::lists("- ".repeat(9_000) + "x")]
#[case::lists_by_indent((0..300).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect())]
#[case::quotes_in_lists("> - ".repeat(4_000) + "x")]
#[case::emphasis("*a **a ".repeat(3_000) + &"b** b*".repeat(3_000))]
#[case::html("<div>".repeat(20_000))]
#[case::html_without_ends("<b>x</i>".repeat(20_000))]
#[case::html_that_is_opened_again((0..5_000).map(|id| format!("<div><b id={id}></div>")).collect())]
#[case::quotes_by_a_loop("{% for a in range(900) %}>{% endfor %} x".into())]
fn deep_texts(#[case] body: String) {
    let case = Case::new().with_email("m", "fr", source("s", &body));
    let error = fails_soon(case);
    assert!(error.contains("more than 100 deep"), "{error}");
}

#[rstest]
#[case::quotes(format!("{} x\n\n", ">".repeat(90)).repeat(40))]
#[case::values("{{ lead.quotes }}\n{{ lead.quotes }}".into())]
#[case::what_the_next_closes("<ul><li>a<li>b<table><tr><td>c<td>d</table></ul><br><p>e".repeat(500))]
#[case::html(format!("<div>{}</div>\n\n", "<img src=a><i>b</i><br/><svg/>".repeat(50)).repeat(20))]
fn long_texts_that_are_not_deep(#[case] body: String) {
    let case = Case::new().with_trait("quotes", &">".repeat(5_000)).with_email("m", "fr", source("s", &body));
    let began = Instant::now();
    assert!(case.try_nurture("m").is_ok());
    assert!(began.elapsed() < Duration::from_secs(10), "took {:?}", began.elapsed());
}
