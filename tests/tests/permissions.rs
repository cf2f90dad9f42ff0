//! Each function's role in `template.yaml` lists exactly the calls that the function makes: nothing is missing, and
//! nothing is allowed that no journey needs.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::calls::Call;
use tests::functions::Functions;
use tests::http::Request;
use tests::programs::infra_with;
use tests::stack::Stack;
use tests::story::{MONDAY, at, tell};
use tests::template;

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

/// One action on one resource that a role allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    function: String,
    action: String,
    resource: String,
    /// With a condition on the leading key: one pattern, of which what precedes the first `#` counts.
    leading_key: Option<String>,
}

impl Grant {
    fn allows(&self, call: &Call) -> bool {
        (&self.function, &self.action, &self.resource) == (&call.caller, &call.action, &call.resource)
            && self.leading_key == call.leading_key
    }

    fn is_the_services_own(&self) -> bool {
        let polled = |(function, resource, actions): &(&str, &str, &[&str])| {
            self.function == *function
                && self.resource == *resource
                && actions.contains(&self.action.as_str())
        };
        LOGS.contains(&self.action.as_str()) || POLLS.iter().any(polled)
    }
}

fn several(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// A resource by its name in the template, with what follows of an index; its stream counts as itself.
fn resource(value: &Value) -> String {
    let named = value["Fn::GetAtt"][0].as_str().or(value["Ref"].as_str()).or(value.as_str());
    let written = value["Fn::Sub"].as_str().map(|text| match text.strip_prefix("${Table.Arn}") {
        Some("/stream/*") => "Table".to_owned(),
        Some(rest) => format!("Table{rest}"),
        None => text.rsplit("${").next().unwrap_or_default().trim_end_matches('}').to_owned(),
    });
    written.or(named.map(str::to_owned)).unwrap_or_else(|| panic!("{value} is no resource"))
}

fn leading_keys(statement: &Value) -> Vec<Option<String>> {
    let Some(conditions) = statement["Condition"].as_object() else { return vec![None] };
    let keys = conditions.values().flat_map(|condition| {
        let known = condition.as_object().is_some_and(|names| names.keys().eq(["dynamodb:LeadingKeys"]));
        assert!(known, "{condition}: this test knows of leading keys only");
        several(&condition["dynamodb:LeadingKeys"])
    });
    let kind =
        |key: &Value| key.as_str().map(|key| key.split(['#', '*']).next().unwrap_or_default().to_owned());
    keys.map(kind).collect()
}

fn grants() -> BTreeSet<Grant> {
    let template = template::read();
    let resources = template["Resources"].as_object().expect("resources");
    let functions = resources.values().filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    let mut grants = BTreeSet::new();
    for function in functions.map(|function| &function["Properties"]) {
        let name = function["CodeUri"].as_str().and_then(|path| path.rsplit('/').next()).expect("a folder");
        let role = &resources[&self::resource(&function["Role"])]["Properties"];
        assert_eq!(role["ManagedPolicyArns"], Value::Null, "{name}: roles are written out");
        let statements = several(&role["Policies"])
            .into_iter()
            .flat_map(|policy| several(&policy["PolicyDocument"]["Statement"]));
        for statement in statements {
            assert_eq!(statement["Effect"], "Allow", "{name}: {statement}");
            for action in several(&statement["Action"]) {
                for resource in several(&statement["Resource"]) {
                    grants.extend(leading_keys(statement).into_iter().map(|leading_key| Grant {
                        function: name.to_owned(),
                        action: action.as_str().expect("an action").to_owned(),
                        resource: self::resource(resource),
                        leading_key,
                    }));
                }
            }
        }
    }
    grants
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
        .filter(|grant| !grant.is_the_services_own() && !seen.iter().any(|call| grant.allows(call)))
        .collect();
    assert!(
        missing.is_empty() && needless.is_empty(),
        "template.yaml lacks {missing:#?}\nand allows what no journey needs: {needless:#?}"
    );
}
