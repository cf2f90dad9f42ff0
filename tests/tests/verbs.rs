//! The verbs that rehearse, weigh and explain, as processes: what they say, where, and with which exit code.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use domain::consent::Visitor;
use domain::input::{Submission, Track, TrackKind};
use domain::{CampaignId, EmailAddress, InputBody, Locale, Traits};
use jiff::SignedDuration;
use rehearsal::Rehearsal;
use rehearsal::log::Log;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::programs::program;

const SILLON: &str = "\
organisation:
  name: Atelier Soleil
  postal_address: 12 rue des Lilas, 69003 Lyon, France   # on every e-mail
  website: https://atelier.example/
  time_zone: Europe/Paris
  locales: [fr]
senders:
  bonjour: { from: bonjour@atelier.example }
score:
  engagement: { points: { form_submitted: 5, appointment_booked: 20, page_viewed: 10 } }
  temperature: { warm: 20, hot: 50 }
";

/// A folder with one campaign, `guide`, of the template `magnet`.
struct Project(TempDir);

struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Project {
    fn new() -> Self {
        let project = Self(TempDir::new().expect("a folder"));
        std::fs::create_dir(project.path("infra")).expect("a folder");
        std::fs::write(project.path("infra/sillon.yaml"), SILLON).expect("a file");
        let told = project.run(&["new", "magnet", "guide"]);
        assert_eq!(told.code, Some(0), "{}", told.err);
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path("infra").join(file);
        let text = std::fs::read_to_string(&path).expect("a file");
        assert!(text.contains(from), "{file} has no `{from}`");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("a file");
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path("infra").join(file)).expect("a file")
    }

    /// Runs the command there. It is no terminal, so nothing is coloured.
    fn run(&self, arguments: &[&str]) -> Told {
        let mut command = Command::new(program("sillon"));
        let output = command.args(arguments).current_dir(self.0.path()).output().expect("sillon runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let told = Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!told.out.contains('\u{1b}') && !told.err.contains('\u{1b}'), "{arguments:?} has colours");
        told
    }

    /// Runs it, and expects a code and some words on standard output or standard error.
    fn expect(&self, arguments: &[&str], code: i32, words: &[&str]) -> Told {
        let told = self.run(arguments);
        let all = format!("{}{}", told.out, told.err);
        assert_eq!(told.code, Some(code), "{arguments:?}: {all}");
        for word in words {
            assert!(all.contains(word), "{arguments:?} does not say `{word}`: {all}");
        }
        told
    }

    fn json(&self, arguments: &[&str], code: i32) -> Value {
        let told = self.expect(arguments, code, &[]);
        serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", told.out))
    }

    /// Writes a log of leads that confirmed the guide's form on a Monday, and stand on its first wait. Each `page` is
    /// viewed so many times, and some book an appointment two days later.
    fn leads(&self, leads: &[(&str, usize, bool)]) {
        let bundle = campaign_file::read(&self.path("infra")).bundle.expect("no faults");
        let mut file = std::fs::File::create(self.path("leads.jsonl")).expect("a file");
        for (name, pages, books) in leads {
            let email = EmailAddress::parse(&format!("{name}@example.com")).expect("an address");
            let mut story = Rehearsal::new(&bundle, "2026-03-02T09:00:00Z".parse().expect("a time"));
            let new_lead = Rehearsal::new_lead(email).expect("a key");
            let id = new_lead.id.clone();
            let happens = |story: &mut Rehearsal<'_>, body| {
                let now = story.now();
                story.apply(now, body).expect("moves").expect("not refused");
            };
            happens(&mut story, submission(new_lead));
            happens(&mut story, InputBody::Confirm { request: 1, seen: None, visitor: Visitor::default() });
            let page = || TrackKind::Page { url: None, title: None };
            for _ in 0..*pages {
                happens(&mut story, InputBody::Track(Track { new_lead: None, kind: page() }));
            }
            story.pass_until(story.now() + SignedDuration::from_hours(48)).expect("moves");
            if *books {
                let kind =
                    TrackKind::Event { name: "appointment_booked".into(), properties: Default::default() };
                happens(&mut story, InputBody::Track(Track { new_lead: None, kind }));
            }
            let log = Log { lead: id, activities: story.log().to_vec() };
            log.write(&mut file).expect("a line");
        }
    }
}

