//! What operators of a condition do with the kinds of their operands.

use cel::common::ast::{CallExpr, Expr, IdedExpr};

use super::check::Check;
use super::functions::rename;
use super::kind::{Choice, Kind};
use super::references::literal;
use crate::finding::Told;
use crate::rule::Rule;
use crate::source::Span;

/// The kind of an operator's result; none if the call is none of an operator.
pub(super) fn check(check: &mut Check<'_>, call: &CallExpr, place: &Span) -> Option<Kind> {
    match (call.func_name.as_str(), call.args.as_slice()) {
        ("_&&_" | "_||_", [left, right]) => {
            for side in [left, right] {
                let kind = check.kind(side);
                want_boolean(check, &kind, place);
            }
            Some(Kind::Boolean)
        }
        ("!_", [inner]) => {
            let kind = check.kind(inner);
            want_boolean(check, &kind, place);
            Some(Kind::Boolean)
        }
        ("_?_:_", [when, then, otherwise]) => {
            let when = check.kind(when);
            want_boolean(check, &when, place);
            let (then, otherwise) = (check.kind(then), check.kind(otherwise));
            Some(if then == otherwise { then } else { Kind::Unknown })
        }
        ("_==_" | "_!=_", [left, right]) => {
            let (left_kind, right_kind) = (check.kind(left), check.kind(right));
            if same_kinds(check, &left_kind, &right_kind, place, Some((left, right))) {
                for (kind, other) in [(&left_kind, right), (&right_kind, left)] {
                    if let Kind::OneOf(choice) = kind {
                        check_option(check, choice, other);
                    }
                }
            }
            Some(Kind::Boolean)
        }
        ("_<_" | "_<=_" | "_>_" | "_>=_", [left_side, right_side]) => {
            let (left, right) = (check.kind(left_side), check.kind(right_side));
            same_kinds(check, &left, &right, place, Some((left_side, right_side)));
            Some(Kind::Boolean)
        }
        ("@in", [left, right]) => {
            let kind = check.kind(left);
            let among = check.kind(right);
            if let Expr::List(list) = &right.expr {
                for element in &list.elements {
                    let element_kind = check.kind(element);
                    if same_kinds(check, &kind, &element_kind, place, None)
                        && let Kind::OneOf(choice) = &kind
                    {
                        check_option(check, choice, element);
                    }
                }
            } else if among != Kind::Unknown {
                let message = format!("`in` looks into a list, and this is {}", among.describe());
                check.written.error(place, message, "write `in [\"one\", \"two\"]`");
            }
            Some(Kind::Boolean)
        }
        ("_+_" | "_-_" | "_*_" | "_/_" | "_%_", [left, right]) => {
            let (left, right) = (check.kind(left), check.kind(right));
            Some(arithmetic(check, &call.func_name, left, right, place))
        }
        ("-_", [inner]) => {
            let kind = check.kind(inner);
            if !kind.may_be_number() {
                check.written.error(
                    place,
                    format!("`-` wants a number, and this is {}", kind.describe()),
                    "leave it out",
                );
                return Some(Kind::Unknown);
            }
            Some(kind)
        }
        _ => None,
    }
}

fn want_boolean(check: &Check<'_>, kind: &Kind, place: &Span) {
    if !kind.may_be_boolean() {
        let message = format!("a condition stands on each side of this, and one is {}", kind.describe());
        check.written.error(place, message, "compare it with something, as in `lead.surface > 100`");
    }
}

/// Whether the two can be compared; if not, that is told.
fn same_kinds(
    check: &Check<'_>,
    left: &Kind,
    right: &Kind,
    place: &Span,
    sides: Option<(&IdedExpr, &IdedExpr)>,
) -> bool {
    let same = left.compares_with(right);
    if !same {
        let message = format!("compares {} with {}, which never holds", left.describe(), right.describe());
        let help = match (left, right) {
            (Kind::Boolean, Kind::Text) | (Kind::Text, Kind::Boolean) => {
                "write `true` or `false` without quotes"
            }
            (Kind::Text | Kind::OneOf(_), _) => "put what stands on the right in quotes",
            (_, Kind::Text | Kind::OneOf(_)) if left.may_be_number() => "write the number without quotes",
            _ => "compare it with something of its own kind",
        };
        let told = check.written.error(place, message, help);
        for (kind, side) in sides.into_iter().flat_map(|(l, r)| [(left, r), (right, l)]) {
            unquote(check, told, kind, side);
        }
    }
    same
}

/// Takes the quotes from a number or a truth value that is compared with one.
fn unquote(check: &Check<'_>, told: Told<'_>, kind: &Kind, side: &IdedExpr) {
    let Some((text, place)) = literal(check.program, side) else { return };
    let fits = match kind {
        Kind::Boolean => matches!(text, "true" | "false"),
        Kind::Whole | Kind::Decimal => text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty(),
        _ => false,
    };
    if fits {
        check.written.edit(told, &place, text);
    }
}

fn arithmetic(check: &Check<'_>, operator: &str, left: Kind, right: Kind, place: &Span) -> Kind {
    let sign = operator.trim_matches('_');
    if sign == "+" && left.may_be_text() && right.may_be_text() {
        return if left == Kind::Unknown { right } else { left };
    }
    for kind in [&left, &right] {
        if !kind.may_be_number() {
            let message = format!("`{sign}` wants numbers, and this is {}", kind.describe());
            check.written.error(place, message, "leave it out");
            return Kind::Unknown;
        }
    }
    // CEL knows no sum of an int and a double, and has no rest of doubles: such a condition would never hold.
    match (left, right) {
        (Kind::Unknown, other) | (other, Kind::Unknown) => other,
        (Kind::Whole, Kind::Whole) => Kind::Whole,
        (Kind::Decimal, Kind::Decimal) if sign != "%" => Kind::Decimal,
        (Kind::Decimal, Kind::Decimal) => {
            check.written.error(place, "`%` wants whole numbers", "compare the number itself");
            Kind::Unknown
        }
        _ => {
            let message = format!("`{sign}` cannot mix whole and decimal numbers");
            check.written.error(
                place,
                message,
                "write `1.0` for 1, or `double(...)` around the whole number",
            );
            Kind::Decimal
        }
    }
}

/// A text that is compared with a choice must be one of its values.
fn check_option(check: &Check<'_>, choice: &Choice, other: &IdedExpr) {
    let Some((text, place)) = literal(check.program, other) else { return };
    if choice.values.iter().any(|value| value == text) {
        return;
    }
    // A broken file may hold further options.
    if !check.written.reader.vocabulary.complete && choice.of.starts_with("lead.") {
        return;
    }
    let help = crate::nearest::mend(text, choice.values.iter().map(String::as_str), "");
    let told = check.written.error(&place, format!("`{}` is never \"{text}\"", choice.of), help);
    let meant = crate::nearest::certain(text, choice.values.iter().map(String::as_str));
    rename(check, told.rule(Rule::UnknownName), &place, meant);
}
