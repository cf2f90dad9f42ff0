//! Token keys are renewed as the template has it: links in e-mails that were sent go on working while both keys are known.

use serde_json::Value;
use tests::functions::Functions;
use tests::http::{Reply, Request};
use tests::programs::infra;
use tests::stack::{Mail, Stack};
use tests::story::{MONDAY, at};
use tests::template;

/// What an operator deploys with.
#[derive(Clone, Copy)]
struct Parameters {
    token_key_a: &'static str,
    token_key_b: &'static str,
    signing_token_key: &'static str,
}

impl Parameters {
    /// What the functions are given as SILLON_TOKEN_KEYS, by the template: each id has a secret of its own, which changes with it.
    fn token_keys(self) -> String {
        let template = template::read();
        let chosen =
            &template["Globals"]["Function"]["Environment"]["Variables"]["SILLON_TOKEN_KEYS"]["Fn::If"];
        assert_eq!(
            (&chosen[0], &template["Conditions"]["SignsWithB"]["Fn::Equals"][1]),
            (&Value::from("SignsWithB"), &Value::from("B"))
        );
        let keys = &chosen[if self.signing_token_key == "B" { 1 } else { 2 }]["Fn::Sub"];
        let secret = |resource: &str| {
            let made_by = &template["Resources"][resource]["Properties"]["GenerateSecretString"];
            let seed = self.filled(made_by["SecretStringTemplate"]["Fn::Sub"].as_str().expect("its id"));
            let letters: String = seed.chars().filter(char::is_ascii_alphanumeric).collect();
            format!("secret{letters}0123456789abcdef")
        };
        let mut keys = self.filled(keys.as_str().expect("keys"));
        for resource in ["FirstTokenKey", "SecondTokenKey"] {
            let reference = format!("{{{{resolve:secretsmanager:${{{resource}}}:SecretString:secret}}}}");
            assert!(keys.contains(&reference), "{resource} in {keys}");
            keys = keys.replace(&reference, &secret(resource));
        }
        keys
    }

    fn filled(self, text: &str) -> String {
        text.replace("${TokenKeyA}", self.token_key_a).replace("${TokenKeyB}", self.token_key_b)
    }
}

const AT_FIRST: Parameters = Parameters { token_key_a: "a1", token_key_b: "b1", signing_token_key: "A" };

fn sign_up(functions: &Functions, email: &str) -> Mail {
    let form = [("email", email), ("housing", "house")];
    assert_eq!(functions.send(&Request::form("/f/guide-solaire", &form)).status, 303);
    functions.mails().pop().expect("a confirmation")
}

fn confirm(functions: &Functions, confirmation: &Mail) -> Mail {
    assert_eq!(functions.send(&Request::form(&confirmation.path("c"), &[])).status, 200);
    functions.mails().pop().expect("the guide")
}

/// Which key signed the links of an e-mail.
fn signed_by(mail: &Mail, route: &str) -> String {
    let path = mail.path(route);
    let token = path.rsplit('/').next().expect("a token");
    token.split('.').next().expect("its key").to_owned()
}

fn open(functions: &Functions, path: &str) -> Reply {
    functions.send(&Request::get(path).header("user-agent", "Mozilla/5.0 Firefox/148.0"))
}

#[test]
fn links_that_were_sent_work_until_their_key_is_renewed() {
    let mut functions =
        Functions::start_with(&infra(), at(MONDAY), &[("SILLON_TOKEN_KEYS", &AT_FIRST.token_keys())]);
    let unanswered = sign_up(&functions, "ada@example.com");
    let confirmation = sign_up(&functions, "bob@example.com");
    let guide = confirm(&functions, &confirmation);
    let old = [&guide.path("d"), &guide.path("p"), &guide.path("u")].map(Clone::clone);
    assert_eq!((signed_by(&confirmation, "c"), signed_by(&guide, "u")), ("a1".into(), "a1".into()));

    // The key that does not sign is renewed, and then it signs.
    let renewed = Parameters { token_key_b: "b2", ..AT_FIRST };
    functions.deploy("SILLON_TOKEN_KEYS", &renewed.token_keys());
    assert_eq!(signed_by(&sign_up(&functions, "cleo@example.com"), "c"), "a1");
    let turned = Parameters { signing_token_key: "B", ..renewed };
    functions.deploy("SILLON_TOKEN_KEYS", &turned.token_keys());

    for path in &old {
        assert_eq!(open(&functions, path).status, 200, "{path}");
    }
    let guide_of_ada = confirm(&functions, &unanswered);
    assert_eq!(functions.lead("ada@example.com")["consent"], "granted", "an old confirmation");
    assert_eq!(signed_by(&guide_of_ada, "u"), "b2", "and a new e-mail");
    let left = functions.send(&Request::form(&guide.path("u"), &[("List-Unsubscribe", "One-Click")]));
    assert_eq!((left.status, &functions.lead("bob@example.com")["consent"]), (200, &"withdrawn".into()));

    // Both take turns: at the next renewal the links of the first key end.
    let renewed = Parameters { token_key_a: "a2", ..turned };
    functions.deploy("SILLON_TOKEN_KEYS", &renewed.token_keys());
    let tampered = format!("{}x", guide_of_ada.path("p"));
    let tampered = open(&functions, &tampered);
    assert_eq!(tampered.status, 404);
    for path in &old {
        let ended = open(&functions, path);
        assert_eq!((ended.status, ended.text()), (tampered.status, tampered.text()), "{path}");
        assert_eq!(ended.headers, tampered.headers, "{path}");
    }
    assert_eq!(open(&functions, &guide_of_ada.path("p")).status, 200, "those of the second key do not");
    functions.deploy("SILLON_TOKEN_KEYS", &Parameters { signing_token_key: "A", ..renewed }.token_keys());
    assert_eq!(signed_by(&sign_up(&functions, "dan@example.com"), "c"), "a2");
    assert_eq!(open(&functions, &guide_of_ada.path("p")).status, 200);
}

/// The template makes a new secret of a new id, and only of that one; both are always known.
#[test]
fn a_new_id_is_a_new_secret_and_leaves_the_other_key_alone() {
    let keys = |parameters: Parameters| {
        let keys = parameters.token_keys();
        let (first, second) = keys.split_once(',').expect("two keys");
        (first.to_owned(), second.to_owned())
    };
    let (a1, b1) = keys(AT_FIRST);
    let (a1_still, b2) = keys(Parameters { token_key_b: "b2", ..AT_FIRST });
    assert_eq!(a1, a1_still);
    assert!(a1.starts_with("a1:") && b1.starts_with("b1:") && b2.starts_with("b2:"));
    assert_ne!(b1["b1:".len()..], b2["b2:".len()..]);
    assert_eq!(keys(Parameters { signing_token_key: "B", ..AT_FIRST }), (b1, a1), "the first signs");
}
