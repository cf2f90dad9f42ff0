//! What an expression reads of the clock: from it follows when it can come to something else while nothing happens.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

/// Something that changes with time, and the number that it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reading {
    /// The days since something of that kind happened last; without a kind, since the lead did anything. They grow.
    Age {
        /// The kind of activity.
        kind: Option<String>,
        /// What they are compared with.
        days: f64,
    },
    /// `score.total`.
    Total(f64),
    /// `score.engagement`.
    Engagement(f64),
    /// `temperature`, which goes by the total.
    Temperature,
    /// `score.fit` or `grade`, which change with time only if a rule of the fit does.
    Fit,
}

impl Reading {
    /// Whether it reads the score, or what goes by it.
    pub fn is_of_score(&self) -> bool {
        !matches!(self, Self::Age { .. })
    }
}

const COMPARISONS: [&str; 6] = [
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::EQUALS,
    operators::NOT_EQUALS,
];

/// All that it reads; none if it does something else with what changes than to compare it with a number.
pub(super) fn readings(expression: &IdedExpr) -> Option<Vec<Reading>> {
    let mut found = Vec::new();
    add(expression, &mut found).then_some(found)
}

fn add(expression: &IdedExpr, into: &mut Vec<Reading>) -> bool {
    match &expression.expr {
        Expr::Call(call) => {
            if let ([left, right], None) = (call.args.as_slice(), &call.target)
                && COMPARISONS.contains(&call.func_name.as_str())
                && let Some(reading) = compared(left, right).or_else(|| compared(right, left))
            {
                into.push(reading);
                return true;
            }
            call.func_name != "days_since"
                && call.target.iter().all(|target| add(target, into))
                && call.args.iter().all(|argument| add(argument, into))
        }
        Expr::Select(select) if is_score(&select.operand) => {
            into.push(Reading::Fit);
            select.field == "fit"
        }
        Expr::Select(select) => add(&select.operand, into),
        Expr::Ident(name) => {
            match name.as_str() {
                "temperature" => into.push(Reading::Temperature),
                "grade" => into.push(Reading::Fit),
                _ => {}
            }
            !matches!(name.as_str(), "score" | "days_since_last_activity")
        }
        Expr::Literal(_) => true,
        // Lists, maps and the like, within which a name may mean something else.
        _ => {
            let names = expression.references();
            let changing = ["score", "temperature", "grade", "days_since_last_activity"];
            !changing.iter().any(|name| names.has_variable(name)) && !names.has_function("days_since")
        }
    }
}

/// What is compared with a number, if that alone is what changes.
fn compared(changing: &IdedExpr, number: &IdedExpr) -> Option<Reading> {
    let number = literal(number)?;
    match &changing.expr {
        Expr::Ident(name) if name == "days_since_last_activity" => {
            Some(Reading::Age { kind: None, days: number })
        }
        Expr::Call(call) if call.func_name == "days_since" && call.target.is_none() => {
            let [IdedExpr { expr: Expr::Literal(LiteralValue::String(kind)), .. }] = call.args.as_slice()
            else {
                return None;
            };
            Some(Reading::Age { kind: Some(kind.inner().to_owned()), days: number })
        }
        Expr::Select(select) if is_score(&select.operand) && !select.test => match select.field.as_str() {
            "total" => Some(Reading::Total(number)),
            "engagement" => Some(Reading::Engagement(number)),
            "fit" => Some(Reading::Fit),
            _ => None,
        },
        _ => None,
    }
}

fn is_score(expression: &IdedExpr) -> bool {
    matches!(&expression.expr, Expr::Ident(name) if name == "score")
}

#[expect(clippy::cast_precision_loss, reason = "nobody compares with numbers beyond 2^53")]
fn literal(expression: &IdedExpr) -> Option<f64> {
    match &expression.expr {
        Expr::Literal(LiteralValue::Double(number)) => Some(*number.inner()),
        Expr::Literal(LiteralValue::Int(number)) => Some(*number.inner() as f64),
        Expr::Literal(LiteralValue::UInt(number)) => Some(*number.inner() as f64),
        Expr::Call(call) if call.func_name == operators::NEGATE => {
            literal(call.args.first()?).map(|number| -number)
        }
        _ => None,
    }
}
