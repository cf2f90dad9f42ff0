//! Reads the fields that a campaign's form declares, and finds every fault at once.

use domain::campaign::{Field, FieldKind, Form};
use domain::{EmailAddress, TraitValue, Traits};

use super::body::Posted;
use super::fault::{Fault, FaultKind};
use super::number::number;
use super::phone::e164;
use crate::language::Tongue;
use crate::text::fold;

/// The field that holds the lead's address; all others state traits.
pub(crate) const EMAIL: &str = "email";

/// What a post says when nothing is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filled {
    /// Whose it is.
    pub email: EmailAddress,
    /// The other fields that are not empty.
    pub traits: Traits,
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
            Ok(None) if field.required || field.name == EMAIL => faults.push(fault(FaultKind::Missing)),
            Ok(None) => {}
            Ok(Some(Value::Address(address))) if field.name == EMAIL => email = Some(address),
            Ok(Some(value)) => {
                traits.insert(field.name.clone(), value.into_trait());
            }
        }
    }
    for (name, kind) in posted.misshapen() {
        if faults.iter().all(|fault| fault.field != name) {
            faults.push(Fault { field: name.to_owned(), kind });
        }
    }
    match email {
        Some(email) if faults.is_empty() => Ok(Filled { email, traits }),
        None if faults.is_empty() => Err(vec![Fault { field: EMAIL.into(), kind: FaultKind::Missing }]),
        _ => Err(faults),
    }
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
        FieldKind::Text { max_length } if text.chars().count() > *max_length => {
            return Err(FaultKind::TooLong(*max_length));
        }
        FieldKind::Text { .. } | FieldKind::Checkbox => Value::Other(TraitValue::Text(text)),
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
