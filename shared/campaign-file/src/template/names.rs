//! Checks each name that a template uses.

use domain::CONFIRM_STEP;
use minijinja::machinery::ast::Expr;

use super::known::{self, CONFIRM_URL, FILTERS, MAGNET_URL, PLAIN, WITH_PARTS, WORDING};
use super::visit::{Visit, name_of, text_of};
use crate::nearest;
use crate::rule::Rule;
use crate::source::Span;

impl Visit<'_> {
    /// The first place of a name within a part of the template.
    pub(super) fn find(&self, name: &str, within: &Span) -> Span {
        let text = self.written.text.get(within.clone()).unwrap_or_default();
        let start = within.start + text.find(name).unwrap_or_default();
        start..start + name.len()
    }

    pub(super) fn filter(&self, name: &str, within: &Span) {
        if ["safe", "escape", "e"].contains(&name) {
            let message = format!("`{name}` is not needed: what a lead typed is always escaped");
            self.written
                .error(
                    &self.find(name, within),
                    message,
                    "leave it out; HTML can stand in the template itself",
                )
                .rule(Rule::NoEffect);
        } else {
            self.known("filter", name, &FILTERS, within);
        }
    }

    pub(super) fn known(&self, what: &str, name: &str, known: &[&str], within: &Span) {
        if !known.contains(&name) {
            let place = self.find(name, within);
            let help = nearest::mend(name, known.iter().copied(), "");
            let meant = nearest::certain(name, known.iter().copied()).map(str::to_owned);
            self.written.unknown(&place, format!("unknown {what} `{name}`"), help, meant);
        }
    }

    pub(super) fn variable(&mut self, name: &str, place: &Span) {
        if self.is_bound(name) || WITH_PARTS.contains(&name) {
            return;
        }
        self.links.magnet |= name == MAGNET_URL;
        self.links.confirm |= name == CONFIRM_URL;
        let error = |message: String, help: String| {
            self.written.error(place, message, help);
        };
        match name {
            CONFIRM_URL | WORDING if !self.written.about.confirms => {
                let message = format!("`{name}` is only known in the e-mail `{CONFIRM_STEP}`");
                error(message, "leave it out here".to_owned());
            }
            MAGNET_URL if self.written.about.confirms => {
                let message = format!("`{name}` is not known before the address is confirmed");
                error(message, "put it into the first e-mail of the sequence".to_owned());
            }
            MAGNET_URL if self.written.about.has_magnet == Some(false) => {
                let message = "`magnet_url` leads nowhere, since the campaign has no magnet".to_owned();
                error(message, "add `magnet:` to `campaign.yaml`, or leave the link out".to_owned());
            }
            CONFIRM_URL | WORDING => {}
            _ if PLAIN.contains(&name) => {}
            _ => {
                if self.written.reader.vocabulary.traits.contains_key(name) {
                    let meant = format!("lead.{name}");
                    let help = format!("write `{meant}`");
                    self.written.unknown(place, format!("unknown variable `{name}`"), help, Some(meant));
                } else {
                    let confirming: &[&str] =
                        if self.written.about.confirms { &[CONFIRM_URL, WORDING] } else { &[] };
                    let known = WITH_PARTS.into_iter().chain(PLAIN).chain(confirming.iter().copied());
                    let known: Vec<&str> = known.collect();
                    let help = nearest::mend(name, known.iter().copied(), "");
                    let meant = nearest::certain(name, known).map(str::to_owned);
                    self.written.unknown(place, format!("unknown variable `{name}`"), help, meant);
                }
            }
        }
    }

    pub(super) fn member(&mut self, of: &Expr<'_>, name: &str, place: &Span) {
        if let Expr::GetAttr(inner) = of
            && name_of(&inner.expr).is_some_and(|owner| !self.is_bound(owner) && WITH_PARTS.contains(&owner))
        {
            let message =
                format!("`{}.{}` has no parts", name_of(&inner.expr).unwrap_or_default(), inner.name);
            self.written.error(place, message, format!("take `.{name}` away")).rule(Rule::UnknownName);
        }
        let Some(owner) = name_of(of).filter(|owner| !self.is_bound(owner) && WITH_PARTS.contains(owner))
        else {
            self.expression(of);
            return;
        };
        let vocabulary = self.written.reader.vocabulary;
        if owner == "lead" {
            if vocabulary.complete && !vocabulary.lead_members().any(|member| member == name) {
                let declare = "declare it under `traits` or as a form's field";
                let help = nearest::mend(name, vocabulary.lead_members(), declare);
                let meant = nearest::certain(name, vocabulary.lead_members()).map(str::to_owned);
                self.written.unknown(place, format!("unknown trait `{name}`"), help, meant);
            }
        } else if !known::parts(owner).contains(&name) {
            let help = nearest::mend(name, known::parts(owner).iter().copied(), "");
            let meant = nearest::certain(name, known::parts(owner).iter().copied()).map(str::to_owned);
            self.written.unknown(place, format!("unknown part of `{owner}`: `{name}`"), help, meant);
        }
    }

    /// A text, or list of texts, that a choice is compared with must be among its options.
    pub(super) fn check_option(&self, side: &Expr<'_>, other: &Expr<'_>) {
        let Expr::GetAttr(inner) = side else { return };
        let vocabulary = self.written.reader.vocabulary;
        let options = vocabulary.traits.get(inner.name).and_then(|words| words.options.as_ref());
        let Some(options) = options.filter(|_| {
            name_of(&inner.expr) == Some("lead") && !self.is_bound("lead") && vocabulary.complete
        }) else {
            return;
        };
        let others: Vec<&Expr<'_>> = match other {
            Expr::List(list) => list.items.iter().collect(),
            other => vec![other],
        };
        for (text, place) in others.into_iter().filter_map(text_of) {
            if !options.contains(&text) {
                let help = nearest::mend(&text, options.iter().map(String::as_str), "");
                let message = format!("`lead.{}` is never \"{text}\"", inner.name);
                self.written.error(&place, message, help).rule(Rule::UnknownName);
            }
        }
    }
}
