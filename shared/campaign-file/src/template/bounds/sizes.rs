//! How large a value may become, at the most.

use domain::template::{LONGEST_RANGE, LONGEST_VALUE};
use domain::traits::TraitType;
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr};
use minijinja::value::ValueKind;

use super::Bounds;
use crate::template::visit::{name_of, part};

/// Of a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Of what it prints.
    pub bytes: usize,
    /// Whether it is a number, or holds nothing but numbers.
    pub number: bool,
    /// How deep lists and maps stand in one another in it; 0 for what is neither.
    pub depth: usize,
}

impl Size {
    const NUMBER: Self = Self { bytes: 40, number: true, depth: 0 };

    pub fn text(bytes: usize) -> Self {
        Self { bytes, number: false, depth: 0 }
    }

    /// Of what comes from a lead or a filter.
    pub fn value() -> Self {
        Self::text(LONGEST_VALUE)
    }

    /// Of what stands in it, if it is a list.
    pub fn item(self) -> Self {
        Self { depth: self.depth.saturating_sub(1), ..self }
    }

    fn with(self, other: Self) -> Self {
        Self::text(self.bytes.saturating_add(other.bytes))
    }

    fn or(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            number: self.number && other.number,
            depth: self.depth.max(other.depth),
        }
    }
}