fn submission(lead: domain::input::NewLead) -> InputBody {
    InputBody::SubmitForm(Submission {
        lead,
        campaign: CampaignId::parse("guide").expect("an id"),
        traits: Traits::new(),
        topics: Default::default(),
        locale: Locale::parse("fr").expect("a locale"),
        time_zone: None,
        touch: Default::default(),
        visitor: Visitor::default(),
    })
}

#[test]
fn check_tells_and_mends() {
    let project = Project::new();
    project.expect(&["check"], 0, &["1 campaign: 0 errors, 0 warnings."]);
    project.edit("sillon.yaml", "postal_address", "postal_adress");

    let finding = "infra/sillon.yaml:3:3: error: unknown key `postal_adress`";
    project.expect(&["check"], 1, &[finding, "postal_adress: 12 rue des Lilas", "postal_address"]);
    let json = project.json(&["check", "--format", "json"], 1);
    let found = json.as_array().and_then(|found| found.first()).expect("a finding");
    assert_eq!((found["line"].as_u64(), found["column"].as_u64()), (Some(3), Some(3)), "{found}");
    let sarif = project.json(&["check", "--format", "sarif"], 1);
    let result = &sarif["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(place["artifactLocation"]["uri"], "infra/sillon.yaml", "{result}");
    assert_eq!(place["region"]["startLine"], 3, "{result}");

    let before = project.read("sillon.yaml");
    let shown = project.expect(&["check", "--fix", "--dry-run"], 1, &["1 fault can be mended, 0 left."]);
    assert!(shown.out.contains("\n-  postal_adress: 12") && shown.out.contains("\n+  postal_address: 12"));
    assert_eq!(project.read("sillon.yaml"), before, "a dry run writes nothing");
    project.expect(&["check", "--fix"], 0, &["1 fault mended, 0 left.", "0 errors"]);
    assert_eq!(project.read("sillon.yaml"), SILLON, "comments stay");
}

#[rstest]
#[case::of_that_name(&["check", "--infra", "nowhere"], "nowhere: there is no such folder")]
#[case::for_a_program(&["check", "--infra", "nowhere", "--format", "json"], "nowhere: there is no such folder")]
#[case::but_a_file(&["check", "--infra", "infra/sillon.yaml", "--fix"], "infra/sillon.yaml: this is no folder")]
#[case::to_simulate(&["simulate", "--infra", "nowhere"], "nowhere: there is no such folder")]
fn who_names_no_folder_is_told_which_one_to_name(#[case] arguments: &[&str], #[case] said: &str) {
    Project::new().expect(arguments, 2, &[said, "name the one that holds `sillon.yaml` by --infra"]);
}

#[test]
fn check_knows_what_day_it_is() {
    let project = Project::new();
    project.edit("campaigns/guide/campaign.yaml", "sequence:\n", "sequence:\n  - wait_until: 2020-01-01\n");
    project.expect(&["check"], 0, &["warning: `2020-01-01` is past", "0 errors, 1 warning"]);
}

#[test]
fn check_reads_what_stands_beside_the_campaigns() {
    let project = Project::new();
    let campaign = project.path("infra/campaigns/guide");
    std::fs::write(campaign.join("preview.yaml"), "- traits: { frist_name: Ada }\n").expect("a file");
    std::fs::write(campaign.join("simulation.yaml"), "confrim: 50%\n").expect("a file");
    std::fs::write(project.path("infra/prices.yaml"), "curency: EUR\n").expect("a file");
    project.edit("campaigns/guide/scenarios/books.yaml", "state: goal_reached", "stat: goal_reached");
    let told = ["`frist_name`", "`confrim`", "`curency`", "`stat`", "books.yaml:"];
    project.expect(&["check"], 1, &told);
    let findings = project.json(&["check", "--format", "json"], 1);
    assert!(findings.as_array().is_some_and(|findings| findings.len() >= 4), "{findings}");
}

#[test]
fn a_program_reads_faults_where_it_reads_answers() {
    let project = Project::new();
    project.edit("campaigns/guide/scenarios/books.yaml", "state: goal_reached", "stat: goal_reached");
    let told = project.json(&["test", "--format", "json"], 1);
    assert_eq!(told["findings"][0]["severity"], "error", "{told}");
    project.edit("sillon.yaml", "postal_address", "postal_adress");
    for verb in [
        &["test", "--format", "json"][..],
        &["simulate", "--format", "json"],
        &["why", "ada@example.com", "--log", "leads.jsonl", "--format", "json"],
        &["score", "backtest", "--log", "leads.jsonl", "--format", "json"],
        &["experiments", "--log", "leads.jsonl", "--format", "json"],
        &["preview", "--once", "--format", "json"],
    ] {
        let told = project.json(verb, 1);
        assert!(told["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{verb:?}: {told}");
    }
}

#[test]
fn test_shows_the_timeline_of_a_scenario_that_fails() {
    let project = Project::new();
    project.expect(&["test"], 0, &["guide/books", "2 scenarios: 0 failed."]);
    project.expect(&["test", "guide/books"], 0, &["1 scenario: 0 failed."]);
    project.expect(&["test", "guide/boks"], 2, &["neither a campaign nor a scenario", "`guide/books`"]);

    project.edit("campaigns/guide/scenarios/books.yaml", "state: goal_reached", "state: completed");
    let line = project.read("campaigns/guide/scenarios/books.yaml");
    let line = line.lines().position(|line| line.contains("state: completed")).expect("a line") + 1;
    let place = format!("infra/campaigns/guide/scenarios/books.yaml:{line}:");
    let told = ["FAILED  guide/books", &place, "goal_reached", "enters `guide`", "2 scenarios: 1 failed."];
    project.expect(&["test"], 1, &told);
    let json = project.json(&["test", "--format", "json"], 1);
    let outcomes = json.as_array().expect("a list");
    let failed: Vec<&Value> =
        outcomes.iter().filter(|told| told["failures"].as_array().is_some_and(|f| !f.is_empty())).collect();
    assert_eq!(failed.len(), 1, "{json}");
    let at = failed[0]["timeline"][0]["at"].as_str().expect("a text");
    assert!(at.parse::<jiff::Timestamp>().is_ok(), "RFC 3339, in UTC: {at}");
}

#[test]
fn a_scenario_is_about_a_lead_of_that_language_whose_traits_are_possible() {
    let project = Project::new();
    project.edit("sillon.yaml", "locales: [fr]", "locales: [fr, en]\ntraits: { birthday: { type: date } }");
    project.expect(&["new", "win-back", "back"], 0, &[]);
    let scenario = "campaigns/back/scenarios/clicks.yaml";
    project.edit(scenario, "locale: fr", "locale: en\n  traits: { birthday: 1992-02-29 }");
    project.expect(&["test", "back"], 0, &["0 failed"]);
    project.edit(scenario, "1992-02-29", "1990-02-29");
    project.expect(&["test", "back"], 1, &["`1990-02-29` is not a date"]);
}

#[test]
fn simulate_tells_the_same_for_the_same_seed() {
    let project = Project::new();
    let simulate = ["simulate", "guide", "--leads", "300", "--from", "2027-01-04"];
    let told =
        project.expect(&simulate, 0, &["posted the form", "first-steps-wait-for", "Busiest day: 2027-"]);
    assert!(told.out.contains("`prices.yaml`"), "how to learn the cost: {}", told.out);
    assert_eq!(project.run(&simulate).out, told.out);
    let other: Vec<&str> = simulate.into_iter().chain(["--seed", "2"]).collect();
    assert_ne!(project.run(&other).out, told.out);

    std::fs::copy(tests::programs::infra().join("prices.yaml"), project.path("infra/prices.yaml"))
        .expect("a copy");
    let priced: Vec<&str> = simulate.into_iter().chain(["--format", "json"]).collect();
    let json = project.json(&priced, 0);
    assert_eq!((&json["campaign"], &json["counts"]["leads"]), (&"guide".into(), &300.into()), "{json}");
    assert!(json["cost"]["total"].as_f64().is_some_and(|total| total > 0.0), "{json}");

    let small: Vec<&str> = simulate.into_iter().chain(["--quota", "3"]).collect();
    project.expect(&small, 1, &["more than SES lets you send"]);
    project.expect(&["simulate", "gide"], 2, &["there is no campaign `gide`", "`guide`"]);
}

#[test]
fn plan_weighs_an_edit_against_the_leads_on_their_way() {
    let project = Project::new();
    project.leads(&[("ada", 0, false), ("grace", 0, false), ("joan", 0, true)]);
    project.expect(&["bundle", "--out", "deployed"], 0, &["1 campaign, content hash"]);
    let at = ["plan", "--deployed", "deployed", "--log", "leads.jsonl", "--at", "2026-03-04T09:00:00Z"];
    let with = |more: &[&'static str]| at.into_iter().chain(more.iter().copied()).collect::<Vec<_>>();
    project.expect(&at, 0, &["The campaigns are the same.", "3 leads; 2 places in sequences."]);

    // Who stands on the wait that goes gets one e-mail when it would have ended, on Thursday, and a second at once.
    let file = "campaigns/guide/campaign.yaml";
    project.edit(file, "  - wait: 3d\n", "");
    project.edit(
        file,
        "  - wait_for:",
        "  - send: talk-to-us\n    id: extra\n  - id: first-steps-wait-for\n    wait_for:",
    );
    let told =
        ["+   step extra", "-   step guide-wait", "2 e-mails would leave within a day because of this edit"];
    project.expect(&with(&["--allow", "1"]), 1, &told);
    project.expect(&with(&["--allow", "2"]), 0, &["first-steps 2"]);
    let json = project.json(&with(&["--format", "json"]), 0);
    let changed = &json["changes"]["changed"]["guide"];
    assert_eq!(changed["removed"], json!(["guide-wait"]), "{json}");
    assert_eq!(changed["added"], json!(["extra"]), "{json}");
    let standing = &json["leads"]["standing"][0];
    assert_eq!((&standing["step"], &standing["leads"]), (&"guide-wait".into(), &2.into()), "{json}");
    assert_eq!(standing["move_to"]["first-steps"], 2, "{json}");
    let due: Vec<_> = json["leads"]["due"].as_array().expect("a list").iter().collect();
    let told =
        due.iter().map(|due| (due["step"].as_str(), due["sends"].as_u64(), due["by_this_edit"].as_u64()));
    let expected = [(Some("extra"), Some(2), Some(2)), (Some("first-steps"), Some(2), Some(0))];
    assert_eq!(told.collect::<Vec<_>>(), expected, "{json}");

    project.edit(file, "sequence:", "removed_steps: { guide-wiat: exit }\nsequence:");
    project.expect(&at, 0, &["removed_steps: `guide-wiat` was never deployed; write `guide-wait`"]);
    project.expect(&["plan", "--deployed", "deployed"], 0, &["No leads were looked at", "--log FILE"]);
    project.expect(&["plan", "--deployed", "nothing"], 2, &["there is no bundle.json"]);
}

#[test]
fn a_backtest_tells_old_rules_from_new_ones() {
    let project = Project::new();
    // Pages foretell an appointment, and the old rules did not count them.
    project.leads(&[("ada", 3, true), ("grace", 2, true), ("joan", 0, false), ("mary", 0, false)]);
    project.expect(&["bundle", "--out", "new"], 0, &[]);
    project.edit("sillon.yaml", ", page_viewed: 10", "");
    project.expect(&["bundle", "--out", "old"], 0, &[]);
    project.edit("sillon.yaml", "appointment_booked: 20", "appointment_booked: 20, page_viewed: 10");
    let backtest = ["score", "backtest", "--log", "leads.jsonl", "--against", "old/sillon/bundle.json"];
    let told = [
        "4 leads, 2 converted.",
        "AUC 0.500 under the old rules, 1.000 under the new ones",
        "temperature cold → warm: 2",
    ];
    project.expect(&backtest, 0, &told);
    let json = project.json(&backtest.into_iter().chain(["--format", "json"]).collect::<Vec<_>>(), 0);
    assert_eq!((&json["new"]["auc"], &json["old"]["auc"]), (&1.0.into(), &0.5.into()), "{json}");
    assert_eq!(json["changes"].as_array().map(Vec::len), Some(2), "{json}");
    project.expect(
        &["score", "backtest", "--log", "leads.jsonl", "--goal", "stage:sqql"],
        2,
        &["the stages are"],
    );
    let misspelt = ["score", "backtest", "--log", "leads.jsonl", "--goal", "apointment_booked"];
    project.expect(&misspelt, 1, &["nobody reached `apointment_booked`"]);
}

#[test]
fn why_explains_a_lead_and_an_e_mail() {
    let project = Project::new();
    project.leads(&[("ada", 0, true), ("grace", 0, false)]);
    let why = |arguments: &[&'static str]| -> Vec<&'static str> {
        ["why", "--log", "leads.jsonl"].into_iter().chain(arguments.iter().copied()).collect()
    };
    let whole =
        ["ada@example.com, ", "Consent is granted.", "`guide` is over, goal reached", "guide/guide: It left"];
    project.expect(&why(&["ada@example.com"]), 0, &whole);
    let place = "infra/campaigns/guide/campaign.yaml:";
    let one = ["guide/first-steps: The sequence ended before", "which is its goal", place];
    project.expect(&why(&["ada@example.com", "first-steps"]), 0, &one);
    let json = project.json(&why(&["grace@example.com", "first-steps", "--format", "json"]), 0);
    assert_eq!(json["sends"][0]["state"], "not_reached", "{json}");
    assert!(json["now"].as_str().is_some_and(|now| now.parse::<jiff::Timestamp>().is_ok()), "{json}");
    project.expect(&why(&["joan@example.com"]), 1, &["leads.jsonl: there is no lead `joan@example.com`"]);
    project.expect(&why(&["ada@example.com", "first-stps"]), 2, &["write `first-steps`"]);
    project.expect(&why(&["ada"]), 2, &["neither an address nor a lead's id"]);
}

#[test]
fn preview_tells_of_leads_that_state_what_nobody_declares() {
    let project = Project::new();
    let lead = |name: &str| format!("- name: Ada\n  traits: {{ {name}: Ada }}\n");
    let file = project.path("infra/campaigns/guide/preview.yaml");
    std::fs::write(&file, lead("first_name")).expect("a file");
    let preview = ["preview", "--once", "--format", "json"];
    let shown = project.json(&preview, 0);
    assert!(shown.as_array().is_some_and(|mails| mails.iter().any(|mail| mail["lead"] == "Ada")), "{shown}");
    std::fs::write(&file, lead("frist_name")).expect("a file");
    let place = "infra/campaigns/guide/preview.yaml:2:13: error: unknown trait `frist_name`";
    project.expect(&["preview", "--once"], 1, &[place, "`first_name`"]);
    std::fs::rename(&file, project.path("leads.yaml")).expect("a file");
    project.expect(&["preview", "--once", "--lead", "leads.yaml"], 1, &["leads.yaml:2:13: error"]);
}

#[rstest]
#[case(&["schema", "campaign"], 0, "\"$defs\"")]
#[case(&["schema", "campain"], 2, "no kind of file")]
#[case(&["draw", "guide"], 0, "<svg")]
#[case(&["draw", "gide"], 2, "`guide`")]
#[case(&["preview", "--once"], 0, "0 errors, 0 warnings.")]
#[case(&["experiments", "--log", "leads.jsonl"], 0, "There is no experiment")]
#[case(&["experiments", "--log", "leads.jsonl", "--campaign", "gide"], 2, "`guide`")]
#[case(&["simulate", "--log", "leads.jsonl", "--leads", "10"], 0, "posted the form")]
#[case(&["chekc"], 2, "check")]
#[case(&["why", "ada@example.com", "--log", "nothing.jsonl"], 2, "there is no such file")]
#[case(&["export", "--data", "nothing"], 2, "no leads of `sillon dev`")]
#[case(&["erase", "ada@example.com", "--log", "leads.jsonl"], 2, "--log")]
fn each_verb_says_what_it_is_asked(#[case] arguments: &[&str], #[case] code: i32, #[case] words: &str) {
    let project = Project::new();
    project.leads(&[("ada", 0, false)]);
    project.expect(arguments, code, &[words]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    let project = Project::new();
    let mut command = Command::new(program("sillon"));
    command.args(["schema", "campaign"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut sillon = command.current_dir(project.0.path()).spawn().expect("sillon runs");
    drop(sillon.stdout.take());
    let output = sillon.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_is_told() {
    let full = Path::new("/dev/full");
    let Ok(full) = std::fs::OpenOptions::new().write(true).open(full) else { return };
    let mut command = Command::new(program("sillon"));
    let output = command.args(["schema", "campaign"]).stdout(full).output().expect("sillon runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output cannot be written"));
}
