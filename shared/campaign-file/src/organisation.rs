//! Reads `sillon.yaml`: what holds for all campaigns.

mod limits;
mod turnstile;

use std::collections::BTreeMap;

use domain::computed::Computed;
use domain::organisation::{Localised, Organisation, Sales, Sender, Webhook};
use domain::traits::TraitType;
use domain::{Condition, Expression, Locale, SenderId, Stage, TopicId, WebhookId, activity};
use jiff::tz::TimeZone;

use crate::condition::{Asks, Wanted};
use crate::nearest;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::shape::organisation as shape;
use crate::yaml::{Entry, Node};
use crate::{address, scoring, segments, time};

/// SES takes so many recipients of one e-mail (SES API v2 reference, `Destination`).
const MOST_ALERTED: usize = 50;

/// Reads the whole file.
pub(crate) fn read<'a>(reader: Reader<'a>, root: &'a Node) -> Option<Organisation> {
    let fields = reader.fields(root, "`sillon.yaml`", &shape::ORGANISATION_FILE)?;
    let about = fields.need("organisation").and_then(|node| about(reader, node));
    let senders = fields.need("senders").map(|node| senders(reader, node)).unwrap_or_default();
    let topics = fields.get("topics").map(|node| topics(reader, node)).unwrap_or_default();
    let (traits, computed) = fields.get("traits").map(|node| traits(reader, node)).unwrap_or_default();
    let events = fields.get("events").map(|node| events(reader, node)).unwrap_or_default();
    let sales = fields.get("sales").map(|node| sales(reader, node)).unwrap_or_default();
    let limits = fields.get("limits").map(|node| limits::read(reader, node)).unwrap_or_default();
    let retention =
        fields.get("retention").and_then(|node| reader.parsed(node, "a period such as `3y`", time::period));
    let score = scoring::read(reader, fields.get("score"));
    let stages = fields.get("stages").map(|node| stages(reader, node)).unwrap_or_default();
    let segments = fields.get("segments").map(|node| segments::read(reader, node)).unwrap_or_default();
    let webhooks = fields.get("webhooks").map(|node| webhooks(reader, node)).unwrap_or_default();
    let turnstile = fields.get("turnstile").and_then(|node| turnstile::read(reader, node));
    let about = about?;
    Some(Organisation {
        name: about.name?,
        postal_address: about.postal_address?,
        website: about.website,
        privacy_policy: about.privacy_policy,
        time_zone: about.time_zone?,
        locales: about.locales?,
        senders,
        topics,
        traits,
        computed,
        events,
        sales,
        limits,
        retention,
        score: score?,
        stages,
        segments,
        webhooks,
        turnstile,
    })
}

struct About {
    name: Option<String>,
    postal_address: Option<String>,
    website: Option<String>,
    privacy_policy: Option<String>,
    time_zone: Option<String>,
    locales: Option<Vec<Locale>>,
}

fn about<'a>(reader: Reader<'a>, node: &'a Node) -> Option<About> {
    let fields = reader.fields(node, "`organisation`", &shape::ORGANISATION)?;
    let text = |key: &str, expected: &str| fields.need(key).and_then(|node| reader.text(node, expected));
    let page = |key: &str| {
        fields.get(key).and_then(|node| reader.parsed(node, "the address of a page", address::page))
    };
    Some(About {
        name: text("name", "the organisation's name").map(str::to_owned),
        postal_address: text("postal_address", "a postal address").map(str::to_owned),
        website: page("website"),
        privacy_policy: page("privacy_policy"),
        time_zone: fields.need("time_zone").and_then(|node| time_zone(reader, node)),
        locales: fields.need("locales").and_then(|node| locales(reader, node)),
    })
}

fn time_zone<'a>(reader: Reader<'a>, node: &'a Node) -> Option<String> {
    let name = reader.text(node, "a time zone")?;
    if TimeZone::get(name).is_ok() {
        return Some(name.to_owned());
    }
    let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.as_str().to_owned()).collect();
    let help = match nearest::nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("write `{meant}`"),
        None => "write an IANA name such as `Europe/Paris`".to_owned(),
    };
    let told = reader.error(&node.span, format!("unknown time zone `{name}`"), help).rule(Rule::UnknownName);
    if let Some(meant) = nearest::certain(name, known.iter().map(String::as_str)) {
        reader.rename(told, &node.span, name, meant);
    }
    None
}

