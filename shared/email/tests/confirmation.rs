//! The e-mail that asks whether an address belongs to whoever typed it.

mod support;

use rstest::rstest;
use support::{CONFIRM_URL, Case, anchors, body, source};

#[rstest]
fn it_is_built_in_in_six_languages(#[values("en", "fr", "de", "es", "it", "nl")] language: &str) {
    let message = Case::speaking(&["fr", "en", "de", "es", "it", "nl"]).reading(language).confirmation();
    insta::assert_snapshot!(
        format!("confirmation_{language}"),
        format!("{}\n\n{}", message.subject, message.text)
    );
    assert!(message.html.contains(&format!("<html lang=\"{language}\">")));
}

#[test]
fn its_one_button_confirms_and_is_not_tracked() {
    let html = Case::new().confirmation().html;
    assert_eq!(body(&html).matches("class=\"button\"").count(), 1);
    let links = anchors(body(&html), "href");
    assert_eq!(links.len(), 1);
    assert!(links[0].starts_with(" ses:no-track ") && links[0].contains(CONFIRM_URL), "{links:?}");
}

#[test]
fn it_says_who_asks_and_what_was_agreed_to_and_carries_no_unsubscription() {
    let message = Case::new().confirmation();
    assert_eq!(message.step, "confirm");
    assert!(message.lead.is_some() && message.headers.is_empty());
    for part in [
        "Réduire de moitié vos factures d'énergie",
        "Atelier Soleil",
        "J'accepte de recevoir le guide et les conseils d'Atelier Soleil.",
        "12 rue des Lilas, 69003 Lyon, France",
    ] {
        assert!(message.text.contains(part) && message.html.contains(part), "{part}");
    }
    assert!(!message.html.contains("secret-unsubscribe") && !message.text.contains("secret-unsubscribe"));
}

#[test]
fn strangers_cannot_be_sent_words_by_it() {
    let case =
        Case::new().with_trait("first_name", "BUY NOW at evil.example").with_trait("housing", "BUY NOW");
    let message = case.confirmation();
    assert!(!format!("{}{}{}", message.subject, message.html, message.text).contains("BUY NOW"));
}

#[rstest]
#[case::default_is_built_in(&["fr", "sv"], "sv", "fr")]
#[case::default_is_not(&["sv", "fr"], "sv", "en")]
#[case::with_region(&["fr", "de-at"], "de-at", "de")]
fn other_languages_fall_back(#[case] spoken: &[&str], #[case] reads: &str, #[case] gets: &str) {
    let html = Case::speaking(spoken).reading(reads).confirmation().html;
    assert!(html.contains(&format!("<html lang=\"{gets}\">")), "{html}");
}

#[test]
fn a_campaign_may_write_its_own() {
    let own = source("{{ campaign.title }} ?", "**[Oui]({{ confirm_url }})**\n\n{{ wording }}");
    let message = Case::new().with_email("confirm", "fr", own).confirmation();
    assert_eq!(message.subject, "Réduire de moitié vos factures d'énergie ?");
    assert!(message.text.starts_with(&format!("Oui: {CONFIRM_URL}\n\nJ'accepte")), "{}", message.text);
    assert!(anchors(&message.html, CONFIRM_URL)[0].starts_with(" ses:no-track "));
}
