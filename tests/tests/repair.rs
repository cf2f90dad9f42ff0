//! `sillon repair` and `sillon verify` as an operator types them: against a table, and against what `sillon dev` keeps.

use std::process::{Command, Output};

use app::ports::LeadStore;
use domain::LeadId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::dev::Dev;
use tests::dynamodb::{Requests, client, of_file, replace_state};
use tests::functions::{Functions, TABLE};
use tests::http::Request;
use tests::programs::{infra, program};
use tests::stack::Stack;
use tests::story::{MONDAY, at};

struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Told {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The code, and each line of standard output as JSON.
    fn json(&self) -> (Option<i32>, Vec<Value>) {
        let lines = self.out.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        (self.code, lines.collect())
    }
}

/// A command without a terminal, in an environment whose DynamoDB is at that endpoint.
fn sillon(endpoint: &str, words: &[&str]) -> Told {
    let mut command = Command::new(program("sillon"));
    command.args(words).env("AWS_ENDPOINT_URL_DYNAMODB", endpoint).env("AWS_REGION", "eu-west-3");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    Told::of(command.output().expect("sillon runs"))
}

fn confirmed(stack: &impl Stack, email: &str) {
    let fields = [("email", email), ("housing", "house")];
    assert_eq!(stack.send(&Request::form("/f/guide-solaire", &fields)).status, 303);
    let mail = stack.mails().pop().expect("the confirmation");
    assert_eq!(stack.send(&Request::form(&mail.path("c"), &[])).status, 200);
}

#[test]
fn a_lead_that_was_set_aside_is_listed_with_its_reason_and_put_back_by_command() {
    let functions = Functions::start(&infra(), at(MONDAY));
    confirmed(&functions, "ada@example.com");
    let repair =
        |words: &[&str]| sillon(&functions.endpoint, &[&["repair", "--table", TABLE][..], words].concat());
    let none = repair(&[]);
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (Some(0), "0 leads set aside.\n", ""));

    let good = functions.replace_state("ada@example.com", r#"{"email":"ada@example.com"}"#);
    let later = functions.now() + SignedDuration::from_hours(24 * 4);
    functions.tick_at(later, 3);
    let ada = functions.id("ada@example.com");
    let listed = repair(&[]);
    assert_eq!(listed.code, Some(1), "{}", listed.out);
    let lines: Vec<&str> = listed.out.lines().collect();
    let [line, "1 lead set aside.", hint] = lines[..] else { panic!("{}", listed.out) };
    assert_eq!(hint, "Once the cause is mended: sillon repair --table leads --back ID, or --all-back");
    let third = (later + SignedDuration::from_mins(2)).to_string();
    assert!(line.starts_with(&format!("{ada}  since {}", &third[.."2027-03-05T10:02".len()])), "{line}");
    assert!(
        line.contains("the item LEAD#")
            && line.contains("cannot be read: not what this version of Sillon writes"),
        "{line}"
    );
    assert!(!line.contains("ada@"), "{line}");
    let (code, listed) = repair(&["--format", "json"]).json();
    assert_eq!((code, &listed[0]["lead"]), (Some(1), &json!(ada)), "{listed:?}");

    let back = ["--back", ada.as_str(), "--by", "Grace"];
    let too_early = repair(&back);
    let stays = format!("sillon: {ada} stays aside, since what is wrong is not mended: the store refuses: ");
    assert!(too_early.code == Some(1) && too_early.err.starts_with(&stays), "{}", too_early.err);
    assert_eq!(too_early.out, "0 leads due again where it stood.\n");

    functions.replace_state("ada@example.com", &good);
    let told = repair(&back);
    assert_eq!((told.code, told.out.as_str()), (Some(0), "1 lead due again where it stood.\n"));
    let before = functions.mails().len();
    functions.tick_at(later, 1);
    let mails = functions.mails();
    assert_eq!(mails[before..].iter().map(|mail| &mail.to).collect::<Vec<_>>(), ["ada@example.com"]);

    let again = repair(&back);
    assert_eq!(again.code, Some(1));
    assert_eq!(again.err, format!("sillon: {ada} is not set aside\n"));
    let (code, told) = repair(&[&back[..], &["--format", "json"]].concat()).json();
    assert_eq!(
        (code, told),
        (Some(1), vec![json!({ "back": [], "not_back": [{ "lead": ada, "because": "is not set aside" }] })])
    );
    assert_eq!(repair(&["--all-back", "--by", "Grace"]).out, "0 leads due again where it stood.\n");
}

