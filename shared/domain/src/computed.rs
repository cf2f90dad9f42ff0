//! Computed traits: what follows from what a lead stated. They are computed when asked for, and never stored.

use std::borrow::Cow;

use cel::Value;
use serde::{Deserialize, Serialize};

use crate::{Bundle, Expression, Facts, Lead, TraitType, TraitValue, Traits};

/// A trait that follows from others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Computed {
    /// What it comes to; anything else counts as unknown.
    #[serde(rename = "type")]
    pub kind: TraitType,
    /// Over stated traits and the address.
    pub compute: Expression,
}

/// All traits of a lead, the computed ones included. A computed one whose inputs lack is not among them.
pub fn traits_of<'a>(bundle: &Bundle, lead: &'a Lead) -> Cow<'a, Traits> {
    let computed = &bundle.organisation.computed;
    if computed.is_empty() {
        return Cow::Borrowed(&lead.traits);
    }
    let facts = Facts::stated(bundle, lead);
    let mut traits = stated(bundle, lead).into_owned();
    traits.extend(computed.iter().filter_map(|(name, rule)| Some((name.clone(), rule.value(&facts)?))));
    Cow::Owned(traits)
}

/// One trait of a lead, computed or stated.
pub fn trait_of<'a>(bundle: &Bundle, lead: &'a Lead, name: &str) -> Option<Cow<'a, TraitValue>> {
    match bundle.organisation.computed.get(name) {
        Some(rule) => rule.value(&Facts::stated(bundle, lead)).map(Cow::Owned),
        None => lead.traits.get(name).map(Cow::Borrowed),
    }
}

impl Computed {
    fn value(&self, facts: &Facts<'_>) -> Option<TraitValue> {
        self.kind.read(&value_of(facts.value(&self.compute, 0)?)?).ok()
    }
}

/// The traits that the lead stated; what it stated under the name of a computed one does not count.
pub(crate) fn stated<'a>(bundle: &Bundle, lead: &'a Lead) -> Cow<'a, Traits> {
    let computed = &bundle.organisation.computed;
    if computed.keys().all(|name| !lead.traits.contains_key(name)) {
        return Cow::Borrowed(&lead.traits);
    }
    let mut traits = lead.traits.clone();
    traits.retain(|name, _| !computed.contains_key(name));
    Cow::Owned(traits)
}

fn value_of(value: Value) -> Option<TraitValue> {
    match value {
        Value::Bool(value) => Some(TraitValue::Boolean(value)),
        Value::Float(value) if value.is_finite() => Some(TraitValue::Number(value)),
        #[expect(clippy::cast_precision_loss, reason = "numbers of leads are far below 2^53")]
        Value::Int(value) => Some(TraitValue::Number(value as f64)),
        Value::String(value) => Some(TraitValue::Text(value.as_ref().clone())),
        _ => None,
    }
}
