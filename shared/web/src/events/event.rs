//! One event: `track`, `page` or `identify` (Segment, "Spec"), read with all of its faults.

use domain::activity::RESERVED;
use domain::input::TrackKind;
use domain::{Bundle, EmailAddress, TraitValue, Traits};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::authority::Authority;
use super::name::snake_case;
use super::{Fault, authority};
use crate::text::{cut, fold};

const MOST_ID_CHARACTERS: usize = 200;
const MOST_NAME_CHARACTERS: usize = 64;
const MOST_TRAITS: usize = 100;
const MOST_VALUE_CHARACTERS: usize = 1000;
const MOST_PAGE_CHARACTERS: usize = 500;
/// Properties are kept as they come, but what nests deeper was not meant for us.
const DEEPEST_PROPERTY: usize = 8;
/// Who reads the queue takes 128 levels, those of the message around the event included (`serde_json`).
const DEEPEST: usize = 32;
/// As JSON. They are stored as they come, with every event.
const MOST_PROPERTIES_BYTES: usize = 8 * 1024;

/// A valid event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// The sender's own id of it.
    pub message_id: Option<String>,
    /// When it happened, if the sender knows.
    pub at: Option<Timestamp>,
    /// Whose it is, if a server says so. A browser's word on that counts for nothing.
    pub user: Option<EmailAddress>,
    /// What it tells.
    pub kind: TrackKind,
}

/// Reads an event; `index` is its place in the batch.
pub(super) fn read(value: &Value, index: usize, by: &Authority) -> Result<Event, Vec<Fault>> {
    let nothing = Map::new();
    let mut reading = Reading { event: value.as_object().unwrap_or(&nothing), index, faults: Vec::new() };
    if !value.is_object() {
        reading.fault(None, "not_an_object", "an event is an object".into());
        return Err(reading.faults);
    }
    let user = if *by == authority::Authority::Server { reading.user() } else { None };
    let message_id = reading.text("messageId", MOST_ID_CHARACTERS);
    let at = reading.timestamp();
    let kind = reading.kind(by);
    match kind {
        Some(kind) if reading.faults.is_empty() => Ok(Event { message_id, at, user, kind }),
        _ => Err(reading.faults),
    }
}

/// The traits of an event that nobody may state so: computed ones, and those that are declared with another type. Asked at the door alone: when
/// an event comes out of the queue, the campaigns may be others, and it is decided then.
pub(super) fn wrong_traits(event: &Event, index: usize, bundle: &Bundle) -> Vec<Fault> {
    let TrackKind::Identify { traits, .. } = &event.kind else { return Vec::new() };
    let wrong = traits.iter().filter_map(|(name, value)| {
        let field = format!("traits.{}", cut(name, MOST_NAME_CHARACTERS));
        let (code, message) = if bundle.organisation.computed.contains_key(name) {
            ("computed", format!("`{field}` follows from other traits: state those"))
        } else {
            let wrong = bundle.traits.get(name)?.read(value).err()?;
            ("wrong_type", format!("`{field}` is declared as {}", wrong.0.describe()))
        };
        Some(Fault { index: Some(index), field: Some(field), code, message })
    });
    wrong.collect()
}

/// What is more of an event than anybody stores. Asked at the door alone: what is queued already, was taken.
pub(super) fn too_much(value: &Value, index: usize) -> Vec<Fault> {
    let fault = |field: Option<&str>, code, message: String| Fault {
        index: Some(index),
        field: field.map(str::to_owned),
        code,
        message,
    };
    let deep = (depth(value) > DEEPEST)
        .then(|| fault(None, "too_deep", format!("the event nests deeper than {DEEPEST} levels")));
    let bytes = value.get("properties").map_or(0, |properties| properties.to_string().len());
    let large = (bytes > MOST_PROPERTIES_BYTES).then(|| {
        let message = format!("`properties` has {bytes} bytes as JSON; send at most {MOST_PROPERTIES_BYTES}");
        fault(Some("properties"), "too_large", message)
    });
    deep.into_iter().chain(large).collect()
}

struct Reading<'a> {
    event: &'a Map<String, Value>,
    index: usize,
    faults: Vec<Fault>,
}

impl<'a> Reading<'a> {
    fn fault(&mut self, field: Option<&str>, code: &'static str, message: String) {
        self.faults.push(Fault { index: Some(self.index), field: field.map(str::to_owned), code, message });
    }

