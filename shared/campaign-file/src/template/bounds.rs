//! Refuses templates that would run or grow without measure.
//!
//! The engine stops what runs too long or prints too much, and filters refuse to make long texts. What it cannot stop
//! in the middle is found here, before anything is rendered: texts put together from texts over and over, texts
//! multiplied, and loops whose text is held back by `set` or `filter`.

mod sizes;

use std::collections::BTreeMap;

use domain::template::{LONGEST_COMPOSED, MOST_OUTPUT, MOST_STEPS};
use minijinja::machinery;
use minijinja::machinery::ast::{Expr, ForLoop, Include, Spanned, Stmt};

use super::Written;
use super::include::Included;
use super::visit::{part, text_of};
use crate::source::Span;
use sizes::Size;

/// What a list counts as whose length nobody knows.
const SOME: u64 = 20;

/// Tells of what would take too much.
pub(super) fn check(written: Written<'_>, statements: &[Stmt<'_>]) {
    let mut bounds = Bounds {
        written,
        scopes: vec![BTreeMap::new()],
        included: Included::default(),
        times: 1,
        steps: 0,
        printed: 0,
        held: Vec::new(),
        told: false,
    };
    bounds.statements(statements);
}

struct Bounds<'a> {
    written: Written<'a>,
    /// How large the values are that `for`, `set` and `with` bind, innermost last.
    scopes: Vec<BTreeMap<String, Size>>,
    included: Included,
    /// How often this place is reached.
    times: u64,
    /// Of the engine, so far.
    steps: u64,
    /// Bytes of the author's own text, so far.
    printed: u64,
    /// The bytes that each open `set` or `filter` block holds back.
    held: Vec<usize>,
    /// One finding of a kind is enough: its cause makes many.
    told: bool,
}

impl Bounds<'_> {
    fn tell(&mut self, place: &Span, message: String, help: &str) {
        if !self.told {
            self.written.error(place, message, help);
        }
        self.told = true;
    }

    fn statements(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.steps = self.steps.saturating_add(self.times);
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(inner) => self.statements(&inner.children),
            Stmt::EmitRaw(inner) => {
                let bytes = inner.raw.len() as u64;
                self.printed = self.printed.saturating_add(bytes.saturating_mul(self.times));
                self.hold(inner.raw.len());
            }
            Stmt::EmitExpr(inner) => {
                let size = self.size(&inner.expr);
                self.hold(size.bytes);
            }
            Stmt::ForLoop(inner) => self.for_loop(inner),
            Stmt::IfCond(inner) => {
                self.size(&inner.expr);
                self.statements(&inner.true_body);
                self.statements(&inner.false_body);
            }
            Stmt::WithBlock(inner) => {
                self.scopes.push(BTreeMap::new());
                for (target, value) in &inner.assignments {
                    let size = self.composed(value);
                    self.bind(target, size);
                }
                self.statements(&inner.body);
                self.scopes.pop();
            }
            Stmt::Set(inner) => {
                let size = self.composed(&inner.expr);
                self.bind(&inner.target, size);
            }
            Stmt::SetBlock(inner) => {
                let size = self.held_back(&inner.body, &part(inner));
                self.bind(&inner.target, size);
            }
            Stmt::FilterBlock(inner) => {
                let size = self.held_back(&inner.body, &part(inner));
                self.hold(size.bytes);
            }
            Stmt::AutoEscape(inner) => self.statements(&inner.body),
            Stmt::Include(inner) => self.include(inner),
            // The other check refuses what remains.
            _ => {}
        }
    }

    fn hold(&mut self, bytes: usize) {
        for held in &mut self.held {
            *held = held.saturating_add(bytes);
        }
    }

    fn held_back(&mut self, body: &[Stmt<'_>], place: &Span) -> Size {
        self.held.push(0);
        self.scopes.push(BTreeMap::new());
        self.statements(body);
        self.scopes.pop();
        let bytes = self.held.pop().unwrap_or_default();
        self.bounded(Size::text(bytes), place)
    }

    /// The size of a value that gets a name: large ones could grow from name to name.
    fn composed(&mut self, value: &Expr<'_>) -> Size {
        let size = self.size(value);
        let span = value.span();
        let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        self.bounded(size, &(offset(span.start_offset)..offset(span.end_offset)))
    }

    fn bounded(&mut self, size: Size, place: &Span) -> Size {
        if size.bytes <= LONGEST_COMPOSED {
            return size;
        }
        let help = "put fewer texts together, or print them one after the other";
        self.tell(place, "this text is put together from too many others".to_owned(), help);
        Size::value()
    }

    fn bind(&mut self, target: &Expr<'_>, size: Size) {
        let names: Vec<&str> = match target {
            Expr::Var(name) => vec![name.id],
            Expr::List(list) => list.items.iter().filter_map(super::visit::name_of).collect(),
            Expr::Tuple(list) => list.items.iter().filter_map(super::visit::name_of).collect(),
            _ => Vec::new(),
        };
        if let Some(scope) = self.scopes.last_mut() {
            scope.extend(names.into_iter().map(|name| (name.to_owned(), size)));
        }
    }

    fn for_loop(&mut self, inner: &Spanned<ForLoop<'_>>) {
        let place = part(inner);
        let head = place.start..place.start;
        if inner.recursive {
            self.tell(&head, "a loop cannot call itself here".to_owned(), "take `recursive` away");
        }
        if !self.held.is_empty() {
            let help = "print what it makes, without `set` or `filter` around it";
            self.tell(&head, "a loop cannot stand within `set` or `filter`".to_owned(), help);
        }
        let items = self.size(&inner.iter);
        let outer = self.times;
        self.times = outer.saturating_mul(self.length(&inner.iter).unwrap_or(SOME));
        self.scopes.push(BTreeMap::new());
        self.bind(&inner.target, items.item());
        if let Some(condition) = &inner.filter_expr {
            self.size(condition);
        }
        self.statements(&inner.body);
        self.scopes.pop();
        if self.steps > MOST_STEPS || self.printed > MOST_OUTPUT as u64 {
            let message = format!("with its loops, this is done {} times", self.times);
            self.tell(&head, message, "an e-mail is for reading: shorten the loops");
        }
        self.times = outer;
        self.statements(&inner.else_body);
    }

    fn include(&mut self, include: &Spanned<Include<'_>>) {
        let Some((name, _)) = text_of(&include.name) else { return };
        let Some(partial) = self.written.partial(&name).filter(|_| self.included.may_enter(&name)) else {
            return;
        };
        let Ok(Stmt::Template(template)) = machinery::parse(partial.text, "partial", Default::default())
        else {
            return;
        };
        self.included.entered += 1;
        self.included.open.push(name);
        let outer = std::mem::replace(&mut self.written, partial);
        self.scopes.push(BTreeMap::new());
        self.statements(&template.children);
        self.scopes.pop();
        self.written = outer;
        self.included.open.pop();
    }
}
