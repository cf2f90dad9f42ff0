//! Reads steps that choose a way: `if`, and `branch` with its cases.

use super::{Act, Case, Surroundings, step};
use crate::condition::Asks;
use crate::reader::{Fields, Reader};
use crate::shape::sequence::CASES;
use crate::yaml::Node;

/// Reads `if` with `then` and `else`.
pub(super) fn single<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    value: &'a Node,
    surroundings: Surroundings<'_>,
) -> Act {
    let branch = |key: &str| fields.get(key).map(|node| step::list(reader, node, surroundings));
    let when = reader.condition(value, Asks::All);
    if fields.get("then").is_none() && fields.get("else").is_none() {
        fields.need("then");
    }
    let case = Case { when, steps: branch("then").unwrap_or_default() };
    Act::Branch { word: "if", cases: vec![case], otherwise: branch("else").unwrap_or_default() }
}

/// Reads `branch`: a list of cases, of which the last may be `else`.
pub(super) fn several<'a>(reader: Reader<'a>, node: &'a Node, surroundings: Surroundings<'_>) -> Option<Act> {
    const HELP: &str = "write `- if: <condition>` with `then:` for each, and `- else:` last";
    let items = reader.list(node, "a list of cases", HELP)?;
    let (mut cases, mut otherwise) = (Vec::new(), Vec::new());
    for (place, item) in items.iter().enumerate() {
        let Some(fields) = reader.fields(item, "a case", CASES) else { continue };
        let list = |node| step::list(reader, node, surroundings);
        match (fields.get("if"), fields.get("else")) {
            (Some(when), other) => {
                if let Some(other) = other {
                    let help = "write `- else:` as the last case of its own";
                    reader.error(&other.lead_in, "`else` stands beside `if` here", help);
                }
                let when = reader.condition(when, Asks::All);
                cases.push(Case { when, steps: fields.need("then").map(list).unwrap_or_default() });
            }
            (None, Some(steps)) => {
                if let Some(then) = fields.get("then") {
                    reader.error(&then.lead_in, "`then` wants an `if`", "write the steps under `else`");
                }
                if place + 1 < items.len() {
                    let help = "put `else` last: it holds whenever no other case does";
                    reader.error(&steps.lead_in, "the cases after this one are never looked at", help);
                }
                otherwise = list(steps);
            }
            // An unknown key that was to be one of the two has been told of.
            (None, None) => {
                fields.need("if");
            }
        }
    }
    if cases.is_empty() {
        reader.error(&node.lead_in, "this branch has no case with a condition", HELP);
    }
    Some(Act::Branch { word: "branch", cases, otherwise })
}
