//! Reads `segments`: named conditions that may ask for one another, though never in a circle.

use std::collections::BTreeMap;

use domain::Condition;

use crate::condition::Asks;
use crate::condition::references::References;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::yaml::{Entry, Node};

/// The fixed-point iteration of the domain goes so many rounds.
const SEGMENT_DEPTH: usize = 8;

/// Reads `segments`.
pub(crate) fn read<'a>(reader: Reader<'a>, node: &'a Node) -> BTreeMap<String, Condition> {
    let help = "write `homeowners: lead.housing == \"house\"`";
    let entries = reader.names(node, "conditions by segment", help).unwrap_or_default();
    let known = &reader.vocabulary.segments;
    for entry in entries {
        let Some(References { segments, places, .. }) = known.get(&entry.key) else { continue };
        for (name, place) in segments.iter().zip(places) {
            let Some(scalar) = entry.value.scalar() else { continue };
            let span = scalar.span_of(&reader.source.text, place);
            if reaches(known, name, &entry.key) {
                let message =
                    format!("the segment `{}` asks for `{name}`, which asks for it in turn", entry.key);
                reader
                    .error(&span, message, "break the circle: say what is meant without `in_segment`")
                    .rule(Rule::SegmentCircle);
            } else if depth(known, name) >= SEGMENT_DEPTH {
                let message = format!("segments build on one another more than {SEGMENT_DEPTH} deep here");
                reader.error(&span, message, "say what is meant without `in_segment`").rule(Rule::Limit);
            }
        }
    }
    let read = |entry: &'a Entry| Some((entry.key.clone(), reader.condition(&entry.value, Asks::All)?));
    entries.iter().filter_map(read).collect()
}

fn reaches(known: &BTreeMap<String, References>, from: &str, to: &str) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if name == to {
            return true;
        }
        if !seen.contains(&name) {
            seen.push(name);
            open.extend(known.get(name).iter().flat_map(|segment| &segment.segments).map(String::as_str));
        }
    }
    false
}

/// How many segments stand below one another from here on, up to the limit.
fn depth(known: &BTreeMap<String, References>, from: &str) -> usize {
    let mut level = vec![from];
    for depth in 0..SEGMENT_DEPTH {
        level = level
            .iter()
            .filter_map(|name| known.get(*name))
            .flat_map(|segment| &segment.segments)
            .map(String::as_str)
            .collect();
        level.sort_unstable();
        level.dedup();
        if level.is_empty() {
            return depth + 1;
        }
    }
    SEGMENT_DEPTH
}
