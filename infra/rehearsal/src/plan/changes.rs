//! Two bundles compared, in the words of the files.

use std::collections::{BTreeMap, BTreeSet};

use domain::campaign::EmailSource;
use domain::sequence::Step;
use domain::{Bundle, Campaign, CampaignId, EmailName, Locale, StepId};
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::Value;

use crate::outline::in_order;

/// What an edit changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Changes {
    /// The keys of `sillon.yaml` whose meaning is another one.
    pub organisation: Vec<String>,
    /// Campaigns that are new.
    pub added: Vec<CampaignId>,
    /// Campaigns that are gone: their leads leave them.
    pub removed: Vec<CampaignId>,
    /// Campaigns that are in both and differ.
    pub changed: BTreeMap<CampaignId, CampaignChange>,
}

/// What an edit changes in a campaign.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CampaignChange {
    /// Whether it is paused by the edit (`true`) or goes on (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// The keys of `campaign.yaml`, besides `sequence`, whose meaning is another one.
    pub keys: Vec<String>,
    /// Steps that are new, in their order.
    pub added: Vec<StepId>,
    /// Steps that are gone, in their old order.
    pub removed: Vec<StepId>,
    /// Steps that `removed_steps` names anew, and that were never there: slips, most likely.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never_there: Vec<StepId>,
    /// Steps that stand elsewhere among those that stayed.
    pub moved: Vec<StepId>,
    /// Steps that do something else.
    pub changed: Vec<StepChange>,
    /// E-mails whose text is another one, by language: which parts of it.
    pub emails: BTreeMap<EmailName, BTreeMap<Locale, Vec<String>>>,
}

/// A step that does something else.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepChange {
    /// Which one.
    pub step: StepId,
    /// In what.
    pub what: Vec<What>,
}

/// One part of a step, before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct What {
    /// As the file calls it.
    pub part: String,
    /// Before; empty if it was not there.
    pub before: String,
    /// After; empty if it is gone.
    pub after: String,
}

impl Changes {
    /// Compares.
    pub fn between(deployed: &Bundle, edited: &Bundle) -> Self {
        let (old, new) = (&deployed.campaigns, &edited.campaigns);
        let both = old.iter().filter_map(|(id, old)| Some((id, old, new.get(id)?)));
        let changed = both.map(|(id, old, new)| (id.clone(), CampaignChange::between(old, new)));
        Self {
            organisation: differing(&json(&deployed.organisation), &json(&edited.organisation), &[]),
            added: new.keys().filter(|id| !old.contains_key(*id)).cloned().collect(),
            removed: old.keys().filter(|id| !new.contains_key(*id)).cloned().collect(),
            changed: changed.filter(|(_, change)| *change != CampaignChange::default()).collect(),
        }
    }

