//! How steps are named and linked: as `id -> what follows`, with the ways of branches in brackets.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

mod support;

use domain::experiment::Measure;
use domain::sequence::Act;
use domain::{Condition, StepId};
use support::{CAMPAIGN, Infra, ORGANISATION};

/// The steps of a sequence in alphabetical order, after where it begins.
fn compiled(steps: &str) -> String {
    let infra = Infra::example();
    let text = std::fs::read_to_string(infra.path(CAMPAIGN)).expect("read");
    let (before, _) = text.split_once("sequence:").expect("a sequence");
    infra.write(CAMPAIGN, format!("{before}sequence:\n{steps}"));
    let reading = campaign_file::read(infra.folder.path());
    let errors = campaign_file::render(&reading.findings, false);
    let sequence = reading
        .bundle
        .unwrap_or_else(|| panic!("{errors}"))
        .campaigns
        .into_values()
        .next()
        .expect("one")
        .sequence;
    let name = |id: &Option<StepId>| id.as_ref().map_or("end", |id| id.as_str()).to_owned();
    let mut lines = vec![format!("begins with {}", name(&sequence.first))];
    for (id, step) in &sequence.steps {
        let ways = match &step.act {
            Act::WaitFor { otherwise, .. } => format!(" (otherwise {})", name(otherwise)),
            Act::Branch { cases, otherwise } => {
                let cases: Vec<String> =
                    cases.iter().map(|case| format!("then {}", name(&case.first))).collect();
                format!(" ({}, else {})", cases.join(", "), name(otherwise))
            }
            Act::Experiment(experiment) => {
                let ways = experiment.variants.iter();
                let ways: Vec<String> =
                    ways.map(|way| format!("{} x{} {}", way.id, way.weight, name(&way.first))).collect();
                format!(" ({})", ways.join(", "))
            }
            _ => String::new(),
        };
        lines.push(format!("{id} -> {}{ways}", name(&step.next)));
    }
    lines.join("\n")
}

#[test]
fn a_step_takes_its_name_from_the_named_step_before_it() {
    insta::assert_snapshot!(compiled(
        "
  - wait: 1d
  - wait: 1d
  - send: bienvenue
  - wait: 1d
  - wait: 1d
  - id: called
    wait: 1d
  - alert: sales
  - send: relance
    id: again
  - wait_for: email_clicked
    within: 1d
  - exit
"
    ), @r"
    begins with start-wait
    again -> again-wait-for
    again-exit -> end
    again-wait-for -> again-exit (otherwise again-exit)
    bienvenue -> bienvenue-wait
    bienvenue-wait -> bienvenue-wait-2
    bienvenue-wait-2 -> called
    called -> called-alert
    called-alert -> again
    start-wait -> start-wait-2
    start-wait-2 -> bienvenue
    ");
}

#[test]
fn branches_lead_on_to_what_stands_after_them() {
    insta::assert_snapshot!(compiled(
        "
  - send: bienvenue
  - if: lead.customer
    then:
      - wait: 1d
      - if: lead.surface > 100
        else:
          - send: relance
          - exit
    else:
      - send: etude-de-cas
  - wait_for: page_viewed
    within: 2d
    otherwise:
      - alert: sales
  - send: temoignages
"
    ), @r"
    begins with bienvenue
    bienvenue -> bienvenue-if
    bienvenue-if -> etude-de-cas-wait-for (then bienvenue-wait, else etude-de-cas)
    bienvenue-if-2 -> etude-de-cas-wait-for (then etude-de-cas-wait-for, else relance)
    bienvenue-wait -> bienvenue-if-2
    etude-de-cas -> etude-de-cas-wait-for
    etude-de-cas-alert -> temoignages
    etude-de-cas-wait-for -> temoignages (otherwise etude-de-cas-alert)
    relance -> relance-exit
    relance-exit -> etude-de-cas-wait-for
    temoignages -> end
    ");
}

#[test]
fn the_variants_of_an_experiment_are_ways_that_meet_after_it() {
    insta::assert_snapshot!(compiled(
        "
  - experiment: opening
    variants:
      short: { send: relance }
      direct: { send: bienvenue, subject: { fr: Voici, en: Here }, weight: 2 }
      own: { send: bienvenue, id: ouverture }
      slow:
        do:
          - wait: 1d
          - send: bienvenue
          - wait: 2d
  - wait: 3d
  - send: temoignages
"
    ), @r"
    begins with opening
    bienvenue -> bienvenue-wait
    bienvenue-wait -> opening-wait
    opening -> opening-wait (short x1 opening-short, direct x2 opening-direct, own x1 ouverture, slow x1 opening-slow-wait)
    opening-direct -> opening-wait
    opening-short -> opening-wait
    opening-slow-wait -> bienvenue
    opening-wait -> temoignages
    ouverture -> opening-wait
    temoignages -> end
    ");
}

#[test]
fn an_experiment_measures_the_goal_if_there_is_one_for_two_weeks() {
    let infra = Infra::example();
    let experiment =
        "  - experiment: opening\n    variants: { a: { send: bienvenue }, b: { send: relance } }\n";
    infra.replace(CAMPAIGN, "  - send: bienvenue\n", experiment);
    let measured = |infra: &Infra| {
        let bundle = campaign_file::read(infra.folder.path()).bundle.expect("a bundle");
        let sequence = bundle.campaigns.into_values().next().expect("one").sequence;
        match &sequence.steps[&StepId::parse("opening").expect("an id")].act {
            Act::Experiment(experiment) => (experiment.measure, experiment.within.as_hours()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(measured(&infra), (Measure::Goal, 14 * 24));
    infra.replace(CAMPAIGN, "goal: quote_requested", "");
    infra.replace(ORGANISATION, "score:\n", "events: [quote_requested]\nscore:\n");
    assert_eq!(measured(&infra), (Measure::EmailClicked, 14 * 24));
    infra.replace(CAMPAIGN, "experiment: opening\n", "experiment: opening\n    within: 2d\n");
    assert_eq!(measured(&infra), (Measure::EmailClicked, 48));
}

#[test]
fn a_campaign_may_only_collect_leads() {
    assert_eq!(compiled("  []\n"), "begins with end");
}

#[test]
fn a_condition_keeps_its_words() {
    let infra = Infra::example();
    let reading = campaign_file::read(infra.folder.path());
    let campaign = reading.bundle.expect("a bundle").campaigns.into_values().next().expect("one");
    assert_eq!(campaign.exit_when.as_ref().map(Condition::source), Some("lead.customer == true"));
}

#[test]
fn cases_dates_and_rounds_are_linked() {
    insta::assert_snapshot!(compiled(
        "
  - send: bienvenue
  - tag: prospect
  - set: { customer: false }
  - holdout: 10%
  - branch:
      - if: lead.customer
        then: [exit]
      - if: tagged(\"prospect\")
        then:
          - send: relance
      - else:
          - untag: prospect
  - wait_until: 2026-12-01 09:00
    otherwise:
      - alert: sales
  - send: temoignages
  - send: etude-de-cas
"
    ), @r"
    begins with bienvenue
    bienvenue -> bienvenue-tag
    bienvenue-branch -> relance-wait-until (then bienvenue-exit, then relance, else relance-untag)
    bienvenue-exit -> relance-wait-until
    bienvenue-holdout -> bienvenue-branch
    bienvenue-set -> bienvenue-holdout
    bienvenue-tag -> bienvenue-set
    etude-de-cas -> end
    relance -> relance-wait-until
    relance-alert -> temoignages
    relance-untag -> relance-wait-until
    relance-wait-until -> temoignages
    temoignages -> etude-de-cas
    ");
}
