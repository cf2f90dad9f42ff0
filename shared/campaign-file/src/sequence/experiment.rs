//! Reads an experiment: its variants, each an e-mail or a block of steps, and how the better one is known.

use domain::experiment::Measure;
use domain::organisation::Localised;
use domain::{EmailName, Locale, StepId, VariantId};
use jiff::SignedDuration;

use super::{Act, Step, Surroundings, step};
use crate::reader::{Fields, Reader};
use crate::rule::Rule;
use crate::shape::sequence::VARIANT;
use crate::template::{self, About, Position, Written};
use crate::time;
use crate::yaml::{Entry, Node};

/// How long a success counts, unless the file says otherwise.
const WITHIN: SignedDuration = SignedDuration::from_hours(14 * 24);
const MOST_WEIGHT: u32 = 1000;
/// Have a meaning beside `send` alone.
const BESIDE_SEND: [&str; 5] = ["subject", "between", "until", "topic", "id"];

/// An experiment as written.
pub(super) struct Experiment {
    pub variants: Vec<Variant>,
    pub measure: Measure,
    pub within: SignedDuration,
    pub settled: Option<VariantId>,
}

/// One of its ways.
pub(super) struct Variant {
    pub id: VariantId,
    pub weight: u32,
    pub steps: Vec<Step>,
}

/// Reads what stands beside `experiment: <id>`. None if that is no text.
pub(super) fn read<'a>(
    reader: Reader<'a>,
    fields: Fields<'a>,
    name: &'a Node,
    surroundings: Surroundings<'_>,
) -> Option<Experiment> {
    let id = reader.text(name, "the experiment's name")?;
    // A name that is no id is told of where all ids are; what is derived from it need not repeat that.
    let id = if StepId::parse(id).is_ok() { id } else { "experiment" };
    if let Some(entry) = fields.node.entries().iter().find(|entry| entry.key == "id") {
        reader
            .error(&entry.key_span, "an experiment's name is its id", "leave `id` out")
            .rule(Rule::MisplacedKey);
    }
    let help = "write `a: { send: welcome }` for each";
    let entries = fields.need("variants").and_then(|node| {
        let entries = reader.names(node, "variants by name", help)?;
        if entries.len() < 2 {
            let help = "add another one, or send the e-mail without an experiment";
            reader
                .error(&node.lead_in, "an experiment has two variants at least", help)
                .rule(Rule::MissingKey);
        }
        Some(entries)
    });
    let entries = entries.unwrap_or_default();
    let variants: Vec<Variant> =
        entries.iter().filter_map(|entry| variant(reader, id, entry, surroundings)).collect();
    let measure = fields.get("measure").and_then(|node| measure(reader, node, surroundings));
    let measure =
        measure.unwrap_or(if surroundings.goal.is_some() { Measure::Goal } else { Measure::EmailClicked });
    if measure == Measure::EmailClicked {
        for variant in variants.iter().filter(|variant| !variant.steps.is_empty() && !sends(&variant.steps)) {
            let Some(entry) = entries.iter().find(|entry| entry.key == variant.id.as_str()) else { continue };
            let message = format!("the variant `{}` sends no e-mail, so nobody can click in it", variant.id);
            reader
                .warning(&entry.key_span, message, "measure the `goal`, or send an e-mail")
                .rule(Rule::UnreachableStep);
        }
    }
    let within = fields.get("within");
    let within = within.and_then(|node| reader.parsed(node, "a duration such as `14d`", time::duration));
    let settled = fields.get("settled").and_then(|node| settled(reader, node, entries));
    Some(Experiment { variants, measure, within: within.unwrap_or(WITHIN), settled })
}

