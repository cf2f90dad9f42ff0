//! Settles an experiment: writes `settled:` into its campaign's file, and leaves everything else in it as it is.

use std::io;
use std::path::Path;

use domain::{CampaignId, StepId, VariantId};

use crate::MendedFile;
use crate::finding::Findings;
use crate::source::Source;
use crate::yaml::{self, Content, Entry, Node};

/// Why an experiment was not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// The file has no such experiment, or is no YAML.
    #[error("there is no experiment `{0}` in it")]
    NoExperiment(StepId),
}

/// The campaign's file with `settled: <variant>` at the experiment. Nothing is written yet.
pub fn settle(
    infra: &Path,
    campaign: &CampaignId,
    experiment: &StepId,
    variant: &VariantId,
) -> Result<MendedFile, SettleError> {
    let path = infra.join("campaigns").join(campaign.as_str()).join("campaign.yaml");
    let before = std::fs::read_to_string(&path)?;
    let after =
        settled(&before, experiment, variant).ok_or_else(|| SettleError::NoExperiment(experiment.clone()))?;
    Ok(MendedFile { path, before, after })
}

/// None if there is no such experiment.
fn settled(text: &str, experiment: &StepId, variant: &VariantId) -> Option<String> {
    let source = Source::new(String::new(), text);
    let root = yaml::parse(&source, 0..source.text.len(), &Findings::default())?;
    let step = find(&root, experiment.as_str())?;
    let (span, written) = match step.get("settled") {
        Some(earlier) => (earlier.span.clone(), variant.to_string()),
        None => {
            let name = step.entries().iter().find(|entry| entry.key == "experiment")?;
            insertion(&source.text, name, variant)
        }
    };
    let mark = text.len() - source.text.len();
    let (start, end) = (span.start + mark, span.end + mark);
    Some(format!("{}{written}{}", text.get(..start)?, text.get(end..)?))
}

/// Where `settled` goes in: on a line of its own below the experiment's name, or beside it where all is on one line.
fn insertion(text: &str, name: &Entry, variant: &VariantId) -> (std::ops::Range<usize>, String) {
    let line_start = text[..name.key_span.start].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[line_start..name.key_span.start];
    // In a block, nothing stands before the key but blanks, the dashes of lists, and perhaps the key of the whole block.
    let in_block = !before.contains(['{', '[', ',']);
    let value_end = name.value.span.end;
    if !in_block {
        return (value_end..value_end, format!(", settled: {variant}"));
    }
    let line_end = text[value_end..].find('\n').map_or(text.len(), |end| value_end + end);
    let line_break = if text[..line_end].ends_with('\r') { "\r\n" } else { "\n" };
    let at = line_end - usize::from(line_break == "\r\n");
    let indent = " ".repeat(before.chars().count());
    (at..at, format!("{line_break}{indent}settled: {variant}"))
}

fn find<'a>(node: &'a Node, experiment: &str) -> Option<&'a Node> {
    if node.get("experiment").and_then(Node::text) == Some(experiment) {
        return Some(node);
    }
    match &node.content {
        Content::Map(entries) => entries.iter().find_map(|entry| find(&entry.value, experiment)),
        Content::List(items) => items.iter().find_map(|item| find(item, experiment)),
        Content::Scalar(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str) {
        let (experiment, variant) = (StepId::parse("opening"), VariantId::parse("short"));
        let (experiment, variant) = (experiment.expect("an id"), variant.expect("a name"));
        let found = settled(before, &experiment, &variant);
        assert_eq!(found.as_deref(), Some(after));
        assert_eq!(settled(after, &experiment, &variant).as_deref(), Some(after), "again");
    }

    #[test]
    fn it_stands_below_the_name_and_all_else_stays() {
        check(
            "sequence: # first\n  - wait: 1d\n  - experiment: opening   # which is better?\n    variants:\n      a: { send: x }\n",
            "sequence: # first\n  - wait: 1d\n  - experiment: opening   # which is better?\n    settled: short\n    variants:\n      a: { send: x }\n",
        );
    }

    #[test]
    fn deep_within_blocks_too() {
        check(
            "s:\n- if: x\n  then:\n  -   variants: {}\n      experiment: \"opening\"\n",
            "s:\n- if: x\n  then:\n  -   variants: {}\n      experiment: \"opening\"\n      settled: short\n",
        );
    }

    #[test]
    fn beside_the_name_where_all_is_on_one_line() {
        check(
            "s: [{ experiment: opening, variants: { a: {} } }]\n",
            "s: [{ experiment: opening, settled: short, variants: { a: {} } }]\n",
        );
    }

    #[test]
    fn an_earlier_winner_gives_way() {
        check(
            "s:\n- experiment: opening\n  settled: long # for now\n",
            "s:\n- experiment: opening\n  settled: short # for now\n",
        );
    }

    #[test]
    fn line_ends_and_marks_stay() {
        check(
            "\u{feff}s:\r\n- experiment: opening\r\n  variants: {}\r\n",
            "\u{feff}s:\r\n- experiment: opening\r\n  settled: short\r\n  variants: {}\r\n",
        );
        check("s:\n- experiment: opening", "s:\n- experiment: opening\n  settled: short");
    }

    #[test]
    fn what_is_not_there_cannot_be_settled() {
        let (experiment, variant) = (StepId::parse("closing"), VariantId::parse("short"));
        let (experiment, variant) = (experiment.expect("an id"), variant.expect("a name"));
        for text in ["s:\n- experiment: opening\n", "s: [", ""] {
            assert_eq!(settled(text, &experiment, &variant), None, "{text}");
        }
    }
}
