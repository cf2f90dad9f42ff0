//! Walks a template's tree and looks at every name in it.

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, CallType, Expr, Spanned, Stmt};

use super::include::Included;
use super::known::{FILTERS, FUNCTIONS, TESTS};
use super::{Links, Written};
use crate::nearest;
use crate::rule::Rule;
use crate::source::Span;

/// Visits the statements and gives the links that they bear.
pub(super) fn visit(written: Written<'_>, statements: &[Stmt<'_>]) -> Links {
    let mut visit =
        Visit { written, links: Links::default(), scopes: vec![Vec::new()], included: Included::default() };
    visit.statements(statements);
    visit.links
}

pub(super) struct Visit<'a> {
    pub written: Written<'a>,
    pub links: Links,
    /// The names that `for`, `set` and `with` bind, innermost last.
    scopes: Vec<Vec<String>>,
    pub(super) included: Included,
}

pub(super) fn part<T>(node: &Spanned<T>) -> Span {
    let span = node.span();
    let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    offset(span.start_offset)..offset(span.end_offset)
}

impl Visit<'_> {
    pub(super) fn statements(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    /// What stands within a block of its own.
    fn scoped(&mut self, statements: &[Stmt<'_>]) {
        self.scopes.push(Vec::new());
        self.statements(statements);
        self.scopes.pop();
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(inner) => self.statements(&inner.children),
            Stmt::EmitExpr(inner) => self.expression(&inner.expr),
            Stmt::EmitRaw(_) => {}
            Stmt::ForLoop(inner) => {
                self.expression(&inner.iter);
                self.scopes.push(vec!["loop".to_owned()]);
                self.bind(&inner.target);
                self.optional(inner.filter_expr.as_ref());
                self.statements(&inner.body);
                self.scopes.pop();
                self.scoped(&inner.else_body);
            }
            Stmt::IfCond(inner) => {
                self.expression(&inner.expr);
                self.statements(&inner.true_body);
                self.statements(&inner.false_body);
            }
            Stmt::WithBlock(inner) => {
                self.scopes.push(Vec::new());
                for (target, value) in &inner.assignments {
                    self.expression(value);
                    self.bind(target);
                }
                self.statements(&inner.body);
                self.scopes.pop();
            }
            Stmt::Set(inner) => {
                self.expression(&inner.expr);
                self.bind(&inner.target);
            }
            Stmt::SetBlock(inner) => {
                self.optional(inner.filter.as_ref());
                self.scoped(&inner.body);
                self.bind(&inner.target);
            }
            Stmt::AutoEscape(inner) => {
                let place = part(inner);
                let message = "`autoescape` has no effect: what a lead typed is always escaped";
                self.written
                    .error(&self.find("autoescape", &place), message, "take the `autoescape` block away")
                    .rule(Rule::NoEffect);
                self.statements(&inner.body);
            }
            Stmt::FilterBlock(inner) => {
                self.expression(&inner.filter);
                self.scoped(&inner.body);
            }
            Stmt::Do(inner) => self.call(&inner.call),
            Stmt::Include(inner) => self.include(inner),
            Stmt::Block(inner) => self.no_inheritance("block", &part(inner)),
            Stmt::Extends(inner) => self.no_inheritance("extends", &part(inner)),
            Stmt::Import(inner) => self.no_inheritance("import", &part(inner)),
            Stmt::FromImport(inner) => self.no_inheritance("from", &part(inner)),
            #[allow(
                unreachable_patterns,
                reason = "the engine has more statements when built with more features"
            )]
            _ => {}
        }
    }

    fn bind(&mut self, target: &Expr<'_>) {
        let names: Vec<String> = match target {
            Expr::Var(name) => vec![name.id.to_owned()],
            Expr::List(list) => list.items.iter().filter_map(name_of).map(str::to_owned).collect(),
            Expr::Tuple(list) => list.items.iter().filter_map(name_of).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        if let Some(scope) = self.scopes.last_mut() {
            scope.extend(names);
        }
    }

    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.scopes.iter().flatten().any(|bound| bound == name)
    }

    fn optional(&mut self, expression: Option<&Expr<'_>>) {
        if let Some(expression) = expression {
            self.expression(expression);
        }
    }

    pub(super) fn expression(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::Const(_) => {}
            Expr::Var(name) => self.variable(name.id, &part(name)),
            Expr::GetAttr(inner) => {
                let whole = part(inner);
                let place = whole.end.saturating_sub(inner.name.len())..whole.end;
                self.member(&inner.expr, inner.name, &place);
            }
            Expr::GetItem(inner) => match text_of(&inner.subscript_expr) {
                Some((name, place)) => self.member(&inner.expr, &name, &place),
                None => self.expressions([&inner.expr, &inner.subscript_expr]),
            },
            Expr::Slice(inner) => {
                self.expression(&inner.expr);
                for bound in [&inner.start, &inner.stop, &inner.step] {
                    self.optional(bound.as_ref());
                }
            }
            Expr::UnaryOp(inner) => self.expression(&inner.expr),
            Expr::BinOp(inner) => {
                self.expressions([&inner.left, &inner.right]);
                match inner.op {
                    BinOpKind::Eq | BinOpKind::Ne => {
                        self.check_option(&inner.left, &inner.right);
                        self.check_option(&inner.right, &inner.left);
                    }
                    BinOpKind::In => self.check_option(&inner.left, &inner.right),
                    _ => {}
                }
            }
            Expr::Compare(inner) => {
                self.expression(&inner.expr);
                inner.ops.iter().for_each(|op| self.expression(&op.expr));
            }
            Expr::IfExpr(inner) => {
                self.expressions([&inner.test_expr, &inner.true_expr]);
                self.optional(inner.false_expr.as_ref());
            }
            Expr::Filter(inner) => {
                self.optional(inner.expr.as_ref());
                self.arguments(&inner.args);
                self.filter(inner.name, &part(inner));
                self.format(inner);
            }
            Expr::Test(inner) => {
                self.expression(&inner.expr);
                self.arguments(&inner.args);
                if inner.name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    self.known("test", inner.name, &TESTS, &part(inner));
                }
            }
            Expr::Call(inner) => self.call(inner),
            Expr::List(inner) => self.expressions(&inner.items),
            Expr::Tuple(inner) => self.expressions(&inner.items),
            Expr::Map(inner) => self.expressions(inner.keys.iter().chain(&inner.values)),
        }
    }

    fn expressions<'e, 's: 'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr<'s>>) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(value)
                | CallArg::Kwarg(_, value)
                | CallArg::PosSplat(value)
                | CallArg::KwargSplat(value) => {
                    self.expression(value);
                }
            }
        }
    }

    fn call(&mut self, call: &Spanned<Call<'_>>) {
        self.arguments(&call.args);
        match call.identify_call() {
            CallType::Function(name) if FUNCTIONS.contains(&name) || self.is_bound(name) => {}
            CallType::Function(name) => {
                let help = if FILTERS.contains(&name) {
                    format!("it is a filter: write `... | {name}`")
                } else {
                    nearest::mend(name, FUNCTIONS, "")
                };
                let place = self.find(name, &part(call));
                let meant = nearest::certain(name, FUNCTIONS).map(str::to_owned);
                self.written.unknown(&place, format!("unknown function `{name}`"), help, meant);
            }
            CallType::Method(target, name) => {
                self.expression(target);
                if !name_of(target).is_some_and(|target| self.is_bound(target)) {
                    let help = match nearest::nearest(name, FILTERS) {
                        Some(filter) => format!("write `| {filter}`"),
                        None => "use a filter: `... | upper`".to_owned(),
                    };
                    let place = self.find(name, &part(call));
                    self.written.error(&place, format!("values have no method `{name}`"), help);
                }
            }
            _ => self.expression(&call.expr),
        }
    }
}

pub(super) fn name_of<'e>(expression: &'e Expr<'_>) -> Option<&'e str> {
    match expression {
        Expr::Var(name) => Some(name.id),
        _ => None,
    }
}

/// A text that stands in the template.
pub(super) fn text_of(expression: &Expr<'_>) -> Option<(String, Span)> {
    match expression {
        Expr::Const(value) => value.value.as_str().map(|text| (text.to_owned(), part(value))),
        _ => None,
    }
}
