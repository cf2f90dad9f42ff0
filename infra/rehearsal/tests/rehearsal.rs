//! A lead's way through the solar guide, in simulated time.

use std::path::Path;

use domain::consent::Visitor;
use domain::input::{Feedback, FeedbackKind, Submission};
use domain::lead::SendOutcome;
use domain::{Bundle, CampaignId, EmailAddress, InputBody, Locale, TraitValue, Traits};
use jiff::{SignedDuration, Timestamp};
use rehearsal::{Answer, Rehearsal};

const START: &str = "2026-03-02T09:00:00Z"; // a Monday

fn bundle() -> Bundle {
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    campaign_file::read(&infra).bundle.expect("the project's campaigns have no fault")
}

fn start() -> Timestamp {
    START.parse().expect("a time")
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn submission(email: &str, locale: &str, surface: f64) -> InputBody {
    let email = EmailAddress::parse(email).expect("an address");
    InputBody::SubmitForm(Submission {
        lead: Rehearsal::new_lead(email).expect("a key"),
        campaign: CampaignId::parse("guide-solaire").expect("an id"),
        traits: Traits::from([
            ("first_name".into(), "Ada".into()),
            ("housing".into(), "house".into()),
            ("surface".into(), TraitValue::Number(surface)),
        ]),
        topics: Default::default(),
        locale: Locale::parse(locale).expect("a locale"),
        time_zone: None,
        touch: Default::default(),
        visitor: Visitor::default(),
    })
}

fn confirmed(bundle: &Bundle) -> Rehearsal<'_> {
    let mut rehearsal = Rehearsal::new(bundle, start());
    rehearsal.apply(start(), submission("ada@example.com", "en", 120.0)).expect("moves").expect("a form");
    let confirm = InputBody::Confirm { request: 1, seen: None, visitor: Visitor::default() };
    rehearsal.apply(start() + SignedDuration::from_mins(5), confirm).expect("moves").expect("a request");
    rehearsal
}

fn told(rehearsal: &Rehearsal<'_>) -> Vec<String> {
    let mails = rehearsal.mails().iter();
    mails.map(|mail| format!("{} {}", mail.at.strftime("%m-%d %H:%M"), mail.step)).collect()
}

#[test]
fn whatever_falls_due_happens_at_its_time() {
    let bundle = bundle();
    let mut rehearsal = confirmed(&bundle);
    rehearsal.pass_until(start() + days(30)).expect("moves");
    assert_eq!(
        told(&rehearsal),
        ["03-02 09:00 confirm", "03-02 09:05 bienvenue", "03-05 09:05 etude-de-cas", "03-09 09:05 relance"]
            .into_iter()
            .chain(["03-16 09:05 temoignages"])
            .collect::<Vec<_>>()
    );
    assert_eq!(rehearsal.now(), start() + days(30));
}

#[test]
fn an_e_mail_is_written_for_the_lead_as_it_was() {
    let bundle = bundle();
    let rehearsal = confirmed(&bundle);
    let subjects: Vec<String> = rehearsal
        .mails()
        .iter()
        .map(|mail| rehearsal.message(mail).expect("an e-mail").expect("a good template").subject)
        .collect();
    assert_eq!(subjects.len(), 2);
    assert!(subjects[0].contains("confirm"), "{subjects:?}");
    assert!(subjects[1].contains("Ada"), "{subjects:?}");
}

#[test]
fn the_carrier_answers_as_it_is_told() {
    let bundle = bundle();
    let mut rehearsal = Rehearsal::new(&bundle, start());
    rehearsal.answer_next(Answer::Rejected { code: "Throttling".into(), retryable: true });
    rehearsal.answer_next(Answer::Silence);
    rehearsal.answer_next(Answer::Uncertain { code: "time_out".into() });
    rehearsal.apply(start(), submission("ada@example.com", "fr", 80.0)).expect("moves").expect("a form");
    rehearsal.pass_until(start() + days(1)).expect("moves");
    let lead = rehearsal.lead().expect("a lead");
    let outcomes: Vec<SendOutcome> =
        rehearsal.mails().iter().map(|mail| lead.sends[&mail.send_id].outcome).collect();
    assert_eq!(
        outcomes,
        [SendOutcome::Rejected, SendOutcome::Uncertain, SendOutcome::Uncertain, SendOutcome::Sent]
    );
}

#[test]
fn a_rehearsal_may_begin_with_a_lead_that_is_on_its_way() {
    let bundle = bundle();
    let lead = confirmed(&bundle).lead().expect("a lead").clone();
    let mut rehearsal = Rehearsal::of_lead(&bundle, lead, start() + days(1));
    rehearsal.pass_until(start() + days(4)).expect("moves");
    assert_eq!(told(&rehearsal), ["03-05 09:05 etude-de-cas"]);
    let message = rehearsal.message(&rehearsal.mails()[0]).expect("an e-mail").expect("a good template");
    assert_eq!(message.to, ["ada@example.com"]);
}

#[test]
fn a_click_moves_the_wait_and_a_refused_input_moves_nothing() {
    let bundle = bundle();
    let mut rehearsal = confirmed(&bundle);
    let at = start() + days(4);
    rehearsal.pass_until(at).expect("moves");
    let send_id = rehearsal.mails()[2].send_id.clone();
    let click =
        Feedback { send_id, kind: FeedbackKind::Click, of_confirmation: false, machine: false, detail: None };
    rehearsal.apply(at, InputBody::Feedback(click)).expect("moves").expect("a click");
    assert_eq!(
        told(&rehearsal).last().map(String::as_str),
        Some("03-06 09:00 relance-alert"),
        "the score is 45"
    );
    let spent = InputBody::Confirm { request: 1, seen: None, visitor: Visitor::default() };
    assert!(rehearsal.apply(at, spent).expect("moves").is_err());
}
