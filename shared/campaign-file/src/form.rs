//! Reads `form`: what a visitor fills in and agrees to.

use domain::campaign::{ChoiceOption, ConsentTerms, Field, FieldKind, Form};
use domain::organisation::Localised;

use crate::address;
use crate::reader::{Fields, Known, Reader};
use crate::rule::Rule;
use crate::shape::form as shape;
use crate::vocabulary::{LEAD, TraitWords};
use crate::yaml::{Content, Entry, Node};

const MAX_LENGTH: usize = 500;
/// The form's body holds 64 KiB.
const LONGEST: f64 = 20_000.0;

/// Reads the section.
pub(crate) fn read<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Form> {
    let fields = reader.fields(node, "`form`", &shape::FORM)?;
    let origins = fields
        .get("allowed_origins")
        .and_then(|node| reader.list(node, "a list of origins", "write `[https://example.org]`"));
    let origin = |item| reader.parsed(item, "an origin", address::origin);
    let allowed_origins = origins.unwrap_or_default().iter().filter_map(origin).collect();
    let thanks =
        fields.get("thanks").and_then(|node| reader.parsed(node, "the address of a page", address::page));
    let form_fields = fields.need("fields").and_then(|node| form_fields(reader, node));
    let consent = fields.need("consent").and_then(|node| consent(reader, node));
    Some(Form { allowed_origins, thanks, fields: form_fields?, consent: consent? })
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
    let fields: Vec<Field> = entries.iter().filter_map(|entry| field(reader, entry)).collect();
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
    Some(fields)
}

fn field<'a>(reader: Reader<'a>, entry: &'a Entry) -> Option<Field> {
    let is_address = entry.key == "email";
    if !is_address {
        check_trait_name(reader, entry);
    }
    // Every key of every type, so that a key of another type's is told apart from an unknown one.
    let fields = reader.fields(&entry.value, "a field", shape::FIELDS)?;
    let required = fields.get("required").map_or(Some(is_address), |node| {
        let required = reader.boolean(node)?;
        if is_address && !required {
            reader.error(&node.span, "the address cannot be left out", "write `required: true`");
        }
        Some(required)
    });
    let label = fields.get("label").map_or(Some(Localised::new()), |node| reader.localised(node, "a label"));
    let type_node = fields.need("type")?;
    let type_name = reader.text(type_node, "a type")?;
    if is_address && type_name != "email" {
        reader.error(&type_node.span, "the field `email` is the address itself", "write `type: email`");
    }
    let kind = kind(reader, fields, type_node, type_name)?;
    check_agreement(reader, entry, &kind);
    Some(Field { name: entry.key.clone(), kind, required: required?, label: label? })
}

fn kind<'a>(reader: Reader<'a>, fields: Fields<'a>, type_node: &'a Node, name: &str) -> Option<FieldKind> {
    let own = shape::FIELDS.iter().find(|field| shape::type_of(field) == Some(name));
    if let Some(own) = own {
        let known = Known::from(shape::FIELDS).names();
        for entry in fields.node.entries() {
            let key = entry.key.as_str();
            if known.contains(&key) && !own.names().any(|name| name == key) {
                reader
                    .error(
                        &entry.key_span,
                        format!("a field of type `{name}` has no `{key}`"),
                        "leave it out",
                    )
                    .rule(Rule::MisplacedKey);
            }
        }
    }
    match name {
        "email" => Some(FieldKind::Email),
        "phone" => Some(FieldKind::Phone),
        "checkbox" => Some(FieldKind::Checkbox),
        "text" => {
            let max_length =
                fields.get("max_length").map_or(Some(MAX_LENGTH), |node| max_length(reader, node));
            Some(FieldKind::Text { max_length: max_length? })
        }
        "number" => {
            let number = |key: &str| fields.get(key).and_then(|node| reader.number(node));
            let (min, max) = (number("min"), number("max"));
            if let (Some(min), Some(max), Some(node)) = (min, max, fields.get("max"))
                && min > max
            {
                reader.error(&node.span, format!("`max` {max} is below `min` {min}"), "swap the two");
            }
            Some(FieldKind::Number { min, max })
        }
        "choice" => {
            let options = fields.need("options").and_then(|node| options(reader, node));
            Some(FieldKind::Choice { options: options? })
        }
        _ => {
            reader.unknown(
                &type_node.span,
                "type of field",
                name,
                shape::FIELDS.iter().filter_map(|field| shape::type_of(field)),
                "",
            );
            None
        }
    }
}

fn max_length(reader: Reader<'_>, node: &Node) -> Option<usize> {
    let number = reader.number(node)?;
    if number.fract() != 0.0 || !(1.0..=LONGEST).contains(&number) {
        reader.error(
            &node.span,
            format!("`max_length` cannot be {number}"),
            format!("write a whole number up to {LONGEST}"),
        );
        return None;
    }
    // Whole and within bounds, as just checked.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Some(number as usize)
}

fn options<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Vec<ChoiceOption>> {
    let options: Vec<(&'a crate::source::Span, ChoiceOption)> = match &node.content {
        Content::Map(entries) => entries
            .iter()
            .filter_map(|entry| {
                let label = reader.localised(&entry.value, "an option's label")?;
                Some((&entry.key_span, ChoiceOption { value: entry.key.clone(), label }))
            })
            .collect(),
        _ => reader
            .list(node, "a list of options", "write `[house, flat]`, or `house: A house` for each")?
            .iter()
            .filter_map(|item| {
                let value = reader.text(item, "an option")?.to_owned();
                Some((&item.span, ChoiceOption { value, label: Localised::new() }))
            })
            .collect(),
    };
    for (at, (span, option)) in options.iter().enumerate() {
        if options[..at].iter().any(|(_, earlier)| earlier.value == option.value) {
            reader
                .error(
                    span,
                    format!("the option `{}` stands here twice", option.value),
                    "keep one of the two",
                )
                .rule(Rule::DuplicateKey);
        }
    }
    if node.entries().is_empty() && node.items().is_empty() {
        reader
            .error(&node.lead_in, "there is no option to choose", "write `[house, flat]`")
            .rule(Rule::EmptyValue);
        return None;
    }
    Some(options.into_iter().map(|(_, option)| option).collect())
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
