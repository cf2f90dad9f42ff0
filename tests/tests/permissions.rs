//! Each function's role in `template.yaml` lists exactly the calls that the function makes: nothing is missing, and
//! nothing is allowed that no journey needs.

use jiff::SignedDuration;
use serde_json::json;
use tests::functions::Functions;
use tests::http::Request;
use tests::programs::infra_with;
use tests::roles::{Grant, grants};
use tests::stack::Stack;
use tests::story::{MONDAY, at, tell};

/// What Lambda does in a function's name: it writes logs, and polls what wakes the function.
const LOGS: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];
const POLLS: [(&str, &str, &[&str]); 4] = [
    ("update-score", "SesEvents", &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]),
    ("update-score", "WebEvents", &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]),
    ("send-nurture", "DueLeads", &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]),
    (
        "send-nurture",
        "Table",
        &[
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        ],
    ),
];

fn is_the_services_own(grant: &Grant) -> bool {
    let polled = |(function, resource, actions): &(&str, &str, &[&str])| {
        grant.function == *function && grant.resource == *resource && actions.contains(&grant.action.as_str())
    };
    LOGS.contains(&grant.action.as_str()) || POLLS.iter().any(polled)
}

/// What the story does not tell, and roles must still allow.
fn what_happens_seldom(functions: &Functions) {
    // Another write to the same lead is under way, so the lead is read again.
    functions.calls.cancel_next_transaction();
    let form = json!({ "email": "fay@example.com", "housing": "flat" });
    assert_eq!(functions.send(&Request::json("/f/guide-solaire", &form)).status, 200);
    // A profile that cannot be read is set aside.
    let confirmation = functions.mails().pop().expect("it was sent");
    assert_eq!(functions.send(&Request::form(&confirmation.path("c"), &[])).status, 200);
    functions.replace_state("fay@example.com", "spoilt");
    // A mailbox has no room for a confirmation on that day, and nobody comes by on the next, for which it was counted.
    for email in ["ida+1@example.com", "ida+2@example.com"] {
        let form = json!({ "email": email, "housing": "flat" });
        assert_eq!(functions.send(&Request::json("/f/guide-solaire", &form)).status, 200);
    }
    functions.tick_at(functions.now() + SignedDuration::from_hours(24 * 9), 3);
    // An event makes a lead, whose suppression is checked.
    let event = json!({ "type": "track", "event": "quote_requested", "userId": "gus@example.com", "messageId": "q-2" });
    let authority = format!("Bearer {}", functions.write_key());
    let reply = functions.send(&Request::json("/v1/events", &event).header("authorization", &authority));
    assert_eq!((reply.status, &functions.lead("gus@example.com")["consent"]), (202, &json!("none")));
    // Nobody did anything for so long that they are erased.
    functions.pass_to(functions.now() + SignedDuration::from_hours(24 * 400));
}

#[test]
fn roles_allow_what_functions_do_and_nothing_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let functions = Functions::start(&infra_with(folder.path(), "retention: 1y"), at(MONDAY));
    tell(&functions);
    what_happens_seldom(&functions);
    let (seen, grants) = (functions.calls.seen(), grants());
    assert!(
        seen.len() > 10 && grants.len() > 20,
        "this compares something with something: {seen:?}\n{grants:?}"
    );

    let missing: Vec<_> = seen.iter().filter(|call| !grants.iter().any(|grant| grant.allows(call))).collect();
    let needless: Vec<_> = grants
        .iter()
        .filter(|grant| !is_the_services_own(grant) && !seen.iter().any(|call| grant.allows(call)))
        .collect();
    assert!(
        missing.is_empty() && needless.is_empty(),
        "template.yaml lacks {missing:#?}\nand allows what no journey needs: {needless:#?}"
    );
}
