//! Reads `removed_steps`: where leads go on who stand on a step that is gone from the sequence.

use std::collections::BTreeMap;

use domain::StepId;
use domain::sequence::Sequence;

use crate::reader::Reader;
use crate::yaml::Node;

/// What ends the sequence for them.
const EXIT: &str = "exit";

/// Reads the section. A step that goes nowhere but to another that is gone is told of: so nothing goes in a circle.
pub(crate) fn read<'a>(
    reader: Reader<'a>,
    node: &'a Node,
    sequence: &Sequence,
) -> BTreeMap<StepId, Option<StepId>> {
    let help = "write a line for each step that is gone: `old-step: step-that-is-there`, or `old-step: exit`";
    let entries = reader.names(node, "the steps that are gone", help).unwrap_or_default();
    let known = || sequence.steps.keys().map(StepId::as_str).chain([EXIT]);
    let mut removed = BTreeMap::new();
    for entry in entries {
        let Some(gone) = reader.id(&entry.key_span, &entry.key, StepId::parse) else { continue };
        if sequence.steps.contains_key(&gone) {
            let message = format!("the step `{gone}` is not gone: the sequence has it");
            reader.error(&entry.key_span, message, "leave this line out");
        }
        let Some(to) = reader.text(&entry.value, "a step, or `exit`") else { continue };
        if to == EXIT {
            removed.insert(gone, None);
        } else if let Some((id, _)) = sequence.steps.get_key_value(to) {
            removed.insert(gone, Some(id.clone()));
        } else if entries.iter().any(|other| other.key == to) {
            let message = format!("`{to}` is gone, too");
            reader.error(&entry.value.span, message, "name a step that the sequence has, or `exit`");
        } else {
            reader.unknown(&entry.value.span, "step", to, known(), "");
        }
    }
    removed
}
