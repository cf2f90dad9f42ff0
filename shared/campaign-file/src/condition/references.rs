//! What a condition asks for, as far as others depend on it: the score, and other segments.

use cel::Program;
use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue};

use super::limits;
use crate::source::Span;

/// What a condition asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct References {
    /// Whether it asks for the score, the temperature or the grade.
    pub score: bool,
    /// The segments that it names.
    pub segments: Vec<String>,
    /// Where in the expression it names them.
    pub places: Vec<Span>,
}

impl References {
    /// Of an expression as written; nothing of one that is none.
    pub fn of_source(source: &str) -> Self {
        if source.trim().is_empty() || limits::excess(source).is_some() {
            return Self::default();
        }
        Program::compile(source).map(|program| Self::of(&program)).unwrap_or_default()
    }

    fn of(program: &Program) -> Self {
        let mut found = Self::default();
        let mut open = vec![program.expression()];
        while let Some(expression) = open.pop() {
            match &expression.expr {
                Expr::Ident(name) => {
                    found.score |= matches!(name.as_str(), "score" | "temperature" | "grade")
                }
                Expr::Call(call) if call.func_name == "in_segment" => {
                    if let Some((name, place)) = call.args.first().and_then(|name| literal(program, name)) {
                        found.segments.push(name.to_owned());
                        found.places.push(place);
                    }
                }
                _ => {}
            }
            open.extend(children(&expression.expr));
        }
        found
    }
}

/// A text that stands in the expression, and its place there with its quotes.
pub(super) fn literal<'p>(program: &'p Program, expression: &'p IdedExpr) -> Option<(&'p str, Span)> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => Some((text.inner(), token(program, expression.id))),
        _ => None,
    }
}

/// Where the token stands that the parser noted for an expression.
pub(super) fn token(program: &Program, id: u64) -> Span {
    let length = program.source_info().source.len();
    let (start, last) = program.source_info().offset_for(id).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or_default().min(length);
    let end = usize::try_from(last).unwrap_or_default().saturating_add(1).min(length);
    start..end.max(start)
}

/// The expressions within one.
pub(super) fn children(expression: &Expr) -> Vec<&IdedExpr> {
    match expression {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(inner) => {
            vec![&inner.iter_range, &inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result]
        }
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entry_children(&entry.expr)).collect(),
        Expr::Struct(object) => object.entries.iter().flat_map(|entry| entry_children(&entry.expr)).collect(),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

fn entry_children(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}
