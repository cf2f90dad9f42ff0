//! The table of shapes as JSON Schema, so that editors complete and explain.

use serde_json::{Map, Value, json};

use super::{Document, Key, Kind, Shape};
use crate::value::to_value;

/// The JSON Schema (2020-12) of a kind of file.
pub fn schema(document: &Document) -> Value {
    let mut root = of_shape(document.root);
    let definitions: Map<String, Value> = document
        .root
        .within()
        .into_iter()
        .filter(|shape| shape.name != document.root.name)
        .map(|shape| (shape.name.to_owned(), of_shape(shape)))
        .collect();
    if let Value::Object(members) = &mut root {
        members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        if !definitions.is_empty() {
            members.insert("$defs".to_owned(), Value::Object(definitions));
        }
    }
    root
}

fn of_shape(shape: &Shape) -> Value {
    let properties: Map<String, Value> =
        shape.keys.iter().map(|key| (key.name.to_owned(), of_key(key))).collect();
    let required: Vec<&str> = shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut members = Map::new();
    members.insert("title".to_owned(), json!(shape.title.replace('`', "")));
    members.insert("description".to_owned(), json!(shape.about));
    members.insert("type".to_owned(), json!("object"));
    members.insert("properties".to_owned(), Value::Object(properties));
    members.insert("additionalProperties".to_owned(), json!(false));
    if !required.is_empty() {
        members.insert("required".to_owned(), json!(required));
    }
    if !shape.one_of.is_empty() {
        let each: Vec<Value> = shape.one_of.iter().map(|key| json!({ "required": [key] })).collect();
        members.insert("anyOf".to_owned(), Value::Array(each));
    }
    Value::Object(members)
}

fn of_key(key: &Key) -> Value {
    let mut value = of_kind(&key.kind);
    if let Value::Object(members) = &mut value {
        members.insert("description".to_owned(), json!(key.about));
        if let Some(example) = to_value(key.example) {
            members.insert("examples".to_owned(), json!([example]));
        }
    }
    value
}

fn of_kind(kind: &Kind) -> Value {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match kind {
        Kind::Any => json!({}),
        Kind::Text => text(r"\S"),
        Kind::Number => json!({ "type": "number" }),
        Kind::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::True => json!({ "const": true }),
        Kind::Duration => text("[0-9] *[A-Za-z]"),
        Kind::Window | Kind::Hours => text("[0-9]:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2}"),
        Kind::Amount => text("[0-9] per "),
        Kind::Condition => json!({ "type": ["string", "boolean"], "pattern": r"\S" }),
        Kind::Localised => json!({
            "anyOf": [
                { "type": "string", "pattern": r"\S" },
                { "type": "object", "minProperties": 1, "additionalProperties": { "type": "string", "pattern": r"\S" } },
            ],
        }),
        Kind::Like(_, pattern) => text(pattern),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Shape(shape) => reference(shape),
        Kind::OneShape(shapes) => {
            json!({ "anyOf": shapes.iter().map(|shape| reference(shape)).collect::<Vec<_>>() })
        }
        Kind::List(inner) => json!({ "type": "array", "items": of_kind(inner) }),
        Kind::Named(inner) => json!({ "type": "object", "additionalProperties": of_kind(inner) }),
        Kind::Either(kinds) => json!({ "anyOf": kinds.iter().map(of_kind).collect::<Vec<_>>() }),
    }
}

fn reference(shape: &Shape) -> Value {
    json!({ "$ref": format!("#/$defs/{}", shape.name) })
}
