//! Reads the fields that a campaign's form declares, and finds every fault at once.

use std::collections::BTreeSet;

use domain::campaign::{Field, FieldKind, Form};
use domain::{EmailAddress, TopicId, TraitValue, Traits, calendar, zone};

use super::body::Posted;
use super::fault::{Fault, FaultKind};
use super::number::number;
use super::phone::e164;
use crate::language::Tongue;
use crate::text::fold;

/// The field that holds the lead's address; all others state traits.
pub(crate) const EMAIL: &str = "email";
/// The boxes of the topics that the form lets a visitor choose.
pub(crate) const TOPICS: &str = "_topics";

/// What a post says when nothing is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filled {
    /// Whose it is.
    pub email: EmailAddress,
    /// The other fields that are not empty.
    pub traits: Traits,
    /// The topics that were chosen.
    pub topics: BTreeSet<TopicId>,
}

/// What reading depends on besides the post.
#[derive(Debug, Clone)]
pub(crate) struct Customs {
    /// Whose decimal point.
    pub tongue: Tongue,
    /// Where a telephone number may be, the likeliest first.
    pub countries: Vec<&'static str>,
}

/// Reads the declared fields. Others are passed over: forms have buttons, and page builders add what they like.
pub(crate) fn read(form: &Form, posted: &Posted, customs: &Customs) -> Result<Filled, Vec<Fault>> {
    let mut email = None;
    let mut traits = Traits::new();
    let mut faults = Vec::new();
    for field in &form.fields {
        let fault = |kind| Fault { field: field.name.clone(), kind };
        match value(field, posted, customs) {
            Err(kind) => faults.push(fault(kind)),
            Ok(Some(Value::Address(address))) if form.refuse_disposable && address.is_disposable() => {
                faults.push(fault(FaultKind::Disposable));
            }
            Ok(None) if field.required || field.name == EMAIL => faults.push(fault(FaultKind::Missing)),
            Ok(None) => {}
            Ok(Some(Value::Address(address))) if field.name == EMAIL => email = Some(address),
            Ok(Some(value)) => {
                traits.insert(field.name.clone(), value.into_trait());
            }
        }
    }
    let topics = topics(form, posted).unwrap_or_else(|kind| {
        faults.push(Fault { field: TOPICS.into(), kind });
        BTreeSet::new()
    });
    for (name, kind) in posted.misshapen() {
        if faults.iter().all(|fault| fault.field != name) {
            faults.push(Fault { field: name.to_owned(), kind });
        }
    }
    match email {
        Some(email) if faults.is_empty() => Ok(Filled { email, traits, topics }),
        None if faults.is_empty() => Err(vec![Fault { field: EMAIL.into(), kind: FaultKind::Missing }]),
        _ => Err(faults),
    }
}

/// A box that is not ticked posts nothing: what is not named is not chosen.
fn topics(form: &Form, posted: &Posted) -> Result<BTreeSet<TopicId>, FaultKind> {
    if form.topics.is_empty() {
        return Ok(BTreeSet::new());
    }
    let known = |text: &str| form.topics.iter().find(|topic| topic.as_str() == text).cloned();
    let chosen: Option<BTreeSet<TopicId>> = posted.ticked(TOPICS)?.into_iter().map(known).collect();
    chosen.ok_or_else(|| FaultKind::NotAChoice(form.topics.iter().map(|topic| topic.to_string()).collect()))
}

/// A field's value, as far as its kind tells it.
enum Value {
    Address(EmailAddress),
    Other(TraitValue),
}

impl Value {
    fn into_trait(self) -> TraitValue {
        match self {
            Self::Address(address) => TraitValue::Text(address.as_str().to_owned()),
            Self::Other(value) => value,
        }
    }
}

/// None for a field that is empty.
fn value(field: &Field, posted: &Posted, customs: &Customs) -> Result<Option<Value>, FaultKind> {
    if !field.is_visible() {
        let value = field.kind.hidden_value(posted.first(&field.name));
        return Ok(value.map(|value| Value::Other(value.into())));
    }
    if field.kind == FieldKind::Checkbox {
        let ticked = ticked(&posted.texts(&field.name)?)?;
        // A box that must be ticked and says no is a box that is not ticked.
        return Ok(ticked
            .filter(|yes| *yes || !field.required)
            .map(|yes| Value::Other(TraitValue::Boolean(yes))));
    }
    let text = posted.one(&field.name)?.map(fold).filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(None) };
    let value = match &field.kind {
        FieldKind::Email => Value::Address(EmailAddress::parse(&text).map_err(FaultKind::Email)?),
        FieldKind::Text { max_length, min_length, pattern } => {
            let characters = text.chars().count();
            match min_length {
                _ if characters > *max_length => return Err(FaultKind::TooLong(*max_length)),
                Some(least) if characters < *least => return Err(FaultKind::TooShort(*least)),
                _ => {}
            }
            if pattern.as_ref().is_some_and(|pattern| !pattern.matches(&text)) {
                return Err(FaultKind::NoMatch);
            }
            Value::Other(TraitValue::Text(text))
        }
        FieldKind::Date => {
            let date = calendar::date(&text).ok_or(FaultKind::NotADate)?;
            Value::Other(TraitValue::Text(date.to_string()))
        }
        FieldKind::Country => Value::Other(zone::country(&text).ok_or(FaultKind::NotACountry)?.into()),
        FieldKind::Checkbox | FieldKind::Hidden { .. } => Value::Other(TraitValue::Text(text)),
        FieldKind::Choice { options } => {
            if options.iter().all(|option| option.value != text) {
                return Err(FaultKind::NotAChoice(
                    options.iter().map(|option| option.value.clone()).collect(),
                ));
            }
            Value::Other(TraitValue::Text(text))
        }
        FieldKind::Number { min, max } => {
            Value::Other(TraitValue::Number(bounded(&text, customs.tongue, *min, *max)?))
        }
        FieldKind::Phone => {
            let number = e164(&text, &customs.countries).ok_or(FaultKind::NotAPhone)?;
            Value::Other(TraitValue::Text(number))
        }
    };
    Ok(Some(value))
}

fn bounded(text: &str, tongue: Tongue, min: Option<f64>, max: Option<f64>) -> Result<f64, FaultKind> {
    let number = number(text, tongue).ok_or(FaultKind::NotANumber)?;
    match (min, max) {
        (Some(min), _) if number < min => Err(FaultKind::TooSmall(min)),
        (_, Some(max)) if number > max => Err(FaultKind::TooLarge(max)),
        _ => Ok(number),
    }
}

/// One yes is a yes: page builders put a hidden `0` before the box, so that both are posted.
fn ticked(texts: &[&str]) -> Result<Option<bool>, FaultKind> {
    let mut ticked = None;
    for text in texts {
        let yes = match text.to_ascii_lowercase().as_str() {
            "on" | "true" | "1" | "yes" | "oui" => true,
            "off" | "false" | "0" | "no" | "non" => false,
            _ => return Err(FaultKind::NotATick),
        };
        ticked = Some(yes || ticked == Some(true));
    }
    Ok(ticked)
}
