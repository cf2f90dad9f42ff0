//! The scenarios of the project's campaigns come true; those that do not, and faulty ones, say so.

use std::fs;
use std::path::{Path, PathBuf};

use domain::sequence::{Act, Step};
use domain::{Bundle, StepId, WebhookId};
use rehearsal::scenario::{self, Outcome, Scenario};
use serde_json::Value;

fn infra() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The organisation and the campaigns of the project, with this scenario alone.
fn with_scenario(text: &str) -> (Bundle, scenario::Scenarios) {
    let folder = tempfile::tempdir().expect("a folder");
    let scenarios = folder.path().join("campaigns/guide-solaire/scenarios");
    fs::create_dir_all(&scenarios).expect("a folder");
    fs::write(scenarios.join("story.yaml"), text).expect("a file");
    let bundle = campaign_file::read(&infra()).bundle.expect("good campaigns");
    let mut read = scenario::read(folder.path(), &bundle);
    let shown = |file: &str| file.replace(&folder.path().display().to_string(), "infra");
    read.findings.iter_mut().for_each(|finding| finding.file = shown(&finding.file));
    read.scenarios.iter_mut().for_each(|scenario| scenario.file = shown(&scenario.file));
    (bundle, read)
}

fn play(text: &str) -> Vec<(Scenario, Outcome)> {
    let (bundle, read) = with_scenario(text);
    assert_eq!(campaign_file::render(&read.findings, false), "");
    let played = read.scenarios.into_iter().map(|scenario| {
        let outcome = scenario::play(&bundle, &scenario);
        (scenario, outcome)
    });
    played.collect()
}

#[test]
fn the_scenarios_of_the_project_come_true() {
    let bundle = campaign_file::read(&infra()).bundle.expect("good campaigns");
    let read = scenario::read(&infra(), &bundle);
    assert_eq!(campaign_file::render(&read.findings, false), "");
    for campaign in bundle.campaigns.keys() {
        assert!(read.scenarios.iter().any(|scenario| scenario.campaign == *campaign), "{campaign} has none");
    }
    let played: Vec<_> = read
        .scenarios
        .into_iter()
        .map(|scenario| {
            let outcome = scenario::play(&bundle, &scenario);
            (scenario, outcome)
        })
        .filter(|(_, outcome)| !outcome.failures.is_empty())
        .collect();
    assert!(played.is_empty(), "{}", scenario::to_text(&played, false));
}

#[test]
fn a_scenario_that_fails_shows_the_timeline() {
    let played = play(
        "\
scenario: Everybody who likes houses gets a call
given: { email: ada@example.com, locale: en, start: 2026-03-02 09:00 }
steps:
  - submits: { housing: flat, first_name: Ada }
    expect: { email: confirm }
  - after: 5m
    confirms:
    expect: { email: { name: bienvenue, subject: Ada } }
  - at: fri 12:00
    expect:
      email: { name: etude-de-cas, at: thu 10:00, language: fr, subject: house }
      alert: sales
      score: \">= 40\"
      temperature: hot
      stage: mql
      state: completed
      step: relance
      traits: { housing: house }
  - after: 1d
    expect: { email: none }
",
    );
    insta::assert_snapshot!(scenario::to_text(&played, false));
    insta::assert_snapshot!("a_scenario_that_fails_as_json", sorted(&scenario::to_json(&played)));
}

#[test]
fn what_nobody_expects_fails() {
    let begin =
        "scenario: A story\ngiven: { start: 2026-03-02 09:00 }\nsteps:\n  - submits: { housing: flat }\n";
    for (steps, expected) in [
        ("", "no further e-mail"),
        ("    expect: { email: confirm }\n  - confirms\n", "no further e-mail"),
        ("    expect: { email: bienvenue }\n", "the e-mail `guide-solaire/bienvenue`"),
        ("    expect: { emails: [confirm, bienvenue] }\n", "the e-mail `guide-solaire/bienvenue`"),
        (
            "    expect: { email: confirm }\n  - clicks: bienvenue\n",
            "that the e-mail `guide-solaire/bienvenue` had left",
        ),
        ("    expect: { email: confirm, refused: true }\n", "that this is refused"),
        ("    expect: { email: confirm }\n  - leaves\n  - leaves\n", "that this happens"),
        ("    expect: { email: confirm }\n  - at: 2026-03-01 09:00\n", "a moment after the step before"),
        (
            "    expect: { email: confirm, enrolments: { pepiniere: { state: waiting } } }\n",
            "state waiting in `pepiniere`",
        ),
    ] {
        let played = play(&format!("{begin}{steps}"));
        let failures = &played[0].1.failures;
        assert_eq!(failures.len(), 1, "{steps}{failures:?}");
        assert_eq!(failures[0].expected, expected, "{steps}");
    }
}

