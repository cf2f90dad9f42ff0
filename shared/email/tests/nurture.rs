//! The e-mail of a step: what it looks like, its headers, its languages, its buttons.

mod support;

use domain::campaign::EmailSource;
use rstest::rstest;
use support::{Case, anchors, body, source};

fn welcome() -> Case {
    Case::new().with_email(
        "bienvenue",
        "fr",
        EmailSource {
            subject: "{{ lead.first_name | default('Bonjour') }}, votre guide est là".into(),
            preheader: Some("Douze pages pour réduire vos factures.".into()),
            body: include_str!("support/bienvenue.fr.md").into(),
        },
    )
}

#[test]
fn the_welcome_of_the_solar_guide() {
    let message = welcome().nurture("bienvenue");
    insta::assert_snapshot!("welcome_html", message.html);
    insta::assert_snapshot!("welcome_text", message.text);
    assert_eq!(message.subject, "Ana, votre guide est là");
    assert_eq!(message.to, ["ana@exemple.example"]);
    assert_eq!(message.from, "Atelier Soleil <bonjour@atelier-soleil.example>");
    assert_eq!(message.reply_to.as_deref(), Some("ventes@atelier-soleil.example"));
    assert_eq!(message.step, "bienvenue");
    assert!(message.lead.is_some());
}

