//! Reads one field: its name, what it takes, and what the visitor reads about it.

use domain::campaign::{Field, FieldKind};
use domain::organisation::Localised;

use super::kind;
use crate::reader::{Fields, Reader};
use crate::rule::Rule;
use crate::shape::form as shape;
use crate::vocabulary::{LEAD, TraitWords};
use crate::yaml::{Entry, Node};

/// Reads a field.
pub(super) fn read<'a>(reader: Reader<'a>, entry: &'a Entry) -> Option<Field> {
    let is_address = entry.key == "email";
    if !is_address {
        check_trait_name(reader, entry);
    }
    // Every key of every type, so that a key of another type's is told apart from an unknown one.
    let fields = reader.fields(&entry.value, "a field", shape::FIELDS)?;
    let type_node = fields.need("type")?;
    let type_name = reader.text(type_node, "a type")?;
    if is_address && type_name != "email" {
        reader
            .error(&type_node.span, "the field `email` is the address itself", "write `type: email`")
            .rule(Rule::Contradiction);
    }
    let required = required(reader, fields, is_address);
    let later = fields.get("ask").map_or(Some(false), |node| later(reader, fields, node, is_address));
    let text = |key: &str, what: &str| {
        fields.get(key).map_or(Some(Localised::new()), |node| reader.localised(node, what))
    };
    let (label, message) = (text("label", "a label"), text("message", "a message"));
    let kind = kind::read(reader, fields, type_node, type_name)?;
    check_attribution(reader, entry, &kind);
    check_agreement(reader, entry, &kind);
    Some(Field {
        name: entry.key.clone(),
        kind,
        required: required?,
        later: later?,
        label: label?,
        message: message?,
    })
}

fn required<'a>(reader: Reader<'a>, fields: Fields<'a>, is_address: bool) -> Option<bool> {
    let Some(node) = fields.get("required") else { return Some(is_address) };
    let required = reader.boolean(node)?;
    if is_address && !required {
        reader
            .error(&node.span, "the address cannot be left out", "write `required: true`")
            .rule(Rule::Contradiction);
    }
    Some(required)
}

/// A field that is asked later is never required: most visitors do not get to see it.
fn later<'a>(reader: Reader<'a>, fields: Fields<'a>, node: &'a Node, is_address: bool) -> Option<bool> {
    let when = reader.text(node, "`later`")?;
    if when != "later" {
        reader.unknown(&node.span, "time to ask", when, ["later"], "leave `ask` out to ask at once");
        return None;
    }
    if is_address {
        reader.error(&node.span, "the address is asked at once", "leave `ask` out").rule(Rule::Contradiction);
    }
    if let Some(node) = fields.get("required").filter(|node| node.text() == Some("true")) {
        let help = "leave `required` out, or `ask`";
        reader
            .error(&node.span, "a field that is asked later cannot be required", help)
            .rule(Rule::Contradiction);
    }
    Some(true)
}

/// A trait is named in conditions and templates, and must not hide what stands there already.
pub(crate) fn check_trait_name(reader: Reader<'_>, entry: &Entry) {
    let name = entry.key.as_str();
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let reserved = ["in", "true", "false", "null"];
    if LEAD.contains(&name) {
        let message = format!("`lead.{name}` is there already and cannot be declared");
        reader.error(&entry.key_span, message, "choose another name").rule(Rule::ReservedName);
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase())
        || !name.chars().all(letters)
        || name.len() > 64
        || reserved.contains(&name)
    {
        let message = format!("`{name}` is not a trait's name");
        reader
            .error(&entry.key_span, message, "write it in snake case: `first_name`")
            .rule(Rule::InvalidName);
    }
}

/// What tells where a visitor came from is kept with every post, and is no trait.
fn check_attribution(reader: Reader<'_>, entry: &Entry, kind: &FieldKind) {
    if matches!(kind, FieldKind::Hidden { .. }) && entry.key.starts_with("utm_") {
        let message =
            format!("`{}` tells where a visitor came from: every form keeps it by itself", entry.key);
        reader.error(&entry.key_span, message, "leave the field out").rule(Rule::ReservedName);
    }
}

/// A trait that two files declare is of one type.
fn check_agreement(reader: Reader<'_>, entry: &Entry, kind: &FieldKind) {
    if reader.vocabulary.traits.get(&entry.key).is_some_and(|words| words.computed) {
        let message = format!("`{}` is computed, and no form can ask for it", entry.key);
        reader
            .error(&entry.key_span, message, "name the field otherwise, or take its `compute` away")
            .rule(Rule::Contradiction);
        return;
    }
    let Some(TraitWords { kind: Some(known), .. }) = reader.vocabulary.traits.get(&entry.key) else { return };
    if *known != kind.trait_type() {
        let message = format!(
            "`{}` is {} here and {} elsewhere",
            entry.key,
            kind.trait_type().describe(),
            known.describe()
        );
        let help = "use the same type wherever it is declared";
        reader.error(&entry.key_span, message, help).rule(Rule::Contradiction);
    }
}