/// A scenario of the guide, whose sequence begins with a notification, under grades.
fn notifying(expect: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let scenarios = folder.path().join("campaigns/guide-solaire/scenarios");
    fs::create_dir_all(&scenarios).expect("a folder");
    let text = format!(
        "scenario: A story\ngiven: {{ start: 2026-03-02 09:00 }}\nsteps:\n  - submits: {{ housing: house }}\n    expect: \
         {{ email: confirm }}\n  - confirms:\n    expect: {{ email: bienvenue, {expect} }}\n"
    );
    fs::write(scenarios.join("story.yaml"), text).expect("a file");
    let mut bundle = campaign_file::read(&infra()).bundle.expect("good campaigns");
    let webhook = WebhookId::parse("crm").expect("an id");
    let address = domain::organisation::Webhook { url: "https://crm.example/hooks".into() };
    bundle.organisation.webhooks.insert(webhook.clone(), address);
    bundle.organisation.score.grades = Some(domain::score::Grades { a: 20.0, b: 10.0, c: 0.0 });
    let sequence = &mut bundle.campaigns.get_mut("guide-solaire").expect("a campaign").sequence;
    let tell = StepId::parse("tell").expect("an id");
    let next = sequence.first.replace(tell.clone());
    sequence.steps.insert(tell, Step { act: Act::Notify { webhook }, next });
    let read = scenario::read(folder.path(), &bundle);
    let faults = read.findings.iter().map(|finding| ("a good file".to_owned(), finding.message.clone()));
    let played = read.scenarios.iter().flat_map(|scenario| scenario::play(&bundle, scenario).failures);
    faults.chain(played.map(|failure| (failure.expected, failure.got))).collect()
}

#[test]
fn notifications_and_grades_are_expected() {
    for (expect, failure) in [
        ("notify: crm, grade: A", None),
        ("notify: [crm]", None),
        ("grade: A", Some(("notify none", "crm"))),
        ("notify: none", Some(("notify none", "crm"))),
        ("notify: [crm, crm]", Some(("notify crm, crm", "crm"))),
        ("notify: crm, grade: B", Some(("grade B", "A"))),
        ("notify: crn", Some(("a good file", "unknown webhook `crn`"))),
        ("notify: crm, grade: E", Some(("a good file", "unknown grade `E`"))),
    ] {
        let failures = notifying(expect);
        let told: Vec<(&str, &str)> =
            failures.iter().map(|(expected, got)| (expected.as_str(), got.as_str())).collect();
        assert_eq!(told, failure.into_iter().collect::<Vec<_>>(), "{expect}");
    }
}

