//! Reads a scenario's file.

use campaign_file::tree::scenario::{GIVEN, SCENARIO, SCENARIO_STEP};
use campaign_file::tree::{Fields, Meaning, Node, Reader};
use campaign_file::{Unreadable, duration};
use domain::traits::TraitType;
use domain::{EmailAddress, TraitValue, Traits};
use jiff::tz::TimeZone;

use super::moment::{Moment, When};
use super::names::Names;
use super::{Given, Scenario, Step, deed, expected};

/// Who a scenario is about that names nobody (RFC 2606, section 3).
const SOMEBODY: &str = "lead@example.com";

pub(super) fn scenario<'a>(
    reader: Reader<'a>,
    root: &'a Node,
    names: Names<'_>,
    name: &str,
) -> Option<Scenario> {
    let fields = reader.fields(root, "a scenario", &SCENARIO)?;
    let title = fields.need("scenario").and_then(|node| reader.text(node, "what the scenario tells"));
    let given = fields.need("given").and_then(|node| given(reader, node, names));
    let steps = fields.need("steps")?;
    let steps = reader.list(steps, "a list of steps", "begin each step with `- `")?;
    let steps: Vec<Option<Step>> = steps.iter().map(|node| step(reader, node, names)).collect();
    Some(Scenario {
        title: title?.to_owned(),
        file: reader.source.path.clone(),
        name: name.to_owned(),
        campaign: names.campaign.id.clone(),
        given: given?,
        steps: steps.into_iter().collect::<Option<_>>()?,
    })
}

fn given<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Given> {
    let organisation = &names.bundle.organisation;
    let fields = reader.fields(node, "`given`", &GIVEN)?;
    let email = match fields.get("email") {
        None => EmailAddress::parse(SOMEBODY).ok(),
        Some(node) => reader.parsed(node, "an e-mail address", |text| {
            let help = "write an address such as `camille@example.com`";
            EmailAddress::parse(text).map_err(|fault| Unreadable::new(fault.to_string(), help))
        }),
    };
    let locale = match fields.get("locale") {
        None => Some(organisation.default_locale().clone()),
        Some(node) => names.locale(reader, &node.span, reader.text(node, "a language")?),
    };
    let time_zone = fields.get("time_zone").and_then(|node| zone(reader, node));
    let zone = domain::schedule::zone(time_zone.as_deref(), &organisation.time_zone);
    let start = fields.need("start").and_then(|node| {
        let (text, help) = (reader.text(node, "a moment")?, "write a date and a time: `2026-03-02 09:00`");
        let moment = Moment::parse(text).ok().filter(|moment| matches!(moment, Moment::Dated(_)));
        let start = moment.and_then(|moment| moment.from(jiff::Timestamp::UNIX_EPOCH, &zone));
        if start.is_none() {
            reader.error(&node.span, format!("`{text}` is not a moment"), help);
        }
        start
    });
    let traits = fields.get("traits").map_or_else(|| Some(Traits::new()), |node| traits(reader, node, names));
    let consent = fields.get("consent").is_some_and(|node| is_granted(reader, node));
    Some(Given { email: email?, locale: locale?, time_zone, zone, traits: traits?, start: start?, consent })
}

/// Anything but `granted` is a story of its own: a form, a confirmation.
fn is_granted(reader: Reader<'_>, node: &Node) -> bool {
    let granted = node.text() == Some("granted");
    if !granted {
        reader.wrong_type(
            node,
            "`granted`",
            "write `granted`, or leave it out and let the lead submit a form",
        );
    }
    granted
}

pub(super) fn zone<'a>(reader: Reader<'a>, node: &'a Node) -> Option<String> {
    let name = reader.text(node, "a time zone")?;
    if TimeZone::get(name).is_err() {
        reader.error(
            &node.span,
            format!("`{name}` is not a time zone"),
            "write its IANA name: `Europe/Paris`",
        );
    }
    Some(name.to_owned())
}

fn step<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Step> {
    let place = reader.source.place(&node.span);
    if let Some(word) = node.text() {
        let deed = deed::bare(reader, node, word, names)?;
        return Some(Step { place, when: at_once(), deed: Some(deed), expected: Default::default() });
    }
    let fields = reader.fields(node, "a step", &SCENARIO_STEP)?;
    let when = when(reader, fields);
    let deed = deed::read(reader, fields, names);
    let expected = match fields.get("expect") {
        Some(node) => expected::read(reader, node, names),
        None => Some(Default::default()),
    };
    Some(Step { place, when: when?, deed: deed?, expected: expected? })
}

fn at_once() -> When {
    When::After(jiff::SignedDuration::ZERO)
}

fn when<'a>(reader: Reader<'a>, fields: Fields<'a>) -> Option<When> {
    match (fields.get("after"), fields.get("at")) {
        (None, None) => Some(at_once()),
        (Some(node), None) => reader.parsed(node, "a duration such as `3d`", duration).map(When::After),
        (None, Some(node)) => reader.parsed(node, "a moment", Moment::parse).map(When::At),
        (Some(_), Some(node)) => {
            reader.error(&node.lead_in, "a step has either `after` or `at`", "leave one of the two out");
            None
        }
    }
}

/// Values of declared traits.
pub(super) fn traits<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Traits> {
    let entries = reader.names(node, "traits as a mapping", "write `{ name: value }`")?;
    let mut traits = Traits::new();
    for entry in entries {
        let Some(kind) = names.trait_type(&entry.key) else {
            let declare = "declare it under `traits` of `sillon.yaml`";
            reader.unknown(&entry.key_span, "trait", &entry.key, names.traits(), declare);
            continue;
        };
        traits.extend(value(reader, &entry.value, kind).map(|value| (entry.key.clone(), value)));
    }
    Some(traits)
}

/// A value of that type.
pub(super) fn value<'a>(reader: Reader<'a>, node: &'a Node, kind: TraitType) -> Option<TraitValue> {
    let value = match kind {
        TraitType::Number => reader.number(node).map(TraitValue::Number),
        TraitType::Boolean => reader.boolean(node).map(TraitValue::Boolean),
        _ => reader.text(node, "a text").map(TraitValue::from),
    }?;
    let kept = kind.read(&value);
    if kept.is_err() {
        reader.error(
            &node.span,
            format!("`{value}` is not {}", kind.describe()),
            "write one, or leave the trait out",
        );
    }
    kept.ok()
}

/// A key that stands alone, or with `true`.
pub(super) fn is_told(reader: Reader<'_>, node: &Node) -> Option<()> {
    let meaning = node.scalar().map(|scalar| scalar.meaning());
    if !matches!(meaning, Some(Meaning::Null | Meaning::Boolean(true))) {
        reader.wrong_type(node, "`true`", "write `true`, or leave the step out");
        return None;
    }
    Some(())
}
