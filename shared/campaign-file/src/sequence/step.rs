//! Reads one step: what it does, and what else may stand beside that.

use domain::{EmailName, TopicId, WebhookId, activity};
use jiff::SignedDuration;

use super::{Act, Step, Surroundings, case, experiment, mark, timed};
use crate::nearest;
use crate::reader::{Fields, Known, Reader};
use crate::rule::Rule;
use crate::shape::sequence::STEPS;
use crate::time;
use crate::yaml::{Entry, Node};

/// Reads a list of steps.
pub(super) fn list<'a>(reader: Reader<'a>, node: &'a Node, surroundings: Surroundings<'_>) -> Vec<Step> {
    let items = reader.list(node, "a list of steps", "begin each with `- send:`, `- wait:` or the like");
    items.unwrap_or_default().iter().filter_map(|item| step(reader, item, surroundings)).collect()
}

fn step<'a>(reader: Reader<'a>, node: &'a Node, surroundings: Surroundings<'_>) -> Option<Step> {
    if node.text() == Some("exit") {
        return Some(Step { place: node.span.clone(), id: String::new(), id_place: None, act: Act::Exit });
    }
    let acts: Vec<&str> = STEPS.iter().filter_map(|step| step.names().next()).collect();
    let keys = Known::from(STEPS).names();
    let fields = reader.fields(node, "a step", STEPS)?;
    let mut found = node.entries().iter().filter(|entry| acts.contains(&entry.key.as_str()));
    let Some(act_entry) = found.next() else {
        // An unknown key that was to be the act has been told of already.
        if node.entries().iter().all(|entry| keys.contains(&entry.key.as_str())) {
            reader
                .error(
                    &node.lead_in,
                    "this step does nothing",
                    format!("add one of {}", nearest::list(&acts)),
                )
                .rule(Rule::MissingKey);
        }
        return None;
    };
    for second in found {
        let message =
            format!("a step does one thing, and this one has `{}` and `{}`", act_entry.key, second.key);
        reader
            .error(&second.key_span, message, format!("begin a step of its own: `- {}:`", second.key))
            .rule(Rule::Contradiction);
    }
    let own: Vec<&str> = STEPS
        .iter()
        .find(|step| step.names().next() == Some(act_entry.key.as_str()))
        .map(|step| step.names().collect())
        .unwrap_or_default();
    for entry in node.entries() {
        let key = entry.key.as_str();
        if keys.contains(&key) && !acts.contains(&key) && !own.contains(&key) {
            reader
                .error(
                    &entry.key_span,
                    format!("`{key}` has no meaning beside `{}`", act_entry.key),
                    "leave it out",
                )
                .rule(Rule::MisplacedKey);
        }
    }
    let id = node.entries().iter().find(|entry| entry.key == "id");
    let id = if act_entry.key == "experiment" { Some(act_entry) } else { id };
    let given = id.and_then(|entry| reader.text(&entry.value, "an id"));
    Some(Step {
        place: act_entry.key_span.clone(),
        id: given.unwrap_or_default().to_owned(),
        id_place: id.map(|entry| entry.value.span.clone()),
        act: act(reader, fields, act_entry, surroundings)?,
    })
}

fn act<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    entry: &'a Entry,
    surroundings: Surroundings<'_>,
) -> Option<Act> {
    let value = &entry.value;
    let branch = |key: &str| fields.get(key).map(|node| list(reader, node, surroundings)).unwrap_or_default();
    // A time that cannot be read has been told of; the step goes on, so that its neighbours are checked rightly.
    let duration =
        |node| reader.parsed(node, "a duration such as `3d`", time::duration).unwrap_or(SignedDuration::ZERO);
    match entry.key.as_str() {
        "send" => send(reader, fields, value, surroundings),
        "wait" => Some(Act::Wait(duration(value))),
        "wait_for" => {
            let kinds = events(reader, value, surroundings);
            let within = fields.need("within").map_or(SignedDuration::ZERO, duration);
            Some(Act::WaitFor { kinds, within, otherwise: branch("otherwise") })
        }
        "wait_until" => timed::wait_until(reader, fields, value, branch("otherwise")),
        "every" => timed::every(reader, fields, value, branch("do")),
        "if" => Some(case::single(reader, fields, value, surroundings)),
        "branch" => case::several(reader, value, surroundings),
        "set" => mark::set(reader, value),
        "tag" => mark::tag(reader, value).map(Act::Tag),
        "untag" => mark::untag(reader, value).map(Act::Untag),
        "enrol" => mark::enrol(reader, value, surroundings).map(Act::Enrol),
        "holdout" => mark::holdout(reader, value).map(Act::Holdout),
        "experiment" => experiment::read(reader, fields, value, surroundings).map(Act::Experiment),
        "alert" => {
            alert(reader, value);
            Some(Act::Alert)
        }
        "notify" => Some(Act::Notify(webhook(reader, value))),
        _ => {
            if value.scalar().is_none() || value.text() == Some("false") {
                reader.wrong_type(value, "`exit: true`, or why it ends", "write `- exit`");
            }
            Some(Act::Exit)
        }
    }
}