fn locales<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Vec<Locale>> {
    let items = reader.list(node, "a list of languages", "write `[fr, en]`: the first is the default")?;
    if items.is_empty() {
        reader
            .error(&node.lead_in, "there is no language", "write `[fr, en]`: the first is the default")
            .rule(Rule::EmptyValue);
        return None;
    }
    let mut locales: Vec<Locale> = Vec::new();
    for item in items {
        let Some(text) = reader.text(item, "a language") else { continue };
        let Some(locale) = reader.id(&item.span, text, Locale::parse) else { continue };
        if locales.contains(&locale) {
            reader
                .error(&item.span, format!("`{locale}` stands here twice"), "keep one of the two")
                .rule(Rule::DuplicateKey);
        } else {
            locales.push(locale);
        }
    }
    Some(locales)
}

fn senders<'a>(reader: Reader<'a>, node: &'a Node) -> BTreeMap<SenderId, Sender> {
    let help = "write `bonjour: { from: Name <name@example.org> }`";
    let entries = reader.names(node, "senders by name", help).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| Some((name(reader, entry, SenderId::parse)?, sender(reader, &entry.value)?)))
        .collect()
}

fn sender<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Sender> {
    let fields = reader.fields(node, "a sender", &shape::SENDER)?;
    let mailbox = |node| reader.parsed(node, "an e-mail address", address::mailbox);
    let from = fields.need("from").and_then(mailbox);
    let reply_to = fields.get("reply_to").and_then(mailbox);
    Some(Sender { from: from?, reply_to })
}

fn topics<'a>(reader: Reader<'a>, node: &'a Node) -> BTreeMap<TopicId, Localised> {
    let entries =
        reader.names(node, "topics by name", "write `tips: { fr: Conseils, en: Tips }`").unwrap_or_default();
    let read = |entry: &'a Entry| {
        let id = name(reader, entry, TopicId::parse);
        let title = reader.localised(&entry.value, "a topic's title");
        Some((id?, title?))
    };
    entries.iter().filter_map(read).collect()
}

fn webhooks<'a>(reader: Reader<'a>, node: &'a Node) -> BTreeMap<WebhookId, Webhook> {
    let help = "write `crm: { url: https://crm.example/hooks }`";
    let entries = reader.names(node, "webhooks by name", help).unwrap_or_default();
    let read = |entry: &'a Entry| {
        let id = name(reader, entry, WebhookId::parse);
        let fields = reader.fields(&entry.value, "a webhook", &shape::WEBHOOK)?;
        let url = fields.need("url").and_then(|node| reader.parsed(node, "a full address", address::page));
        Some((id?, Webhook { url: url? }))
    };
    entries.iter().filter_map(read).collect()
}

/// Reads a mapping's key as an identifier.
fn name<T>(
    reader: Reader<'_>,
    entry: &Entry,
    parse: fn(String) -> Result<T, domain::InvalidId>,
) -> Option<T> {
    reader.id(&entry.key_span, &entry.key, parse)
}

type Declared = (BTreeMap<String, TraitType>, BTreeMap<String, Computed>);

/// The traits that a lead can state, and those that follow from them.
fn traits<'a>(reader: Reader<'a>, node: &'a Node) -> Declared {
    let help = "write `customer: { type: boolean }`";
    let entries = reader.names(node, "traits by name", help).unwrap_or_default();
    let mut declared = Declared::default();
    for entry in entries {
        let Some((kind, compute)) = declared_trait(reader, entry) else { continue };
        match compute {
            None => {
                declared.0.insert(entry.key.clone(), kind);
            }
            Some(compute) => {
                declared.1.insert(entry.key.clone(), Computed { kind, compute });
            }
        }
    }
    declared
}

fn declared_trait<'a>(reader: Reader<'a>, entry: &'a Entry) -> Option<(TraitType, Option<Expression>)> {
    crate::form::check_trait_name(reader, entry);
    let fields = reader.fields(&entry.value, "a trait", &shape::TRAIT)?;
    let node = fields.need("type")?;
    let text = reader.text(node, "a type")?;
    let Some(kind) = TraitType::named(text) else {
        reader.unknown(&node.span, "type", text, TraitType::ALL.map(|(name, _)| name), "");
        return None;
    };
    let Some(node) = fields.get("compute") else { return Some((kind, None)) };
    Some((kind, Some(reader.expression(node, Asks::Stated, Wanted::Trait(kind))?)))
}

