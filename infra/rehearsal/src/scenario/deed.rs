//! What a lead, a website, a server or the carrier does in a scenario.

use campaign_file::duration;
use campaign_file::tree::{Content, Fields, Meaning, Node, Reader, list};
use domain::campaign::{Field, FieldKind};
use domain::{Campaign, CampaignId, Locale, TopicId, TraitValue, Traits};
use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::Named;
use super::names::Names;
use super::read::{self, is_told, traits, zone};
use crate::Answer;

/// The keys of a step that say what happens; `form` says whose form is submitted.
pub(super) const KEYS: [&str; 15] = [
    "submits",
    "confirms",
    "clicks",
    "opens",
    "downloads",
    "event",
    "views",
    "identify",
    "bounces",
    "complains",
    "leaves",
    "pauses",
    "prefers",
    "carrier",
    "form",
];

/// What happens at a step.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    Submit {
        campaign: CampaignId,
        traits: Traits,
    },
    Confirm,
    Click {
        email: Named,
        link: Option<String>,
        machine: bool,
    },
    Open {
        email: Named,
        machine: bool,
    },
    Bounce {
        email: Named,
        permanent: bool,
    },
    Complain {
        email: Named,
    },
    Download {
        campaign: CampaignId,
        machine: bool,
    },
    Event {
        name: String,
        properties: Map<String, Value>,
    },
    View {
        url: String,
    },
    Identify {
        traits: Traits,
        time_zone: Option<String>,
    },
    Leave,
    Pause {
        length: SignedDuration,
    },
    Prefer {
        left_topics: Vec<TopicId>,
        locale: Option<Locale>,
        paused_for: Option<SignedDuration>,
    },
    /// The carrier's answer to the next e-mail.
    Answer(Answer),
}

/// A step that is one word: `- confirms`.
pub(super) fn bare(reader: Reader<'_>, node: &Node, word: &str, names: Names<'_>) -> Option<Deed> {
    match word {
        "confirms" => Some(Deed::Confirm),
        "leaves" => Some(Deed::Leave),
        "downloads" => Some(Deed::Download { campaign: names.campaign.id.clone(), machine: false }),
        _ => {
            let known = ["confirms", "leaves", "downloads"];
            reader.unknown(&node.span, "step", word, known, "write it with its value: `- clicks: welcome`");
            None
        }
    }
}

/// The deed of a step, if it has one. None within if it was told that it cannot be read.
pub(super) fn read<'a>(reader: Reader<'a>, fields: Fields<'a>, names: Names<'_>) -> Option<Option<Deed>> {
    let is_deed = |key: &str| KEYS.contains(&key) && key != "form";
    let mut deeds = fields.node.entries().iter().filter(|entry| is_deed(&entry.key));
    let Some(entry) = deeds.next() else {
        if let Some(form) = fields.get("form") {
            reader.error(&form.lead_in, "`form` says whose form is submitted", "add `submits:`");
            return None;
        }
        return Some(None);
    };
    if let Some(second) = deeds.next() {
        let message =
            format!("one thing happens at a step, and here are `{}` and `{}`", entry.key, second.key);
        reader.error(&second.key_span, message, format!("begin a step of its own: `- {}:`", second.key));
        return None;
    }
    deed(reader, fields, &entry.key, &entry.value, names).map(Some)
}

fn deed<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    key: &str,
    node: &'a Node,
    names: Names<'_>,
) -> Option<Deed> {
    let told = |deed: Deed| is_told(reader, node).map(|()| deed);
    match key {
        "submits" => submits(reader, fields.get("form"), node, names),
        "confirms" => told(Deed::Confirm),
        "leaves" => told(Deed::Leave),
        "clicks" => {
            let about = about(reader, node, names, &["email", "link", "machine"])?;
            let link = about.text(reader, "link", "a link");
            Some(Deed::Click { email: about.email, link, machine: about.machine })
        }
        "opens" => {
            let about = about(reader, node, names, &["email", "machine"])?;
            Some(Deed::Open { email: about.email, machine: about.machine })
        }
        "bounces" => {
            let about = about(reader, node, names, &["email", "permanent"])?;
            let permanent = about.fields.and_then(|fields| fields.get("permanent"));
            let permanent = permanent.map_or(Some(true), |node| reader.boolean(node))?;
            Some(Deed::Bounce { email: about.email, permanent })
        }
        "complains" => Some(Deed::Complain { email: about(reader, node, names, &["email"])?.email }),
        "downloads" => downloads(reader, node, names),
        "event" => event(reader, node, names),
        "views" => Some(Deed::View { url: reader.text(node, "a page's address")?.to_owned() }),
        "identify" => identify(reader, node, names),
        "pauses" => Some(Deed::Pause { length: reader.parsed(node, "a duration such as `30d`", duration)? }),
        "prefers" => prefers(reader, node, names),
        _ => carrier(reader, node),
    }
}

