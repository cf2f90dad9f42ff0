//! Checks what a template includes: the partial exists, and what stands in it is checked as a part of the e-mail.

use domain::template::DEEPEST_INCLUDE;
use minijinja::machinery;
use minijinja::machinery::ast::{Include, Spanned, Stmt};

use super::visit::{Visit, part, text_of};
use super::{Position, Written};
use crate::nearest;
use crate::source::Span;

/// More partials than any e-mail has; a few that include one another several times could be millions.
const MOST: usize = 100;

/// What is being included, outermost first, and how many partials were entered so far.
#[derive(Default)]
pub(super) struct Included {
    pub open: Vec<String>,
    pub entered: usize,
}

impl Included {
    /// Whether one more partial may be entered.
    pub fn may_enter(&self, name: &str) -> bool {
        self.entered < MOST && self.open.len() < DEEPEST_INCLUDE && !self.open.iter().any(|open| open == name)
    }
}

impl<'a> Written<'a> {
    /// The partial of that name as a part of the same e-mail.
    pub(super) fn partial(&self, name: &str) -> Option<Self> {
        let reader = self.about.partials.find(name, self.about.language)?;
        Some(Written { reader, text: &reader.source.text, position: Position::From(0), about: self.about })
    }
}

impl Visit<'_> {
    pub(super) fn include(&mut self, include: &Spanned<Include<'_>>) {
        let Some((name, place)) = text_of(&include.name) else {
            let help = "write its name in quotes: `{% include \"signature\" %}`";
            self.written.error(&part(include), "the partial is not named", help);
            return;
        };
        let Some(partial) = self.written.partial(&name) else {
            let partials = self.written.about.partials;
            if partials.names().all(|known| known != name) {
                let create = format!("create `partials/{name}.{}.md`", self.written.about.language);
                let help = nearest::mend(&name, partials.names(), &create);
                self.written.error(&place, format!("there is no partial `{name}`"), help);
            }
            return;
        };
        if !self.included.may_enter(&name) {
            let message = if self.included.open.contains(&name) {
                format!("the partial `{name}` includes itself")
            } else {
                "the e-mail includes too many partials, or too deep ones".to_owned()
            };
            self.written.error(&place, message, "put the text itself here");
            return;
        }
        let text = partial.text;
        let Ok(Stmt::Template(template)) = machinery::parse(text, "partial", Default::default()) else {
            super::check(partial);
            return;
        };
        self.included.entered += 1;
        self.included.open.push(name);
        let outer = std::mem::replace(&mut self.written, partial);
        self.statements(&template.children);
        self.written = outer;
        self.included.open.pop();
    }

    pub(super) fn no_inheritance(&self, statement: &str, place: &Span) {
        let help = "share text by `{% include \"name\" %}`, from `infra/partials/<name>.<language>.md`";
        self.written.error(&self.find(statement, place), format!("e-mails know no `{statement}`"), help);
    }
}
