//! Reads a hidden field: the value that the file gives, and those that a page may tell instead.

use domain::campaign::FieldKind;

use crate::reader::{Fields, Reader};
use crate::rule::Rule;

/// The form's body holds 64 KiB, and a condition compares the whole of it.
const MOST_CHARACTERS: usize = 200;

/// Reads the field.
pub(super) fn read<'a>(reader: Reader<'a>, fields: Fields<'a>) -> Option<FieldKind> {
    let text = |node| {
        let text = reader.text(node, "a text")?;
        if text.chars().count() > MOST_CHARACTERS || text.trim() != text || text.contains(char::is_control) {
            let message = "a hidden value is one line, without blanks around it".to_owned();
            reader
                .error(&node.span, message, format!("write at most {MOST_CHARACTERS} characters"))
                .rule(Rule::InvalidValue);
            return None;
        }
        Some(text.to_owned())
    };
    let value = fields.get("value").map(text);
    let options = fields.get("options").map(|node| {
        let items = reader.list(node, "a list of values", "write `[fair-2026, fair-2027]`")?;
        items.iter().map(text).collect::<Option<Vec<String>>>()
    });
    if value.is_none() && options.is_none() {
        let help = "add `value:`, or `options:` that a page may choose from";
        reader
            .error(&fields.node.lead_in, "nothing says what the hidden field holds", help)
            .rule(Rule::MissingKey);
        return None;
    }
    let (value, options) = (value.map_or(Some(None), |read| read.map(Some)), options.unwrap_or(Some(vec![])));
    Some(FieldKind::Hidden { value: value?, options: options? })
}