    /// Whether nothing changes at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl CampaignChange {
    fn between(old: &Campaign, new: &Campaign) -> Self {
        let (old_order, new_order) = (in_order(&old.sequence), in_order(&new.sequence));
        let old_steps: BTreeSet<&StepId> = old_order.iter().copied().collect();
        let new_steps: BTreeSet<&StepId> = new_order.iter().copied().collect();
        let stayed = |order: &[&StepId]| -> Vec<StepId> {
            let both = order.iter().filter(|id| old_steps.contains(*id) && new_steps.contains(*id));
            both.map(|id| (*id).clone()).collect()
        };
        let only = |order: &[&StepId], others: &BTreeSet<&StepId>| -> Vec<StepId> {
            order.iter().filter(|id| !others.contains(*id)).map(|id| (*id).clone()).collect()
        };
        let (stayed_before, stayed_after) = (stayed(&old_order), stayed(&new_order));
        let kept = longest_common(&stayed_before, &stayed_after);
        let changed = stayed_after.iter().filter_map(|id| {
            let what = parts_changed(old.sequence.steps.get(id)?, new.sequence.steps.get(id)?);
            (!what.is_empty()).then(|| StepChange { step: id.clone(), what })
        });
        let never_there = new
            .removed_steps
            .keys()
            .filter(|id| !old_steps.contains(id) && !old.removed_steps.contains_key(*id));
        let told_apart = ["id", "sequence", "emails", "magnet_emails", "paused"];
        Self {
            paused: (old.paused != new.paused).then_some(new.paused),
            keys: differing(&json(old), &json(new), &told_apart),
            added: only(&new_order, &old_steps),
            removed: only(&old_order, &new_steps),
            never_there: never_there.cloned().collect(),
            moved: stayed_after.iter().filter(|id| !kept.contains(*id)).cloned().collect(),
            changed: changed.collect(),
            emails: emails_changed(old, new),
        }
    }
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The names of the members in which two objects differ.
fn differing(old: &Value, new: &Value, apart_from: &[&str]) -> Vec<String> {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (old, new) = (members(old), members(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differs = |name: &&String| old.get(*name) != new.get(*name) && !apart_from.contains(&name.as_str());
    names.into_iter().filter(differs).cloned().collect()
}

/// What both have in the same order: the longest such list.
fn longest_common(old: &[StepId], new: &[StepId]) -> BTreeSet<StepId> {
    let mut lengths = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            lengths[i][j] =
                if a == b { lengths[i + 1][j + 1] + 1 } else { lengths[i + 1][j].max(lengths[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut common) = (0, 0, BTreeSet::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            common.insert(old[i].clone());
            (i, j) = (i + 1, j + 1);
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    common
}

/// What a step does, apart from where it leads: an added neighbour changes no step.
fn parts_changed(old: &Step, new: &Step) -> Vec<What> {
    let (old, new) = (without_ways(json(&old.act)), without_ways(json(&new.act)));
    let names = differing(&old, &new, &[]);
    let part = |name: String| What {
        before: words(old.get(&name)),
        after: words(new.get(&name)),
        part: match name.as_str() {
            "act" => "kind".to_owned(),
            "between" => "window".to_owned(),
            "for" => "wait".to_owned(),
            "kinds" => "wait for".to_owned(),
            "email" => "e-mail".to_owned(),
            "cases" => "conditions".to_owned(),
            "lots" => "share".to_owned(),
            _ => name.clone(),
        },
    };
    names.into_iter().map(part).collect()
}

fn without_ways(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for way in ["first", "otherwise", "next"] {
                members.remove(way);
            }
            for member in members.values_mut() {
                *member = without_ways(member.take());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_ways(item.take())),
        _ => {}
    }
    value
}

/// A value as a person would write it.
fn words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.parse::<SignedDuration>().map_or(text.clone(), span),
        Some(Value::Array(items)) => {
            items.iter().map(|item| words(Some(item))).collect::<Vec<_>>().join(", ")
        }
        Some(Value::Object(members)) => match window(members) {
            Some(window) => window,
            None if members.len() == 1 => members.values().map(|value| words(Some(value))).collect(),
            None => {
                let pairs = members.iter().map(|(name, value)| format!("{name} {}", words(Some(value))));
                pairs.collect::<Vec<_>>().join(", ")
            }
        },
        Some(other) => other.to_string(),
    }
}

/// `mon tue 09:00-18:00`.
fn window(members: &serde_json::Map<String, Value>) -> Option<String> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let open = members.get("days")?.as_array()?;
    let days: Vec<&str> = NAMES
        .iter()
        .zip(open)
        .filter(|(_, open)| **open == Value::Bool(true))
        .map(|(name, _)| *name)
        .collect();
    let time = |name: &str| members.get(name)?.as_str().map(|time| time.get(..5).unwrap_or(time).to_owned());
    Some(format!("{} {}-{}", days.join(" "), time("from")?, time("to")?))
}

/// `3d`, `36h`, `90m`.
fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let unit = units.into_iter().find(|(unit, _)| seconds % unit == 0);
    unit.map_or_else(|| length.to_string(), |(unit, name)| format!("{}{name}", seconds / unit))
}

fn emails_changed(old: &Campaign, new: &Campaign) -> BTreeMap<EmailName, BTreeMap<Locale, Vec<String>>> {
    let names: BTreeSet<&EmailName> = old.emails.keys().chain(new.emails.keys()).collect();
    let mut changed = BTreeMap::new();
    for name in names {
        let texts = |campaign: &Campaign| campaign.emails.get(name).cloned().unwrap_or_default();
        let (old, new) = (texts(old), texts(new));
        let locales: BTreeSet<&Locale> = old.keys().chain(new.keys()).collect();
        let parts: BTreeMap<Locale, Vec<String>> = locales
            .into_iter()
            .map(|locale| (locale.clone(), parts_of_email(old.get(locale), new.get(locale))))
            .filter(|(_, parts)| !parts.is_empty())
            .collect();
        if !parts.is_empty() {
            changed.insert(name.clone(), parts);
        }
    }
    changed
}

fn parts_of_email(old: Option<&EmailSource>, new: Option<&EmailSource>) -> Vec<String> {
    let (Some(old), Some(new)) = (old, new) else {
        return if old == new {
            Vec::new()
        } else {
            vec![if old.is_some() { "gone" } else { "new" }.to_owned()]
        };
    };
    let parts = [
        ("subject", old.subject != new.subject),
        ("preheader", old.preheader != new.preheader),
        ("text", old.body != new.body),
    ];
    parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part.to_owned()).collect()
}
