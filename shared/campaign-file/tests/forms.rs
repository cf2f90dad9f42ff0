//! Forms: what each part of the language becomes, and each fault at its place.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use std::fmt::Write;

use domain::campaign::{FieldKind, Form, Thanks};
use support::{CAMPAIGN, Infra};

const PHONE: &str = "    phone: { type: phone }\n";
const THANKS: &str = "thanks: https://atelier-soleil.example/merci";
const THANKS_FILE: &str = "campaigns/guide-solaire/thanks.fr.md";

fn form(infra: &Infra) -> Form {
    let reading = campaign_file::read(infra.folder.path());
    let bundle = reading.bundle.unwrap_or_else(|| panic!("{:#?}", reading.findings));
    let campaign = bundle.campaigns.into_values().next().expect("a campaign");
    campaign.form.expect("a form")
}

/// The example with more fields after its last one, and more below `form:`.
fn with(fields: &str, more: &str) -> Infra {
    let infra = Infra::example();
    let fields: String = fields.lines().map(|line| format!("    {line}\n")).collect();
    let more: String = more.lines().map(|line| format!("  {line}\n")).collect();
    infra.replace(CAMPAIGN, PHONE, &format!("{PHONE}{fields}{more}"));
    infra
}

#[test]
fn every_kind_of_field_is_read() {
    let form = form(&with(
        "code: { type: text, min_length: 4, pattern: \"[A-Z]+\", message: { fr: Non, en: No } }\n\
         country: { type: country, required: true }\n\
         moving: { type: date, label: Le jour }\n\
         company: { type: text, ask: later }\n\
         source: { type: hidden, value: fair-2026, options: [fair-2027] }",
        "ask_at_once: 1\nrefuse_disposable: true\ntopics: [conseils]",
    ));
    assert!(form.refuse_disposable);
    assert_eq!((form.asked_at_once(), form.topics.len()), (1, 1));
    let field = |name: &str| form.fields.iter().find(|field| field.name == name).expect("it is there");
    let FieldKind::Text { min_length, pattern, .. } = &field("code").kind else { panic!("a text") };
    assert_eq!(*min_length, Some(4));
    assert!(pattern.as_ref().is_some_and(|pattern| pattern.matches("AB")));
    assert_eq!(field("code").message.len(), 2);
    assert_eq!(field("country").kind, FieldKind::Country);
    assert_eq!(field("moving").kind, FieldKind::Date);
    assert!(field("company").later && !field("company").required);
    let source = &field("source").kind;
    for (posted, expected) in
        [(None, "fair-2026"), (Some("fair-2027"), "fair-2027"), (Some("<script>"), "fair-2026")]
    {
        assert_eq!(source.hidden_value(posted), Some(expected), "{posted:?}");
    }
}

