//! Expressions of CEL: the language of conditions and of computed traits.

mod clock;

use std::sync::{Arc, OnceLock};

use cel::common::ast::IdedExpr;
use cel::parser::PrattParser;
use cel::{Context, ParseErrors, Program, Value};
use serde::{Deserialize, Serialize};

pub(crate) use clock::Reading;

/// An expression as written, which is compiled when it is first asked.
///
/// `cel` has two parsers. The first, of ANTLR, knows the place of every fault and of every part; to set it up costs a
/// quarter of a cold start. So it reads what people write, in [`Expression::parse`], and the second, which is a hundred
/// times quicker, makes what is asked everywhere: in a function, in `sillon dev` and in tests.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Expression {
    source: String,
    /// None within, once compiled, for a text that is no expression.
    compiled: Arc<OnceLock<Option<Compiled>>>,
}

/// An expression that can be asked, and what it asks about.
pub(crate) struct Compiled {
    expression: IdedExpr,
    /// Whether it counts what happened by kind.
    pub asks_history: bool,
    /// Whether it asks for tags.
    pub asks_tags: bool,
    /// The segments that it names.
    pub segments: Vec<String>,
    /// What it reads of the clock; none if that cannot be told.
    pub readings: Option<Vec<Reading>>,
}

impl Compiled {
    fn of(source: &str, expression: IdedExpr) -> Self {
        let names = expression.references();
        let asks_history = ["occurred", "times", "days_since"].iter().any(|name| names.has_function(name));
        let asks_tags = names.has_function("tagged");
        let segments = segments(source).map(str::to_owned).collect();
        Self { asks_history, asks_tags, segments, readings: clock::readings(&expression), expression }
    }

    /// What it comes to; none if that is unknown.
    pub fn value(&self, context: &Context<'_, '_>) -> Option<Value> {
        Value::resolve(&self.expression, context).ok()
    }
}

/// Why a text is not a CEL expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidExpression {
    /// What the parser found.
    pub message: String,
    /// Where, counted from 1 in lines of the expression.
    pub line: usize,
    /// Where, counted from 1 in characters of the line.
    pub column: usize,
}

impl InvalidExpression {
    fn of(errors: &ParseErrors) -> Self {
        let first = errors.errors.first();
        let position = |part: Option<isize>| part.and_then(|n| usize::try_from(n).ok()).unwrap_or(1).max(1);
        Self {
            message: first.map_or_else(|| errors.to_string(), |error| error.msg.clone()),
            line: position(first.map(|error| error.pos.0)),
            column: position(first.map(|error| error.pos.1)),
        }
    }
}

impl Expression {
    /// Checks and compiles the expression.
    pub fn parse(source: &str) -> Result<Self, InvalidExpression> {
        Program::compile(source).map_err(|errors| InvalidExpression::of(&errors))?;
        let parsed = PrattParser::new().parse(source).map_err(|errors| InvalidExpression::of(&errors))?;
        let compiled = Compiled::of(source, parsed);
        Ok(Self { source: source.to_owned(), compiled: Arc::new(OnceLock::from(Some(compiled))) })
    }

    /// The expression as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The expression with the place of each of its parts, for those who look into it; none if the text never went
    /// through [`Expression::parse`] and is no expression.
    pub fn program(&self) -> Option<Program> {
        Program::compile(&self.source).ok()
    }

    /// The segments that it names: what stands in quotes within `in_segment(...)`.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        segments(&self.source)
    }

    /// What can be asked; none for a text that is no expression.
    pub(crate) fn compiled(&self) -> Option<&Compiled> {
        let compile = || Some(Compiled::of(&self.source, PrattParser::new().parse(&self.source).ok()?));
        self.compiled.get_or_init(compile).as_ref()
    }
}

fn segments(source: &str) -> impl Iterator<Item = &str> {
    source.split("in_segment").skip(1).filter_map(|rest| {
        let quoted = rest.trim_start().strip_prefix('(')?.trim_start();
        let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        quoted[1..].split_once(quote).map(|(name, _)| name)
    })
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({})", self.source)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl From<String> for Expression {
    fn from(source: String) -> Self {
        Self { source, compiled: Arc::default() }
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> String {
        expression.source
    }
}
