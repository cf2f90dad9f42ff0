//! Reads steps that wait for a date: `wait_until` and `every`; and dates until which something holds.

use domain::calendar::{self, Period};
use domain::sequence::{Shift, Until};
use domain::traits::TraitType;
use jiff::civil::{DateTime, Time};

use super::{Act, Step};
use crate::reader::{Fields, Reader};
use crate::rule::Rule;
use crate::time::{self, Unreadable};
use crate::yaml::Node;

/// When nothing else is said, in the lead's morning.
const MORNING: Time = Time::constant(9, 0, 0, 0);
/// The end of a day that is given without a time.
pub(super) const NIGHT: Time = Time::constant(23, 59, 59, 0);

/// Reads what stands beside `wait_until`; its detour is read already.
pub(super) fn wait_until<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    value: &'a Node,
    otherwise: Vec<Step>,
) -> Option<Act> {
    let until = until(reader, fields, value, MORNING);
    Some(Act::WaitUntil { until, otherwise })
}

/// Reads a moment. A day without a time of day means `time`.
pub(super) fn until<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    value: &'a Node,
    time: Time,
) -> Option<Until> {
    let text = reader.text(value, "a date, or a trait such as `lead.renewal_date`");
    text.and_then(|text| {
        if text.starts_with("lead.") {
            let name = date_trait(reader, value, text)?;
            let shift = shift(reader, fields);
            return Some(Until::Trait { name, shift: shift?, at: at(reader, fields, time)? });
        }
        for key in ["before", "after"] {
            if let Some(entry) = fields.node.entries().iter().find(|entry| entry.key == key) {
                let message = format!("`{key}` has no meaning beside a date that is written out");
                reader.error(&entry.key_span, message, "write the date itself");
            }
        }
        let (date, time) = match reader.parsed(value, "a date", moment)? {
            (date, None) => (date, at(reader, fields, time)?),
            (date, Some(time)) => {
                if let Some(entry) = fields.node.entries().iter().find(|entry| entry.key == "at") {
                    let message = "the time of day stands in the date already";
                    reader.error(&entry.key_span, message, "leave `at` out");
                }
                (date, time)
            }
        };
        Some(Until::Date { moment: date.to_datetime(time) })
    })
}

/// Reads what stands beside `every`; its block is read already.
pub(super) fn every<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    value: &'a Node,
    block: Vec<Step>,
) -> Option<Act> {
    refuse_nested(reader, &block);
    if let Some(node) = fields.need("do").filter(|node| node.items().is_empty()) {
        reader.error(&node.lead_in, "this block does nothing", "add steps: `do: [send: anniversary]`");
    }
    const HELP: &str = "write `1y on lead.birthday`";
    let text = reader.text(value, "a period and a date such as `1y on lead.birthday`");
    let recurrence = text.and_then(|text| {
        let Some((period, date)) = text.split_once(" on ") else {
            reader.error(&value.span, format!("`{text}` does not say on which date"), HELP);
            return None;
        };
        let each = reader.parsed(value, "a period such as `1y`", |_| time::period(period.trim()));
        let date = date.trim();
        if !date.starts_with("lead.") {
            reader.error(&value.span, format!("`{date}` is not a trait"), HELP);
            return None;
        }
        let on = date_trait(reader, value, date);
        let at = at(reader, fields, MORNING);
        Some((each?, on?, at?))
    });
    Some(Act::Every { recurrence, block })
}

/// Whoever comes to an e-mail after a written date comes too late for one that ends before it.
pub(super) fn check_order(reader: Reader<'_>, steps: &[Step], mut after: Option<DateTime>) {
    for step in steps {
        match &step.act {
            Act::WaitUntil { until: Some(Until::Date { moment }), .. } => after = after.max(Some(*moment)),
            Act::Send { until: Some(Until::Date { moment }), .. } if after > Some(*moment) => {
                let message = "this e-mail leaves to nobody: the sequence waits for a date after the one until which it leaves";
                reader
                    .warning(&step.place, message, "let it leave longer, or wait less")
                    .rule(Rule::NoEffect);
            }
            _ => {}
        }
        step.branches().into_iter().for_each(|branch| check_order(reader, branch, after));
    }
}

