//! Reads the options of a choice: a list of values, or values with their labels.

use domain::campaign::ChoiceOption;
use domain::organisation::Localised;

use crate::reader::Reader;
use crate::rule::Rule;
use crate::source::Span;
use crate::yaml::{Content, Node};

/// Reads the options.
pub(super) fn read<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Vec<ChoiceOption>> {
    let options: Vec<(&'a Span, ChoiceOption)> = match &node.content {
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
