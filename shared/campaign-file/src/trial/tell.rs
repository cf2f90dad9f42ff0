//! Says for whom an e-mail cannot be written, and what mends it.

use email::RenderError;

use super::Attempt;
use super::leads::{Made, Who, traits_in};
use super::place::Place;
use crate::finding::Severity;
use crate::rule::Rule;

impl Attempt<'_, '_> {
    pub(super) fn tell(&self, place: &Place<'_>, error: &RenderError, made: &Made) {
        let what = match error {
            RenderError::Template { message, .. } => message.clone(),
            RenderError::LinkToNowhere { label, .. } => format!("the link `{label}` leads nowhere"),
            _ => "quotes, lists, emphasis or HTML stand too deep within one another".to_owned(),
        };
        let named = |names: &[String]| {
            let near: Vec<String> = names
                .iter()
                .filter(|name| traits_in(&place.tag).any(|other| other == *name))
                .cloned()
                .collect();
            if near.is_empty() { self.mentioned(names, place) } else { near }
        };
        let is_link = matches!(error, RenderError::LinkToNowhere { .. });
        let (message, help) = match (&made.who, error) {
            (_, RenderError::TooDeep { .. }) => (what, "take some of them away".to_owned()),
            (Who::All, _) if is_link => (what, "write where it leads between the round brackets".to_owned()),
            (Who::All, _) => (
                format!("this cannot be written, so that nobody would get the e-mail: {what}"),
                "write something else here".to_owned(),
            ),
            (Who::Without(_), _)
                if place.tag.contains("score.") && traits_in(&place.tag).next().is_none() =>
            {
                (
                    format!(
                        "a lead whose score is 0 would not get the e-mail, since this cannot be written: {what}"
                    ),
                    "put it between `{% if score.total > 0 %}` and `{% endif %}`".to_owned(),
                )
            }
            (Who::Without(names), _) => {
                let names = named(names);
                let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
                let message = format!(
                    "a lead without {listed} would not get the e-mail, since this cannot be written: {what}"
                );
                (message, self.without(&names, is_link))
            }
            (Who::Chose(field, option), _) => (
                format!(
                    "a lead whose `{field}` is `{option}` would not get the e-mail, since this cannot be written: {what}"
                ),
                "write something else here".to_owned(),
            ),
            (Who::Least, _) => (
                format!(
                    "a lead whose numbers are 0 would not get the e-mail, since this cannot be written: {what}"
                ),
                "put it between `{% if … > 0 %}` and `{% endif %}`".to_owned(),
            ),
        };
        self.findings.add(Severity::Error, place.source, &place.span, message, help).rule(Rule::Unwritable);
    }

    /// Those that the file names at all.
    fn mentioned(&self, names: &[String], place: &Place<'_>) -> Vec<String> {
        let text = &place.source.text;
        let some: Vec<String> =
            names.iter().filter(|name| traits_in(text).any(|other| other == *name)).cloned().collect();
        if some.is_empty() { names.iter().take(3).cloned().collect() } else { some }
    }

    fn without(&self, names: &[String], is_link: bool) -> String {
        let Some(name) = names.first() else { return "write what holds for everybody".to_owned() };
        let around = format!("put it between `{{% if lead.{name} %}}` and `{{% endif %}}`");
        let number = self.bundle.traits.get(name) == Some(&domain::TraitType::Number);
        let default = if number { "0" } else { "''" };
        if is_link { around } else { format!("write `lead.{name} | default({default})`, or {around}") }
    }
}