/// An e-mail's name, or a mapping with it and more.
struct About<'a> {
    email: Named,
    machine: bool,
    fields: Option<Fields<'a>>,
}

fn about<'a>(
    reader: Reader<'a>,
    node: &'a Node,
    names: Names<'_>,
    known: &'a [&'a str],
) -> Option<About<'a>> {
    let fields = match &node.content {
        Content::Map(_) => Some(reader.fields(node, "an e-mail", known)?),
        _ => None,
    };
    let name = fields.map_or(Some(node), |fields| fields.need("email"))?;
    let email = names.email(reader, &name.span, reader.text(name, "the name of an e-mail")?)?;
    let machine = fields.and_then(|fields| fields.get("machine"));
    let machine = machine.map_or(Some(false), |node| reader.boolean(node))?;
    Some(About { email, machine, fields })
}

impl<'a> About<'a> {
    fn text(&self, reader: Reader<'a>, key: &str, expected: &str) -> Option<String> {
        let node = self.fields.and_then(|fields| fields.get(key))?;
        reader.text(node, expected).map(str::to_owned)
    }
}

fn submits<'a>(reader: Reader<'a>, form: Option<&'a Node>, node: &'a Node, names: Names<'_>) -> Option<Deed> {
    let campaign = match form {
        None => names.campaign,
        Some(node) => names.campaign(reader, &node.span, reader.text(node, "a campaign")?)?,
    };
    let fields: Vec<&Field> = campaign.fields().iter().filter(|field| field.name != "email").collect();
    let mut traits = Traits::new();
    let mut good = true;
    let entries = match &node.content {
        Content::Map(entries) => entries.as_slice(),
        _ if node.scalar().is_some_and(|scalar| scalar.meaning() == Meaning::Null) => &[],
        _ => reader.names(node, "what is filled in, as a mapping", "write `{ field: value }`")?,
    };
    for entry in entries {
        let Some(field) = fields.iter().find(|field| field.name == entry.key) else {
            good = false;
            if entry.key == "email" {
                let message = "the lead's address stands under `given`";
                reader.error(&entry.key_span, message, "leave it out here");
            } else {
                let known = fields.iter().map(|field| field.name.as_str());
                reader.unknown(&entry.key_span, "field", &entry.key, known, "add it to the form");
            }
            continue;
        };
        match filled(reader, &entry.value, field) {
            Some(value) => drop(traits.insert(entry.key.clone(), value)),
            None => good = false,
        }
    }
    let missing = |field: &&&Field| field.required && entries.iter().all(|entry| entry.key != field.name);
    for field in fields.iter().filter(missing) {
        let message = format!("the form of `{}` is refused without `{}`", campaign.id, field.name);
        reader.error(&node.lead_in, message, format!("add `{}:`", field.name));
        good = false;
    }
    good.then(|| Deed::Submit { campaign: campaign.id.clone(), traits })
}

fn filled<'a>(reader: Reader<'a>, node: &'a Node, field: &Field) -> Option<TraitValue> {
    let value = read::value(reader, node, field.kind.trait_type())?;
    if let (FieldKind::Choice { options }, TraitValue::Text(text)) = (&field.kind, &value)
        && options.iter().all(|option| option.value != *text)
    {
        reader.unknown(&node.span, "option", text, options.iter().map(|option| option.value.as_str()), "");
        return None;
    }
    Some(value)
}

