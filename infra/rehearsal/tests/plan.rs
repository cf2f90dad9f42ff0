//! An edit weighed: what it changes, and what becomes of the leads on their way; and what then happens is what was told.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain::{Bundle, EmailAddress, Fact, InputBody, Lead, Locale, Traits};
use jiff::{SignedDuration, Timestamp};
use rehearsal::Rehearsal;
use rehearsal::plan::{Flight, Plan};
use tempfile::TempDir;

const BEGIN: &str = "2026-11-23T09:00:00Z";

/// A newsletter of four e-mails.
fn example() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("sillon.yaml"), ORGANISATION).unwrap();
    let campaign = folder.path().join("campaigns/lettre");
    fs::create_dir_all(campaign.join("emails")).unwrap();
    for email in ["bienvenue", "arroser", "composter", "tailler"] {
        let text = "---\nsubject: Bonjour\n---\nBonjour.\n";
        fs::write(campaign.join(format!("emails/{email}.fr.md")), text).unwrap();
    }
    fs::write(campaign.join("campaign.yaml"), CAMPAIGN).unwrap();
    folder
}

const ORGANISATION: &str = "\
organisation:
  name: La serre
  postal_address: Lyon
  time_zone: Europe/Paris
  locales: [fr]
senders:
  serre: { from: La serre <bonjour@serre.example> }
sales:
  alert: [ventes@serre.example]
score:
  engagement:
    points: { form_submitted: 10 }
  temperature: { warm: 20, hot: 50 }
";

const CAMPAIGN: &str = "\
title: La lettre
sender: serre
form:
  fields:
    email: { type: email, required: true }
  consent: { double_opt_in: false, wording: Oui. }
sequence:
  - send: bienvenue
  - wait: 3d
    id: pause
  - send: arroser
    between: mon-fri 09:00-18:00
  - wait: 30d
    id: long
  - send: composter
  - wait: 1d
    id: fin
  - send: tailler
";

fn read(folder: &Path) -> Bundle {
    let reading = campaign_file::read(folder);
    reading.bundle.unwrap_or_else(|| panic!("{}", campaign_file::render(&reading.findings, false)))
}

/// The same campaigns with another sequence, or other lines before it.
fn edited(change: impl Fn(String) -> String) -> Bundle {
    let folder = example();
    fs::write(folder.path().join("campaigns/lettre/campaign.yaml"), change(CAMPAIGN.to_owned())).unwrap();
    read(folder.path())
}

