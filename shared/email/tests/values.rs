//! Values are data: whatever a lead types stays text, in every spot of every template.

mod support;

use rstest::rstest;
use support::{Case, anchors, body, source};

const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><img src=x>",
    "' onmouseover='x",
    " onclick=evil ",
    "[x](http://evil.example)",
    "<http://evil.example>",
    "](http://evil.example) [y",
    "**b**",
    "`code`",
    "# x",
    "- x",
    "> x",
    "1. x",
    "    x",
    "---",
    "| a | b |",
    "a\r\nBcc: x@evil.example",
    "a\n\n# heading",
    "a\u{2028}b\u{2029}c",
    "\\",
    "\\[x\\](http://evil.example)",
    "&lt;script&gt;",
    "{{ unsubscribe_url }}",
    "{% raw %}",
    "\u{202E}gpj.exe",
    "a\u{F0000}\u{F0001}\u{10FFFC}\u{10FFFD}",
    "javascript:alert(1)",
    "@evil.example",
    "--> <b>",
    "\0",
];

/// Every way to place a value, each with a template that differs in nothing else.
const PLACES: &[&str] = &[
    "Hello {{ lead.x }}!",
    "{{ lead.x }}",
    "# {{ lead.x }}",
    "- {{ lead.x }}\n- b",
    "> {{ lead.x }}",
    "*{{ lead.x }}* **{{ lead.x }}** ~~{{ lead.x }}~~",
    "`{{ lead.x }}`",
    "```{{ lead.x }}\n{{ lead.x }}\n```",
    "    {{ lead.x }}",
    "| a | b |\n|---|---|\n| {{ lead.x }} | c |",
    "[label {{ lead.x }}](https://a.example)",
    "[label](https://a.example/?q={{ lead.x }} \"title {{ lead.x }}\")",
    "[label](https://a.example{{ lead.x }})",
    "[label]({{ lead.x }})",
    "[label](<{{ lead.x }}>)",
    "![alt {{ lead.x }}](https://a.example/{{ lead.x }}.png)",
    "**[{{ lead.x }}](https://a.example/{{ lead.x }})**",
    "<{{ lead.x }}>",
    "<b title=\"{{ lead.x }}\">b {{ lead.x }}</b>",
    "<b title='{{ lead.x }}'>b</b>",
    "<b title={{ lead.x }}>b</b>",
    "<div>\n{{ lead.x }}\n</div>",
    "{{ lead.x | safe }} {{ lead.x ~ '!' }}",
    "{% set block %}*{{ lead.x }}*{% endset %}{{ block }}",
];

/// The tags of a document with the names of their attributes, and nothing of what stands in quotes or between tags.
fn skeleton(html: &str) -> String {
    let (mut in_tag, mut in_quotes) = (false, false);
    let mut skeleton = String::new();
    for character in html.chars() {
        match character {
            '<' if !in_tag => in_tag = true,
            '"' if in_tag => in_quotes = !in_quotes,
            _ => {}
        }
        if in_tag && !in_quotes {
            skeleton.push(character);
            in_tag = character != '>';
        }
    }
    skeleton
}

#[test]
fn no_value_changes_what_a_document_is_made_of() {
    for place in PLACES {
        let render = |value: &str| {
            Case::new().with_trait("x", value).with_email("m", "fr", source("s", place)).nurture("m")
        };
        let harmless = render("Ana").html;
        for hostile in HOSTILE {
            let html = render(hostile).html;
            assert_eq!(
                skeleton(body(&html)),
                skeleton(body(&harmless)),
                "{hostile:?} in {place:?}:\n{}",
                body(&html)
            );
        }
    }
}

#[test]
fn no_value_ends_a_comment() {
    for hostile in HOSTILE {
        let case = Case::new().with_trait("x", hostile).with_email(
            "m",
            "fr",
            source("s", "a <!-- {{ lead.x }} --> b"),
        );
        let html = case.nurture("m").html;
        let (_, comment) = body(&html).split_once("<!--").unwrap();
        let (comment, after) = comment.split_once("-->").unwrap();
        assert!(!comment.contains(['<', '>']) && after == " b</p>", "{hostile:?}: {html}");
    }
}