fn downloads<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Deed> {
    let machine = match &node.content {
        Content::Map(_) => {
            let fields = reader.fields(node, "a download", &["machine"])?;
            fields.get("machine").map_or(Some(false), |node| reader.boolean(node))?
        }
        _ => {
            is_told(reader, node)?;
            false
        }
    };
    let campaign: &Campaign = names.campaign;
    if campaign.magnet.is_none() {
        reader.error(&node.lead_in, format!("`{}` has no magnet", campaign.id), "leave the step out");
        return None;
    }
    Some(Deed::Download { campaign: campaign.id.clone(), machine })
}

fn event<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Deed> {
    let fields = match &node.content {
        Content::Map(_) => Some(reader.fields(node, "an event", &["name", "properties"])?),
        _ => None,
    };
    let name_node = fields.map_or(Some(node), |fields| fields.need("name"))?;
    let name = reader.text(name_node, "an event")?;
    let known = names.event(reader, &name_node.span, name);
    let mut properties = Map::new();
    if let Some(node) = fields.and_then(|fields| fields.get("properties")) {
        for entry in reader.names(node, "properties as a mapping", "write `{ name: value }`")? {
            let scalar = entry.value.scalar();
            let value = match scalar.map(|scalar| scalar.meaning()) {
                Some(Meaning::Number(number)) => number.into(),
                Some(Meaning::Boolean(value)) => value.into(),
                Some(Meaning::Text) => scalar.map(|scalar| scalar.text.clone()).into(),
                _ => {
                    reader.wrong_type(&entry.value, "a text, a number or a truth value", "write one value");
                    return None;
                }
            };
            properties.insert(entry.key.clone(), value);
        }
    }
    known.then(|| Deed::Event { name: name.to_owned(), properties })
}

fn identify<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Deed> {
    // Traits stand there directly; a zone is told beside them, as `identify` of the outside contract tells it.
    if node.get("time_zone").is_some() && names.trait_type("time_zone").is_none() {
        let fields = reader.fields(node, "`identify` with a time zone", &["time_zone", "traits"])?;
        let time_zone = fields.get("time_zone").and_then(|node| zone(reader, node));
        let stated =
            fields.get("traits").map_or_else(|| Some(Traits::new()), |node| traits(reader, node, names));
        return Some(Deed::Identify { traits: stated?, time_zone });
    }
    Some(Deed::Identify { traits: traits(reader, node, names)?, time_zone: None })
}

fn prefers<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Deed> {
    let fields = reader.fields(node, "`prefers`", &["leaves_topics", "locale", "pauses"])?;
    let mut left_topics = Vec::new();
    if let Some(node) = fields.get("leaves_topics") {
        for item in reader.list(node, "a list of topics", "write `[topic]`")? {
            let text = reader.text(item, "a topic")?;
            let topics = &names.bundle.organisation.topics;
            match topics.keys().find(|topic| topic.as_str() == text) {
                Some(topic) => left_topics.push(topic.clone()),
                None => {
                    reader.unknown(&item.span, "topic", text, topics.keys().map(TopicId::as_str), "");
                    return None;
                }
            }
        }
    }
    let locale = match fields.get("locale") {
        None => None,
        Some(node) => Some(names.locale(reader, &node.span, reader.text(node, "a language")?)?),
    };
    let paused_for = match fields.get("pauses") {
        None => None,
        Some(node) => Some(reader.parsed(node, "a duration such as `30d`", duration)?),
    };
    Some(Deed::Prefer { left_topics, locale, paused_for })
}

fn carrier<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Deed> {
    let rejected = |code: &str, retryable| Answer::Rejected { code: code.to_owned(), retryable };
    match reader.text(node, "what the carrier does with the next e-mail")? {
        "refuses" => Some(Deed::Answer(rejected("Throttling", true))),
        "refuses_for_good" => Some(Deed::Answer(rejected("MessageRejected", false))),
        "is_unsure" => Some(Deed::Answer(Answer::Uncertain { code: "time_out".to_owned() })),
        "is_silent" => Some(Deed::Answer(Answer::Silence)),
        other => {
            let known = ["refuses", "refuses_for_good", "is_unsure", "is_silent"];
            let help = format!("the next e-mail: {}", list(&known));
            reader.unknown(&node.span, "answer of the carrier", other, known, &help);
            None
        }
    }
}
