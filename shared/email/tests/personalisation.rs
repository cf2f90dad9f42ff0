//! What a template can say of a lead: filters in the language of the text, conditions, loops, partials.

mod support;

use domain::{Locale, PartialName, TraitValue};
use rstest::rstest;
use support::{Case, body, source};

/// The subject that this template makes for somebody who reads that language. Spaces that do not break are `_`.
fn subject(language: &str, template: &str) -> String {
    let mut case = Case::speaking(&["fr", "en", "de", "pl", "pt-br"]).reading(language).with_email(
        "m",
        language,
        source(template, "text"),
    );
    let traits = &mut case.lead.traits;
    traits.insert("amount".into(), TraitValue::Number(1234.5));
    traits.insert("panels".into(), TraitValue::Number(3.0));
    traits.insert("renewal".into(), "2026-12-01".into());
    traits.insert("rooms".into(), "kitchen, garden ,hall".into());
    case.nurture("m").subject.replace(['\u{A0}', '\u{202F}'], "_")
}

#[rstest]
#[case("fr", "{{ lead.amount | money('EUR') }}", "1_234,50_€")]
#[case("en", "{{ lead.amount | money('EUR') }}", "€1,234.50")]
#[case("fr", "{{ lead.amount | number }}", "1_234,5")]
#[case("de", "{{ lead.amount | number(2) }}", "1.234,50")]
#[case("fr", "{{ lead.renewal | date }}", "01/12/2026")]
#[case("fr", "{{ lead.renewal | date('long') }}", "1 décembre 2026")]
#[case("pt-br", "{{ lead.renewal | date('long') }}", "1 de dezembro de 2026")]
#[case("en", "{{ '2026-12-01T09:00:00Z' | date('long') }}", "December 1, 2026")]
#[case("en", "{{ lead.panels | plural(one='# panel', other='# panels') }}", "3 panels")]
#[case("en", "{{ 1 | plural(one='# panel', other='# panels') }}", "1 panel")]
#[case("fr", "{{ 0 | plural(one='# panneau', other='# panneaux') }}", "0 panneau")]
#[case(
    "pl",
    "{{ lead.panels | plural(one='# panel', few='# panele', many='# paneli', other='# panelu') }}",
    "3 panele"
)]
#[case("fr", "{{ lead.amount | plural(one='# mètre', other='# mètres') }}", "1_234,5 mètres")]
#[case("en", "{{ '12' | plural(one='# day', other='# days') }}", "12 days")]
fn values_are_written_as_the_language_does(
    #[case] language: &str,
    #[case] template: &str,
    #[case] written: &str,
) {
    assert_eq!(subject(language, template), written);
}

#[rstest]
#[case::missing("a{{ lead.none | money('EUR') }}{{ lead.none | date }}{{ lead.none | number }}b", "ab")]
#[case::missing_plural("a{{ lead.none | plural(one='x', other='y') }}b", "ab")]
#[case::no_number("{{ lead.first_name | money('EUR') }}", "Ana")]
#[case::no_date("{{ lead.first_name | date('long') }}", "Ana")]
#[case::default_after("{{ lead.none | money('EUR') | default('à voir') }}", "à voir")]
fn what_is_missing_or_mistyped_makes_no_email_fail(#[case] template: &str, #[case] written: &str) {
    assert_eq!(subject("fr", template), written);
}

#[rstest]
#[case("{{ lead.rooms | split(',') | map('trim') | join(' + ') }}", "kitchen + garden + hall")]
#[case(
    "{% for room in lead.rooms | split(',') %}{{ room | trim | upper }};{% endfor %}",
    "KITCHEN;GARDEN;HALL;"
)]
#[case(
    "{% for room in lead.rooms | split(',') if 'l' in room %}{{ loop.index }}{{ room }}{% else %}none{% endfor %}",
    "1hall"
)]
#[case(
    "{% if lead.panels > 2 and lead.housing == 'house' %}roof{% elif x %}{% else %}none{% endif %}",
    "roof"
)]
#[case("{% set n = lead.panels * 400 %}{{ n }} W", "1200 W")]
#[case("{{ lead.rooms | replace(',', ';') | replace(' ', '') }}", "kitchen;garden;hall")]
#[case("{% for n in range(3, 0, -1) %}{{ n }}{% endfor %}", "321")]
#[case("{{ [{'a': 1}, {'a': 2}] | map(attribute='a') | join('-') }}", "1-2")]
fn conditions_and_loops(#[case] template: &str, #[case] written: &str) {
    assert_eq!(subject("en", template), written);
}

fn with_partial(mut case: Case, name: &str, language: &str, text: &str) -> Case {
    let languages = case.bundle.partials.entry(PartialName::parse(name).unwrap()).or_default();
    languages.insert(Locale::parse(language).unwrap(), text.to_owned());
    case
}

