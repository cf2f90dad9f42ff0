//! Conditions: a scalar's text, compiled as CEL and checked against the names that are known.

mod check;
mod functions;
mod kind;
mod limits;
mod operators;
pub(crate) mod references;
mod syntax;

use domain::Condition;

use crate::reader::Reader;
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
    pub fn error(&self, part: &Span, message: impl Into<String>, help: impl Into<String>) {
        self.reader.error(&self.span(part), message, help);
    }
}

impl<'a> Reader<'a> {
    /// A condition.
    pub(crate) fn condition(&self, node: &'a Node, asks: Asks) -> Option<Condition> {
        const EXAMPLE: &str = "write a condition such as `score.total >= 40`";
        let scalar = node.scalar();
        let Some(scalar) = scalar.filter(|s| matches!(s.meaning(), Meaning::Text | Meaning::Boolean(_)))
        else {
            self.wrong_type(node, "a condition", EXAMPLE);
            return None;
        };
        let text = &scalar.text;
        if text.trim().is_empty() {
            self.error(&node.span, "expected a condition, found an empty text", EXAMPLE);
            return None;
        }
        let written = Written { reader: *self, scalar };
        if let Some(at) = limits::excess(text) {
            written.error(
                &(at..at),
                "this condition is nested too deep or too long",
                "split it into `segments`",
            );
            return None;
        }
        match Condition::parse(text) {
            Ok(condition) => {
                check::check(written, &condition.program()?, asks);
                Some(condition)
            }
            Err(fault) => {
                let (part, message, help) = syntax::explain(text, &fault);
                written.error(&part, message, help);
                None
            }
        }
    }
}
