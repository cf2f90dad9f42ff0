//! Campaigns as pictures: the same every time, and nothing that a file holds becomes markup.

mod support;

use std::collections::BTreeMap;

use domain::calendar::Period;
use domain::experiment::{Experiment, Measure, Variant};
use domain::sequence::{Act, Case, Sequence, Shift, Step, Until};
use domain::{Campaign, Condition, StepId, Tag, TraitValue, Traits, VariantId};
use rehearsal::draw::draw;
use support::{bundle, days};

fn step(id: &str) -> StepId {
    StepId::parse(id).expect("an id")
}

fn variant(name: &str, weight: u32, first: &str) -> Variant {
    Variant { id: VariantId::parse(name).expect("an id"), weight, first: Some(step(first)) }
}

fn case(condition: &str, first: &str) -> Case {
    Case { when: Condition::parse(condition).expect("a condition"), first: Some(step(first)) }
}

fn send(email: &str) -> Act {
    Act::Send {
        email: domain::EmailName::parse(email).expect("a name"),
        between: None,
        topic: None,
        subject: None,
        until: None,
    }
}

/// A campaign with every kind of step.
fn large(mut campaign: Campaign) -> Campaign {
    let nine = jiff::civil::time(9, 0, 0, 0);
    let tag = |name: &str| Tag::parse(name).expect("a tag");
    let steps: Vec<(&str, Act, Option<&str>)> = vec![
        ("bienvenue", send("bienvenue"), Some("control")),
        ("control", Act::Holdout { lots: 100 }, Some("opening")),
        (
            "opening",
            Act::Experiment(Experiment {
                variants: vec![variant("short", 1, "a"), variant("direct", 2, "b"), variant("slow", 1, "c1")],
                measure: Measure::Goal,
                within: days(14),
                settled: None,
            }),
            Some("mark"),
        ),
        ("a", send("relance"), Some("mark")),
        ("b", send("etude-de-cas"), Some("mark")),
        ("c1", Act::Wait { length: days(1) }, Some("c2")),
        ("c2", send("temoignages"), Some("mark")),
        ("mark", Act::Tag { tag: tag("prospect") }, Some("interest")),
        (
            "interest",
            Act::Set { traits: Traits::from([("interest".into(), TraitValue::from("solar"))]) },
            Some("which"),
        ),
        (
            "which",
            Act::Branch {
                cases: vec![
                    case("lead.housing == \"house\" && score.total >= 40 && lead.surface >= 120", "call"),
                    case("lead.housing == \"flat\"", "bye"),
                ],
                otherwise: Some(step("renewal")),
            },
            Some("yearly"),
        ),
        ("call", Act::Alert, Some("answer")),
        (
            "answer",
            Act::WaitFor {
                kinds: vec!["email_clicked".into(), "magnet_downloaded".into()],
                within: days(4),
                otherwise: Some(step("remind")),
            },
            Some("yearly"),
        ),
        ("remind", send("relance"), Some("yearly")),
        ("bye", Act::Untag { tag: tag("prospect") }, Some("bye-exit")),
        ("bye-exit", Act::Exit, Some("yearly")),
        (
            "renewal",
            Act::WaitUntil {
                until: Until::Trait {
                    name: "renewal_date".into(),
                    shift: Some(Shift::Before(Period::Days(14))),
                    at: nine,
                },
                otherwise: Some(step("other")),
            },
            Some("yearly"),
        ),
        (
            "other",
            Act::Enrol { campaign: domain::CampaignId::parse("pepiniere").expect("an id") },
            Some("yearly"),
        ),
        (
            "yearly",
            Act::Every {
                each: Period::Months(12),
                on: "birthday".into(),
                at: nine,
                first: Some(step("gift")),
            },
            None,
        ),
        ("gift", send("temoignages"), Some("yearly")),
    ];
    campaign.sequence = Sequence {
        first: Some(step("bienvenue")),
        steps: steps
            .into_iter()
            .map(|(id, act, next)| (step(id), Step { act, next: next.map(step) }))
            .collect::<BTreeMap<_, _>>(),
    };
    campaign
}

#[test]
fn campaigns_as_pictures() {
    let bundle = bundle();
    for campaign in bundle.campaigns.values() {
        insta::assert_snapshot!(campaign.id.as_str(), draw(&bundle, campaign));
    }
    let large = large(bundle.campaigns["guide-solaire"].clone());
    insta::assert_snapshot!("every_kind_of_step", draw(&bundle, &large));
    assert_eq!(draw(&bundle, &large), draw(&bundle, &large));
}

#[test]
fn how_leads_enter_and_whether_it_is_paused_is_shown() {
    let bundle = bundle();
    let mut campaign = bundle.campaigns["guide-solaire"].clone();
    let shows = |campaign: &Campaign, text: &str| draw(&bundle, campaign).contains(text);
    assert!(shows(&campaign, ">The form is submitted<") && !shows(&campaign, "Paused"));
    campaign.paused = true;
    assert!(shows(&campaign, ">Paused: nothing of it leaves"));
    campaign.audience = Some(Condition::parse("score.total >= 40").expect("a condition"));
    assert!(shows(&campaign, ">The form is submitted<") && shows(&campaign, "or as soon as"));
    campaign.form = None;
    assert!(
        shows(&campaign, ">A lead enters by itself<")
            && shows(&campaign, ">as soon as score.total &gt;= 40<")
    );
    campaign.audience = None;
    assert!(shows(&campaign, ">A lead is enrolled<"));
}

#[test]
fn a_sequence_without_steps_and_hostile_texts_are_drawn_all_the_same() {
    let bundle = bundle();
    let mut campaign = bundle.campaigns["guide-solaire"].clone();
    campaign.sequence = Sequence::default();
    campaign.title.values_mut().for_each(|title| *title = "</title><script>alert(1)</script> & \"x\"".into());
    let picture = draw(&bundle, &campaign);
    assert!(!picture.contains("<script"), "{picture}");
    assert!(picture.contains("&lt;script&gt;"));
}