#[test]
fn partials_stand_in_the_language_of_the_text() {
    let body_text = "Hello\n\n{% include \"signature\" %}\n";
    let case = Case::speaking(&["fr", "en"]).with_email("m", "fr", source("s", body_text)).with_email(
        "m",
        "en",
        source("s", body_text),
    );
    let case = with_partial(case, "signature", "fr", "*L’équipe*, {{ lead.first_name }}\n");
    let case = with_partial(case, "signature", "en", "*The team*, {{ lead.first_name }}\n");
    let read = |case: Case, language: &str| body(&case.reading(language).nurture("m").html).to_owned();
    assert_eq!(
        read(case, "fr").matches("<em>").count(),
        1,
        "Markdown of a partial is Markdown, and its values are values"
    );
    let case = Case::speaking(&["fr", "en"]).with_email("m", "en", source("s", body_text));
    let case = with_partial(case, "signature", "fr", "Au revoir **{{ lead.first_name }}**");
    let html = read(case.with_trait("first_name", "<b>*x*</b>"), "en");
    assert!(html.contains("Au revoir <strong>&lt;b&gt;*x*&lt;/b&gt;</strong>"), "{html}");
}

#[test]
fn a_fault_within_a_partial_is_told_with_its_place() {
    let case = Case::new().with_email("m", "fr", source("s", "one\n{% include 'end' %}"));
    let case = with_partial(case, "end", "fr", "a\nb\n{{ 1 / 0 }}{{ lead.x.y }}");
    let error = case.try_nurture("m").unwrap_err().to_string();
    assert!(error.contains("body, line 2: partial `end`, line 3: "), "{error}");
}

#[rstest]
#[case("pt-br", &["fr", "pt"], "pt")]
#[case("pt-br", &["fr", "pt", "pt-br"], "pt-br")]
#[case("pt-br", &["fr"], "fr")]
#[case("en", &["pt"], "pt")]
fn a_language_with_its_region_falls_back_to_the_one_without(
    #[case] reads: &str,
    #[case] written: &[&str],
    #[case] gets: &str,
) {
    let mut case = Case::speaking(&["fr", "pt-br", "en"]).reading(reads);
    for language in written {
        case = case.with_email("m", language, source(language, "text"));
    }
    assert_eq!(case.nurture("m").subject, gets);
}

#[test]
fn filters_open_no_way_out_of_the_text() {
    for hostile in ["<script>", "[x](http://evil.example)", "a\r\nBcc: x@evil.example", "**b**"] {
        let template = "{{ lead.x | money('EUR') }} {{ lead.x | date }} {{ 2 | plural(other=lead.x) }} \
                        {{ lead.x | split(' ') | map('trim') | join(lead.x) }} {{ 'a' | replace('a', lead.x) }}";
        let message = Case::new()
            .with_trait("x", hostile)
            .with_email("m", "fr", source(template, template))
            .nurture("m");
        assert!(!message.subject.contains(['\r', '\n']), "{}", message.subject);
        let html = body(&message.html);
        assert!(!html.contains("<script") && !html.contains("<a") && !html.contains("<strong"), "{html}");
    }
}

#[rstest]
#[case::the_example_of_the_manual(
    "a{% for room in lead.none | split(',') %}- {{ room | trim }}{% endfor %}b",
    "ab"
)]
#[case("a{{ lead.none | split(',') | join(' & ') }}{{ lead.none | lines | join }}b", "ab")]
#[case(
    "a{{ lead.none | upper }}{{ lead.none | lower }}{{ lead.none | title }}{{ lead.none | capitalize }}b",
    "ab"
)]
#[case("a{{ lead.none | trim }}{{ lead.none | replace('x', 'y') }}b", "ab")]
#[case("a{{ lead.none | first }}{{ lead.none | last }}{{ lead.none | min }}{{ lead.none | max }}b", "ab")]
#[case(
    "a{{ lead.none | sort }}{{ lead.none | reverse }}{{ lead.none | unique }}{{ lead.none | map('trim') }}b",
    "ab"
)]
#[case("a{{ lead.none | abs }}{{ lead.none | round(1) }}b", "ab")]
#[case("a{{ lead.none | length }}{{ lead.none | count }}b", "a00b")]
#[case("a{{ lead.none | sum }}b", "ab")]
#[case("a{{ lead.none | int }}{{ lead.first_name | int }}{{ lead.first_name | int(default=7) }}b", "a007b")]
#[case("a{{ lead.none | float }}{{ lead.first_name | float }}b", "a0.00.0b")]
#[case("{{ lead.first_name | round }}{{ lead.first_name | abs }}", "AnaAna")]
#[case("a{{ lead.none[0] }}{{ lead.none.x.y }}b", "ab")]
#[case("{{ lead.first_name[0] }}{{ lead.rooms | split(',') | length }}{{ lead.amount | round }}", "A31234.0")]
#[case("{{ '1.26' | round(1) }}{{ '12' | int }}{{ lead.first_name | upper | default('x') }}", "1.312ANA")]
#[case("{{ lead.none | upper | default('x') }}", "x")]
#[case("{{ '1.26' | round(precision=1) }}{{ '1.2' | round(method='ceil') }}", "1.32.0")]
#[case("{{ lead.rooms | split(',') | map('trim') | sort(reverse=true) | join(' ') }}", "kitchen hall garden")]
#[case("{{ [1, 2] | sum(start=3) }}{{ ['b', 'B'] | unique(case_sensitive=true) | length }}", "62")]
fn the_engines_filters_make_nothing_of_what_is_missing(#[case] template: &str, #[case] written: &str) {
    assert_eq!(subject("fr", template), written);
}