/// What stands beside the name of an e-mail.
pub(super) fn send<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    name: &'a Node,
    surroundings: Surroundings<'_>,
) -> Option<Act> {
    let email = email(reader, name, surroundings);
    let between = fields.get("between").and_then(|node| {
        let window = reader.parsed(node, "hours such as `mon-fri 09:00-18:00`", time::window)?;
        Some((window, node.span.clone()))
    });
    let until = fields.get("until").and_then(|node| timed::until(reader, fields, node, timed::NIGHT));
    let topic = fields.get("topic").and_then(|node| topic(reader, node));
    let subject = fields.get("subject");
    let subject = subject.and_then(|node| experiment::subject(reader, node, email.as_ref(), surroundings));
    Some(Act::Send { email: email?, email_place: name.span.clone(), between, topic, subject, until })
}

fn email<'a>(reader: Reader<'a>, node: &'a Node, surroundings: Surroundings<'_>) -> Option<EmailName> {
    let text = reader.text(node, "the name of an e-mail")?;
    let name = reader.id(&node.span, text, EmailName::parse)?;
    if text == domain::CONFIRM_STEP {
        let message = "`confirm` is the e-mail that asks for confirmation, and is sent by itself";
        reader.error(&node.span, message, "leave this step out").rule(Rule::ReservedName);
        return None;
    }
    if !surroundings.emails.contains(text) {
        let default = reader.vocabulary.default_locale().map_or("en", domain::Locale::as_str);
        let known =
            surroundings.emails.iter().map(String::as_str).filter(|name| *name != domain::CONFIRM_STEP);
        let help = match nearest::nearest(text, known) {
            Some(meant) => format!("write `{meant}`, or create `emails/{text}.{default}.md`"),
            None => format!("create `emails/{text}.{default}.md`"),
        };
        let told = reader.error(&node.span, format!("there is no e-mail `{text}`"), help);
        let known =
            surroundings.emails.iter().map(String::as_str).filter(|name| *name != domain::CONFIRM_STEP);
        if let Some(meant) = nearest::certain(text, known) {
            reader.rename(told, &node.span, text, meant);
        }
        told.rule(Rule::MissingFile);
    }
    Some(name)
}

/// A topic that the organisation has.
pub(crate) fn topic<'a>(reader: Reader<'a>, node: &'a Node) -> Option<TopicId> {
    let text = reader.text(node, "a topic")?;
    let known = &reader.vocabulary.topics;
    if reader.vocabulary.has_organisation && !known.contains(text) {
        let known = known.iter().map(String::as_str);
        reader.unknown(&node.span, "topic", text, known, "declare it under `topics` of `sillon.yaml`");
        return None;
    }
    reader.id(&node.span, text, TopicId::parse)
}

/// One event, or a list of which any will do.
fn events<'a>(reader: Reader<'a>, node: &'a Node, surroundings: Surroundings<'_>) -> Vec<String> {
    let crate::yaml::Content::List(items) = &node.content else {
        return event(reader, node, surroundings).into_iter().collect();
    };
    if items.is_empty() {
        reader.error(&node.lead_in, "this waits for nothing", "write `[email_clicked, magnet_downloaded]`");
    }
    let mut events: Vec<String> = Vec::new();
    for item in items {
        let Some(event) = event(reader, item, surroundings) else { continue };
        if events.contains(&event) {
            reader.error(&item.span, format!("`{event}` stands here twice"), "keep one of the two");
        } else {
            events.push(event);
        }
    }
    events
}

fn event<'a>(reader: Reader<'a>, node: &'a Node, surroundings: Surroundings<'_>) -> Option<String> {
    let name = reader.text(node, "an event")?;
    let vocabulary = reader.vocabulary;
    if !vocabulary.known_events().any(|known| known == name) {
        if activity::RESERVED.contains(&name) {
            let message = format!("`{name}` is a mark of Sillon's own, which is not counted");
            reader
                .error(&node.span, message, format!("counted are {}", nearest::list(&activity::COUNTED)))
                .rule(Rule::ReservedName);
        } else if vocabulary.complete {
            let declare = "declare it under `events` of `sillon.yaml`";
            reader.unknown(&node.span, "event", name, vocabulary.known_events(), declare);
        }
    } else if surroundings.goal == Some(name) {
        let message =
            format!("`{name}` is the campaign's goal, which ends the sequence: the step never goes on by it");
        reader
            .warning(&node.span, message, "wait for another event, or for the time alone")
            .rule(Rule::UnreachableStep);
    }
    Some(name.to_owned())
}

/// A webhook that the organisation has.
fn webhook<'a>(reader: Reader<'a>, node: &'a Node) -> Option<WebhookId> {
    let text = reader.text(node, "the name of a webhook")?;
    let known = &reader.vocabulary.webhooks;
    if reader.vocabulary.has_organisation && !known.contains(text) {
        let known = known.iter().map(String::as_str);
        let help = format!("declare it in `sillon.yaml`: `webhooks: {{ {text}: {{ url: https://... }} }}`");
        reader.unknown(&node.span, "webhook", text, known, &help);
        return None;
    }
    reader.id(&node.span, text, WebhookId::parse)
}

fn alert<'a>(reader: Reader<'a>, node: &'a Node) {
    match reader.text(node, "`sales`") {
        Some("sales") if reader.vocabulary.has_organisation && !reader.vocabulary.has_alert_address => {
            let help = "add `alert: [sales@example.org]` under `sales` of `sillon.yaml`";
            reader.error(&node.span, "nobody would hear of this alert", help).rule(Rule::MissingKey);
        }
        Some("sales") | None => {}
        Some(other) => reader.unknown(&node.span, "receiver of alerts", other, ["sales"], ""),
    }
}
