//! Expressions of CEL: the language of conditions and of computed traits.

use std::sync::{Arc, OnceLock};

use cel::common::ast::IdedExpr;
use cel::parser::PrattParser;
use cel::{Context, ParseErrors, Program, Value};
use serde::{Deserialize, Serialize};

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
    parsed: Arc<OnceLock<Option<IdedExpr>>>,
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
        Ok(Self { source: source.to_owned(), parsed: Arc::new(OnceLock::from(Some(parsed))) })
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
        self.source.split("in_segment").skip(1).filter_map(|rest| {
            let quoted = rest.trim_start().strip_prefix('(')?.trim_start();
            let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            quoted[1..].split_once(quote).map(|(name, _)| name)
        })
    }

    /// What it comes to; none if that is unknown.
    pub(crate) fn value(&self, context: &Context<'_, '_>) -> Option<Value> {
        let parsed = self.parsed.get_or_init(|| PrattParser::new().parse(&self.source).ok());
        Value::resolve(parsed.as_ref()?, context).ok()
    }
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
        Self { source, parsed: Arc::default() }
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> String {
        expression.source
    }
}
