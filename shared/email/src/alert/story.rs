//! What is told of a lead: its answers, the reasons of its score, its visits and its latest deeds.

use domain::attribution::Touch;
use domain::campaign::{Field, FieldKind};
use domain::{Campaign, Fact, Locale, TraitValue, schedule};
use jiff::Timestamp;
use minijinja::{Value, context};

use super::words::Words;
use crate::About;

/// How many of the latest deeds are told.
const DEEDS: usize = 5;
/// How many reasons of a score are told.
const MOST_REASONS: usize = 20;

pub(super) struct Story<'a> {
    pub about: &'a About<'a>,
    pub words: &'static Words,
    pub locale: &'a Locale,
}

impl Story<'_> {
    pub fn temperature(&self) -> &'static str {
        let bands = self.about.bundle.organisation.score.temperature;
        (self.words.temperature)(self.about.score.temperature(bands))
    }

    /// The points, and the grade if there is one.
    pub fn fit(&self) -> String {
        let points = self.words.number(self.about.score.fit);
        self.about.score.grade.map_or(points.clone(), |grade| format!("{points} ({})", grade.as_str()))
    }

    pub fn stage(&self) -> &'static str {
        (self.words.stage)(self.about.lead.stage)
    }

    /// Every trait: those of the campaign's form in its order and words, then the others by name.
    pub fn answers(&self) -> Vec<Value> {
        let traits = &self.about.lead.traits;
        let form = self.about.campaign.fields();
        let asked = form.iter().filter_map(|field| Some((field.name.as_str(), traits.get(&field.name)?)));
        let others = traits.iter().filter(|(name, _)| !form.iter().any(|field| field.name == **name));
        asked
            .chain(others.map(|(name, value)| (name.as_str(), value)))
            .map(|(name, value)| {
                let field = self.field(name);
                let label = field.map(|field| self.about.localised(&field.label, self.locale));
                context! {
                    label => label.filter(|label| !label.is_empty()).unwrap_or(name),
                    value => self.value(field, value),
                }
            })
            .collect()
    }

    /// The field that asked: of this campaign, or of another one.
    fn field(&self, name: &str) -> Option<&Field> {
        let campaigns = self.about.bundle.campaigns.values();
        std::iter::once(self.about.campaign)
            .chain(campaigns)
            .flat_map(Campaign::fields)
            .find(|field| field.name == name)
    }

    fn value(&self, field: Option<&Field>, value: &TraitValue) -> String {
        let text = match value {
            TraitValue::Boolean(true) => return self.words.yes.into(),
            TraitValue::Boolean(false) => return self.words.no.into(),
            TraitValue::Number(number) => return self.words.number(*number),
            TraitValue::Text(text) => text,
        };
        let options = match field.map(|field| &field.kind) {
            Some(FieldKind::Choice { options }) => options.as_slice(),
            _ => &[],
        };
        let chosen = options.iter().find(|option| option.value == *text);
        let label = chosen.map(|option| self.about.localised(&option.label, self.locale));
        label.filter(|label| !label.is_empty()).unwrap_or(text).to_owned()
    }

    /// The weightiest reasons. The most active leads have hundreds, which nobody reads before a call.
    pub fn reasons(&self) -> Vec<Value> {
        let reasons = self.about.score.reasons.iter().take(MOST_REASONS);
        reasons
            .map(|reason| {
                let sign = if reason.points > 0.0 { "+" } else { "" };
                context! {
                    points => format!("{sign}{}", self.words.number(reason.points)),
                    because => self.deed(&reason.because),
                    at => self.moment(reason.at),
                }
            })
            .collect()
    }

    /// The first visit and, if it is another one, the last.
    pub fn visits(&self) -> Vec<Value> {
        let attribution = &self.about.lead.attribution;
        let first = attribution.first.iter().map(|visit| (self.words.first_visit, visit));
        let last = attribution.last.iter().filter(|last| attribution.first.as_ref() != Some(last));
        first
            .chain(last.map(|visit| (self.words.last_visit, visit)))
            .map(|(label, visit)| context! { label, at => self.moment(visit.at), facts => self.facts(&visit.touch) })
            .collect()
    }

    fn facts(&self, touch: &Touch) -> Vec<Value> {
        let told = [
            &touch.utm_source,
            &touch.utm_medium,
            &touch.utm_campaign,
            &touch.utm_term,
            &touch.utm_content,
            &touch.referrer,
            &touch.landing_page,
        ];
        let named = self.words.touch.iter().zip(told);
        named
            .filter_map(|(label, value)| Some(context! { label => *label, value => value.as_deref()? }))
            .collect()
    }

    /// What the lead itself did, the latest first, each kind once.
    pub fn deeds(&self) -> Vec<Value> {
        let history = &self.about.lead.history;
        let by_lead = history.kinds().filter(|kind| Fact::is_by_lead(kind));
        let mut deeds: Vec<(Timestamp, &str)> =
            by_lead.filter_map(|kind| Some((history.last(kind)?, kind))).collect();
        deeds.sort_by(|one, other| other.cmp(one));
        deeds
            .into_iter()
            .take(DEEDS)
            .map(|(at, kind)| context! { what => self.deed(kind), at => self.moment(at) })
            .collect()
    }

    /// A kind of activity in words; the words of a fit rule and an event of the organisation's stay as they are.
    fn deed<'k>(&self, kind: &'k str) -> &'k str {
        let named = self.words.deeds.iter().find(|(name, _)| *name == kind);
        named.map_or(kind, |(_, words)| words)
    }

    fn moment(&self, at: Timestamp) -> String {
        let zone = schedule::zone(None, &self.about.bundle.organisation.time_zone);
        at.to_zoned(zone).strftime(self.words.moment).to_string()
    }
}