#[test]
fn mail_clients_can_unsubscribe_with_one_click() {
    let message = welcome().nurture("bienvenue");
    let headers: Vec<(&str, &str)> =
        message.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(
        headers,
        [
            ("List-Unsubscribe", "<https://sillon.example/u/dW5zdWI_secret-unsubscribe>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    );
}

#[test]
fn what_a_lead_did_not_state_prints_nothing_and_defaults_apply() {
    let mut case = welcome();
    case.lead.traits.clear();
    let message = case.nurture("bienvenue");
    assert_eq!(message.subject, "Bonjour, votre guide est là");
    let title = message.text.lines().next().unwrap();
    assert_eq!(title.replace('\u{A0}', " "), "Bienvenue !");
}

#[rstest]
#[case::markdown("[guide]({{ magnet_url }})", "secret-magnet")]
#[case::reference("[guide][1]\n\n[1]: {{ magnet_url }}", "secret-magnet")]
#[case::html("<p><a class=\"x\" href=\"{{ magnet_url }}\">guide</a></p>", "secret-magnet")]
#[case::html_over_two_lines("<p><a\nhref='{{ magnet_url }}'>guide</a></p>", "secret-magnet")]
#[case::longer_address("[guide]({{ magnet_url }}?from=mail&x=1)", "secret-magnet")]
#[case::token("[shop](https://shop.example/?lead={{ events_token }})", "secret-events")]
#[case::footer_unsubscribe("", "secret-unsubscribe")]
#[case::footer_preferences("", "secret-preferences")]
fn every_link_with_a_token_is_kept_from_click_tracking(#[case] markdown: &str, #[case] secret: &str) {
    let html = Case::new().with_email("m", "fr", source("s", markdown)).nurture("m").html;
    let links = anchors(&html, secret);
    assert_eq!(links.len(), 1, "{html}");
    assert!(links[0].starts_with(" ses:no-track "), "{links:?}");
}

#[test]
fn other_links_are_tracked() {
    let html = Case::new()
        .with_email("m", "fr", source("s", "[étude](https://atelier-soleil.example/etude)"))
        .nurture("m")
        .html;
    assert_eq!(html.matches("ses:no-track").count(), 2, "unsubscribe and preferences alone");
}

#[rstest]
#[case::bold_link("**[Go](https://a.example)**", true)]
#[case::link_of_bold("[**Go**](https://a.example)", true)]
#[case::value_in_label("**[Go {{ lead.first_name }}](https://a.example)**", true)]
#[case::plain_link("[Go](https://a.example)", false)]
#[case::text_before("Now **[Go](https://a.example)**", false)]
#[case::text_after("**[Go](https://a.example)** now", false)]
#[case::two_links("**[Go](https://a.example)** **[Stay](https://b.example)**", false)]
#[case::two_links_in_bold("**[Go](https://a.example) [Stay](https://b.example)**", false)]
#[case::bold_without_link("**Go**", false)]
fn a_paragraph_that_is_one_bold_link_is_a_button(#[case] markdown: &str, #[case] button: bool) {
    let html = Case::new().with_email("m", "fr", source("s", markdown)).nurture("m").html;
    assert_eq!(body(&html).contains("class=\"button\""), button, "{}", body(&html));
}

#[rstest]
#[case::own_language("en", &["fr", "en"], "en")]
#[case::with_region("en-gb", &["fr", "en"], "en")]
#[case::not_written("en", &["fr"], "fr")]
#[case::not_spoken("de", &["fr", "en"], "fr")]
#[case::default_missing("de", &["en"], "en")]
fn an_email_falls_back_to_the_default_language(
    #[case] reads: &str,
    #[case] written: &[&str],
    #[case] gets: &str,
) {
    let mut case = Case::new().reading(reads);
    for language in written {
        case = case.with_email("m", language, source(language, "text"));
    }
    let message = case.nurture("m");
    assert_eq!(message.subject, gets);
    assert!(message.html.contains(&format!("<html lang=\"{gets}\">")), "{}", message.html);
}

#[rstest]
#[case::in_its_language("fr", "m", "Autre objet pour Ana")]
#[case::not_in_its_language("en", "m", "Own subject")]
#[case::of_another_step("fr", "other", "Propre objet")]
fn a_step_may_give_its_email_another_subject(#[case] reads: &str, #[case] step: &str, #[case] gets: &str) {
    let mut case = Case::new()
        .reading(reads)
        .with_email("m", "fr", source("Propre objet", "texte"))
        .with_email("m", "en", source("Own subject", "text"));
    let steps = serde_json::json!({ "first": step, "steps": { step: {
        "act": "send", "email": "m", "between": null, "topic": null, "next": null,
        "subject": { "fr": "Autre objet pour {{ lead.first_name }}" },
    } } });
    case.campaign_mut().sequence = serde_json::from_value(steps).unwrap();
    assert_eq!(case.nurture("m").subject, gets);
}

#[rstest]
#[case("fr", "Se désinscrire")]
#[case("en", "Unsubscribe")]
#[case("de", "Abmelden")]
#[case("es", "Darse de baja")]
#[case("it", "Annulla l’iscrizione")]
#[case("nl", "Uitschrijven")]
#[case::not_built_in("sv", "Se désinscrire")]
fn the_footer_speaks_the_leads_language(#[case] reads: &str, #[case] unsubscribe: &str) {
    let languages = ["fr", "en", "de", "es", "it", "nl", "sv"];
    let case = Case::speaking(&languages).reading(reads).with_email("m", "fr", source("s", "t"));
    let message = case.nurture("m");
    for part in [
        unsubscribe,
        "12 rue des Lilas, 69003 Lyon, France",
        "https://atelier-soleil.example/confidentialite",
    ] {
        assert!(message.html.contains(part) && message.text.contains(part), "{part}");
    }
}

#[test]
fn a_fault_of_a_template_is_told_with_its_place() {
    let case = Case::new().with_email("m", "fr", source("s", "one\n\n{{ lead.first_name | shout }}"));
    let error = case.try_nurture("m").unwrap_err();
    assert_eq!(
        error.to_string(),
        "campaign `guide-solaire`, e-mail `m` in `fr`: body, line 3: unknown filter: filter shout is unknown"
    );
}

#[test]
fn a_link_that_leads_nowhere_is_an_error() {
    let mut case = Case::new().with_email("m", "fr", source("s", "**[Le guide]({{ magnet_url }})**"));
    case.links.magnet = None;
    let error = case.try_nurture("m").unwrap_err().to_string();
    assert!(error.contains("the link `Le guide` leads nowhere"), "{error}");
}

#[test]
fn an_email_that_nobody_wrote_is_an_error() {
    let error = Case::new().try_nurture("m").unwrap_err().to_string();
    assert_eq!(error, "campaign `guide-solaire` has no e-mail `m`: add `emails/m.<language>.md`");
}
