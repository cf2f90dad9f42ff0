//! What rings: each alarm of `template.yaml` watches what it says, tells somebody, and stands in the manual with what to do.

use std::path::Path;

use rstest::rstest;
use serde_json::{Map, Value, json};
use tests::template;

/// The alarms, by name.
fn alarms() -> Map<String, Value> {
    let template = template::read();
    let resources = template["Resources"].as_object().expect("resources").clone();
    let alarms = resources.into_iter().filter(|(_, it)| it["Type"] == "AWS::CloudWatch::Alarm");
    alarms.map(|(name, alarm)| (name, alarm["Properties"].clone())).collect()
}

#[test]
fn every_alarm_tells_somebody_and_the_manual_says_what_to_do() {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let manual = std::fs::read_to_string(manual).expect("the manual");
    let alarms = alarms();
    assert!(alarms.len() > 15, "{}", alarms.len());
    for (name, alarm) in alarms {
        let somebody =
            json!({ "Fn::If": ["HasAlarmEmail", [{ "Ref": "Alarms" }], { "Ref": "AWS::NoValue" }] });
        assert_eq!(alarm["AlarmActions"], somebody, "{name}");
        let of_a_function = name.ends_with("ErrorAlarm") && alarm["Namespace"] == "AWS/Lambda";
        assert!(of_a_function || manual.contains(&format!("`{name}`")), "docs/operations.md lacks {name}");
    }
}

/// Whether an alarm rings for silence, that is for less than one of what it counts, or for that many.
enum Rings {
    ForSilence,
    From(i64),
}

#[rstest]
#[case::no_tick("TickAlarm", "AWS/Events", "Invocations", ("RuleName", "SendNurtureTick"), 900, Rings::ForSilence)]
#[case::no_run("SendNurtureSilentAlarm", "AWS/Lambda", "Invocations", ("FunctionName", "SendNurture"), 900, Rings::ForSilence)]
#[case::late_feedback("SesEventsLateAlarm", "AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", "SesEvents"), 300, Rings::From(900))]
#[case::late_events("WebEventsLateAlarm", "AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", "WebEvents"), 300, Rings::From(900))]
fn what_stands_still_rings(
    #[case] name: &str,
    #[case] namespace: &str,
    #[case] metric: &str,
    #[case] (dimension, of): (&str, &str),
    #[case] period: i64,
    #[case] rings: Rings,
) {
    let alarms = alarms();
    let alarm = alarms.get(name).unwrap_or_else(|| panic!("there is no {name}"));
    let value = match dimension {
        "QueueName" => json!({ "Fn::GetAtt": [of, "QueueName"] }),
        _ => json!({ "Ref": of }),
    };
    let (statistic, comparison, threshold, missing) = match rings {
        Rings::ForSilence => ("Sum", "LessThanThreshold", 1, "breaching"),
        Rings::From(least) => ("Maximum", "GreaterThanOrEqualToThreshold", least, "notBreaching"),
    };
    let watched = [
        ("Namespace", json!(namespace)),
        ("MetricName", json!(metric)),
        ("Dimensions", json!([{ "Name": dimension, "Value": value }])),
        ("Statistic", json!(statistic)),
        ("Period", json!(period)),
        ("EvaluationPeriods", json!(1)),
        ("ComparisonOperator", json!(comparison)),
        ("Threshold", json!(threshold)),
        ("TreatMissingData", json!(missing)),
    ];
    for (key, expected) in watched {
        assert_eq!(alarm[key], expected, "{name}: {key}");
    }
}

/// The filters of logs are text that nobody compiles.
#[rstest]
#[case::paused("AccountPaused", "SendNurtureLogs", &[("\"sending is stopped", TELL), ("\"SES has paused", PACE)])]
#[case::confirmations_told("ConfirmationsStoppedByFeedback", "UpdateScoreLogs", &[("only confirmations wait\"", COUNT)])]
#[case::confirmations_met("ConfirmationsStoppedByCarrier", "SendNurtureLogs", &[("only confirmations wait\"", TELL)])]
fn an_alarm_says_why_sending_is_stopped(
    #[case] name: &str,
    #[case] logs: &str,
    #[case] words: &[(&str, &str)],
) {
    let template = template::read();
    let filter = &template["Resources"][name]["Properties"];
    assert_eq!(filter["LogGroupName"], json!({ "Ref": logs }), "{name}");
    let phrases: Vec<String> =
        words.iter().map(|(words, _)| format!("\"{}\"", words.trim_matches('"'))).collect();
    assert_eq!(filter["FilterPattern"], json!(phrases.join(" ")), "{name}");
    for (words, said_in) in words {
        assert!(said_in.contains(words), "nobody says {words}");
    }
    let metric = &filter["MetricTransformations"][0]["MetricName"];
    let heard = alarms().values().filter(|alarm| alarm["MetricName"] == *metric).count();
    assert_eq!(heard, 1, "{metric} has an alarm");
}

/// Where the words are said.
const TELL: &str = include_str!("../../functions/send-nurture/src/tell.rs");
const COUNT: &str = include_str!("../../functions/update-score/src/main.rs");
const PACE: &str = include_str!("../../shared/app/src/pace.rs");

/// SAM names the rule of a schedule after its function and its event.
#[test]
fn the_tick_that_is_watched_is_the_schedule() {
    let template = template::read();
    let tick = &template["Resources"]["SendNurture"]["Properties"]["Events"]["Tick"];
    assert_eq!(
        (&tick["Type"], &tick["Properties"]["Schedule"]),
        (&json!("Schedule"), &json!("rate(1 minute)"))
    );
}
