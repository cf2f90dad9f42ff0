//! Checks a compiled condition: every name known, every comparison one that can hold.

use cel::Program;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr};
use domain::{Grade, Locale, Stage, Temperature};

use super::kind::{Choice, Kind};
use super::references::{children, literal, token};
use super::{Asks, Wanted, Written, functions, operators};
use crate::rule::Rule;
use crate::source::Span;

pub(super) const VARIABLES: [&str; 7] =
    ["lead", "email", "score", "grade", "temperature", "stage", "days_since_last_activity"];

/// Finds what is wrong with a condition that is good CEL.
pub(super) fn check(written: Written<'_>, program: &Program, asks: Asks, wanted: Wanted) {
    let mut check = Check { written, program, asks, locals: Vec::new() };
    let kind = check.kind(program.expression());
    let whole = 0..written.scalar.text.len();
    if let Wanted::Trait(declared) = wanted {
        let declared = Kind::from(declared);
        if !kind.compares_with(&declared) {
            let message = format!("the trait is {}, and this is {}", declared.describe(), kind.describe());
            written.error(&whole, message, "change its `type`, or what it follows from");
        }
    } else if !kind.may_be_boolean() {
        let message = format!("a condition is true or false, and this is {}", kind.describe());
        let help = "compare it with something, as in `score.total >= 40`";
        written.error(&whole, message, help);
    }
}

pub(super) struct Check<'a> {
    pub written: Written<'a>,
    pub program: &'a Program,
    asks: Asks,
    /// Names that `exists`, `all` and their like bind.
    locals: Vec<String>,
}