fn events<'a>(reader: Reader<'a>, node: &'a Node) -> Vec<String> {
    let items = reader.list(node, "a list of events", "write `[quote_requested]`").unwrap_or_default();
    let read = |item: &'a Node| {
        let name = reader.text(item, "an event")?;
        if activity::RESERVED.contains(&name) {
            let message = format!("`{name}` is an event of Sillon's own");
            reader
                .error(&item.span, message, "leave it out: there is no need to declare it")
                .rule(Rule::ReservedName);
            return None;
        }
        event_name(reader, &item.span, name).then(|| name.to_owned())
    };
    items.iter().filter_map(read).collect()
}

/// Whether a name can be that of an event, be it one's own or a counted one of Sillon's; if not, that is told.
pub(crate) fn event_name(reader: Reader<'_>, span: &crate::source::Span, name: &str) -> bool {
    if activity::COUNTED.contains(&name) {
        return true;
    }
    if activity::RESERVED.contains(&name) {
        let message = format!("`{name}` is a mark of Sillon's own, which is not counted");
        reader
            .error(span, message, format!("counted are {}", nearest::list(&activity::COUNTED)))
            .rule(Rule::ReservedName);
        return false;
    }
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) || name.len() > 64 {
        let told = reader.error(
            span,
            format!("`{name}` is not an event's name"),
            "write it in snake case: `quote_requested`",
        );
        let tidy = name.trim().to_lowercase().replace([' ', '-'], "_");
        if tidy.starts_with(|c: char| c.is_ascii_lowercase()) && tidy.chars().all(letters) && tidy.len() <= 64
        {
            reader.rename(told, span, name, &tidy);
        }
        told.rule(Rule::InvalidName);
        return false;
    }
    if let Some(meant) = nearest::nearest(name, activity::COUNTED) {
        let message = format!("`{name}` is taken as an event of your own");
        reader
            .warning(span, message, format!("if Sillon's was meant, write `{meant}`"))
            .rule(Rule::UnknownName);
    }
    true
}

fn sales<'a>(reader: Reader<'a>, node: &'a Node) -> Sales {
    let Some(fields) = reader.fields(node, "`sales`", &shape::SALES) else {
        return Sales::default();
    };
    let alert = fields
        .get("alert")
        .and_then(|node| reader.list(node, "a list of e-mail addresses", "write `[sales@example.org]`"));
    let alert = alert.unwrap_or_default();
    if let Some(item) = alert.get(MOST_ALERTED) {
        let message = format!(
            "an alert goes to at most {MOST_ALERTED} addresses, since SES takes no more of one e-mail"
        );
        reader.error(&item.span, message, "write the address of a group, which forwards to all of them");
    }
    let address = |item| reader.parsed(item, "an e-mail address", address::email);
    Sales {
        alert: alert.iter().filter_map(address).collect(),
        respond_within: fields
            .get("respond_within")
            .and_then(|node| reader.parsed(node, "a duration", time::duration)),
    }
}

fn stages<'a>(reader: Reader<'a>, node: &'a Node) -> BTreeMap<Stage, Condition> {
    let entries =
        reader.names(node, "conditions by stage", "write `mql: score.total >= 40`").unwrap_or_default();
    let known = || Stage::BY_RULE.into_iter().rev().map(Stage::as_str);
    let read = |entry: &'a Entry| {
        let stage = Stage::BY_RULE.into_iter().find(|stage| stage.as_str() == entry.key);
        if ["subscriber", "disqualified"].contains(&entry.key.as_str()) {
            let message = format!("no rule leads to the stage `{}`", entry.key);
            reader
                .error(
                    &entry.key_span,
                    message,
                    format!("leave it out; rules lead to {}", nearest::list(&known().collect::<Vec<_>>())),
                )
                .rule(Rule::ReservedName);
        } else if stage.is_none() {
            reader.unknown(&entry.key_span, "stage", &entry.key, known(), "");
        }
        let condition = reader.condition(&entry.value, Asks::All);
        Some((stage?, condition?))
    };
    entries.iter().filter_map(read).collect()
}