#[test]
fn the_names_of_later_fields_leave_the_script_small() {
    let longer = |fields: usize| {
        let fields: String = (0..fields)
            .map(|number| format!("company_{:02}: {{ type: text, ask: later }}\n", number))
            .collect();
        let doubts =
            with(&fields, "").findings().into_iter().filter(|finding| finding.message.contains("embed.js"));
        doubts.map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(longer(16), Vec::<String>::new());
    let told = "with so many names of fields with `ask: later`, `embed.js` is 22 bytes longer than 3 KB";
    assert_eq!(longer(19), [told]);
}

#[test]
fn pages_are_read() {
    let steps = "steps:\n- { title: { fr: Vous, en: You }, fields: [email, first_name] }\n\
                 - { title: Votre toit, fields: [housing, surface, phone] }";
    let form = form(&with("source: { type: hidden, value: fair }", steps));
    let steps: Vec<_> = form.steps.iter().map(|step| step.fields.join(" ")).collect();
    assert_eq!(steps, ["email first_name", "housing surface phone"]);
}

#[test]
fn a_text_of_thanks_is_read() {
    let infra = Infra::example();
    infra.replace(CAMPAIGN, THANKS, "thanks: { file: thanks }");
    let text = "# Merci *beaucoup*\n\nRegardez [le plan](https://a.example/plan) :\n\n- un\n- deux < trois\n";
    infra.write(THANKS_FILE, text);
    let Some(Thanks::Text(texts)) = form(&infra).thanks else { panic!("a text") };
    let thanks = texts.into_values().next().expect("in French");
    assert_eq!(thanks.title, "Merci beaucoup");
    assert_eq!(
        thanks.html,
        "<p>Regardez <a href=\"https://a.example/plan\">le plan</a> :</p>\n<ul>\n<li>un</li>\n<li>deux &lt; trois</li>\n</ul>\n"
    );
    assert_eq!(thanks.text, "Regardez le plan (https://a.example/plan) :\n\n– un\n– deux < trois");
}

/// What a campaign's file may say wrongly about its form.
#[test]
fn faults_of_forms() {
    let field = |text: &str| (text.to_owned(), String::new());
    let more = |text: &str| (String::new(), text.to_owned());
    let cases = [
        field("code: { type: text, min_length: 0 }"),
        field("code: { type: text, min_length: 9, max_length: 4 }"),
        field("code: { type: text, pattern: \"[A-Z\" }"),
        field("code: { type: text, pattern: \"((a{99}){99}){99}\" }"),
        field(&format!("code: {{ type: text, pattern: {} }}", "a".repeat(301))),
        field("code: { type: text, pattern: '\\p{L}+' }"),
        field("code: { type: number, pattern: a }"),
        field("code: { type: text, message: { en: No } }"),
        field("country: { type: country, max_length: 2 }"),
        field("contry: { type: contry }"),
        field("company: { type: text, ask: latter }"),
        field("company: { type: text, ask: later, required: true }"),
        field("source: { type: hidden }"),
        field("source: { type: hidden, value: 2026 }"),
        field("source: { type: hidden, value: \" a\" }"),
        field("source: { type: hidden, value: a, required: true, label: Source }"),
        field("source: { type: hidden, options: a }"),
        field("utm_source: { type: hidden, value: newsletter }"),
        field("source: { type: text, value: a }"),
        more("ask_at_once: 2"),
        more("ask_at_once: 0"),
        more("refuse_disposable: maybe"),
        more("topics: [conseil]"),
        more("topics: [conseils, conseils]"),
        more("topics: []"),
        more("topics: conseils"),
        more("steps: []"),
        more("steps: [email]"),
        more("steps:\n- { fields: [email, first_name, housing, surface, phone] }"),
        more("steps:\n- { title: Vous, fields: [email, first_name, housing] }"),
        more("steps:\n- { title: Vous, fields: [email, first_nam, housing, surface, phone] }"),
        more("steps:\n- { title: Vous, fields: [email, email, first_name, housing, surface, phone] }"),
        more(
            "steps:\n- { title: Vous, fields: [email, first_name, housing, surface, phone] }\n- { title: Rien, fields: [] }",
        ),
        (
            "source: { type: hidden, value: a }".to_owned(),
            "steps:\n- { title: Vous, fields: [email, first_name, housing, surface, phone, source] }"
                .to_owned(),
        ),
    ];
    let mut report = String::new();
    for (fields, more) in cases {
        writeln!(report, "{}{}", fields, more.replace('\n', "⏎")).expect("written");
        for line in with(&fields, &more).lines() {
            writeln!(report, "    {line}").expect("written");
        }
    }
    insta::assert_snapshot!(report);
}

/// What the text of thanks may say wrongly, and how it may be named.
#[test]
fn faults_of_thanks() {
    let mut report = String::new();
    for (file, text) in [
        ("{ file: thanks }", None),
        ("{ file: thanks.fr.md }", Some("# Merci\n")),
        ("{ file: ../thanks }", Some("# Merci\n")),
        ("{ page: thanks }", Some("# Merci\n")),
        ("[thanks]", Some("# Merci\n")),
        ("{ file: thanks }", Some("")),
        ("{ file: thanks }", Some("# Merci\n\n<script>alert(1)</script>\n")),
        ("{ file: thanks }", Some("Merci <b>beaucoup</b>\n")),
        ("{ file: thanks }", Some("Merci ![photo](https://a.example/a.png)\n")),
        ("{ file: thanks }", Some("[Ici](javascript:alert(1))\n")),
        ("{ file: thanks }", Some("[Ici](/plan) ou [là](mailto:a@b.example)\n")),
        ("{ file: thanks }", Some("Merci {{ lead.first_name }}\n")),
    ] {
        let infra = Infra::example();
        infra.replace(CAMPAIGN, THANKS, &format!("thanks: {file}"));
        if let Some(text) = text {
            infra.write(THANKS_FILE, text);
        }
        writeln!(report, "{file} {}", text.unwrap_or_default().replace('\n', "⏎")).expect("written");
        for line in infra.lines() {
            writeln!(report, "    {line}").expect("written");
        }
    }
    insta::assert_snapshot!(report);
}
