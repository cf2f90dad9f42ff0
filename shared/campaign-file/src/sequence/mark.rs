//! Reads steps that change the lead and take no time: `set`, `tag`, `untag`, `enrol` and `holdout`.

use domain::sequence::LOTS;
use domain::{CampaignId, Tag, TraitValue, Traits};

use super::{Act, Surroundings};
use crate::reader::Reader;
use crate::scalar::Meaning;
use crate::vocabulary::LEAD;
use crate::yaml::{Entry, Node};

/// Reads `set: { interest: solar }`.
pub(super) fn set<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Act> {
    let entries = reader.names(node, "traits and their values", "write `set: { interest: solar }`")?;
    if entries.is_empty() {
        reader.error(&node.lead_in, "this step sets nothing", "write `set: { interest: solar }`");
    }
    let traits: Traits = entries.iter().filter_map(|entry| stated(reader, entry)).collect();
    Some(Act::Set(traits))
}

fn stated(reader: Reader<'_>, entry: &Entry) -> Option<(String, TraitValue)> {
    let name = entry.key.as_str();
    let vocabulary = reader.vocabulary;
    if LEAD.contains(&name) {
        let message = format!("`{name}` is no trait, and no step can set it");
        reader.error(&entry.key_span, message, "leave it out");
        return None;
    }
    let words = vocabulary.traits.get(name);
    if words.is_some_and(|words| words.computed) {
        let message = format!("`{name}` is computed, and no step can set it");
        reader.error(&entry.key_span, message, "set a trait that it follows from");
        return None;
    }
    if words.is_none() && vocabulary.complete {
        let known = vocabulary.traits.keys().map(String::as_str);
        let declare = format!("declare it under `traits` of `sillon.yaml`: `{name}: {{ type: text }}`");
        reader.unknown(&entry.key_span, "trait", name, known, &declare);
    }
    let value = value(reader, &entry.value)?;
    let words = words?;
    if let Some(options) = words.options.as_ref().filter(|_| vocabulary.complete) {
        let text = value.to_string();
        if !options.contains(&text) {
            let known = options.iter().map(String::as_str);
            reader.unknown(&entry.value.span, &format!("option of `{name}`"), &text, known, "");
            return None;
        }
    }
    match words.kind?.read(&value) {
        Ok(value) => Some((name.to_owned(), value)),
        Err(wrong) => {
            let message = format!("`{name}` is {}, and this is not", wrong.0.describe());
            reader.error(&entry.value.span, message, format!("write {}", wrong.0.describe()));
            None
        }
    }
}

fn value(reader: Reader<'_>, node: &Node) -> Option<TraitValue> {
    let value = node.scalar().map(|scalar| (scalar.meaning(), &scalar.text));
    match value {
        Some((Meaning::Boolean(value), _)) => Some(TraitValue::Boolean(value)),
        Some((Meaning::Number(number), _)) => Some(TraitValue::Number(number)),
        Some((Meaning::Text, text)) if !text.trim().is_empty() && text.chars().count() <= 1000 => {
            Some(TraitValue::Text(text.clone()))
        }
        _ => {
            let help = "write a text of up to 1000 characters, a number, `true` or `false`";
            reader.wrong_type(node, "a trait's value", help);
            None
        }
    }
}

/// Reads the tag that a step gives.
pub(super) fn tag<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Tag> {
    let text = reader.text(node, "a tag")?;
    reader.id(&node.span, text, Tag::parse)
}

/// Reads the tag that a step takes away, which some step gives.
pub(super) fn untag<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Tag> {
    let tag = tag(reader, node)?;
    let known = &reader.vocabulary.tags;
    if reader.vocabulary.complete && !known.contains(tag.as_str()) {
        let declare = format!("give it in a step: `- tag: {tag}`");
        reader.unknown(&node.span, "tag", tag.as_str(), known.iter().map(String::as_str), &declare);
    }
    Some(tag)
}

/// Reads the campaign that a step enters the lead in.
pub(super) fn enrol<'a>(
    reader: Reader<'a>,
    node: &'a Node,
    surroundings: Surroundings<'_>,
) -> Option<CampaignId> {
    let text = reader.text(node, "a campaign")?;
    let others = || {
        let campaigns = reader.vocabulary.campaigns.iter().map(String::as_str);
        campaigns.filter(|campaign| *campaign != surroundings.campaign)
    };
    if text == surroundings.campaign {
        let help = "name another campaign; `re_entry` says who may enter this one again";
        reader.error(&node.span, "a campaign cannot enrol in itself", help);
        return None;
    }
    if !others().any(|campaign| campaign == text) {
        reader.unknown(&node.span, "campaign", text, others(), "create its folder under `campaigns`");
        return None;
    }
    if reader.vocabulary.leads_round(text, surroundings.campaign) {
        let message = format!("`{text}` leads back here, and `re_entry` lets a lead go round for ever");
        let help = "take an `enrol` away, or `re_entry` from a campaign on the way";
        reader.warning(&node.span, message, help);
    }
    reader.id(&node.span, text, CampaignId::parse)
}

/// Reads the share of a control group, in lots.
pub(super) fn holdout<'a>(reader: Reader<'a>, node: &'a Node) -> Option<u64> {
    const HELP: &str = "write a share between 0 and 100 per cent: `10%`, `0.5%`";
    if matches!(node.scalar().map(|scalar| scalar.meaning()), Some(Meaning::Number(_))) {
        reader.wrong_type(node, "a share such as `10%`", HELP);
        return None;
    }
    let text = reader.text(node, "a share such as `10%`")?;
    let lots = text.trim().strip_suffix('%').and_then(|share| {
        let (whole, tenth) = share.trim().split_once('.').unwrap_or((share.trim(), "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(tenth) || tenth.len() != 1 {
            return None;
        }
        whole.parse::<u64>().ok()?.checked_mul(10)?.checked_add(tenth.parse().ok()?)
    });
    let lots = lots.filter(|lots| (1..LOTS).contains(lots));
    if lots.is_none() {
        reader.error(&node.span, format!("`{text}` is not a share"), HELP);
    }
    lots
}
