//! SES event records, in the form that AWS documents, become inputs.

use domain::input::{Feedback, FeedbackKind};
use domain::{Input, InputBody, LeadId};
use serde_json::{Value, json};
use ses::decode_feedback;

fn record(name: &str) -> Value {
    let path = format!("{}/tests/events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn decoded(record: &Value) -> Option<(LeadId, Input)> {
    decode_feedback(&record.to_string()).unwrap()
}

fn feedback(input: &Input) -> &Feedback {
    let InputBody::Feedback(feedback) = &input.body else { panic!("{input:?}") };
    feedback
}

#[test]
fn every_type_of_event_becomes_its_feedback() {
    use FeedbackKind::*;
    let by_a_machine = true;
    let table = [
        ("send", Send, "08:00:00.25", false, None),
        ("delivery", Delivery, "08:00:02.5", false, Some("250 2.6.0 Message received")),
        ("open", Open, "08:10:00.1", false, None),
        ("open-by-privacy-proxy", Open, "08:00:09", by_a_machine, None),
        ("click", Click, "08:11:00", false, Some("https://soleil.example.com/etude?ref=mail")),
        (
            "click-by-gateway",
            Click,
            "08:00:03",
            by_a_machine,
            Some("https://soleil.example.com/etude?ref=mail"),
        ),
        ("open-by-likely-bot", Open, "08:00:03", by_a_machine, None),
        (
            "click-by-likely-bot",
            Click,
            "08:00:03",
            by_a_machine,
            Some("https://soleil.example.com/etude?ref=mail"),
        ),
        ("bounce", Bounce { permanent: true }, "08:00:04", false, Some("smtp; 550 5.1.1 user unknown")),
        (
            "bounce-of-a-full-mailbox",
            Bounce { permanent: false },
            "08:00:04",
            false,
            Some("Transient/MailboxFull"),
        ),
        ("complaint", Complaint, "09:00:00", false, Some("abuse")),
        ("delivery-delay", DeliveryDelay, "08:20:00", false, Some("smtp; 421 4.4.1 unable to connect")),
        ("reject", Reject, "08:00:00.25", false, Some("Bad content")),
        (
            "rendering-failure",
            RenderingFailure,
            "08:00:00.25",
            false,
            Some("Attribute 'name' is not present in the rendering data."),
        ),
    ];
    for (name, kind, at, machine, detail) in table {
        let (lead, input) = decoded(&record(name)).unwrap_or_else(|| panic!("{name} is ours"));
        assert_eq!(lead.as_str(), "00112233445566778899aabbccddeeff", "{name}");
        assert_eq!(input.at, format!("2027-01-04T{at}Z").parse().unwrap(), "{name}: SES's own time");
        let told = feedback(&input);
        assert_eq!(told.send_id.as_str(), "0123456789abcdef0123456789abcdef", "{name}");
        assert_eq!((told.kind, told.machine, told.detail.as_deref()), (kind, machine, detail), "{name}");
    }
}

#[test]
fn what_is_no_leads_is_left_alone() {
    for name in ["click-in-an-alert", "subscription"] {
        assert_eq!(decoded(&record(name)), None, "{name}");
    }
    let mut foreign = record("bounce");
    foreign["mail"].as_object_mut().unwrap().remove("tags");
    assert_eq!(decoded(&foreign), None, "an e-mail of another system");
    let mut not_spam = record("complaint");
    not_spam["complaint"]["complaintFeedbackType"] = json!("not-spam");
    assert_eq!(decoded(&not_spam), None, "somebody took an e-mail out of the spam folder");
}

#[test]
fn what_ses_held_back_by_the_accounts_own_list_is_no_bounce() {
    let kind = |record: &Value| feedback(&decoded(record).unwrap().1).kind;
    let mut bounce = record("bounce");
    for (sub_type, expected) in [
        ("General", FeedbackKind::Bounce { permanent: true }),
        ("Suppressed", FeedbackKind::Bounce { permanent: true }),
        ("OnAccountSuppressionList", FeedbackKind::Suppressed),
    ] {
        bounce["bounce"]["bounceSubType"] = json!(sub_type);
        assert_eq!(kind(&bounce), expected, "{sub_type}");
    }
    let mut complaint = record("complaint");
    complaint["complaint"]["complaintSubType"] = json!("OnAccountSuppressionList");
    assert_eq!(kind(&complaint), FeedbackKind::Suppressed, "nobody complained again");
}

#[test]
fn it_is_told_which_emails_anybody_can_have_us_send() {
    let mut bounce = record("bounce");
    for (step, expected) in [("confirm", true), ("access", true), ("welcome", false)] {
        bounce["mail"]["tags"]["step"] = json!([step]);
        assert_eq!(feedback(&decoded(&bounce).unwrap().1).of_confirmation, expected, "{step}");
    }
    bounce["mail"]["tags"]["unproven"] = json!(["true"]);
    assert!(feedback(&decoded(&bounce).unwrap().1).of_confirmation, "nobody confirmed the address");
}

#[test]
fn only_a_plain_word_of_ses_makes_a_browser_a_bot() {
    for (told, expected) in [
        (json!("Likely"), true),
        (json!("Unlikely"), false),
        (json!("Perhaps"), false),
        (json!(true), false),
        (json!(null), false),
    ] {
        let mut click = record("click");
        click["click"]["isBotEvent"] = told.clone();
        assert_eq!(feedback(&decoded(&click).unwrap().1).machine, expected, "{told}");
    }
}

#[test]
fn a_repetition_is_the_same_input_and_anything_else_is_another() {
    let id = |record: &Value| decoded(record).unwrap().1.id;
    let click = record("click");
    assert_eq!(id(&click), id(&click));
    let changes = [
        ("/click/timestamp", "2027-01-04T08:12:00.000Z"),
        ("/click/link", "https://soleil.example.com/other"),
        ("/mail/messageId", "another"),
        ("/mail/destination/0", "grace@example.com"),
        ("/eventType", "Open"),
    ];
    for (path, value) in changes {
        let mut other = click.clone();
        *other.pointer_mut(path).unwrap() = json!(value);
        assert_ne!(id(&click), id(&other), "{path}");
    }
}

#[test]
fn a_record_without_its_own_time_bears_that_of_the_email() {
    let mut click = record("click");
    click["click"] = json!({ "link": "https://soleil.example.com/" });
    let (_, input) = decoded(&click).unwrap();
    assert_eq!(input.at, "2027-01-04T08:00:00.25Z".parse().unwrap());
    assert!(!feedback(&input).machine, "no user agent is no evidence");
}

#[test]
fn a_malformed_record_says_what_is_wrong() {
    let without = |path: &str, name: &str| {
        let mut record = record("click");
        record.pointer_mut(path).unwrap().as_object_mut().unwrap().remove(name);
        record
    };
    let with = |path: &str, value: Value| {
        let mut record = record("click");
        *record.pointer_mut(path).unwrap() = value;
        record
    };
    let mut timeless = without("/mail", "timestamp");
    timeless["click"].as_object_mut().unwrap().remove("timestamp");
    let table = [
        (json!([]), "not an SES event record: "),
        (without("", "eventType"), "missing field `eventType`"),
        (without("", "mail"), "missing field `mail`"),
        (without("/mail", "messageId"), "missing field `messageId`"),
        (timeless, "`click.timestamp` and `mail.timestamp` are both missing"),
        (with("/eventType", json!("Teleport")), "`Teleport` is no type of SES event that is known here"),
        (
            with("/mail/tags/lead", json!(["ada"])),
            "the tag `lead` of the e-mail is wrong: `ada` is not a lead id",
        ),
        (
            with("/mail/tags/send", json!(["x"])),
            "the tag `send` of the e-mail is wrong: `x` is not a send id",
        ),
        (with("/click/timestamp", json!("soon")), "not an SES event record: "),
    ];
    for (record, expected) in table {
        let told = decode_feedback(&record.to_string()).unwrap_err().to_string();
        assert!(told.contains(expected), "{told}\ndoes not hold: {expected}");
    }
    assert!(decode_feedback("not JSON").is_err());
}

#[test]
fn the_greeting_of_a_new_topic_asks_nothing_of_us() {
    let greeting = "Successfully validated SNS topic for Amazon SES event publishing.";
    assert_eq!(decode_feedback(greeting).unwrap(), None);
}