#[test]
fn profiles_are_held_against_their_logs_by_command() {
    let functions = Functions::start(&infra(), at(MONDAY));
    for email in ["ada@example.com", "bea@example.com"] {
        confirmed(&functions, email);
    }
    let verify =
        |words: &[&str]| sillon(&functions.endpoint, &[&["verify", "--table", TABLE][..], words].concat());
    let well = verify(&[]);
    let told = "2 leads read, 0 other than their log, 0 unreadable.\n";
    assert_eq!((well.code, well.out.as_str(), well.err.as_str()), (Some(0), told, ""));
    assert_eq!(verify(&["--format", "json"]).json(), (Some(0), vec![]));

    let ada = functions.id("ada@example.com");
    let good = functions.replace_state("ada@example.com", "");
    let mut state: Value = serde_json::from_str(&good).expect("JSON");
    state["traits"]["housing"] = "flat".into();
    state["enrolments"] = json!({});
    functions.replace_state("ada@example.com", &state.to_string());
    let told = verify(&[]);
    let expected = format!("{ada}\n  /enrolments");
    assert!(told.code == Some(1) && told.out.starts_with(&expected), "{}", told.out);
    assert!(told.out.contains("\n  /traits/housing: the log says otherwise (a value)\n"), "{}", told.out);
    assert!(told.out.contains("\n  attribute due_at: the profile says otherwise\n"), "{}", told.out);
    assert!(told.out.ends_with("2 leads read, 1 other than their log, 0 unreadable.\n"), "{}", told.out);
    let (code, told) = verify(&["--format", "json"]).json();
    assert_eq!((code, told.len(), &told[0]["lead"]), (Some(1), 1, &json!(ada)), "{told:?}");

    functions.replace_state("ada@example.com", &good);
    assert_eq!(verify(&[]).code, Some(0));
}

#[test]
fn dev_sets_leads_aside_too_and_its_folder_is_repaired_and_verified_alike() {
    let data = TempDir::new().expect("a folder");
    let folder = data.path().to_str().expect("a path");
    let dev = Dev::start(&infra(), data.path());
    // E-mails leave in office hours, whenever the test runs.
    dev.pass_to(at(MONDAY));
    for email in ["ada@example.com", "bea@example.com"] {
        confirmed(&dev, email);
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let client = client(&runtime.block_on(of_file(&data.path().join("leads.sqlite"))), Requests::default());
    let store = dynamodb::Store::new(client.clone(), "sillon", vec![4]);
    let leads = runtime.block_on(store.all_leads()).expect("leads").leads;
    let ada = leads.iter().find(|stored| stored.lead.email.as_str() == "ada@example.com").expect("ada");
    let replace = |lead: &LeadId, state: &str| {
        runtime.block_on(replace_state(&client, "sillon", lead, state));
    };
    let verb = |verb: &str, words: &[&str]| sillon("", &[&[verb, "--data", folder][..], words].concat());
    assert_eq!(verb("verify", &[]).out, "2 leads read, 0 other than their log, 0 unreadable.\n");

    let before = dev.mails().len();
    replace(&ada.lead.id, "spoilt");
    let page = dev.send(&Request::get("/dev/leads"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("A lead cannot be read") && page.text().contains(ada.lead.id.as_str()));
    assert!(page.text().contains("bea@example.com"), "the others are shown: {}", page.text());
    dev.advance("4d");
    let sent = |dev: &Dev| dev.mails().split_off(before).into_iter().map(|mail| mail.to).collect::<Vec<_>>();
    assert_eq!(sent(&dev), ["bea@example.com"], "the others go on");
    let listed = verb("repair", &[]);
    assert!(listed.code == Some(1) && listed.out.contains(ada.lead.id.as_str()), "{}", listed.out);
    let told = verb("verify", &[]);
    assert!(told.code == Some(1) && told.out.contains("the profile cannot be read: "), "{}", told.out);

    replace(&ada.lead.id, &serde_json::to_string(&ada.lead).expect("JSON"));
    assert_eq!(verb("verify", &[]).code, Some(0), "to stand aside is no difference");
    assert_eq!(verb("repair", &["--all-back", "--by", "Grace"]).out, "1 lead due again where it stood.\n");
    dev.advance("1m");
    assert_eq!(sent(&dev), ["bea@example.com", "ada@example.com"]);
    assert_eq!(verb("repair", &[]).code, Some(0));
    assert!(runtime.block_on(store.load(&ada.lead.id)).expect("read").is_some());
}

#[test]
fn what_cannot_work_is_told() {
    let id = "00112233445566778899aabbccddeeff";
    let wrong: [(&[&str], &str); 7] = [
        (&["repair"], "say where the leads are: --data .sillon or --table NAME"),
        (&["repair", "--log", "leads.jsonl"], "unexpected argument '--log'"),
        (&["repair", "--table", "t", "--data", "d"], "cannot be used with"),
        (&["repair", "--table", "t", "--back", "ada@example.com"], "`sillon repair` lists ids"),
        (&["repair", "--table", "t", "--back", id, "--all-back"], "cannot be used with"),
        (&["verify"], "say where the leads are: --data .sillon or --table NAME"),
        (&["verify", "--log", "leads.jsonl"], "unexpected argument '--log'"),
    ];
    for (words, expected) in wrong {
        let told = sillon("", words);
        assert!(
            told.code == Some(2) && told.err.contains(expected),
            "{words:?}: {:?} {}",
            told.code,
            told.err
        );
    }
    let absent = TempDir::new().expect("a folder");
    for verb in ["repair", "verify"] {
        let told = sillon("", &[verb, "--data", absent.path().to_str().expect("a path")]);
        assert!(
            told.code == Some(2) && told.err.contains("there are no leads of `sillon dev` here"),
            "{}",
            told.err
        );
    }
}
