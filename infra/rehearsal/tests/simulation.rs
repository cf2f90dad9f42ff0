//! What a simulation promises: the same seed gives the same result, nobody is lost, and the figures are those that the
//! rates say.

use std::fs;
use std::path::Path;

use domain::{Bundle, EmailName, StepId};
use rehearsal::Rehearsal;
use rehearsal::log::Log;
use rehearsal::simulation::{Counts, Learnt, Rates, Simulation, StepCounts};

const SILLON: &str = r"
organisation:
  name: Atelier
  postal_address: Lyon
  time_zone: Europe/Paris
  locales: [en]
senders:
  hello: { from: hello@atelier.example }
sales: { alert: [sales@atelier.example] }
score:
  fit: [{ when: lead.housing == 'house', points: 20, because: a roof }]
  engagement: { points: { form_submitted: 5, email_clicked: 10, quote_requested: 5 } }
  temperature: { warm: 20, hot: 50 }
stages: { mql: score.total >= 30 }
limits: { quiet_hours: 21:00-08:00 }
";

const CAMPAIGN: &str = r"
title: Guide
sender: hello
goal: quote_requested
form:
  fields:
    email: { type: email, required: true }
    housing: { type: choice, options: [house, flat], required: true }
  consent: { double_opt_in: true, wording: Yes please. }
sequence:
  - send: welcome
  - experiment: opening
    measure: goal
    variants:
      short: { send: tips, weight: 1 }
      long: { send: story, weight: 3 }
  - wait: 3d
  - wait_for: email_clicked
    within: 4d
    otherwise: [{ send: reminder }]
  - if: score.total >= 30
    then: [{ alert: sales }]
    else: [{ send: voices }]
";

fn bundle() -> Bundle {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("sillon.yaml", SILLON);
    write("campaigns/guide/campaign.yaml", CAMPAIGN);
    for name in ["welcome", "tips", "story", "reminder", "voices"] {
        write(&format!("campaigns/guide/emails/{name}.en.md"), "---\nsubject: Hello\n---\nHello.\n");
    }
    let reading = campaign_file::read(folder.path());
    reading.bundle.unwrap_or_else(|| panic!("{:#?}", reading.findings))
}

fn rates() -> Rates {
    let mut rates = Rates { confirm: 0.6, bounce: 0.0, ..Rates::default() };
    rates.email.leave = 0.0;
    rates.email.complain = 0.0;
    rates.events.insert("quote_requested".to_owned(), 0.2);
    rates
}

fn run(bundle: &Bundle, rates: &Rates, leads: u64, seed: u64) -> Counts {
    let campaign = bundle.campaigns.values().next().expect("a campaign");
    let from = "2026-12-01T00:00:00Z".parse().expect("a time");
    let mut done = 0;
    let simulation = Simulation { bundle, campaign, rates, leads, from, days: 14, days_after: 60, seed };
    let counts = simulation.run(&mut |so_far| done = so_far);
    assert_eq!(done, leads, "everybody comes to an end");
    counts
}

fn step<'a>(counts: &'a Counts, name: &str) -> &'a StepCounts {
    let steps = counts.steps.values().next().expect("a campaign");
    &steps[&StepId::parse(name).expect("a step")]
}

/// Whether a count is what a share of `of` gives, within six standard deviations.
fn is_about(count: u64, of: u64, share: f64) -> bool {
    let (count, of) = (count as f64, of as f64);
    (count - of * share).abs() <= 6.0 * (of * share * (1.0 - share)).sqrt()
}

