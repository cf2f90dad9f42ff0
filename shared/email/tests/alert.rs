//! The e-mail that tells sales of a lead worth calling.

mod support;

use domain::attribution::Touch;
use domain::{Stage, TraitValue};
use email::RenderError;
use support::{Case, at};

fn hot() -> Case {
    let mut case = Case::new();
    let lead = &mut case.lead;
    lead.stage = Stage::Mql;
    lead.stated_at = at("2026-11-03T13:05:00Z");
    lead.traits.insert("surface".into(), TraitValue::Number(120.5));
    lead.traits.insert("customer".into(), TraitValue::Boolean(false));
    for (kind, moment) in [
        ("form_submitted", "2026-11-03T13:05:00Z"),
        ("email_sent", "2026-11-09T09:00:00Z"),
        ("email_clicked", "2026-11-09T23:30:00Z"),
        ("webinar_registered", "2026-11-08T10:00:00Z"),
    ] {
        lead.history.add(kind, at(moment));
    }
    let touch = Touch {
        utm_source: Some("google".into()),
        utm_medium: Some("cpc".into()),
        landing_page: Some("https://atelier-soleil.example/guide?a=1&b=2".into()),
        ..Touch::default()
    };
    lead.attribution.touch(at("2026-11-03T13:00:00Z"), &touch);
    let again = Touch { referrer: Some("https://news.example/".into()), ..Touch::default() };
    lead.attribution.touch(at("2026-11-08T09:59:00Z"), &again);
    case
}

#[test]
fn it_tells_who_why_whence_and_what_next() {
    let message = hot().alert();
    insta::assert_snapshot!("alert_fr", format!("{}\n\n{}", message.subject, message.text));
    assert_eq!(message.step, "alert");
    assert_eq!(message.lead, None, "a salesperson's click is not the lead's");
    assert_eq!(message.to, ["ventes@atelier-soleil.example"]);
    assert_eq!(message.reply_to.as_deref(), Some("ana@exemple.example"));
    assert_eq!(message.headers, [("Auto-Submitted".to_owned(), "auto-generated".to_owned())]);
}

#[test]
fn it_speaks_the_organisations_language_not_the_leads() {
    let mut case = hot();
    case.bundle.organisation.locales.reverse();
    let message = case.reading("fr").alert();
    insta::assert_snapshot!("alert_en", format!("{}\n\n{}", message.subject, message.text));
    assert!(message.html.contains("<html lang=\"en\">"));
}

#[test]
fn of_many_reasons_it_tells_the_weightiest() {
    let mut case = hot();
    for minute in 0..5_000 {
        case.lead
            .history
            .add("email_clicked", at("2026-11-09T09:00:00Z") + jiff::SignedDuration::from_mins(minute));
    }
    let told = case.alert().text.lines().filter(|line| line.contains("a cliqué")).count();
    assert!((1..=20).contains(&told), "{told} reasons");
}

#[test]
fn html_and_text_tell_the_same() {
    let message = hot().alert();
    for part in
        ["ana@exemple.example", "120,5", "+20", "a roof of their own", "webinar_registered", "google", "MQL"]
    {
        assert!(message.html.contains(part) && message.text.contains(part), "{part}");
    }
}

#[test]
fn no_link_of_the_lead_is_in_it() {
    let message = hot().alert();
    for part in ["secret", "sillon.example"] {
        assert!(!message.html.contains(part) && !message.text.contains(part), "{part}");
    }
}

#[test]
fn what_a_lead_typed_is_text() {
    let mut case = hot().with_trait("first_name", "<script>[x](http://evil.example)\n# x");
    let touch = Touch { utm_source: Some("<img src=x>\n- y".into()), ..Touch::default() };
    case.lead.attribution.touch(at("2026-11-09T09:59:00Z"), &touch);
    let html = case.alert().html;
    assert!(html.contains("&lt;script&gt;[x](http://\u{200C}evil.\u{200C}example) # x"), "{html}");
    assert!(html.contains("ana@exemple.example"), "the address is written to, or copied");
    assert!(html.contains("&lt;img src=x&gt; - y"), "{html}");
}

#[test]
fn a_lead_of_whom_little_is_known() {
    let mut case = Case::new();
    case.lead.traits.clear();
    case.bundle.organisation.sales.respond_within = None;
    insta::assert_snapshot!("alert_of_little", case.alert().text);
}

#[test]
fn somebody_must_be_told() {
    let mut case = hot();
    case.bundle.organisation.sales.alert.clear();
    let score = domain::Score::of(&case.bundle, &case.lead, case.now);
    let campaign = case.bundle.campaigns.values().next().unwrap();
    let step = domain::StepId::parse("alert-sales").unwrap();
    let send_id = domain::SendId::of(&case.lead.id, &campaign.id, &step, 1);
    let about =
        email::About { bundle: &case.bundle, campaign, lead: &case.lead, score: &score, send_id: &send_id };
    assert!(matches!(email::alert(&about), Err(RenderError::NobodyToAlert { .. })));
}