#[test]
fn no_value_chooses_where_a_link_leads() {
    for place in PLACES {
        for hostile in HOSTILE.iter().chain(&["http://evil.example", "//evil.example"]) {
            let case = Case::new().with_trait("x", hostile).with_email("m", "fr", source("s", place));
            let html = case.nurture("m").html;
            for link in anchors(body(&html), "href=") {
                let (_, href) = link.split_once("href=\"").unwrap();
                let (href, _) = href.split_once('"').unwrap();
                let host = href.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
                let encoded = !href.contains(['/', ':', '@']);
                assert!(
                    encoded || host.is_some_and(|host| host.starts_with("a.example") && !host.contains('@')),
                    "{hostile:?} in {place:?}: {href}"
                );
            }
        }
    }
}

#[rstest]
#[case::script("<script>", "<script>")]
#[case::break_("a\r\nBcc: x@evil.example", "a Bcc: x@evil.example")]
#[case::separators("a\u{2028}b\u{85}c\0d\te", "a b c d e")]
#[case::reversed("\u{202E}gpj.exe", "gpj.exe")]
#[case::long_space("a\n\n\n   b ", "a b")]
fn a_subject_is_one_line_of_text(#[case] value: &str, #[case] subject: &str) {
    let case = Case::new().with_trait("x", value).with_email("m", "fr", source("{{ lead.x }}", "text"));
    let message = case.nurture("m");
    assert_eq!(message.subject, subject);
    assert!(!message.html.contains("<script>"));
    for (name, value) in &message.headers {
        assert!(!name.contains(char::is_control) && !value.contains(char::is_control));
    }
}

#[test]
fn a_preheader_is_text_too() {
    let mut preheader = source("s", "text");
    preheader.preheader = Some("{{ lead.x }}".into());
    let case = Case::new().with_trait("x", "<b>\n</div>").with_email("m", "fr", preheader);
    assert!(case.nurture("m").html.contains("&lt;b&gt; &lt;/div&gt;"));
}

#[rstest]
#[case("**b** _c_ #1 [x](y) <z> & \"q\"")]
#[case("O'Neill-Müller & Søn, 漢字")]
fn the_reader_sees_what_the_lead_typed(#[case] value: &str) {
    let case =
        Case::new().with_trait("x", value).with_email("m", "fr", source("s", "Bonjour {{ lead.x }} !"));
    let message = case.nurture("m");
    assert!(message.text.starts_with(&format!("Bonjour {value} !")), "{}", message.text);
    let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    assert!(body(&message.html).contains(&escaped), "{}", body(&message.html));
}

/// Places in which a reader sees a value, each with a template of the author's around it that holds no address.
const SHOWN: &[&str] = &[
    "Hello {{ lead.x }}!",
    "# {{ lead.x }}",
    "`{{ lead.x }}`",
    "    {{ lead.x }}",
    "| a |\n|---|\n| {{ lead.x }} |",
    "<b>{{ lead.x }}</b>",
    "<div title='a > b'>\n{{ lead.x }}\n</div>",
    "<div><!-- it's --> 1 < 2 {{ lead.x }}\n</div>",
    "{{ lead.x | upper }}",
    "{{ 'Dear ' ~ lead.x }}",
    "{% set block %}Dear {{ lead.x }}{% endset %}{{ block }}",
];

const BREAK: char = '\u{200C}';

/// What is written of a value, `|` standing for the mark at which nothing can be clicked any more.
#[rstest]
#[case::an_address("see https://evil.example/pay", "see https://|evil.|example/pay")]
#[case::another_scheme("ftp://10.0.0.1", "ftp://|10.0.0.1")]
#[case::without_scheme("www.evil.example", "www.|evil.|example")]
#[case::a_short_host("WWW.e", "WWW.|e")]
#[case::a_domain("pay at evil.example now", "pay at evil.|example now")]
#[case::a_domain_in_other_letters("зло.рф", "зло.|рф")]
#[case::a_mailbox("pay@evil.example", "pay@|evil.|example")]
#[case::after_a_mark("e\u{301}.example", "e\u{301}.|example")]
#[case::a_number("12.345", "12.345")]
#[case::a_large_number("1.234.567,89 €", "1.234.567,89 €")]
#[case::a_date("2026-11-03", "2026-11-03")]
#[case::initials("J.R.R. Tolkien", "J.R.R. Tolkien")]
#[case::a_sentence("Acme Inc. Lyon... ou Paris", "Acme Inc. Lyon... ou Paris")]
#[case::a_name("@ada", "@ada")]
fn nothing_that_a_visitor_typed_can_be_clicked(#[case] value: &str, #[case] written: &str) {
    let template = "Hello {{ lead.x }}!";
    let mut source = source("{{ lead.x }}", template);
    source.preheader = Some("{{ lead.x }}".into());
    let message = Case::new().with_trait("x", value).with_email("m", "fr", source).nurture("m");
    let written = written.replace('|', &BREAK.to_string());
    assert!(message.text.starts_with(&format!("Hello {written}!")), "{}", message.text);
    let html = message.html.split_once("<body").unwrap().1;
    assert_eq!(html.matches(&written).count(), 2, "in the text and its preview: {html}");
    assert_eq!(message.subject, value.replace(BREAK, ""), "no program makes links of subjects");
}

