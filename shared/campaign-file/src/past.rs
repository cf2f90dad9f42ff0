//! Dates that are past: nobody waits for them any more. What day it is, the caller says.

use std::path::Path;

use domain::{Bundle, CampaignId, schedule};
use jiff::Timestamp;

use crate::finding::{Finding, Findings};
use crate::reader::Reader;
use crate::rule::Rule;
use crate::sequence::written_moment;
use crate::tree;
use crate::yaml::{Content, Node};

/// Warns of each written date of a `wait_until`, and of an `until`, that lies before `now` by the organisation's clock.
pub fn past(infra: &Path, bundle: &Bundle, now: Timestamp) -> Vec<Finding> {
    let findings = Findings::default();
    let zone = schedule::zone(None, &bundle.organisation.time_zone);
    let now = now.to_zoned(zone).datetime();
    for campaign in bundle.campaigns.keys() {
        look_through(infra, campaign, now, &findings);
    }
    findings.into_sorted()
}

fn look_through(infra: &Path, campaign: &CampaignId, now: jiff::civil::DateTime, findings: &Findings) {
    let path = infra.join("campaigns").join(campaign.as_str()).join("campaign.yaml");
    let unheard = Findings::default(); // what else is wrong with the file has been told
    let Some(source) = tree::open(&path, &unheard) else { return };
    let Some(root) = tree::parse(&source, 0..source.text.len(), &unheard) else { return };
    let Some(sequence) = root.get("sequence") else { return };
    steps(Reader::alone(&source, findings), sequence, now);
}

fn steps(reader: Reader<'_>, node: &Node, now: jiff::civil::DateTime) {
    match &node.content {
        Content::Scalar(_) => {}
        Content::List(items) => items.iter().for_each(|item| steps(reader, item, now)),
        Content::Map(entries) => {
            for entry in entries {
                let is_past = || {
                    let time = node.get("at").and_then(Node::text);
                    entry
                        .value
                        .text()
                        .and_then(|text| written_moment(text, &entry.key, time))
                        .filter(|at| *at < now)
                };
                let (what, help) = match entry.key.as_str() {
                    "wait_until" if node.get("otherwise").is_some() => (
                        "who comes to this step takes `otherwise`",
                        "write a date that comes, if that is not meant",
                    ),
                    "wait_until" => (
                        "who comes to this step goes on at once",
                        "write a date that comes, or leave the step out",
                    ),
                    "until" => {
                        ("this e-mail leaves no more", "write a date that comes, or leave the step out")
                    }
                    // It names traits, not steps.
                    "set" => continue,
                    _ => {
                        steps(reader, &entry.value, now);
                        continue;
                    }
                };
                if is_past().is_some() {
                    let text = entry.value.text().unwrap_or_default();
                    let message = format!("`{text}` is past: {what}");
                    reader.warning(&entry.value.span, message, help).rule(Rule::NoEffect);
                }
            }
        }
    }
}
