//! Reads `steps`: the pages of a form. Every field that a visitor sees stands on one of them.

use std::collections::BTreeMap;

use domain::campaign::{Field, FormStep};

use crate::reader::Reader;
use crate::rule::Rule;
use crate::shape::form as shape;
use crate::source::Span;
use crate::yaml::Node;

/// Reads the pages. `fields` are those that the form declares.
pub(super) fn read<'a>(reader: Reader<'a>, node: &'a Node, fields: &[Field]) -> Option<Vec<FormStep>> {
    let help = "write `- { title: Who you are, fields: [email] }` for each";
    let items = reader.list(node, "a list of pages", help)?;
    if items.is_empty() {
        reader.error(&node.lead_in, "the form has no page", help).rule(Rule::EmptyValue);
        return None;
    }
    let mut placed = BTreeMap::new();
    let steps: Option<Vec<FormStep>> =
        items.iter().map(|item| step(reader, item, fields, &mut placed)).collect();
    let steps = steps?;
    let missing =
        fields.iter().filter(|field| field.is_visible() && !placed.contains_key(field.name.as_str()));
    for field in missing {
        let message = format!("the field `{}` stands on no page", field.name);
        reader
            .error(&node.lead_in, message, "add it to the `fields` of one of the steps")
            .rule(Rule::Contradiction);
    }
    Some(steps)
}

fn step<'a>(
    reader: Reader<'a>,
    node: &'a Node,
    declared: &[Field],
    placed: &mut BTreeMap<&'a str, &'a Span>,
) -> Option<FormStep> {
    let keys = reader.fields(node, "a step of the form", &shape::FORM_STEP)?;
    let title = keys.need("title").and_then(|node| reader.localised(node, "a title"));
    let listed = keys.need("fields").and_then(|node| {
        let items = reader.list(node, "a list of fields", "write `[email, first_name]`")?;
        if items.is_empty() {
            reader
                .error(&node.lead_in, "the page asks nothing", "name a field, or leave the page out")
                .rule(Rule::EmptyValue);
        }
        Some(items)
    });
    let mut fields = Vec::new();
    for item in listed? {
        let name = reader.text(item, "a field's name")?;
        match declared.iter().find(|field| field.name == name) {
            None => {
                let known = declared.iter().map(|field| field.name.as_str());
                reader.unknown(&item.span, "field", name, known, "declare it under `fields`");
            }
            Some(field) if !field.is_visible() => {
                let message = format!("`{name}` is hidden and stands on no page");
                reader.error(&item.span, message, "leave it out").rule(Rule::MisplacedKey);
            }
            Some(_) if placed.contains_key(name) => {
                reader
                    .error(&item.span, format!("the field `{name}` is asked twice"), "keep one of the two")
                    .rule(Rule::DuplicateKey);
                if let Some(first) = placed.get(name) {
                    reader.findings.relate(reader.source, first, "it is asked here first");
                }
            }
            Some(_) => {
                placed.insert(name, &item.span);
                fields.push(name.to_owned());
            }
        }
    }
    Some(FormStep { title: title?, fields })
}