proptest::proptest! {
    /// Of the value alone: whatever the author writes around it stays.
    #[test]
    fn no_value_holds_what_becomes_a_link(value in "([a-zé0-9_]{0,3}|://|www|[.]|@|[\u{301}/ ]|WWW){1,12}", place in 0..SHOWN.len()) {
        let case = Case::new().with_trait("x", &value).with_email("m", "fr", source("s", SHOWN[place]));
        let message = case.nurture("m");
        let (text, _) = message.text.split_once("---\n").unwrap();
        for shown in [text, &support::seen(body(&message.html))] {
            let characters: Vec<char> = shown.chars().collect();
            let link = characters.windows(4).any(|four| {
                let word = four[0] == '_' || four[0].is_alphanumeric() || four[0] == '\u{301}';
                word && four[1] == '.' && four[2].is_alphabetic() && four[3].is_alphabetic()
            });
            let scheme = shown.split("://").skip(1).any(|after| !after.starts_with(BREAK));
            let www = shown.to_lowercase().split("www.").skip(1).any(|after| !after.starts_with(BREAK));
            proptest::prop_assert!(!link && !scheme && !www, "{value:?} in {:?}: {shown:?}", SHOWN[place]);
        }
    }
}

const LINES_OF_HTML: &str = "<p>\n<a title='1 > 0'\nhref='//a.example/{{ lead.x }}'>a</a></p>";

#[rstest]
#[case::of_the_organisation("{{ organisation.website }}", "https://atelier-soleil.example")]
#[case::of_ours("{{ magnet_url }}", "https://sillon.example/d/bWFnbmV0_secret-magnet")]
#[case::spelled_out("{{ 'see a.example' if lead.x else '' }}", "see a.example")]
#[case::written("see a.example", "see a.example")]
#[case::its_own_address("{{ lead.email }}", "ana@exemple.example")]
#[case::in_an_address("[a](https://a.example/?q={{ lead.x }})", "https://a.example/?q=evil.example")]
#[case::in_html("<a href=\"https://a.example/{{ lead.x }}\">a</a>", "https://a.example/evil.example")]
#[case::in_lines_of_html(LINES_OF_HTML, "a.example/evil.example")]
fn addresses_of_the_campaigns_own_stay_whole(#[case] template: &str, #[case] whole: &str) {
    let case = Case::new().with_trait("x", "evil.example").with_email("m", "fr", source("s", template));
    let html = case.nurture("m").html.replace("&#46;", ".");
    assert!(body(&html).contains(whole), "{}", body(&html));
}

#[test]
fn an_author_chooses_between_addresses_of_their_own() {
    let template = "[x]({{ 'https://a.example/fr' if lead.locale == 'fr' else 'https://a.example/en' }}) \
                    [y]({{ organisation.website }}) [z](https://a.example/?q={{ lead.x }})";
    let case = Case::new().with_trait("x", "a b&c").with_email("m", "fr", source("s", template));
    let message = case.nurture("m");
    for address in
        ["https://a.example/fr", "https://atelier-soleil.example", "https://a.example/?q=a%20b%26c"]
    {
        assert!(message.html.contains(&format!("href=\"{address}\"")), "{address}: {}", body(&message.html));
    }
}

#[test]
fn html_of_the_author_stays() {
    let case = Case::new().with_email("m", "fr", source("s", "a<br><u>b</u>\n\n<div>c</div>"));
    let message = case.nurture("m");
    assert!(body(&message.html).contains("<u>b</u>") && body(&message.html).contains("<div>c</div>"));
}