fn variant<'a>(
    reader: Reader<'a>,
    experiment: &str,
    entry: &'a Entry,
    surroundings: Surroundings<'_>,
) -> Option<Variant> {
    let id = reader.id(&entry.key_span, &entry.key, VariantId::parse);
    let fields = reader.fields(&entry.value, "a variant", &VARIANT)?;
    let weight = fields.get("weight").and_then(|node| weight(reader, node)).unwrap_or(1);
    let steps = match (fields.get("send"), fields.get("do")) {
        (Some(_), Some(_)) => {
            let help = "write the `send` as a step of `do`";
            reader
                .error(&entry.key_span, "this variant has both `send` and `do`", help)
                .rule(Rule::Contradiction);
            Vec::new()
        }
        (None, None) => {
            // A misspelt key that was to be one of the two has been told of.
            if entry.value.entries().iter().all(|inner| VARIANT.names().any(|name| name == inner.key)) {
                reader
                    .error(&entry.key_span, "this variant does nothing", "add `send:` or `do:`")
                    .rule(Rule::MissingKey);
            }
            Vec::new()
        }
        (None, Some(block)) => {
            let odd = |inner: &&Entry| BESIDE_SEND.contains(&inner.key.as_str());
            for inner in entry.value.entries().iter().filter(odd) {
                let message = format!("`{}` has no meaning beside `do`", inner.key);
                reader
                    .error(&inner.key_span, message, "leave it out, or write it at a `send` of the block")
                    .rule(Rule::MisplacedKey);
            }
            step::list(reader, block, surroundings)
        }
        (Some(email), None) => {
            let given = entry.value.entries().iter().find(|inner| inner.key == "id");
            let id = given.and_then(|inner| reader.text(&inner.value, "an id")).map(str::to_owned);
            let id_place = given.map_or(&entry.key_span, |inner| &inner.value.span);
            vec![Step {
                place: email.lead_in.clone(),
                id: id.unwrap_or_else(|| format!("{experiment}-{}", entry.key)),
                id_place: Some(id_place.clone()),
                act: step::send(reader, fields, email, surroundings)?,
            }]
        }
    };
    Some(Variant { id: id?, weight, steps })
}

fn weight(reader: Reader<'_>, node: &Node) -> Option<u32> {
    let number = reader.number(node)?;
    let whole = (1..=MOST_WEIGHT).find(|weight| f64::from(*weight) == number);
    if whole.is_none() {
        let message = format!("a weight is a whole number from 1 to {MOST_WEIGHT}");
        reader.error(&node.span, message, "write `2` for twice the share of a variant without a weight");
    }
    whole
}

fn measure<'a>(reader: Reader<'a>, node: &'a Node, surroundings: Surroundings<'_>) -> Option<Measure> {
    let known = [Measure::Goal, Measure::EmailClicked];
    let text = reader.text(node, "what counts as a success")?;
    let measure = known.into_iter().find(|measure| measure.as_str() == text);
    match measure {
        None => reader.unknown(&node.span, "measure", text, known.map(Measure::as_str), ""),
        Some(Measure::Goal) if surroundings.goal.is_none() => {
            let help = "add `goal:` to the campaign, or measure `email_clicked`";
            reader.error(&node.span, "the campaign has no goal to measure", help).rule(Rule::MissingKey);
        }
        Some(_) => {}
    }
    measure
}

fn settled<'a>(reader: Reader<'a>, node: &'a Node, variants: &[Entry]) -> Option<VariantId> {
    let text = reader.text(node, "the name of a variant")?;
    if !variants.iter().any(|entry| entry.key == text) {
        let known = variants.iter().map(|entry| entry.key.as_str());
        reader.unknown(&node.span, "variant", text, known, "");
        return None;
    }
    reader.id(&node.span, text, VariantId::parse)
}

fn sends(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(step.act, Act::Send { .. }) || step.branches().into_iter().any(sends))
}

/// The subjects that stand in place of an e-mail's own: templates, as those are.
pub(super) fn subject<'a>(
    reader: Reader<'a>,
    node: &'a Node,
    email: Option<&EmailName>,
    surroundings: Surroundings<'_>,
) -> Option<Localised> {
    let subject = reader.localised(node, "a subject");
    let default = reader.vocabulary.default_locale();
    let by_language =
        node.entries().iter().map(|entry| (Locale::parse(entry.key.as_str()).ok(), &entry.value));
    let texts = by_language.chain([(default.cloned(), node)]);
    for (language, text, scalar) in
        texts.filter_map(|(language, text)| Some((language?, text, text.scalar()?)))
    {
        if scalar.text.contains(['\n', '\r']) {
            reader.error(&text.span, "a subject is a single line", "take the line breaks away");
        }
        template::check(Written {
            reader,
            text: &scalar.text,
            position: Position::Scalar(scalar),
            about: About {
                confirms: false,
                has_magnet: Some(surroundings.has_magnet),
                language: &language,
                partials: surroundings.partials,
            },
        });
    }
    let written = surroundings.languages.iter().filter(|(name, _)| Some(name) == email);
    for (_, locale) in written {
        if subject.as_ref().is_some_and(|subject| !subject.contains_key(locale)) {
            let message = format!("this subject lacks `{locale}`: such leads read the e-mail's own");
            reader.warning(&node.lead_in, message, format!("add `{locale}:`")).rule(Rule::MissingLanguage);
        }
    }
    subject
}