#[test]
fn the_same_seed_gives_the_same_result_to_the_byte() {
    let bundle = bundle();
    let text = |seed| serde_json::to_string(&run(&bundle, &rates(), 2_000, seed)).expect("json");
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn the_figures_are_those_that_the_rates_say() {
    let counts = run(&bundle(), &rates(), 100_000, 1);
    assert_eq!(counts.leads, 100_000);
    assert!(is_about(counts.confirmed, 100_000, 0.6), "{}", counts.confirmed);
    let welcome = step(&counts, "welcome");
    assert_eq!(welcome.sent, counts.confirmed);
    assert!(is_about(welcome.opened, welcome.sent, 0.35), "{}", welcome.opened);
    assert!(is_about(welcome.clicked, welcome.sent, 0.06), "{}", welcome.clicked);
    let short = step(&counts, "opening").ways["short"];
    assert!(is_about(short, counts.confirmed, 0.25), "{short}");
}

#[test]
fn nobody_is_lost_between_steps() {
    let counts = run(&bundle(), &rates(), 20_000, 3);
    let ended = counts.ended.values().next().expect("a campaign");
    assert_eq!(ended.enrolled, counts.confirmed);
    assert_eq!(ended.enrolled, ended.completed + ended.goal_reached + ended.exited + ended.waiting);
    assert_eq!(counts.days_to_goal.values().sum::<u64>(), counts.converted);
    let emails: u64 = counts.emails_by_day.values().sum();
    assert_eq!(emails, counts.work.emails);
}

/// Leads that are rehearsed one by one, each doing what it does, are those of the cohorts.
#[test]
fn a_cohort_lives_as_a_single_lead_does() {
    let bundle = bundle();
    let mut rates = rates();
    (rates.confirm, rates.email.open, rates.email.click) = (1.0, 0.0, 0.0);
    let counts = run(&bundle, &rates, 1_000, 1);
    assert_eq!(step(&counts, "reminder").sent, 1_000);
    assert_eq!(
        step(&counts, "voices").sent,
        step(&counts, "reminder").sent,
        "nobody clicks: nobody is ready"
    );
    assert!(!counts.stages.contains_key(&domain::Stage::Mql));
}

#[test]
fn rates_are_learnt_from_a_log() {
    let bundle = bundle();
    let campaign = bundle.campaigns.values().next().expect("a campaign");
    let mut learnt = Learnt::default();
    for number in 0..400 {
        learnt.add(campaign, &log_of(&bundle, number, number.is_multiple_of(4)).activities);
    }
    let rates = learnt.rates(&Rates::default());
    assert_eq!(learnt.leads(), 400);
    assert!(rates.confirm > 0.8, "everybody confirmed: {}", rates.confirm);
    let welcome = rates.of(&EmailName::parse("welcome").expect("a name"));
    assert!((0.15..0.26).contains(&welcome.click), "one of four clicked: {}", welcome.click);
    assert_eq!(rates.traits["housing"].len(), 2);
}

fn log_of(bundle: &Bundle, number: u64, clicks: bool) -> Log {
    use domain::input::{Feedback, FeedbackKind, Submission};
    use domain::{EmailAddress, InputBody};
    let start = "2026-12-01T09:00:00Z".parse().expect("a time");
    let mut rehearsal = Rehearsal::new(bundle, start);
    let email = EmailAddress::parse(&format!("lead-{number}@example.com")).expect("an address");
    let housing = if number.is_multiple_of(2) { "house" } else { "flat" };
    let submission = Submission {
        lead: Rehearsal::new_lead(email).expect("a lead"),
        campaign: bundle.campaigns.keys().next().expect("a campaign").clone(),
        traits: [("housing".to_owned(), housing.into())].into(),
        topics: Default::default(),
        locale: bundle.organisation.default_locale().clone(),
        time_zone: None,
        touch: Default::default(),
        visitor: Default::default(),
    };
    let apply = |rehearsal: &mut Rehearsal<'_>, body| {
        let now = rehearsal.now();
        rehearsal.apply(now, body).expect("not stuck").expect("accepted");
    };
    apply(&mut rehearsal, InputBody::SubmitForm(submission));
    let request = rehearsal.lead().and_then(|lead| lead.consent.request.clone()).expect("a request").number;
    apply(&mut rehearsal, InputBody::Confirm { request, seen: None, visitor: Default::default() });
    if clicks {
        let send_id = rehearsal.mails().get(1).expect("the welcome").send_id.clone();
        let click = Feedback {
            send_id,
            kind: FeedbackKind::Click,
            of_confirmation: false,
            machine: false,
            detail: None,
        };
        apply(&mut rehearsal, InputBody::Feedback(click));
    }
    let lead = rehearsal.lead().expect("a lead").id.clone();
    Log { lead, activities: rehearsal.log().to_vec() }
}

/// Rates that people write are checked like campaigns.
#[test]
fn a_faulty_file_of_rates_is_told_with_places() {
    let bundle = bundle();
    let campaign = bundle.campaigns.values().next().expect("a campaign");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("simulation.yaml");
    let faulty = "confirm: 120%\nopen: 5%\nclick: 9%\nemals: {}\nevents: { quote_requsted: 3% }\ntraits: { housing: { hous: 50% } }\n";
    fs::write(&path, faulty).expect("a file");
    let findings =
        rehearsal::simulation::rates(Path::new(&path), &bundle, campaign, &Rates::default()).unwrap_err();
    let told =
        campaign_file::render(&findings, false).replace(&path.display().to_string(), "simulation.yaml");
    insta::assert_snapshot!(told);
}
