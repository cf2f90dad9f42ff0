//! What must be so at a step of a scenario.

use std::collections::BTreeSet;
use std::fmt;

use campaign_file::Unreadable;
use campaign_file::tree::scenario::EXPECT;
use campaign_file::tree::{Content, Meaning, Node, Place, Reader};
use domain::consent::ConsentState;
use domain::lead::EnrolmentState;
use domain::schedule::Window;
use domain::{Campaign, CampaignId, Grade, Locale, Stage, StepId, Temperature, Traits, WebhookId};

use super::Named;
use super::departure::{alerts, mails, webhooks};
use super::moment::Moment;
use super::names::Names;
use super::read::traits;

/// Everything that is expected of one step. What leaves and is not named here fails the scenario.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    pub mails: Vec<ExpectedMail>,
    pub alerts: Option<(Place, usize)>,
    /// The webhooks that are told of the lead, in order.
    pub notified: Option<(Place, Vec<WebhookId>)>,
    /// Whether what happens is refused, and so changes nothing.
    pub refused: bool,
    pub claims: Vec<(Place, Claim)>,
}

/// An e-mail to the lead.
#[derive(Debug, Clone)]
pub(super) struct ExpectedMail {
    pub place: Place,
    pub name: Named,
    pub at: Option<Moment>,
    pub between: Option<(String, Window)>,
    pub subject: Option<String>,
    pub text: Option<String>,
    pub language: Option<Locale>,
}

/// Something that must be so.
#[derive(Debug, Clone)]
pub(super) enum Claim {
    Score(Part, Comparison, f64),
    Temperature(Temperature),
    Grade(Grade),
    Stage(Stage),
    Consent(ConsentState),
    Suppressed(bool),
    Erased(bool),
    /// Where the lead stands.
    Step(CampaignId, StepId),
    /// How its enrolment stands; none if it has none.
    State(CampaignId, Option<EnrolmentState>),
    Traits(Traits),
    /// All of them.
    Tags(BTreeSet<String>),
    Locale(Locale),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    Total,
    Fit,
    Engagement,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Is,
    AtLeast,
    AtMost,
    Above,
    Below,
}

impl Comparison {
    const SIGNS: [(&str, Self); 4] =
        [(">=", Self::AtLeast), ("<=", Self::AtMost), (">", Self::Above), ("<", Self::Below)];

    pub fn holds(self, got: f64, wanted: f64) -> bool {
        match self {
            // Scores are rounded to a tenth, and so is what people write.
            Self::Is => (got - wanted).abs() < 0.05,
            Self::AtLeast => got >= wanted,
            Self::AtMost => got <= wanted,
            Self::Above => got > wanted,
            Self::Below => got < wanted,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Self::SIGNS.into_iter().find(|(_, other)| other == self);
        sign.map_or(Ok(()), |(sign, _)| write!(f, "{sign} "))
    }
}

pub(super) fn read<'a>(reader: Reader<'a>, node: &'a Node, names: Names<'_>) -> Option<Expected> {
    let fields = reader.fields(node, "`expect`", &EXPECT)?;
    let mails = mails(reader, fields, names);
    let mut good = mails.is_some();
    let mut expected = Expected { mails: mails.unwrap_or_default(), ..Expected::default() };
    for entry in node.entries() {
        let (key, value) = (entry.key.as_str(), &entry.value);
        let place = reader.source.place(&entry.key_span);
        match key {
            "email" | "emails" => {}
            "alert" => match alerts(reader, value) {
                Some(number) => expected.alerts = Some((place, number)),
                None => good = false,
            },
            "notify" => match webhooks(reader, value, names) {
                Some(webhooks) => expected.notified = Some((place, webhooks)),
                None => good = false,
            },
            "refused" => match reader.boolean(value) {
                Some(refused) => expected.refused = refused,
                None => good = false,
            },
            _ => match claims(reader, key, value, names) {
                Some(claims) => {
                    expected.claims.extend(claims.into_iter().map(|claim| (place.clone(), claim)))
                }
                None => good = false,
            },
        }
    }
    good.then_some(expected)
}

