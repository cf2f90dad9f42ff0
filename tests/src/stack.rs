//! The ways in which Sillon runs, behind one face, so that one story can be told to all.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::dev::Dev;
use crate::http::{Reply, Request};

/// An e-mail that left, without what differs between two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// `confirm`, `alert`, or the step.
    pub step: String,
    pub to: String,
    pub from: String,
    pub subject: String,
    /// The plain text. Links to Sillon itself are there.
    pub text: String,
    pub html: String,
    /// The carrier's id.
    pub message_id: String,
    /// The message tags.
    pub tags: Value,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
}

impl Mail {
    /// The e-mail of a request to SES v2's `SendEmail`, and the id that SES gave it.
    pub fn of_request(request: &Value, message_id: String) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tags = request["EmailTags"].as_array().expect("tags").iter();
        let tags: serde_json::Map<_, _> =
            tags.map(|tag| (text(&tag["Name"]), tag["Value"].clone())).collect();
        let simple = &request["Content"]["Simple"];
        let headers = simple["Headers"].as_array().into_iter().flatten();
        let to = request["Destination"]["ToAddresses"].as_array().expect("addresses").iter().map(text);
        Self {
            step: text(&tags["step"]),
            to: to.collect::<Vec<_>>().join(", "),
            from: text(&request["FromEmailAddress"]),
            subject: text(&simple["Subject"]["Data"]),
            text: text(&simple["Body"]["Text"]["Data"]),
            html: text(&simple["Body"]["Html"]["Data"]),
            message_id,
            tags: Value::Object(tags),
            headers: headers.map(|header| (text(&header["Name"]), text(&header["Value"]))).collect(),
        }
    }

    /// The token of the first link with that route, such as `/c/`.
    pub fn path(&self, route: &str) -> String {
        let marker = format!("/{route}/");
        let start = self.text.find(&marker).unwrap_or_else(|| panic!("no {marker} link in {}", self.text));
        let end = self.text[start..].find(|c: char| c.is_whitespace() || ")>\"'".contains(c));
        self.text[start..][..end.unwrap_or(self.text.len() - start)].to_owned()
    }
}

/// A running Sillon.
pub trait Stack {
    /// A request from outside. What it makes due at once has left when this returns.
    fn send(&self, request: &Request) -> Reply;
    /// Time passes until that moment; what falls due on the way happens in its order.
    fn pass_to(&self, moment: Timestamp);
    /// What time it is there, or was when it was last set.
    fn now(&self) -> Timestamp;
    /// SES tells something.
    fn feedback(&self, record: &Value);
    /// Every e-mail so far.
    fn mails(&self) -> Vec<Mail>;
    /// One lead, as `/dev/leads/{email}.json` shows it, at least its consent, stage and enrolments.
    fn lead(&self, email: &str) -> Value;
    /// The write key of `/v1/events`.
    fn write_key(&self) -> &str;
}

/// A stored lead as `sillon dev` shows it, as far as stories look at it.
pub fn told(lead: &domain::Lead) -> Value {
    let enrolment = |(campaign, enrolment): (&domain::CampaignId, &domain::lead::Enrolment)| json!({ "campaign": campaign, "step": enrolment.step, "state": enrolment.state, "due_at": enrolment.due_at });
    json!({
        "email": lead.email,
        "traits": lead.traits,
        "consent": lead.consent.state,
        "stage": lead.stage,
        "enrolments": lead.enrolments.iter().map(enrolment).collect::<Vec<_>>(),
    })
}

impl Stack for Dev {
    fn send(&self, request: &Request) -> Reply {
        Self::send(self, request)
    }

    fn pass_to(&self, moment: Timestamp) {
        self.clock(json!({ "to": moment }));
    }

    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn feedback(&self, record: &Value) {
        let reply = Self::send(self, &Request::json("/dev/feedback", record));
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    fn mails(&self) -> Vec<Mail> {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let mail = |mail: Value| Mail {
            step: text(&mail["step"]),
            to: text(&mail["to"]),
            from: text(&mail["from"]),
            subject: text(&mail["subject"]),
            text: text(&mail["text"]),
            html: text(&mail["html"]),
            message_id: text(&mail["id"]),
            tags: mail["tags"].clone(),
            headers: {
                let headers = mail["headers"].as_object().expect("headers").iter();
                headers.map(|(name, value)| (name.clone(), text(value))).collect()
            },
        };
        self.inbox().into_iter().map(mail).collect()
    }

    fn lead(&self, email: &str) -> Value {
        Self::lead(self, email)
    }

    fn write_key(&self) -> &str {
        "dev"
    }
}
