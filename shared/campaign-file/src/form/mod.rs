//! Reads `form`: what a visitor fills in, chooses and agrees to, and what follows.

mod field;
mod hidden;
mod kind;
mod options;
mod steps;
mod thanks;
mod topics;

use std::path::Path;

use domain::campaign::{ConsentTerms, Field, Form};
use domain::form::SCRIPT_ROOM;

use crate::address;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::shape::form as shape;
use crate::yaml::Node;
pub(crate) use field::check_trait_name;

/// More questions at a time are no longer few.
const MOST_AT_ONCE: usize = 10;

/// Reads the section; `folder` is the campaign's.
pub(crate) fn read<'a>(reader: Reader<'a>, node: &'a Node, folder: &Path) -> Option<Form> {
    let fields = reader.fields(node, "`form`", &shape::FORM)?;
    let origins = fields
        .get("allowed_origins")
        .and_then(|node| reader.list(node, "a list of origins", "write `[https://example.org]`"));
    let origin = |item| reader.parsed(item, "an origin", address::origin);
    let allowed_origins = origins.unwrap_or_default().iter().filter_map(origin).collect();
    let form_fields = fields.need("fields").and_then(|node| form_fields(reader, node));
    if let (Some(node), Some(read)) = (fields.get("fields"), &form_fields) {
        check_room_in_script(reader, node, read, folder);
    }
    let steps = fields.get("steps").zip(form_fields.as_deref());
    let steps = steps.and_then(|(node, fields)| steps::read(reader, node, fields)).unwrap_or_default();
    let ask_at_once = fields.get("ask_at_once").and_then(|node| {
        if form_fields.as_ref().is_some_and(|fields| fields.iter().all(|field| !field.later)) {
            reader
                .warning(&node.span, "no field is asked later", "write `ask: later` with those that are")
                .rule(Rule::NoEffect);
        }
        whole_number(reader, node, "ask_at_once", 1, MOST_AT_ONCE)
    });
    let refuse_disposable = fields.get("refuse_disposable").map_or(Some(false), |node| reader.boolean(node));
    let topics = fields.get("topics").map_or(Some(Vec::new()), |node| topics::read(reader, node));
    let consent = fields.need("consent").and_then(|node| consent(reader, node));
    let wording = consent.as_ref().map(|consent| &consent.wording);
    let thanks = fields.get("thanks").and_then(|node| thanks::read(reader, node, folder, wording));
    Some(Form {
        allowed_origins,
        thanks,
        fields: form_fields?,
        steps,
        ask_at_once,
        refuse_disposable: refuse_disposable?,
        topics: topics?,
        consent: consent?,
    })
}

/// The script of the campaign's forms holds its id and the names of the fields that are asked later.
fn check_room_in_script(reader: Reader<'_>, node: &Node, fields: &[Field], folder: &Path) {
    let id = folder.file_name().map_or(0, |name| name.len());
    let later: usize = fields.iter().filter(|field| field.later).map(|field| 1 + field.name.len()).sum();
    let over = (id + later).saturating_sub(SCRIPT_ROOM);
    if later > 0 && over > 0 {
        let message = format!(
            "with so many names of fields with `ask: later`, `embed.js` is {over} bytes longer than 3 KB"
        );
        reader
            .warning(&node.lead_in, message, "give them shorter names, or ask for fewer later")
            .rule(Rule::Limit);
    }
}

fn consent<'a>(reader: Reader<'a>, node: &'a Node) -> Option<ConsentTerms> {
    let fields = reader.fields(node, "`consent`", &shape::CONSENT)?;
    let double_opt_in = fields.get("double_opt_in").map_or(Some(true), |node| reader.boolean(node));
    let wording = fields.need("wording").and_then(|node| reader.localised(node, "the wording"));
    Some(ConsentTerms { double_opt_in: double_opt_in?, wording: wording? })
}

fn form_fields<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Vec<Field>> {
    let help = "write `email: { type: email }`";
    let entries = reader.names(node, "fields by name", help)?;
    let fields: Vec<Field> = entries.iter().filter_map(|entry| field::read(reader, entry)).collect();
    if !entries.iter().any(|entry| entry.key == "email") {
        reader
            .error(
                &node.lead_in,
                "the form has no field `email`",
                "add `email: { type: email, required: true }`",
            )
            .rule(Rule::MissingKey);
        return None;
    }
    // What could not be read was told; what stands in the steps must not look unknown for it.
    (fields.len() == entries.len()).then_some(fields)
}

/// A whole number within bounds.
/// A whole number within bounds, or it is told.
pub(crate) fn whole_number(
    reader: Reader<'_>,
    node: &Node,
    key: &str,
    least: usize,
    most: usize,
) -> Option<usize> {
    let number = reader.number(node)?;
    // Up to 2^53 a number and its nearest whole one are told apart.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is cut is seen below")]
    let whole = number as usize;
    #[expect(clippy::cast_precision_loss, reason = "the bounds are small")]
    if whole as f64 != number || !(least..=most).contains(&whole) {
        let help = format!("write a whole number from {least} to {most}");
        reader.error(&node.span, format!("`{key}` cannot be {number}"), help).rule(Rule::InvalidValue);
        return None;
    }
    Some(whole)
}