impl Check<'_> {
    /// The kind of an expression; what is wrong within it is told on the way.
    pub fn kind(&mut self, expression: &IdedExpr) -> Kind {
        match &expression.expr {
            Expr::Literal(value) => match value {
                LiteralValue::Boolean(_) => Kind::Boolean,
                LiteralValue::Int(_) | LiteralValue::UInt(_) => Kind::Whole,
                LiteralValue::Double(_) => Kind::Decimal,
                LiteralValue::String(_) => Kind::Text,
                LiteralValue::Bytes(_) | LiteralValue::Null => Kind::Unknown,
            },
            Expr::Ident(name) => self.variable(name, &token(self.program, expression.id)),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(expression, call),
            Expr::Comprehension(inner) => {
                self.bounded(expression, inner);
                self.kind(&inner.iter_range);
                let bound = self.locals.len();
                self.locals.push(inner.iter_var.clone());
                self.locals.extend(inner.iter_var2.clone());
                for part in [&inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result] {
                    self.kind(part);
                }
                self.locals.truncate(bound);
                Kind::Unknown
            }
            other => {
                for part in children(other) {
                    self.kind(part);
                }
                if matches!(other, Expr::List(_)) { Kind::List } else { Kind::Unknown }
            }
        }
    }

    /// Lists stand in the file itself, so a single run through one ends soon. Runs within runs multiply, and lists that
    /// are made of lists grow: both without measure.
    fn bounded(&self, expression: &IdedExpr, comprehension: &ComprehensionExpr) {
        let message = if !self.locals.is_empty() {
            "a list is gone through for each element of another one"
        } else if matches!(comprehension.accu_init.expr, Expr::List(_)) {
            "a condition makes no lists"
        } else {
            return;
        };
        let help = "write `lead.city in [\"Lyon\", \"Paris\"]`, or `||` between what may hold";
        self.written.error(&token(self.program, expression.id), message, help).rule(Rule::Limit);
    }

    fn variable(&mut self, name: &str, place: &Span) -> Kind {
        if name.starts_with('@') || self.locals.iter().any(|local| local == name) {
            return Kind::Unknown;
        }
        match name {
            "score" | "temperature" | "grade" | "stage" | "days_since_last_activity"
                if self.asks == Asks::Stated =>
            {
                self.not_for_traits(name, place);
                Kind::Unknown
            }
            "score" | "temperature" | "grade" if self.asks == Asks::NoScore => {
                let message = format!("`{name}` cannot be asked for here: the score would depend on itself");
                let help = "ask for traits, the address or what occurred";
                self.written.error(place, message, help).rule(Rule::ScoreAsksItself);
                Kind::Unknown
            }
            "grade" => {
                let vocabulary = self.written.reader.vocabulary;
                if vocabulary.has_organisation && !vocabulary.has_grades {
                    let help = "declare `grades` under `score` of `sillon.yaml`";
                    self.written.error(place, "nobody has a grade", help);
                }
                one_of("grade", Grade::ALL.map(Grade::as_str))
            }
            "temperature" => one_of("temperature", Temperature::ALL.map(Temperature::as_str)),
            "stage" => one_of("stage", Stage::ALL.map(Stage::as_str)),
            "days_since_last_activity" => Kind::Decimal,
            "lead" | "email" | "score" => {
                let dotted: Vec<String> =
                    self.members(name).iter().map(|member| format!("{name}.{member}")).collect();
                let dotted: Vec<&str> = dotted.iter().map(String::as_str).collect();
                let help = format!("ask for one of its parts: {}", crate::nearest::list(&dotted));
                self.written.error(place, format!("`{name}` is no value by itself"), help);
                Kind::Unknown
            }
            // CEL's own names of types.
            "int" | "uint" | "double" | "bool" | "string" | "bytes" | "list" | "map" | "type" => {
                Kind::Unknown
            }
            _ => {
                let traits = self.written.reader.vocabulary.traits.contains_key(name);
                let (message, help) = if traits {
                    (format!("unknown name `{name}`"), format!("write `lead.{name}`"))
                } else {
                    let quotes = format!("put a text in quotes: \"{name}\"");
                    (format!("unknown name `{name}`"), crate::nearest::mend(name, VARIABLES, &quotes))
                };
                let told = self.written.error(place, message, help).rule(Rule::UnknownName);
                if traits {
                    self.written.edit(told, place, &format!("lead.{name}"));
                } else if let Some(meant) = crate::nearest::certain(name, VARIABLES) {
                    self.written.edit(told, place, meant);
                }
                Kind::Unknown
            }
        }
    }

    fn members(&self, of: &str) -> Vec<&str> {
        match of {
            "lead" => self.written.reader.vocabulary.lead_members().collect(),
            "email" => vec!["domain", "free", "disposable"],
            _ => vec!["fit", "engagement", "total"],
        }
    }

    fn select(&mut self, select: &SelectExpr) -> Kind {
        let place = self.member_place(select);
        let kind = match &select.operand.expr {
            Expr::Ident(name) if !self.locals.contains(name) => {
                self.member(name, &token(self.program, select.operand.id), &select.field, &place)
            }
            _ => {
                let kind = self.kind(&select.operand);
                if kind != Kind::Unknown {
                    let message =
                        format!("`{}` asks for a part of {}, which has none", select.field, kind.describe());
                    self.written.error(&place, message, format!("leave `.{}` out", select.field));
                }
                Kind::Unknown
            }
        };
        if select.test { Kind::Boolean } else { kind }
    }

    /// `lead.housing`, by whatever syntax.
    pub fn member(&mut self, of: &str, of_place: &Span, name: &str, place: &Span) -> Kind {
        if !matches!(of, "lead" | "email" | "score") {
            let kind = self.variable(of, of_place);
            if kind != Kind::Unknown {
                let message = format!("`{of}` is {} and has no parts", kind.describe());
                self.written.error(place, message, format!("write `{of}` alone"));
            }
            return Kind::Unknown;
        }
        if of == "score" && self.asks != Asks::All {
            return self.variable(of, of_place);
        }
        let vocabulary = self.written.reader.vocabulary;
        if !self.members(of).contains(&name) {
            if of != "lead" || vocabulary.complete {
                let what = if of == "lead" {
                    "unknown trait".to_owned()
                } else {
                    format!("unknown part of `{of}`:")
                };
                let declare =
                    if of == "lead" { "declare it under `traits` or as a form's field" } else { "" };
                let members = self.members(of);
                let help = match crate::nearest::nearest(name, members.iter().copied()) {
                    Some(meant) if declare.is_empty() => format!("write `{of}.{meant}`"),
                    Some(meant) => format!("write `{of}.{meant}`, or {declare}"),
                    None => crate::nearest::mend(name, members, declare),
                };
                let told =
                    self.written.error(place, format!("{what} `{name}`"), help).rule(Rule::UnknownName);
                if let Some(meant) = crate::nearest::certain(name, self.members(of)) {
                    let quoted = self.written.scalar.text.get(place.clone()).is_some_and(|t| t != name);
                    if !quoted {
                        self.written.edit(told, place, meant);
                    }
                }
            }
            return Kind::Unknown;
        }
        if of == "lead"
            && self.asks == Asks::Stated
            && vocabulary.traits.get(name).is_some_and(|words| words.computed)
        {
            let message = format!("`{name}` is computed itself");
            self.written.error(place, message, "say what is meant by traits that a lead states");
            return Kind::Unknown;
        }
        match (of, name) {
            ("score", _) => Kind::Decimal,
            ("email", "domain") | ("lead", "email") => Kind::Text,
            ("email", _) => Kind::Boolean,
            ("lead", "locale") => one_of("lead.locale", vocabulary.locales.iter().map(Locale::as_str)),
            _ => match vocabulary.traits.get(name) {
                None => Kind::Unknown,
                Some(words) => match &words.options {
                    Some(options) => one_of(&format!("lead.{name}"), options.iter().map(String::as_str)),
                    None => words.kind.map_or(Kind::Unknown, Kind::from),
                },
            },
        }
    }

    fn call(&mut self, expression: &IdedExpr, call: &CallExpr) -> Kind {
        let place = token(self.program, expression.id);
        if call.func_name == "_[_]" {
            if let [of, name] = call.args.as_slice()
                && let (Expr::Ident(of_name), Some((name, name_place))) =
                    (&of.expr, literal(self.program, name))
                && !self.locals.contains(of_name)
            {
                return self.member(of_name, &token(self.program, of.id), name, &name_place);
            }
            return self.parts(call);
        }
        match operators::check(self, call, &place) {
            Some(kind) => kind,
            None if call.func_name.starts_with(['@', '_']) => self.parts(call),
            None => functions::check(self, call, &place),
        }
    }

    /// Checks what stands within a call of which nothing is known.
    pub fn parts(&mut self, call: &CallExpr) -> Kind {
        for part in call.target.as_deref().into_iter().chain(&call.args) {
            self.kind(part);
        }
        Kind::Unknown
    }

    /// Tells that a computed trait cannot ask for that.
    pub fn not_for_traits(&self, name: &str, place: &Span) {
        let message = format!("`{name}` cannot be asked for here: it changes while the lead states nothing");
        self.written.error(place, message, "ask for traits that a lead states, or for the address");
    }

    /// Whether nothing but stated traits and the address may be asked for.
    pub fn asks_stated_only(&self) -> bool {
        self.asks == Asks::Stated
    }

    /// Whether the score may be asked for.
    pub fn may_ask_score(&self) -> bool {
        self.asks == Asks::All
    }

    /// The part after the dot. The parser notes the dot, or for `has` the bracket before it all.
    fn member_place(&self, select: &SelectExpr) -> Span {
        let source = &self.program.source_info().source;
        let after = token(self.program, select.operand.id).end;
        let found = source.get(after..).and_then(|rest| {
            let dot = after + rest.find('.')? + 1;
            let start = dot + source[dot..].find(select.field.as_str())?;
            Some(start..start + select.field.len())
        });
        found.unwrap_or(after..after)
    }
}

fn one_of<'v>(of: &str, values: impl IntoIterator<Item = &'v str>) -> Kind {
    Kind::OneOf(Choice { of: of.to_owned(), values: values.into_iter().map(str::to_owned).collect() })
}
