//! Leads to show e-mails for: those that a file names, and made-up ones from what the form asks.

use std::collections::BTreeSet;
use std::path::Path;

use campaign_file::Finding;
use campaign_file::tree::{self, Content, Findings, Meaning, Node, Reader};
use domain::campaign::FieldKind;
use domain::{Bundle, Campaign, EmailAddress, TraitValue, Traits};

/// More options than this, and the list of leads is longer than anybody reads.
const MOST: usize = 8;

/// A lead to show e-mails for.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What tells it from the others.
    pub name: String,
    pub email: EmailAddress,
    pub traits: Traits,
}

/// Reads a list of leads: each with `name`, `email` and `traits`, all of which may be left out.
///
/// `known` are the traits that something declares: e-mails see no other.
pub fn read(path: &Path, known: &BTreeSet<&str>) -> (Vec<Sample>, Vec<Finding>) {
    let findings = Findings::default();
    let samples = tree::open(path, &findings).and_then(|source| {
        let root = tree::parse(&source, 0..source.text.len(), &findings)?;
        let reader = Reader::alone(&source, &findings);
        let items = reader.list(&root, "a list of leads", "begin each with `- name: ...`")?;
        let samples = items.iter().enumerate().filter_map(|(index, node)| sample(reader, node, index, known));
        Some(samples.collect())
    });
    (samples.unwrap_or_default(), findings.into_sorted())
}

fn sample<'a>(reader: Reader<'a>, node: &'a Node, index: usize, known: &BTreeSet<&str>) -> Option<Sample> {
    let fields = reader.fields(node, "a lead", &["name", "email", "traits"])?;
    let email = match fields.get("email") {
        None => EmailAddress::parse("camille@example.com").ok()?,
        Some(node) => {
            let text = reader.text(node, "an address")?;
            match EmailAddress::parse(text) {
                Ok(email) => email,
                Err(fault) => {
                    reader.error(&node.span, fault.to_string(), "write an address such as `a@example.com`");
                    return None;
                }
            }
        }
    };
    let mut traits = Traits::new();
    for entry in fields.get("traits").map(Node::entries).unwrap_or_default() {
        if !known.contains(entry.key.as_str()) {
            let help = "ask for it in a form, or declare it under `traits` of `sillon.yaml`";
            reader.unknown(&entry.key_span, "trait", &entry.key, known.iter().copied(), help);
        } else if let Some(value) = value(reader, &entry.value) {
            traits.insert(entry.key.clone(), value);
        }
    }
    let name = fields.get("name").and_then(|node| reader.text(node, "a name"));
    Some(Sample { name: name.map_or_else(|| format!("Lead {}", index + 1), str::to_owned), email, traits })
}

fn value(reader: Reader<'_>, node: &Node) -> Option<TraitValue> {
    let Content::Scalar(scalar) = &node.content else {
        reader.error(&node.span, "a trait is a text, a number, `true` or `false`", "write a single value");
        return None;
    };
    match scalar.meaning() {
        Meaning::Null => None,
        Meaning::Boolean(value) => Some(TraitValue::Boolean(value)),
        Meaning::Number(value) => Some(TraitValue::Number(value)),
        Meaning::Text => Some(TraitValue::Text(scalar.text.clone())),
    }
}

/// The traits that a form asks for or the organisation declares.
pub fn known(bundle: &Bundle) -> BTreeSet<&str> {
    let asked = bundle.campaigns.values().flat_map(Campaign::fields).map(|field| field.name.as_str());
    let declared = bundle.organisation.traits.keys().map(String::as_str);
    asked.filter(|name| *name != "email").chain(declared).collect()
}

/// One that answered everything, one for each other option, and one of whom nothing but the address is known.
pub fn made_up(bundle: &Bundle, campaign: &Campaign) -> Vec<Sample> {
    let Ok(email) = EmailAddress::parse("camille@example.com") else { return Vec::new() };
    let sample = |name: String, traits: Traits| Sample { name, email: email.clone(), traits };
    let mut whole: Traits = bundle
        .organisation
        .traits
        .iter()
        .map(|(name, kind)| (name.clone(), campaign_file::of_type(name, *kind)))
        .collect();
    for field in campaign.fields().iter().filter(|field| field.name != "email") {
        whole.insert(field.name.clone(), campaign_file::answer(field));
    }
    let mut samples = vec![sample("All answered".into(), whole.clone())];
    for field in campaign.fields() {
        let FieldKind::Choice { options } = &field.kind else { continue };
        for option in options.iter().skip(1) {
            let mut traits = whole.clone();
            traits.insert(field.name.clone(), option.value.as_str().into());
            samples.push(sample(format!("{}: {}", field.name.replace('_', " "), option.value), traits));
        }
    }
    samples.truncate(MOST);
    samples.push(sample("Address alone".into(), Traits::new()));
    samples
}
