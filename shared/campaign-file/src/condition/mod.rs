//! Conditions: a scalar's text, compiled as CEL and checked against the names that are known.

mod check;
mod functions;
mod kind;
mod limits;
mod operators;
pub(crate) mod references;
mod syntax;

use domain::{Condition, Expression, TraitType};

use crate::finding::Told;
use crate::reader::Reader;
use crate::rule::Rule;
use crate::scalar::{Meaning, Scalar};
use crate::source::Span;
use crate::yaml::Node;

/// What a condition may ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Everything.
    All,
    /// Everything but the score, for the rules that make it.
    NoScore,
    /// Stated traits and the address, for computed traits.
    Stated,
}

/// What an expression must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// True or false.
    Condition,
    /// A value of this type.
    Trait(TraitType),
}

/// A condition's text, where it stands, and the reader of its file.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub reader: Reader<'a>,
    pub scalar: &'a Scalar,
}

impl<'a> Written<'a> {
    /// Where in the file a part of the expression stands.
    pub fn span(&self, part: &Span) -> Span {
        self.scalar.span_of(&self.reader.source.text, part)
    }

    /// Tells of a fault in a part of the expression.
    pub fn error(&self, part: &Span, message: impl Into<String>, help: impl Into<String>) -> Told<'a> {
        self.reader.error(&self.span(part), message, help).rule(Rule::Condition)
    }

    /// Lets a finding be mended by other words in the place of a part of the expression.
    pub fn edit(&self, told: Told<'_>, part: &Span, text: &str) {
        if let Some(span) = self.scalar.plain_span(&self.reader.source.text, part, text) {
            told.edit(self.reader.source, &span, text);
        }
    }
}

impl<'a> Reader<'a> {
    /// A condition.
    pub(crate) fn condition(&self, node: &'a Node, asks: Asks) -> Option<Condition> {
        self.expression(node, asks, Wanted::Condition).map(Condition::from)
    }

    /// A condition, or what a trait of some type follows from.
    pub(crate) fn expression(&self, node: &'a Node, asks: Asks, wanted: Wanted) -> Option<Expression> {
        let (what, example) = match wanted {
            Wanted::Condition => ("a condition", "write a condition such as `score.total >= 40`"),
            Wanted::Trait(_) => ("an expression", "write one such as `lead.surface * 0.8`"),
        };
        let scalar = node.scalar();
        let Some(scalar) = scalar.filter(|s| matches!(s.meaning(), Meaning::Text | Meaning::Boolean(_)))
        else {
            self.wrong_type(node, what, example);
            return None;
        };
        let text = &scalar.text;
        if text.trim().is_empty() {
            self.error(&node.span, format!("expected {what}, found an empty text"), example)
                .rule(Rule::EmptyValue);
            return None;
        }
        let written = Written { reader: *self, scalar };
        if let Some(at) = limits::excess(text) {
            written
                .error(
                    &(at..at),
                    format!(
                        "this {} is nested too deep or too long",
                        what.trim_start_matches(['a', 'n', ' '])
                    ),
                    "split it into `segments`",
                )
                .rule(Rule::Limit);
            return None;
        }
        match Expression::parse(text) {
            Ok(expression) => {
                check::check(written, &expression.program()?, asks, wanted);
                Some(expression)
            }
            Err(fault) => {
                let (part, message, help) = syntax::explain(text, &fault);
                let told = written.error(&part, message, help).rule(Rule::ConditionSyntax);
                if let Some((part, text)) = syntax::rewritten(text, &part) {
                    written.edit(told, &part, &text);
                }
                None
            }
        }
    }
}