/// Of two that never end, the outer one would come round once and never again.
fn refuse_nested(reader: Reader<'_>, steps: &[Step]) {
    for step in steps {
        if matches!(step.act, Act::Every { .. }) {
            let help = "give it a campaign of its own, and `enrol` the lead there";
            reader.error(&step.place, "an `every` cannot stand within another", help);
        }
        step.branches().into_iter().for_each(|steps| refuse_nested(reader, steps));
    }
}

/// The trait that `lead.<name>` names, if it holds a date.
fn date_trait(reader: Reader<'_>, node: &Node, text: &str) -> Option<String> {
    let name = text.strip_prefix("lead.").unwrap_or(text);
    let vocabulary = reader.vocabulary;
    match vocabulary.traits.get(name) {
        None if vocabulary.complete => {
            let dates = vocabulary.traits.iter().filter(|(_, words)| words.kind == Some(TraitType::Date));
            let declare = format!("declare it under `traits` of `sillon.yaml`: `{name}: {{ type: date }}`");
            reader.unknown(&node.span, "trait", name, dates.map(|(name, _)| name.as_str()), &declare);
            None
        }
        Some(words) if words.kind.is_some_and(|kind| kind != TraitType::Date) => {
            let kind = words.kind.map_or("", TraitType::describe);
            let message = format!("`lead.{name}` is {kind}, and a date is wanted");
            reader.error(&node.span, message, "declare it as `{ type: date }`");
            None
        }
        _ => Some(name.to_owned()),
    }
}

/// `before` or `after`; none within if neither stands there.
fn shift<'a>(reader: Reader<'a>, fields: Fields<'a>) -> Option<Option<Shift>> {
    let period = |node| reader.parsed(node, "a period such as `14d`", time::period);
    match (fields.get("before"), fields.get("after")) {
        (Some(_), Some(after)) => {
            reader.error(&after.lead_in, "this waits both before the date and after it", "keep one of them");
            None
        }
        (Some(before), None) => Some(Some(Shift::Before(period(before)?))),
        (None, Some(after)) => Some(Some(Shift::After(period(after)?))),
        (None, None) => Some(None),
    }
}

fn at<'a>(reader: Reader<'a>, fields: Fields<'a>, otherwise: Time) -> Option<Time> {
    match fields.get("at") {
        None => Some(otherwise),
        Some(node) => reader.parsed(node, "a time of day such as `09:00`", time::time_of_day),
    }
}

/// A date, and the time of day if it stands beside it.
fn moment(text: &str) -> Result<(jiff::civil::Date, Option<Time>), Unreadable> {
    let fault = |text: &str| {
        let help = "write `2026-12-01` or `2026-12-01 09:00`, or a trait such as `lead.renewal_date`";
        Unreadable::new(format!("`{text}` is not a date"), help)
    };
    let (date, time) = match text.trim().split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time::time_of_day(time).map_err(|_| fault(text))?)),
        None => (text.trim(), None),
    };
    Ok((calendar::date(date).ok_or_else(|| fault(text))?, time))
}

/// The moment that a text of `wait_until` or `until` writes out, with the time of day that stands beside it; none for a trait.
pub(crate) fn written_moment(text: &str, key: &str, beside: Option<&str>) -> Option<DateTime> {
    let (date, within) = moment(text).ok()?;
    let beside = beside.and_then(|text| time::time_of_day(text).ok());
    let otherwise = if key == "until" { NIGHT } else { MORNING };
    Some(date.to_datetime(within.or(beside).unwrap_or(otherwise)))
}

/// How often, on which trait's date, and when on that day.
pub(super) type Recurrence = (Period, String, Time);
