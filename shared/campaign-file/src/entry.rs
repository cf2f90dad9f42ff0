//! Reads who enters a campaign again, and which campaign goes first.

use domain::campaign::ReEntry;

use crate::reader::Reader;
use crate::time::{self, Unreadable};
use crate::yaml::Node;

const HIGHEST: i32 = 1000;

/// Reads `priority`; without it, 0. None if it cannot be read.
pub(crate) fn priority<'a>(reader: Reader<'a>, node: Option<&'a Node>) -> Option<i32> {
    let Some(node) = node else { return Some(0) };
    let number = reader.number(node)?;
    let whole = (-HIGHEST..=HIGHEST).find(|whole| f64::from(*whole) == number);
    if whole.is_none() {
        let message = format!("a priority is a whole number from -{HIGHEST} to {HIGHEST}");
        reader.error(&node.span, message, "write `10` for a campaign that goes before the others");
    }
    whole
}

/// Reads `re_entry`; without it, nobody enters twice. None if it cannot be read.
pub(crate) fn re_entry<'a>(reader: Reader<'a>, node: Option<&'a Node>) -> Option<ReEntry> {
    let Some(node) = node else { return Some(ReEntry::Never) };
    let re_entry = reader.parsed(node, "when a lead may enter again", |text| {
        if let Some(span) = text.strip_prefix("after ") {
            return time::duration(span).map(ReEntry::After);
        }
        match (text, text.strip_prefix("once per lead.")) {
            ("never", _) => Ok(ReEntry::Never),
            (_, Some(name)) => Ok(ReEntry::OncePer(name.trim().to_owned())),
            _ => {
                let help = "write `never`, `after 90d` or `once per lead.product`";
                Err(Unreadable::new(format!("`{text}` does not say who may enter again"), help))
            }
        }
    })?;
    if let ReEntry::OncePer(name) = &re_entry
        && reader.vocabulary.complete
        && !reader.vocabulary.traits.contains_key(name)
    {
        let known = reader.vocabulary.traits.keys().map(String::as_str);
        reader.unknown(&node.span, "trait", name, known, "declare it under `traits` or as a form's field");
        return None;
    }
    Some(re_entry)
}
