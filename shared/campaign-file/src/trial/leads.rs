//! The leads that e-mails are tried for: one who told everything, one who told no more than the form requires, and between
//! them those who lack a single thing, chose otherwise, or told as little as a value can be.

use std::collections::BTreeSet;

use domain::campaign::{EmailSource, Field, FieldKind};
use domain::{Bundle, Campaign, TraitType, TraitValue, Traits};

/// So many things are left out one by one, and so many other choices are made.
const MOST: usize = 8;

/// A made-up lead.
pub(super) struct Made {
    pub who: Who,
    pub traits: Traits,
}

/// What tells it from others.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Told everything.
    All,
    /// Told all but this.
    Without(Vec<String>),
    /// Chose this option of a field.
    Chose(String, String),
    /// Numbers are 0 or what their field allows next to it, boxes are not ticked, texts have one letter.
    Least,
}

/// Those who may be told apart by what the e-mail says.
pub(super) fn made_up(bundle: &Bundle, campaign: &Campaign, by_form: bool, email: &EmailSource) -> Vec<Made> {
    let fields = campaign.fields();
    let field = |name: &str| fields.iter().find(|field| field.name == name);
    let mut whole: Traits =
        bundle.traits.iter().map(|(name, kind)| (name.clone(), of_type(name, *kind))).collect();
    let told = fields.iter().filter(|field| field.name != "email");
    whole.extend(told.map(|field| (field.name.clone(), answer(field))));
    let mut made = vec![Made { who: Who::All, traits: whole.clone() }];
    let mentioned = mentioned(bundle, email);
    if mentioned.is_empty() {
        return made;
    }
    let is_sure = |name: &&String| by_form && field(name).is_some_and(always_told);
    let open: Vec<String> = whole.keys().filter(|name| !is_sure(name)).cloned().collect();
    let without = |names: Vec<String>| {
        let mut traits = whole.clone();
        names.iter().for_each(|name| {
            traits.remove(name);
        });
        Made { who: Who::Without(names), traits }
    };
    let single: Vec<String> = open.iter().filter(|name| mentioned.contains(*name)).cloned().collect();
    made.push(without(open));
    if single.len() > 1 {
        made.extend(single.into_iter().take(MOST).map(|name| without(vec![name])));
    }
    made.extend(choices(fields, &mentioned, &whole).take(MOST));
    let small = mentioned.iter().filter_map(|name| {
        let least = match (whole.get(name)?, field(name).map(|field| &field.kind)) {
            (_, Some(FieldKind::Choice { .. } | FieldKind::Hidden { .. })) => return None,
            (TraitValue::Number(_), Some(FieldKind::Number { min, .. })) => {
                TraitValue::Number(min.unwrap_or_default().max(0.0))
            }
            (TraitValue::Number(_), _) => TraitValue::Number(0.0),
            (TraitValue::Boolean(_), _) => TraitValue::Boolean(false),
            (TraitValue::Text(_), _) if bundle.traits.get(name) == Some(&TraitType::Text) => "x".into(),
            _ => return None,
        };
        Some((name.clone(), least))
    });
    let small: Traits = small.collect();
    if !small.is_empty() {
        let mut traits = whole.clone();
        traits.extend(small);
        made.push(Made { who: Who::Least, traits });
    }
    made
}

/// The options that are not the first of their fields, one at a time.
fn choices<'a>(
    fields: &'a [Field],
    mentioned: &'a BTreeSet<String>,
    whole: &'a Traits,
) -> impl Iterator<Item = Made> + 'a {
    let asked = fields.iter().filter(|field| mentioned.contains(&field.name));
    asked.flat_map(move |field| {
        let options = match &field.kind {
            FieldKind::Choice { options } => options.as_slice(),
            _ => &[],
        };
        options.iter().skip(1).map(move |option| {
            let mut traits = whole.clone();
            traits.insert(field.name.clone(), option.value.as_str().into());
            Made { who: Who::Chose(field.name.clone(), option.value.clone()), traits }
        })
    })
}

/// Whether nobody sends the form without it.
fn always_told(field: &Field) -> bool {
    match &field.kind {
        FieldKind::Hidden { value, .. } => value.is_some(),
        _ => field.required && !field.later,
    }
}

/// The traits that the e-mail names, its partials included.
fn mentioned(bundle: &Bundle, email: &EmailSource) -> BTreeSet<String> {
    let mut texts: Vec<&str> = vec![&email.subject, &email.body];
    texts.extend(email.preheader.as_deref());
    if texts.iter().any(|text| text.contains("include")) {
        texts.extend(bundle.partials.values().flat_map(|languages| languages.values()).map(String::as_str));
    }
    let mut names = BTreeSet::new();
    for text in texts {
        names.extend(traits_in(text).map(str::to_owned));
    }
    names
}

/// What stands after `lead` in a text.
pub(super) fn traits_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("lead").filter_map(|(at, lead)| {
        let name = text[at + lead.len()..].trim_start_matches(['.', '[', '"', '\'', ' ']);
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        Some(&name[..end]).filter(|name| !name.is_empty())
    })
}

/// What somebody answers who answers everything.
pub fn answer(field: &Field) -> TraitValue {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other kinds are answered by the type of their trait"
    )]
    match &field.kind {
        FieldKind::Choice { options } => {
            options.first().map_or_else(|| "".into(), |option| option.value.as_str().into())
        }
        FieldKind::Hidden { value: Some(value), .. } => value.as_str().into(),
        FieldKind::Number { min, max } => {
            let (least, most) = (min.unwrap_or(0.0), max.unwrap_or(f64::MAX));
            TraitValue::Number(120.0_f64.clamp(least, most.max(least)))
        }
        FieldKind::Phone => "+33199001234".into(),
        kind => of_type(&field.name, kind.trait_type()),
    }
}

/// A value of that type, such as one would expect under that name.
pub fn of_type(name: &str, kind: TraitType) -> TraitValue {
    match kind {
        TraitType::Boolean => TraitValue::Boolean(true),
        TraitType::Number => TraitValue::Number(120.0),
        TraitType::Date => "2026-12-01".into(),
        TraitType::Country => "FR".into(),
        TraitType::TimeZone => "Europe/Paris".into(),
        TraitType::Text => match name {
            "first_name" => "Camille".into(),
            "last_name" | "name" => "Martin".into(),
            "company" => "Martin & Filles".into(),
            _ => "Exemple".into(),
        },
    }
}
