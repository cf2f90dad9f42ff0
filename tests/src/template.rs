//! `template.yaml` as JSON, with CloudFormation's short tags (`!Ref`, `!GetAtt`, …) written out.

use std::path::PathBuf;

use granit_parser::{Event, Parser, ScalarStyle, Span, options};
use serde_json::{Map, Value, json};

/// Reads this repository's template.
pub fn read() -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    let text = std::fs::read_to_string(path).expect("template.yaml is there");
    let options = options! { emit_comments: false };
    let mut events =
        Parser::new_from_str_with_options(&text, options).map(|event| event.expect("template.yaml is YAML"));
    let start = events.find(|(event, _)| matches!(event, Event::MappingStart(..))).expect("a mapping");
    value(start.0, &mut events)
}

fn value<'a>(event: Event<'a>, events: &mut impl Iterator<Item = (Event<'a>, Span)>) -> Value {
    let tag = event.tag().filter(|tag| !tag.is_yaml_core_schema()).map(|tag| tag.suffix().to_owned());
    let plain = match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) if tag.is_none() => scalar(&text),
        Event::Scalar(text, ..) => text.into_owned().into(),
        Event::SequenceStart(..) => list(events),
        Event::MappingStart(..) => mapping(events),
        other => panic!("{other:?} has no place in a template"),
    };
    match (tag.as_deref(), plain) {
        (None, plain) => plain,
        (Some(name @ ("Ref" | "Condition")), plain) => json!({ name: plain }),
        (Some("GetAtt"), Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').expect("`Resource.Attribute`");
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        (Some(name), plain) => json!({ format!("Fn::{name}"): plain }),
    }
}

/// As YAML's core schema reads it.
fn scalar(text: &str) -> Value {
    match text {
        "true" => true.into(),
        "false" => false.into(),
        "" | "~" | "null" => Value::Null,
        _ => text
            .parse::<i64>()
            .map(Value::from)
            .or_else(|_| text.parse::<f64>().map(Value::from))
            .unwrap_or(text.into()),
    }
}

fn list<'a>(events: &mut impl Iterator<Item = (Event<'a>, Span)>) -> Value {
    let mut items = Vec::new();
    loop {
        match events.next().expect("the end of a list").0 {
            Event::SequenceEnd => return items.into(),
            event => items.push(value(event, events)),
        }
    }
}

fn mapping<'a>(events: &mut impl Iterator<Item = (Event<'a>, Span)>) -> Value {
    let mut entries = Map::new();
    loop {
        match events.next().expect("the end of a mapping").0 {
            Event::MappingEnd => return entries.into(),
            Event::Scalar(key, ..) => {
                let event = events.next().expect("a value").0;
                let value = value(event, events);
                entries.insert(key.into_owned(), value);
            }
            other => panic!("{other:?} is no key"),
        }
    }
}