    /// The member, unless it is `null`.
    fn member(&self, path: &str) -> Option<&'a Value> {
        let mut names = path.split('.');
        let first = self.event.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name)).filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    fn text(&mut self, field: &str, most_characters: usize) -> Option<String> {
        let text = match self.member(field)? {
            Value::String(text) => text.trim(),
            _ => {
                self.fault(Some(field), "not_a_text", format!("`{field}` is not a text"));
                return None;
            }
        };
        if text.chars().count() > most_characters {
            let message = format!("`{field}` has more than {most_characters} characters");
            self.fault(Some(field), "too_long", message);
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A member that is an object; none of its own is an empty one.
    fn object(&mut self, field: &str) -> Map<String, Value> {
        match self.member(field) {
            None => Map::new(),
            Some(Value::Object(object)) => object.clone(),
            Some(_) => {
                self.fault(Some(field), "not_an_object", format!("`{field}` is not an object"));
                Map::new()
            }
        }
    }

    /// A server names its lead by the address, as `userId`, `email` or a trait of that name.
    fn user(&mut self) -> Option<EmailAddress> {
        let field =
            ["userId", "email", "traits.email"].into_iter().find(|field| self.member(field).is_some());
        let Some(field) = field else {
            self.fault(
                Some("userId"),
                "required",
                "`userId` is missing: it is the lead's e-mail address".into(),
            );
            return None;
        };
        let faults = self.faults.len();
        let text = self.text(field, MOST_VALUE_CHARACTERS).unwrap_or_default();
        match EmailAddress::parse(&text) {
            Ok(address) => Some(address),
            Err(invalid) => {
                if self.faults.len() == faults {
                    let message = format!("`{field}` is not the lead's e-mail address: {invalid}");
                    self.fault(Some(field), "not_an_address", message);
                }
                None
            }
        }
    }

    /// To the millisecond, as our own clock tells it.
    fn timestamp(&mut self) -> Option<Timestamp> {
        let text = self.text("timestamp", 64)?;
        let at: Option<Timestamp> = text.parse().ok();
        let at = at.and_then(|at| Timestamp::from_millisecond(at.as_millisecond()).ok());
        if at.is_none() {
            let message =
                "`timestamp` is not a time as RFC 3339 writes it, such as 2027-01-01T09:00:00Z".into();
            self.fault(Some("timestamp"), "not_a_time", message);
        }
        at
    }

    fn kind(&mut self, by: &Authority) -> Option<TrackKind> {
        let known_by_event = self.member("event").is_some();
        match self.text("type", MOST_NAME_CHARACTERS).as_deref() {
            Some("track") => self.track(),
            None if known_by_event => self.track(),
            Some("page") => Some(self.page()),
            Some("identify") if *by == Authority::Server => self.identify(),
            Some("identify") => {
                let message =
                    "a lead's token may tell `track` and `page`; traits are stated by forms and servers";
                self.fault(Some("type"), "not_allowed", message.into());
                None
            }
            _ => {
                let message = "`type` is none of `track`, `page` and `identify`".into();
                self.fault(Some("type"), "unknown_type", message);
                None
            }
        }
    }

    fn track(&mut self) -> Option<TrackKind> {
        let properties = self.object("properties");
        if properties.values().any(|value| depth(value) > DEEPEST_PROPERTY) {
            let message = format!("`properties` nests deeper than {DEEPEST_PROPERTY} levels");
            self.fault(Some("properties"), "too_deep", message);
        }
        let faults = self.faults.len();
        let name = snake_case(&self.text("event", MOST_NAME_CHARACTERS).unwrap_or_default());
        if name.is_empty() {
            if self.faults.len() == faults {
                self.fault(Some("event"), "required", "`event` is missing: it is the event's name".into());
            }
            return None;
        }
        if RESERVED.contains(&name.as_str()) {
            let message =
                format!("`{name}` is an activity that Sillon records itself; give the event another name");
            self.fault(Some("event"), "reserved", message);
            return None;
        }
        Some(TrackKind::Event { name, properties })
    }

    /// What follows the question mark of an address may name the visitor, so it is left out.
    fn page(&mut self) -> TrackKind {
        let url =
            ["properties.url", "context.page.url"].into_iter().find_map(|path| self.member(path)?.as_str());
        let title = ["properties.title", "name"].into_iter().find_map(|path| self.member(path)?.as_str());
        let tidy = |text: &str| Some(cut(&fold(text), MOST_PAGE_CHARACTERS)).filter(|text| !text.is_empty());
        TrackKind::Page {
            url: url.and_then(|url| tidy(url.split(['?', '#']).next().unwrap_or_default())),
            title: title.and_then(tidy),
        }
    }

    fn identify(&mut self) -> Option<TrackKind> {
        let given = self.object("traits");
        if given.len() > MOST_TRAITS {
            let message = format!("there are {} traits; state at most {MOST_TRAITS} at a time", given.len());
            self.fault(Some("traits"), "too_many_traits", message);
            return None;
        }
        let mut traits = Traits::new();
        for (name, value) in &given {
            // The address is the lead itself, not a fact about it.
            if name == "email" || value.is_null() {
                continue;
            }
            if let Some(stated) = self.stated(name, value) {
                traits.insert(name.clone(), stated);
            }
        }
        let time_zone = self.member("context.timezone").and_then(Value::as_str);
        let time_zone = time_zone.and_then(|zone| TimeZone::get(zone).ok()?.iana_name().map(str::to_owned));
        Some(TrackKind::Identify { traits, time_zone })
    }

    fn stated(&mut self, name: &str, value: &Value) -> Option<TraitValue> {
        let field = format!("traits.{}", cut(name, MOST_NAME_CHARACTERS));
        if name.is_empty() || name.chars().count() > MOST_NAME_CHARACTERS {
            let message = format!("a trait's name has 1 to {MOST_NAME_CHARACTERS} characters");
            self.fault(Some(&field), "trait_name", message);
            return None;
        }
        match value {
            Value::Bool(yes) => Some(TraitValue::Boolean(*yes)),
            Value::Number(number) => number.as_f64().map(TraitValue::Number),
            Value::String(text) if text.chars().count() > MOST_VALUE_CHARACTERS => {
                let message = format!("`{field}` has more than {MOST_VALUE_CHARACTERS} characters");
                self.fault(Some(&field), "too_long", message);
                None
            }
            Value::String(text) => Some(TraitValue::Text(fold(text))),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                let message = format!(
                    "`{field}` is a list or an object: a trait is a text, a number, or true or false"
                );
                self.fault(Some(&field), "nested", message);
                None
            }
        }
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
