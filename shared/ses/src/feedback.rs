//! What SES tells of our e-mails, as it publishes it to SNS, becomes inputs.
//!
//! The records are described in the SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon
//! SNS". Ours are known by the tags `send` and `lead`.

use std::collections::BTreeMap;

use domain::agent::is_machine;
use domain::input::{Feedback, FeedbackKind};
use domain::{ACCESS_STEP, CONFIRM_STEP, Input, InputBody, InputId, LeadId, SendId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What SES publishes once to a topic that it is told of; the one notification that is no record.
const GREETING: &str = "Successfully validated SNS topic for Amazon SES event publishing";
/// What a receiving server says is kept up to here.
const DETAIL_CHARACTERS: usize = 500;

/// A record that is not as SES documents it.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFeedback {
    /// A part is missing or of another type.
    #[error("not an SES event record: {0}")]
    Shape(#[from] serde_json::Error),
    /// SES has a type of event that we know nothing of.
    #[error("`{0}` is no type of SES event that is known here")]
    Type(String),
    /// One of our tags, with a value that we never gave it.
    #[error("the tag `{name}` of the e-mail is wrong: {fault}")]
    Tag {
        /// Which one.
        name: &'static str,
        /// What is wrong.
        #[source]
        fault: domain::InvalidId,
    },
    /// Neither the event nor the e-mail says when.
    #[error("`{0}.timestamp` and `mail.timestamp` are both missing")]
    NoTime(&'static str),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type: String,
    mail: Mail,
    /// `bounce`, `click` and so on: only the one that the type names.
    #[serde(flatten)]
    parts: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
    timestamp: Option<Timestamp>,
    #[serde(default)]
    destination: Vec<String>,
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

impl Mail {
    fn tag(&self, name: &str) -> Option<&str> {
        self.tags.get(name).and_then(|values| values.first()).map(String::as_str)
    }
}

/// The part of its own that each type of event has. Their fields do not clash.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Part {
    timestamp: Option<Timestamp>,
    // open, click
    user_agent: Option<String>,
    is_bot_event: Value,
    link: Option<String>,
    // bounce
    bounce_type: Option<String>,
    bounce_sub_type: Option<String>,
    complaint_sub_type: Option<String>,
    bounced_recipients: Vec<Recipient>,
    // complaint
    complaint_feedback_type: Option<String>,
    complained_recipients: Vec<Recipient>,
    // delivery
    recipients: Vec<String>,
    smtp_response: Option<String>,
    // deliveryDelay
    delay_type: Option<String>,
    delayed_recipients: Vec<Recipient>,
    // reject
    reason: Option<String>,
    // failure
    error_message: Option<String>,
}

impl Part {
    /// SES judges each open and click: `Likely` or `Unlikely` a bot's. What says nothing, or something new, is judged by its
    /// program alone.
    fn is_by_machine(&self) -> bool {
        self.is_bot_event == "Likely" || self.user_agent.as_deref().is_some_and(is_machine)
    }

    /// SES counts such an e-mail towards no rate; one to an address on the global list (`Suppressed`) counts as a bounce (SES
    /// Developer Guide, "Using the Amazon SES account-level suppression list").
    fn is_on_own_list(&self) -> bool {
        [&self.bounce_sub_type, &self.complaint_sub_type]
            .into_iter()
            .any(|kind| kind.as_deref() == Some("OnAccountSuppressionList"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
    diagnostic_code: Option<String>,
}

/// The input that a record makes, and the lead it concerns. None for a record that asks nothing of us: of an e-mail
/// that is no lead's, such as an alert or another system's; of a topic left on SES's own pages; of a "not spam"; and for
/// the greeting of a new topic.
pub fn decode(record: &str) -> Result<Option<(LeadId, Input)>, InvalidFeedback> {
    if record.trim_start().starts_with(GREETING) {
        return Ok(None);
    }
    let mut event: Event = serde_json::from_str(record)?;
    let (Some(lead), Some(send_id)) = (event.mail.tag("lead"), event.mail.tag("send")) else {
        return Ok(None);
    };
    let wrong = |name| move |fault| InvalidFeedback::Tag { name, fault };
    let lead = LeadId::parse(lead).map_err(wrong("lead"))?;
    let send_id = SendId::parse(send_id).map_err(wrong("send"))?;

    let Some(name) = part_of(&event.event_type)? else { return Ok(None) };
    let part: Part = match event.parts.remove(name) {
        Some(part) => serde_json::from_value(part)?,
        None => Part::default(),
    };
    if part.complaint_feedback_type.as_deref() == Some("not-spam") {
        return Ok(None);
    }
    let at = part.timestamp.or(event.mail.timestamp).ok_or(InvalidFeedback::NoTime(name))?;
    let link = part.link.as_deref().unwrap_or_default();
    let recipient = recipients(&part, &event.mail).join(",");
    let id = [&event.event_type, &event.mail.message_id, &recipient, &at.to_string(), link];
    let feedback = Feedback {
        send_id,
        kind: kind_of(name, &part),
        of_confirmation: is_unproven(&event.mail),
        machine: part.is_by_machine(),
        detail: detail(&part).map(|detail| detail.chars().take(DETAIL_CHARACTERS).collect()),
    };
    let input = Input {
        id: InputId::of("ses", &id),
        at: whole_milliseconds(at),
        body: InputBody::Feedback(feedback),
    };
    Ok(Some((lead, input)))
}

/// Whether anybody could have us send it. Confirmations and links to a lead's data are known by their step as well, since those
/// that left before there was the tag come back for some days.
fn is_unproven(mail: &Mail) -> bool {
    let of_step = mail.tag("step").is_some_and(|step| [CONFIRM_STEP, ACCESS_STEP].contains(&step));
    of_step || mail.tag("unproven").is_some()
}

/// Where a type of event has its own part; none for one that tells nothing of an e-mail.
fn part_of(event_type: &str) -> Result<Option<&'static str>, InvalidFeedback> {
    Ok(Some(match event_type {
        "Send" => "send",
        "Delivery" => "delivery",
        "Open" => "open",
        "Click" => "click",
        "Bounce" => "bounce",
        "Complaint" => "complaint",
        "DeliveryDelay" => "deliveryDelay",
        "Reject" => "reject",
        "Rendering Failure" => "failure",
        "Subscription" => return Ok(None),
        other => return Err(InvalidFeedback::Type(other.to_owned())),
    }))
}

fn kind_of(name: &str, part: &Part) -> FeedbackKind {
    match name {
        "delivery" => FeedbackKind::Delivery,
        "open" => FeedbackKind::Open,
        "click" => FeedbackKind::Click,
        "bounce" | "complaint" if part.is_on_own_list() => FeedbackKind::Suppressed,
        "bounce" => FeedbackKind::Bounce { permanent: part.bounce_type.as_deref() == Some("Permanent") },
        "complaint" => FeedbackKind::Complaint,
        "deliveryDelay" => FeedbackKind::DeliveryDelay,
        "reject" => FeedbackKind::Reject,
        "failure" => FeedbackKind::RenderingFailure,
        _ => FeedbackKind::Send,
    }
}

/// Those whom the event concerns, or else all to whom the e-mail went.
fn recipients<'a>(part: &'a Part, mail: &'a Mail) -> Vec<&'a str> {
    let told = [&part.bounced_recipients, &part.complained_recipients, &part.delayed_recipients];
    let told = told.into_iter().flatten().map(|recipient| recipient.email_address.as_str());
    let told: Vec<&str> = told.chain(part.recipients.iter().map(String::as_str)).collect();
    if told.is_empty() { mail.destination.iter().map(String::as_str).collect() } else { told }
}

/// The link, or the words in which somebody says what happened.
fn detail(part: &Part) -> Option<String> {
    let receivers = part.bounced_recipients.iter().chain(&part.delayed_recipients);
    let diagnosis = receivers.filter_map(|recipient| recipient.diagnostic_code.clone()).next();
    let bounce = || match (&part.bounce_type, &part.bounce_sub_type) {
        (Some(kind), Some(sub_kind)) => Some(format!("{kind}/{sub_kind}")),
        (kind, _) => kind.clone(),
    };
    let told = [
        &part.link,
        &diagnosis,
        &part.smtp_response,
        &part.complaint_feedback_type,
        &part.delay_type,
        &part.reason,
        &part.error_message,
    ];
    told.into_iter().find_map(Clone::clone).or_else(bounce)
}

fn whole_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
