//! What `update-score` cannot apply is delivered again, alone, and kept when that does not help.

use app::ports::LeadStore;
use rstest::rstest;
use serde_json::{Value, json};
use tests::envelopes;
use tests::functions::Functions;
use tests::http::Request;
use tests::programs::infra;
use tests::stack::{Mail, Stack};
use tests::story::{MONDAY, at};
use tests::template;

const SPOILT: &str = "ada@example.com";
const GOOD: &str = "bea@example.com";

fn confirmation_of(functions: &Functions, email: &str) -> Mail {
    let fields = [("email", email), ("housing", "house")];
    assert_eq!(functions.send(&Request::form("/f/guide-solaire", &fields)).status, 303);
    functions.mails().pop().expect("the confirmation")
}

fn delivered(mail: &Mail) -> String {
    let mut record = envelopes::click(&mail.message_id, &mail.tags, &mail.to, MONDAY);
    record["eventType"] = json!("Delivery");
    record["delivery"] = json!({ "timestamp": MONDAY, "recipients": [mail.to], "processingTimeMillis": 500 });
    envelopes::sns(&record)
}

fn quote(mail: &Mail) -> String {
    let event = json!({ "type": "track", "event": "quote_requested", "userId": mail.to, "messageId": "q-1" });
    json!({ "by": "server", "received_at": MONDAY, "events": [event] }).to_string()
}

#[rstest]
#[case::of_feedback(delivered, r#"{"Message":"{}"}"#, "email_delivered")]
#[case::of_events(quote, r#"{"by":"nobody"}"#, "quote_requested")]
fn what_fails_is_delivered_again_and_nothing_else(
    #[case] message: fn(&Mail) -> String,
    #[case] unreadable: &str,
    #[case] recorded: &str,
) {
    let functions = Functions::start(&infra(), at(MONDAY));
    let [spoilt, good] = [SPOILT, GOOD].map(|email| confirmation_of(&functions, email));
    functions.replace_state(SPOILT, "spoilt");

    let answer = functions.offer(&[unreadable.to_owned(), message(&spoilt), message(&good)]);
    let failure = |place| json!({ "itemIdentifier": envelopes::message_id(place) });
    assert_eq!(answer, Ok(json!({ "batchItemFailures": [failure(0), failure(1)] })));

    let records = functions.wait_for(functions.store().records(&functions.id(GOOD))).expect("records");
    let kinds: Vec<String> =
        records.iter().flat_map(|record| &record.activities).map(domain::Activity::kind).collect();
    assert!(kinds.contains(&recorded.to_owned()), "{kinds:?}");
}

#[test]
fn what_is_taken_at_the_door_can_be_read_behind_the_queue() {
    let functions = Functions::start(&infra(), at(MONDAY));
    let authority = format!("Bearer {}", functions.write_key());
    let mut taken = 0;
    // A body that nests deeper is no JSON to anybody.
    for levels in (1..126).rev() {
        let list = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let body = format!(r#"{{"type":"page","userId":"{GOOD}","context":{{"n":{list}}}}}"#);
        let request = Request::post("/v1/events", "application/json", body);
        // It panics if `update-score` cannot read what `collect-events` queued.
        match functions.send(&request.header("authorization", &authority)).status {
            202 => taken += 1,
            status => assert_eq!(status, 422, "{levels} levels"),
        }
    }
    assert!((10..100).contains(&taken), "{taken} were taken");
}

/// The mappings of queues, each with its function and its queue.
fn mappings(resources: &Value) -> Vec<(&Value, &Value, String)> {
    let functions = resources.as_object().expect("resources").values();
    let functions = functions.filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    functions
        .flat_map(|function| {
            let events = function["Properties"]["Events"].as_object().into_iter().flatten();
            let polled = events.filter(|(_, event)| event["Type"] == "SQS");
            polled.map(move |(_, event)| {
                let queue = event["Properties"]["Queue"]["Fn::GetAtt"][0].as_str().expect("a queue");
                (&function["Properties"], &event["Properties"], queue.to_owned())
            })
        })
        .collect()
}

/// As `template.yaml` says them, but for the leads' turns: the next tick finds again whatever is lost of those.
fn queues_of_events(resources: &Value) -> Vec<(&Value, &Value, String)> {
    let found: Vec<_> = mappings(resources).into_iter().filter(|(_, _, queue)| queue != "DueLeads").collect();
    assert_eq!(found.len(), 2, "feedback, and events of the web");
    found
}

#[test]
fn what_fails_for_good_is_kept_for_two_weeks_and_somebody_is_told() {
    const TWO_WEEKS: i64 = 14 * 24 * 60 * 60;
    let template = template::read();
    let resources = &template["Resources"];
    for (_, mapping, queue) in queues_of_events(resources) {
        assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{queue}");
        let redrive = &resources[&queue]["Properties"]["RedrivePolicy"];
        assert!(redrive["maxReceiveCount"].as_i64().is_some_and(|times| times >= 3), "{queue}");
        let dead = redrive["deadLetterTargetArn"]["Fn::GetAtt"][0].as_str().expect("a queue of dead letters");
        assert_eq!(resources[dead]["Type"], "AWS::SQS::Queue");
        assert_eq!(resources[dead]["Properties"]["MessageRetentionPeriod"], TWO_WEEKS, "{dead}");
        let watches = |alarm: &Value| {
            let dimension = json!([{ "Name": "QueueName", "Value": { "Fn::GetAtt": [dead, "QueueName"] } }]);
            alarm["Type"] == "AWS::CloudWatch::Alarm" && alarm["Properties"]["Dimensions"] == dimension
        };
        assert!(resources.as_object().expect("resources").values().any(watches), "no alarm tells of {dead}");
        let told = |output: &Value| output["Value"] == json!({ "Fn::GetAtt": [dead, "QueueName"] });
        let outputs = template["Outputs"].as_object().expect("outputs");
        assert!(outputs.values().any(told), "no output names {dead}, for `sillon dead-letters`");
    }
}

#[test]
fn a_full_batch_fits_into_the_functions_time() {
    // A lead is read, and then written; each request takes as long as on a busy day.
    const MS_PER_LEAD: i64 = 2 * 20;
    // In which `update-score` begins no lead.
    const RESERVE_MS: i64 = 10_000;
    let template = template::read();
    let resources = &template["Resources"];
    for (function, mapping, queue) in queues_of_events(resources) {
        let leads_of_a_message = if queue == "WebEvents" { web::MOST_EVENTS } else { 1 };
        let messages = mapping["BatchSize"].as_i64().expect("a number");
        let needed = messages * i64::try_from(leads_of_a_message).expect("a number") * MS_PER_LEAD;
        let time = function["Timeout"].as_i64().expect("seconds") * 1_000;
        assert!(needed <= time - RESERVE_MS, "{queue}: a full batch takes {needed} ms of {time} ms");
        // AWS Lambda Developer Guide, "Using Lambda with Amazon SQS".
        let unseen = resources[&queue]["Properties"]["VisibilityTimeout"].as_i64().expect("seconds");
        assert!(unseen * 1_000 >= 6 * time, "{queue}: a slow batch is taken up twice");
    }
}
