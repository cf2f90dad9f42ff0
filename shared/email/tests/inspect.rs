//! What is said of whole e-mails.

mod support;

use email::inspect::{Weight, inspect};
use rstest::rstest;
use support::{Case, source};

#[rstest]
#[case("![](https://a.example/x.png)", "has an empty `alt`", Weight::Warning)]
#[case("<img src=\"https://a.example/x.png\">", "has no `alt`", Weight::Error)]
#[case("[Go](http://localhost/)", "no reader can reach", Weight::Error)]
#[case("[https://bank.example](https://evil.example)", "so do those who phish", Weight::Error)]
fn flags_say_what_and_why(#[case] body: &str, #[case] told: &str, #[case] weight: Weight) {
    let mut mail = source("Bonjour", body);
    mail.preheader = Some("Une ligne".into());
    let found = inspect(&Case::new().with_email("m", "fr", mail).nurture("m"));
    assert_eq!(found.flags.len(), 1, "{:?}", found.flags);
    assert!(found.flags[0].reason.contains(told) && found.flags[0].weight == weight, "{:?}", found.flags);
}

#[test]
fn a_good_email_has_none() {
    let mut mail = source("Bonjour", "![Un toit](https://a.example/x.png) [Lire](https://a.example)");
    mail.preheader = Some("Douze pages & l’été".into());
    let found = inspect(&Case::new().with_email("m", "fr", mail).nurture("m"));
    assert_eq!(found.flags, []);
    assert_eq!(found.preheader, "Douze pages & l’été");
    let texts: Vec<&str> = found.links.iter().map(|link| link.text.as_str()).collect();
    assert_eq!(texts, ["Atelier Soleil", "Lire", "Se désinscrire", "Mes préférences", "Confidentialité"]);
}

#[test]
fn a_long_email_is_clipped() {
    let found = inspect(&Case::new().with_email("m", "fr", source("s", &"mot ".repeat(30_000))).nurture("m"));
    assert!(found.flags[0].reason.contains("Gmail clips at 102 KB"), "{:?}", found.flags);
    assert!(found.flags.iter().any(|flag| flag.about == "preheader"), "without a preheader, too");
}