fn claims<'a>(reader: Reader<'a>, key: &str, node: &'a Node, names: Names<'_>) -> Option<Vec<Claim>> {
    let own = names.campaign;
    let one = |claim: Claim| vec![claim];
    match key {
        "score" => score(reader, node),
        "temperature" => {
            let found = word(reader, node, "temperature", Temperature::ALL, Temperature::as_str)?;
            Some(one(Claim::Temperature(found)))
        }
        "grade" => Some(one(Claim::Grade(word(reader, node, "grade", Grade::ALL, Grade::as_str)?))),
        "stage" => Some(one(Claim::Stage(word(reader, node, "stage", Stage::ALL, Stage::as_str)?))),
        "consent" => {
            Some(one(Claim::Consent(word(reader, node, "consent", ConsentState::ALL, ConsentState::as_str)?)))
        }
        "erased" => Some(one(Claim::Erased(reader.boolean(node)?))),
        "suppressed" => Some(one(Claim::Suppressed(reader.boolean(node)?))),
        "step" => Some(one(step(reader, node, own)?)),
        "state" => Some(one(state(reader, node, own)?)),
        "traits" => Some(one(Claim::Traits(traits(reader, node, names)?))),
        "tags" => {
            let tags = reader.list(node, "a list of tags", "write `[tag]`")?.iter();
            let tags = tags.map(|item| reader.text(item, "a tag").map(str::to_owned));
            Some(one(Claim::Tags(tags.collect::<Option<_>>()?)))
        }
        "locale" => {
            let text = reader.text(node, "a language")?;
            Some(one(Claim::Locale(names.locale(reader, &node.span, text)?)))
        }
        "enrolments" => {
            let mut claims = Vec::new();
            for entry in
                reader.names(node, "campaigns as a mapping", "write `campaign: { state: waiting }`")?
            {
                let campaign = names.campaign(reader, &entry.key_span, &entry.key)?;
                let fields = reader.fields(&entry.value, "an enrolment", &["state", "step"])?;
                claims.extend(
                    fields.get("state").map_or(Some(None), |node| state(reader, node, campaign).map(Some))?,
                );
                claims.extend(
                    fields.get("step").map_or(Some(None), |node| step(reader, node, campaign).map(Some))?,
                );
            }
            Some(claims)
        }
        // An unknown key was told of.
        _ => None,
    }
}

fn step<'a>(reader: Reader<'a>, node: &'a Node, campaign: &Campaign) -> Option<Claim> {
    let text = reader.text(node, "a step")?;
    let steps = &campaign.sequence.steps;
    let found = steps.keys().find(|step| step.as_str() == text);
    if found.is_none() {
        reader.unknown(&node.span, "step", text, steps.keys().map(StepId::as_str), "");
    }
    Some(Claim::Step(campaign.id.clone(), found?.clone()))
}

fn state<'a>(reader: Reader<'a>, node: &'a Node, campaign: &Campaign) -> Option<Claim> {
    if node.text() == Some("none") {
        return Some(Claim::State(campaign.id.clone(), None));
    }
    let state = word(reader, node, "state", EnrolmentState::ALL, EnrolmentState::as_str)?;
    Some(Claim::State(campaign.id.clone(), Some(state)))
}

fn score<'a>(reader: Reader<'a>, node: &'a Node) -> Option<Vec<Claim>> {
    let Content::Map(_) = &node.content else { return Some(vec![compared(reader, node, Part::Total)?]) };
    let fields = reader.fields(node, "a score", &["total", "fit", "engagement"])?;
    let parts = [("total", Part::Total), ("fit", Part::Fit), ("engagement", Part::Engagement)];
    let told = parts.into_iter().filter_map(|(key, part)| Some((fields.get(key)?, part)));
    told.map(|(node, part)| compared(reader, node, part)).collect()
}

/// `40`, or `">= 40"`.
fn compared<'a>(reader: Reader<'a>, node: &'a Node, part: Part) -> Option<Claim> {
    if let Some(Meaning::Number(number)) = node.scalar().map(|scalar| scalar.meaning()) {
        return Some(Claim::Score(part, Comparison::Is, number));
    }
    reader.parsed(node, "a number", |text| {
        let signs = Comparison::SIGNS.into_iter();
        let sign = signs.filter_map(|(sign, comparison)| Some((text.strip_prefix(sign)?, comparison))).next();
        let number = sign.and_then(|(rest, comparison)| Some((rest.trim().parse().ok()?, comparison)));
        let (number, comparison) = number.ok_or_else(|| {
            Unreadable::new(format!("`{text}` is not a number"), "write `40`, or a comparison: `\">= 40\"`")
        })?;
        Ok(Claim::Score(part, comparison, number))
    })
}

/// One of a few words.
fn word<'a, T: Copy>(
    reader: Reader<'a>,
    node: &'a Node,
    what: &str,
    known: impl IntoIterator<Item = T>,
    name: fn(T) -> &'static str,
) -> Option<T> {
    let text = reader.text(node, &format!("a {what}"))?;
    let known: Vec<T> = known.into_iter().collect();
    let found = known.iter().copied().find(|value| name(*value) == text);
    if found.is_none() {
        reader.unknown(&node.span, what, text, known.into_iter().map(name), "");
    }
    found
}