#[test]
fn whatever_can_happen_can_be_told() {
    let played = play(
        "\
scenario: Everything at once
given: { locale: en, time_zone: America/New_York, start: 2026-03-02 09:00 }
steps:
  - carrier: refuses
  - carrier: is_silent
  - carrier: is_unsure
  - submits: { housing: house, surface: 90 }
    expect: { email: confirm }
  - after: 1h
    expect: { emails: [confirm, confirm, confirm] }
  - confirms
  - views: https://atelier-soleil.example/prix
",
    );
    // The welcome leaves as soon as the address is confirmed, and a bare step expects nothing.
    assert_eq!(played[0].1.failures.len(), 1);
    let played = play(
        "\
scenario: Everything at once
given: { locale: en, time_zone: America/New_York, start: 2026-03-02 09:00, traits: { customer: false } }
steps:
  - submits: { housing: house, surface: 90 }
    expect: { email: confirm, locale: en }
  - confirms:
    expect: { email: bienvenue, suppressed: false, score: { total: 30, fit: \"<= 20\", engagement: \"> 9\" } }
  - opens: bienvenue
  - opens: { email: bienvenue, machine: true }
  - clicks: { email: bienvenue, link: https://atelier-soleil.example/, machine: true }
  - downloads: { machine: true }
  - downloads
  - views: https://atelier-soleil.example/prix
    expect: { score: 36 }
  - event: { name: webinar_registered, properties: { seats: 2, online: true, title: Sun } }
    expect: { score: 46, stage: mql, temperature: warm }
  - identify: { customer: false, first_name: Ada }
    expect: { traits: { first_name: Ada, customer: false } }
  - identify: { time_zone: Asia/Tokyo, traits: { surface: 95 } }
  - pauses: 30d
  - prefers: { locale: fr, leaves_topics: [jardin], pauses: 60d }
    expect: { locale: fr }
  - after: 31d
    expect: { email: none }
  - after: 33d
    expect: { email: { name: etude-de-cas, language: fr, text: Atelier } }
  - bounces: { email: etude-de-cas, permanent: false }
  - complains: etude-de-cas
    expect: { suppressed: true, state: exited }
  - submits: { housing: house }
",
    );
    assert!(played[0].1.failures.is_empty(), "{}", scenario::to_text(&played, false));
}

#[test]
fn faults_are_found_at_their_places() {
    let (_, read) = with_scenario(
        "\
scenario: 12
givne: {}
given: { email: nobody, locale: de, time_zone: Mars/Base, start: soon, traits: { custmer: true, customer: maybe } }
steps:
  - submits: { housing: tent, frist_name: Ada, email: a@example.com }
    from: elsewhere
    expect: { email: bienvenu, stage: mq, scoer: 4, temperature: 12 }
  - submits: {}
    clicks: bienvenue
  - submits: {}
    form: guide-solair
  - confirm
  - confirms: false
  - after: soon
    at: 9 o'clock
  - at: 9 o'clock
    expect:
      email: { name: relance, between: never, subject: 4 }
      alert: 12
      score: high
      state: lost
      step: relanse
      enrolments: { guide-solar: {} }
  - expect: { email: confirm, emails: [] }
  - submits: {}
  - event: email_clicked
  - event: quote_request
  - carrier: refuse
  - prefers: { leaves_topics: [conseil] }
  - form: guide-solaire
",
    );
    assert!(read.scenarios.is_empty());
    insta::assert_snapshot!(campaign_file::render(&read.findings, false));
}

#[test]
fn a_lead_that_does_nothing_for_its_period_is_erased_and_one_that_does_something_is_not() {
    let story = |clicks: &str| {
        format!(
            "\
scenario: Who does nothing for long is forgotten
given: {{ email: ada@example.com, locale: en, start: 2026-03-02 09:00 }}
steps:
  - submits: {{ housing: house, first_name: Ada }}
    expect: {{ email: confirm, erased: false }}
  - after: 59d
    expect: {{ erased: false }}
{clicks}  - after: 2d
    expect: {{ erased: true }}
"
        )
    };
    let play = |text: &str| {
        let (mut bundle, read) = with_scenario(text);
        bundle.organisation.retention = Some(domain::calendar::Period::Days(60));
        assert_eq!(campaign_file::render(&read.findings, false), "");
        scenario::play(&bundle, &read.scenarios[0])
    };
    let quiet = play(&story(""));
    assert_eq!(quiet.failures.len(), 0, "{quiet:?}");
    let active = play(&story("  - views: https://example.org/prices\n"));
    let got: Vec<_> =
        active.failures.iter().map(|failure| (failure.expected.as_str(), failure.got.as_str())).collect();
    assert_eq!(got, [("erased true", "false")]);
}

/// JSON with its members in the order of their names: how they are kept depends on what else is built.
fn sorted(json: &str) -> String {
    fn sort(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let mut members: Vec<(String, Value)> = members.into_iter().collect();
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                Value::Object(members.into_iter().map(|(name, value)| (name, sort(value))).collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(sort).collect()),
            other => other,
        }
    }
    let value = serde_json::from_str(json).expect("JSON");
    serde_json::to_string_pretty(&sort(value)).expect("JSON")
}
