//! The engine's own filters over what a lead left out or mistyped: they make nothing of it, where the engine would fail.

use minijinja::value::{Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters};

/// Puts each filter behind one of ours, which asks it only for what it can answer. The engine's own gets a name that no
/// template can write.
macro_rules! wrapped {
    ($engine:ident, $wrapper:ident($missing:expr): $($filter:ident)*) => {$(
        let own = concat!(stringify!($filter), " of a value");
        $engine.add_filter(own, filters::$filter);
        $engine.add_filter(
            stringify!($filter),
            move |state: &mut State<'_, '_>, value: &Value, rest: Rest<ValueOrKwargs>| {
                $wrapper(state, own, value, &rest, $missing)
            },
        );
    )*};
}

/// Adds them to the engine.
pub(crate) fn add(engine: &mut Environment<'_>) {
    wrapped!(engine, of_what_is_there(Value::UNDEFINED):
        first last max min reverse sort sum unique);
    wrapped!(engine, of_text(Value::UNDEFINED): capitalize lower title trim upper);
    wrapped!(engine, of_text(Value::from(Vec::<Value>::new())): lines split);
    wrapped!(engine, of_what_is_there(Value::from(0)): length);
    wrapped!(engine, of_numbers(Value::UNDEFINED): abs round);
    wrapped!(engine, read(Value::UNDEFINED): float int);
    engine.add_filter("count", |state: &mut State<'_, '_>, value: &Value| {
        state.apply_filter("length", std::slice::from_ref(value))
    });
}

fn is_missing(value: &Value) -> bool {
    value.is_undefined() || value.is_none()
}

fn apply(
    state: &mut State<'_, '_>,
    own: &str,
    value: &Value,
    rest: &[ValueOrKwargs],
) -> Result<Value, Error> {
    let rest = rest.iter().map(|argument| Value::clone(argument));
    let arguments: Vec<Value> = std::iter::once(value.clone()).chain(rest).collect();
    state.apply_filter(own, &arguments)
}

/// The filter of a value; of none, what stands for it.
fn of_what_is_there(
    state: &mut State<'_, '_>,
    own: &str,
    value: &Value,
    rest: &[ValueOrKwargs],
    missing: Value,
) -> Result<Value, Error> {
    if is_missing(value) { Ok(missing) } else { apply(state, own, value, rest) }
}

/// The filter of a text. Of a list it would first make one, with quotes and backslashes: twice as long each time that is done
/// again.
fn of_text(
    state: &mut State<'_, '_>,
    own: &str,
    value: &Value,
    rest: &[ValueOrKwargs],
    missing: Value,
) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(missing),
        ValueKind::String | ValueKind::Number | ValueKind::Bool => apply(state, own, value, rest),
        _ => {
            let filter = own.split(' ').next().unwrap_or_default();
            let message = format!("`{filter}` is for texts: write `| join(\", \")` before it");
            Err(Error::new(ErrorKind::InvalidOperation, message))
        }
    }
}

/// The filter of a number; a text that somebody typed stays as it is.
fn of_numbers(
    state: &mut State<'_, '_>,
    own: &str,
    value: &Value,
    rest: &[ValueOrKwargs],
    missing: Value,
) -> Result<Value, Error> {
    match value.as_str() {
        Some(text) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => apply(state, own, &Value::from(number), rest),
            _ => Ok(value.clone()),
        },
        None => of_what_is_there(state, own, value, rest, missing),
    }
}

/// A text as a number; one that spells none is read as if it were missing: the filter's `default`, or 0.
fn read(
    state: &mut State<'_, '_>,
    own: &str,
    value: &Value,
    rest: &[ValueOrKwargs],
    missing: Value,
) -> Result<Value, Error> {
    let read = apply(state, own, value, rest);
    if read.is_err() && value.as_str().is_some() { apply(state, own, &missing, rest) } else { read }
}
