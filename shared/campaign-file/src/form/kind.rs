//! Reads what a field takes: its type, and the bounds that the type has.

use domain::campaign::{FieldKind, Pattern};

use super::{hidden, options, whole_number};
use crate::reader::{Fields, Known, Reader};
use crate::rule::Rule;
use crate::shape::form as shape;
use crate::yaml::Node;

const MAX_LENGTH: usize = 500;
/// The form's body holds 64 KiB.
const LONGEST: usize = 20_000;

/// Reads what a field takes.
pub(super) fn read<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    type_node: &'a Node,
    name: &str,
) -> Option<FieldKind> {
    check_keys(reader, fields, name);
    match name {
        "email" => Some(FieldKind::Email),
        "phone" => Some(FieldKind::Phone),
        "date" => Some(FieldKind::Date),
        "country" => Some(FieldKind::Country),
        "checkbox" => Some(FieldKind::Checkbox),
        "text" => text(reader, fields),
        "number" => Some(number(reader, fields)),
        "choice" => {
            let options = fields.need("options").and_then(|node| options::read(reader, node));
            Some(FieldKind::Choice { options: options? })
        }
        "hidden" => hidden::read(reader, fields),
        _ => {
            let types = shape::FIELDS.iter().filter_map(|field| shape::type_of(field));
            reader.unknown(&type_node.span, "type of field", name, types, "");
            None
        }
    }
}

fn check_keys(reader: Reader<'_>, fields: Fields<'_>, name: &str) {
    let Some(own) = shape::FIELDS.iter().find(|field| shape::type_of(field) == Some(name)) else { return };
    let known = Known::from(shape::FIELDS).names();
    for entry in fields.node.entries() {
        let key = entry.key.as_str();
        if known.contains(&key) && !own.names().any(|name| name == key) {
            let message = format!("a field of type `{name}` has no `{key}`");
            reader.error(&entry.key_span, message, "leave it out").rule(Rule::MisplacedKey);
        }
    }
}

fn text<'a>(reader: Reader<'a>, fields: Fields<'a>) -> Option<FieldKind> {
    let length = |key: &str| fields.get(key).map(|node| whole_number(reader, node, key, 1, LONGEST));
    let max_length = length("max_length").unwrap_or(Some(MAX_LENGTH));
    let min_length = length("min_length").map_or(Some(None), |read| read.map(Some));
    if let (Some(most), Some(Some(least)), Some(node)) = (max_length, min_length, fields.get("min_length"))
        && least > most
    {
        let message = format!("`min_length` {least} is above `max_length` {most}");
        reader
            .error(&node.span, message, "write a smaller `min_length`, or a larger `max_length`")
            .rule(Rule::Contradiction);
    }
    let pattern = fields.get("pattern").map_or(Some(None), |node| pattern(reader, node).map(Some));
    Some(FieldKind::Text { max_length: max_length?, min_length: min_length?, pattern: pattern? })
}

fn pattern<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Pattern> {
    match Pattern::parse(reader.text(node, "a pattern")?) {
        Ok(pattern) => Some(pattern),
        Err(fault) => {
            let help = "write a regular expression of at most 300 characters, such as \"[A-Z]{2}[0-9]{4}\"";
            reader.error(&node.span, fault.to_string(), help).rule(Rule::InvalidValue);
            None
        }
    }
}

fn number<'a>(reader: Reader<'a>, fields: Fields<'a>) -> FieldKind {
    let number = |key: &str| fields.get(key).and_then(|node| reader.number(node));
    let (min, max) = (number("min"), number("max"));
    if let (Some(min), Some(max), Some(node)) = (min, max, fields.get("max"))
        && min > max
    {
        reader
            .error(&node.span, format!("`max` {max} is below `min` {min}"), "swap the two")
            .rule(Rule::InvalidValue);
    }
    FieldKind::Number { min, max }
}