impl Bounds<'_> {
    /// The size of an expression's value; tells of texts that are multiplied.
    pub(super) fn size(&mut self, expression: &Expr<'_>) -> Size {
        self.steps = self.steps.saturating_add(self.times);
        match expression {
            Expr::Const(value) => match (value.value.kind(), value.value.as_str()) {
                (_, Some(text)) => Size::text(text.len()),
                (ValueKind::Number | ValueKind::Bool, None) => Size::NUMBER,
                _ => Size::text(40),
            },
            Expr::Var(name) => self.bound(name.id).unwrap_or_else(Size::value),
            Expr::GetAttr(inner) => self.member(&inner.expr, inner.name),
            Expr::GetItem(inner) => {
                self.size(&inner.subscript_expr);
                let whole = self.size(&inner.expr);
                if name_of(&inner.expr).is_some_and(|name| self.bound(name).is_none()) {
                    return Size::value();
                }
                whole.item()
            }
            Expr::Slice(inner) => {
                for bound in [&inner.start, &inner.stop, &inner.step].into_iter().flatten() {
                    self.size(bound);
                }
                self.size(&inner.expr)
            }
            Expr::UnaryOp(inner) => {
                self.size(&inner.expr);
                Size::NUMBER
            }
            Expr::BinOp(inner) => {
                let (left, right) = (self.size(&inner.left), self.size(&inner.right));
                match inner.op {
                    BinOpKind::Add if left.number && right.number => Size::NUMBER,
                    BinOpKind::Add => Size { depth: left.depth.max(right.depth), ..left.with(right) },
                    BinOpKind::Concat => {
                        // A list in a text has its quotes escaped: twice as long each time that is done again.
                        if left.depth.max(right.depth) > 0 {
                            let help = "make a text of the list first: `... | join(\", \")`";
                            self.tell(
                                &part(inner),
                                "`~` puts texts together, and this is a list".to_owned(),
                                help,
                            );
                        }
                        left.with(right)
                    }
                    BinOpKind::ScAnd | BinOpKind::ScOr => left.or(right),
                    BinOpKind::Mul if !(left.number && right.number) => {
                        let help = "multiply numbers alone: write `... | float` around what is none";
                        self.tell(&part(inner), "`*` would repeat a text here".to_owned(), help);
                        Size::NUMBER
                    }
                    _ => Size::NUMBER,
                }
            }
            Expr::Compare(inner) => {
                self.size(&inner.expr);
                for op in &inner.ops {
                    self.size(&op.expr);
                }
                Size::NUMBER
            }
            Expr::IfExpr(inner) => {
                self.size(&inner.test_expr);
                let chosen = self.size(&inner.true_expr);
                let other = inner.false_expr.as_ref().map(|other| self.size(other));
                other.map_or(chosen, |other| chosen.or(other))
            }
            Expr::Filter(inner) => {
                let value = inner.expr.as_ref().map_or_else(Size::value, |value| self.size(value));
                let arguments = self.arguments(&inner.args);
                match inner.name {
                    "abs" | "bool" | "count" | "float" | "int" | "length" | "round" | "sum" => Size::NUMBER,
                    "map" => Size { depth: value.depth, ..Size::value() },
                    "lines" | "split" => Size { depth: 1, ..Size::value() },
                    "first" | "last" | "max" | "min" => value.item(),
                    "join" | "plural" | "replace" => Size::value(),
                    "capitalize" | "lower" | "title" | "trim" | "upper" => {
                        Size { bytes: value.bytes.max(128), depth: 0, ..value }
                    }
                    "default" | "d" => arguments.map_or(value, |argument| value.or(argument)),
                    _ => Size { bytes: value.bytes.max(128), ..value },
                }
            }
            Expr::Test(inner) => {
                self.size(&inner.expr);
                self.arguments(&inner.args);
                Size::NUMBER
            }
            Expr::Call(inner) => {
                self.arguments(&inner.args);
                if name_of(&inner.expr) == Some("range") {
                    return Size { bytes: 8 * LONGEST_RANGE, number: true, depth: 1 };
                }
                Size::value()
            }
            Expr::List(inner) => self.all(&inner.items),
            Expr::Tuple(inner) => self.all(&inner.items),
            Expr::Map(inner) => self.all(inner.keys.iter().chain(&inner.values)),
        }
    }

    fn all<'e, 's: 'e>(&mut self, items: impl IntoIterator<Item = &'e Expr<'s>>) -> Size {
        let mut all = Size { bytes: 2, number: true, depth: 1 };
        for item in items {
            let item = self.size(item);
            all = Size {
                number: all.number && item.number,
                depth: all.depth.max(item.depth + 1),
                ..all.with(item).with(Size::text(2))
            };
        }
        all
    }

    /// The largest argument.
    fn arguments(&mut self, arguments: &[CallArg<'_>]) -> Option<Size> {
        let sizes = arguments.iter().map(|argument| match argument {
            CallArg::Pos(value)
            | CallArg::Kwarg(_, value)
            | CallArg::PosSplat(value)
            | CallArg::KwargSplat(value) => self.size(value),
        });
        sizes.reduce(Size::or)
    }

    fn member(&mut self, of: &Expr<'_>, name: &str) -> Size {
        let owner = name_of(of);
        if let Some(whole) = owner.and_then(|owner| self.bound(owner)) {
            return whole;
        }
        let traits = &self.written.reader.vocabulary.traits;
        match owner {
            Some("score") => Size::NUMBER,
            Some("loop") if name != "changed" => Size { number: !name.ends_with("item"), ..Size::value() },
            Some("lead") => {
                let kind = traits.get(name).and_then(|words| words.kind);
                if kind == Some(TraitType::Number) { Size::NUMBER } else { Size::value() }
            }
            Some(_) => Size::value(),
            None => self.size(of),
        }
    }

    fn bound(&self, name: &str) -> Option<Size> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).copied()
    }

    /// How many items a list has, where the template says so.
    pub(super) fn length(&self, list: &Expr<'_>) -> Option<u64> {
        match list {
            Expr::List(list) => Some(list.items.len() as u64),
            Expr::Tuple(list) => Some(list.items.len() as u64),
            Expr::Call(call) if name_of(&call.expr) == Some("range") => {
                let bounds = call.args.iter().map(|bound| match bound {
                    CallArg::Pos(Expr::Const(bound)) => i64::try_from(bound.value.clone()).ok(),
                    _ => None,
                });
                let bounds: Vec<i64> = bounds.collect::<Option<_>>()?;
                let (first, end, step) = match bounds[..] {
                    [end] => (0, end, 1),
                    [first, end] => (first, end, 1),
                    [first, end, step] if step != 0 => (first, end, step),
                    _ => return None,
                };
                let span = if step > 0 { end.saturating_sub(first) } else { first.saturating_sub(end) };
                Some(u64::try_from(span).unwrap_or(0).div_ceil(step.unsigned_abs()))
            }
            _ => None,
        }
    }
}
