//! The filters that templates have beside the engine's own: `money`, `number`, `date`, `plural`, each in the language
//! of the text; and those of the engine's that could make a text too long, rewritten within bounds.
//!
//! A value that is missing prints nothing, and one that is no number or no date prints as it is: an e-mail must not fail
//! for what a lead left out or mistyped.

use domain::Locale;
use domain::template::{LONGEST_RANGE, LONGEST_VALUE};
use fixed_decimal::Decimal;
use jiff::civil::Date;
use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State};

use crate::lenient;
use crate::regional::{self, DateStyle};

/// What the engine brings and e-mails do without: it would print what only programs read, or a text many times as long.
const LEFT_OUT: [&str; 15] = [
    "attr", "batch", "chain", "dictsort", "e", "escape", "format", "groupby", "indent", "items", "list",
    "pprint", "slice", "string", "zip",
];

/// Adds the filters to the engine, for a text in that language.
pub(crate) fn add(engine: &mut Environment<'_>, language: &Locale) {
    for name in LEFT_OUT {
        engine.remove_filter(name);
    }
    for name in ["debug", "dict", "namespace"] {
        engine.remove_global(name);
    }
    lenient::add(engine);
    engine.add_function("range", range);
    engine.add_filter("join", join);
    engine.add_filter("map", map);
    engine.add_filter("replace", replace);
    let locale = language.clone();
    engine.add_filter("money", move |value: &Value, currency: &str| money(&locale, value, currency));
    let locale = language.clone();
    engine.add_filter("number", move |value: &Value, places: Option<i16>| number(&locale, value, places));
    let locale = language.clone();
    engine.add_filter("date", move |value: &Value, style: Option<&str>| date(&locale, value, style));
    let locale = language.clone();
    engine.add_filter("plural", move |value: &Value, forms: Kwargs| plural(&locale, value, &forms));
}

fn fault(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

fn too_long(filter: &str) -> Error {
    fault(format!("`{filter}` would make a text of more than {LONGEST_VALUE} bytes"))
}

/// The value as a number, also where it is a text that spells one.
fn decimal(value: &Value) -> Option<Decimal> {
    let number = match value.as_str() {
        Some(text) => text.trim().parse().ok()?,
        None if value.kind() == ValueKind::Number => f64::try_from(value.clone()).ok()?,
        None => return None,
    };
    regional::decimal(number)
}

fn money(locale: &Locale, value: &Value, currency: &str) -> Result<Value, Error> {
    let Some(amount) = decimal(value) else { return Ok(value.clone()) };
    let written = regional::money(locale, &amount, currency);
    written.map(Value::from).ok_or_else(|| fault(format!("`{currency}` is no currency: write `EUR`")))
}

fn number(locale: &Locale, value: &Value, places: Option<i16>) -> Result<Value, Error> {
    let Some(number) = decimal(value) else { return Ok(value.clone()) };
    if places.is_some_and(|places| !(0..=9).contains(&places)) {
        return Err(fault("`number` writes 0 to 9 decimals"));
    }
    Ok(regional::number(locale, number, places).map_or_else(|| value.clone(), Value::from))
}

fn date(locale: &Locale, value: &Value, style: Option<&str>) -> Result<Value, Error> {
    let style = match style {
        None | Some("short") => DateStyle::Short,
        Some("long") => DateStyle::Long,
        Some(other) => return Err(fault(format!("`{other}` is no style of dates: write `short` or `long`"))),
    };
    // A time begins with its date (RFC 3339).
    let day = value.as_str().and_then(|text| text.trim().get(..10)).and_then(|day| day.parse::<Date>().ok());
    let written = day.and_then(|day| regional::date(locale, day, style));
    Ok(written.map_or_else(|| value.clone(), Value::from))
}

/// The form that goes with the number. In it, `#` stands for the number.
fn plural(locale: &Locale, value: &Value, forms: &Kwargs) -> Result<Value, Error> {
    let other: Value = forms.get("other")?;
    if value.is_undefined() || value.is_none() {
        return Ok(value.clone());
    }
    let number = decimal(value);
    let form = number.as_ref().map_or("other", |number| regional::plural(locale, number));
    let form = forms.get::<Option<Value>>(form)?.unwrap_or(other);
    for known in ["zero", "one", "two", "few", "many"] {
        let _ = forms.get::<Option<Value>>(known)?;
    }
    forms.assert_all_used()?;
    let Some(text) = form.as_str().filter(|text| text.contains('#')) else { return Ok(form) };
    let shown = number.and_then(|number| regional::number(locale, number, None));
    let shown = shown.unwrap_or_else(|| value.to_string());
    within("plural", text.len() + shown.len() * text.matches('#').count())?;
    Ok(text.replace('#', &shown).into())
}

fn range(lower: i64, upper: Option<i64>, step: Option<i64>) -> Result<Value, Error> {
    let (first, end) = upper.map_or((0, lower), |upper| (lower, upper));
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(fault("`range` cannot count by 0"));
    }
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step));
    let numbers = numbers.take_while(|number| if step > 0 { *number < end } else { *number > end });
    let numbers: Vec<i64> = numbers.take(LONGEST_RANGE + 1).collect();
    if numbers.len() > LONGEST_RANGE {
        return Err(fault(format!("`range` counts to {LONGEST_RANGE} numbers at most")));
    }
    Ok(Value::from(numbers))
}

fn within(filter: &str, length: usize) -> Result<(), Error> {
    if length > LONGEST_VALUE { Err(too_long(filter)) } else { Ok(()) }
}

fn replace(value: &Value, old: &str, new: &str) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(Value::UNDEFINED);
    }
    let text = value.to_string();
    within("replace", text.len().saturating_add(text.matches(old).count().saturating_mul(new.len())))?;
    Ok(text.replace(old, new).into())
}

fn join(value: &Value, between: Option<&str>) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(Value::UNDEFINED);
    }
    let mut joined = String::new();
    for (index, part) in value.try_iter()?.enumerate() {
        if index > 0 {
            joined.push_str(between.unwrap_or_default());
        }
        match part.as_str() {
            Some(text) => joined.push_str(text),
            None if part.is_undefined() => {}
            None => joined.push_str(&part.to_string()),
        }
        within("join", joined.len())?;
    }
    Ok(joined.into())
}

/// `map("trim")` puts each part through a filter; `map(attribute="name")` takes what each part calls so.
fn map(state: &mut State<'_, '_>, value: &Value, rest: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(Value::UNDEFINED);
    }
    let attribute: Option<String> = named.get("attribute")?;
    named.assert_all_used()?;
    let mut length = 0;
    let mut mapped = Vec::new();
    for part in value.try_iter()? {
        let part = match (&attribute, rest.split_first()) {
            (Some(attribute), None) => part.get_attr(attribute)?,
            (None, Some((filter, arguments))) => {
                let name = filter.as_str().ok_or_else(|| fault("`map` takes a filter's name"))?;
                let arguments: Vec<Value> = std::iter::once(part).chain(arguments.iter().cloned()).collect();
                state.apply_filter(name, &arguments)?
            }
            _ => return Err(fault("`map` takes a filter's name, or `attribute=`")),
        };
        length += part.as_str().map_or(0, str::len);
        within("map", length)?;
        mapped.push(part);
    }
    Ok(Value::from(mapped))
}