fn at(days: i64) -> Timestamp {
    BEGIN.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

/// Ten leads, who came one a day, as they are after twelve days.
fn leads(deployed: &Bundle) -> Vec<Lead> {
    let came = |day: i64| {
        let email = EmailAddress::parse(&format!("lead{day}@example.com")).unwrap();
        let mut rehearsal = Rehearsal::new(deployed, at(day));
        let submission = domain::input::Submission {
            lead: Rehearsal::new_lead(email).unwrap(),
            campaign: domain::CampaignId::parse("lettre").unwrap(),
            traits: Traits::new(),
            topics: Default::default(),
            locale: Locale::parse("fr").unwrap(),
            time_zone: None,
            touch: Default::default(),
            visitor: Default::default(),
        };
        rehearsal.apply(at(day), InputBody::SubmitForm(submission)).unwrap().unwrap();
        rehearsal.pass_until(at(12)).unwrap();
        rehearsal.lead().unwrap().clone()
    };
    (0..10).map(|day| came(2 + day)).collect()
}

fn plan(deployed: &Bundle, edited: &Bundle, leads: &[Lead]) -> Plan {
    let mut flight = Flight::new(deployed, edited, at(12));
    leads.iter().for_each(|lead| flight.add(lead));
    let mut plan = Plan::of(deployed, edited, Some(flight));
    (plan.deployed, plan.edited) = ("deployed".into(), "edited".into());
    plan
}

#[test]
fn an_edit_that_changes_nothing_does_nothing() {
    let deployed = read(example().path());
    let plan = plan(&deployed, &deployed, &leads(&deployed));
    assert!(plan.changes.is_empty());
    assert_eq!(plan.sends(), 0);
    assert!(plan.leads.unwrap().standing.iter().all(|standing| standing.keep == standing.leads));
}

#[test]
fn an_edit_is_told_in_the_words_of_the_files() {
    let deployed = read(example().path());
    let edited = edited(|text| {
        text.replace("title: La lettre\n", "title: La lettre\nremoved_steps: { long: tailler }\n")
            .replace("between: mon-fri 09:00-18:00", "between: mon-sat 10:00-18:00")
            .replace("wait: 3d", "wait: 36h")
            .replace("  - wait: 30d\n    id: long\n", "  - alert: sales\n    id: appel\n")
            .replace(
                "  - send: composter\n  - wait: 1d\n    id: fin\n",
                "  - wait: 1d\n    id: fin\n  - send: composter\n",
            )
    });
    let plan = plan(&deployed, &edited, &leads(&deployed));
    insta::assert_snapshot!(serde_json::to_string_pretty(&plan).unwrap());
}

#[test]
fn what_is_told_comes_true() {
    let deployed = read(example().path());
    let leads = leads(&deployed);
    let edits: [(&str, Bundle); 5] = [
        ("gone", edited(|text| text.replace("  - wait: 30d\n    id: long\n", ""))),
        ("to the end", edited(|text| text.split("  - wait: 30d").next().unwrap().to_owned())),
        ("paused", edited(|text| format!("paused: true\n{text}"))),
        (
            "moved",
            edited(|text| {
                format!("removed_steps: {{ pause: tailler, long: exit }}\n{text}")
                    .replace("  - wait: 3d\n    id: pause\n", "")
                    .replace("  - wait: 30d\n    id: long\n", "")
            }),
        ),
        ("renamed", edited(|text| text.replace("- send: arroser\n", "- send: arroser\n    id: arrosage\n"))),
    ];
    for (name, edited) in &edits {
        let plan = plan(&deployed, edited, &leads);
        let told = plan.leads.as_ref().unwrap();
        let mut sent = 0;
        let mut fates: BTreeMap<(String, String), usize> = BTreeMap::new();
        for lead in &leads {
            let stands = lead.enrolments["lettre"].step.clone().unwrap();
            let mut real = Rehearsal::of_lead(edited, lead.clone(), at(12));
            real.pass_until(at(13)).unwrap();
            sent += real.mails().len();
            real.pass_until(at(50)).unwrap();
            let there = edited.campaigns["lettre"].sequence.steps.contains_key(&stands);
            let onward = real.log().iter().find_map(|activity| match &activity.fact {
                Fact::StepBegan { step, .. } => Some(step.to_string()),
                Fact::EnrolmentEnded { state, .. } => Some(state.as_str().to_owned()),
                _ => None,
            });
            let fate = if there { "stays".to_owned() } else { onward.unwrap() };
            *fates.entry((stands.to_string(), fate)).or_default() += 1;
        }
        assert_eq!(told.due.iter().map(|due| due.sends).sum::<usize>(), sent, "{name}");
        let mut foretold: BTreeMap<(String, String), usize> = BTreeMap::new();
        for standing in &told.standing {
            let ends =
                [("stays", standing.keep), ("exited", standing.exit), ("completed", standing.complete)];
            let ends = ends.into_iter().map(|(fate, leads)| (fate.to_owned(), leads));
            let moves = standing.move_to.iter().map(|(step, leads)| (step.to_string(), *leads));
            for (fate, leads) in ends.chain(moves).filter(|(_, leads)| *leads > 0) {
                foretold.insert((standing.step.to_string(), fate), leads);
            }
        }
        assert_eq!(foretold, fates, "{name}");
    }
}
