//! Reads `limits`: how often and when leads may be written to, and what strangers may make us do.

use domain::organisation::{FrequencyCap, Limits};
use domain::schedule::ClosedDay;
use jiff::SignedDuration;

use crate::reader::Reader;
use crate::shape::organisation as shape;
use crate::yaml::{Content, Node};
use crate::{form, time};

/// What an hour's confirmations may be set to, at most.
const MOST_PER_HOUR: usize = 1_000_000;
/// Forms of one field are sent within seconds, by people whose browser fills them in.
const LONGEST_FILL_TIME: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn read<'a>(reader: Reader<'a>, node: &'a Node) -> Limits {
    let Some(fields) = reader.fields(node, "`limits`", &shape::LIMITS) else {
        return Limits::default();
    };
    let per_lead = |node| reader.parsed(node, "an amount such as `2 per 24h`", time::frequency_cap);
    let quiet_hours = |node| reader.parsed(node, "hours such as `21:00-08:00`", time::quiet_hours);
    let per_network = |node| reader.parsed(node, "an amount such as `30 per 10m`", time::frequency_cap);
    let without = Limits::default();
    Limits {
        per_lead: fields.get("per_lead").and_then(per_lead),
        quiet_hours: fields.get("quiet_hours").and_then(quiet_hours),
        closed_days: fields.get("closed_days").map(|node| closed_days(reader, node)).unwrap_or_default(),
        confirmations: fields
            .get("confirmations")
            .map_or(without.confirmations, |node| confirmations(reader, node)),
        per_network: fields.get("per_network").map_or(without.per_network, per_network),
        fill_time: fields.get("fill_time").map_or(without.fill_time, |node| fill_time(reader, node)),
        confirmations_per_hour: fields
            .get("confirmations_per_hour")
            .and_then(|node| form::whole_number(reader, node, "confirmations_per_hour", 1, MOST_PER_HOUR))
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(without.confirmations_per_hour),
    }
}

/// Whoever is slower than the longest that is allowed here would be passed over without a word.
fn fill_time<'a>(reader: Reader<'a>, node: &'a Node) -> Option<SignedDuration> {
    let time = reader.parsed(node, "a duration", time::duration)?;
    if time > LONGEST_FILL_TIME {
        let message = format!(
            "people who fill in a form within `{}` would be taken for robots",
            node.text().unwrap_or_default()
        );
        reader.error(&node.span, message, "write at most `30s`; `2s` suits most forms");
        return None;
    }
    Some(time)
}

fn confirmations<'a>(reader: Reader<'a>, node: &'a Node) -> Vec<FrequencyCap> {
    let help = "write `[1 per 24h, 6 per 30d]`";
    let items = reader.list(node, "a list of amounts", help).unwrap_or_default();
    if items.is_empty() && matches!(node.content, Content::List(_)) {
        reader.error(&node.lead_in, "strangers may have anybody written to without end", help);
    }
    let mut caps: Vec<FrequencyCap> = Vec::new();
    for item in items {
        let Some(cap) = reader.parsed(item, "an amount such as `1 per 24h`", time::frequency_cap) else {
            continue;
        };
        match caps.iter().find(|other| other.per == cap.per) {
            Some(other) => {
                let least = cap.count.min(other.count);
                let help = format!("leave the smaller one alone, which is {least}");
                reader.error(&item.span, "there is an amount for that span already", help);
            }
            None => caps.push(cap),
        }
    }
    caps
}

fn closed_days<'a>(reader: Reader<'a>, node: &'a Node) -> Vec<ClosedDay> {
    let days = reader.list(node, "a list of days", "write `[12-25, 2026-05-14]`").unwrap_or_default();
    let day = |item| reader.parsed(item, "a day such as `12-25`", time::closed_day);
    let days: Vec<ClosedDay> = days.iter().filter_map(day).collect();
    if time::every_day(&days) {
        reader.error(&node.lead_in, "every day of the year is closed", "leave a day on which e-mails leave");
    }
    days
}
