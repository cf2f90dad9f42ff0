//! The functions that a condition may call.

use cel::common::ast::{CallExpr, Expr};
use domain::activity::{COUNTED, RESERVED};

use super::check::Check;
use super::kind::Kind;
use super::references::{literal, token};
use crate::finding::Told;
use crate::nearest;
use crate::rule::Rule;
use crate::source::Span;

/// What is asked of a lead's past, and CEL's own functions, as far as they are built in.
const KNOWN: [&str; 12] = [
    "occurred",
    "times",
    "days_since",
    "in_segment",
    "tagged",
    "has",
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "string",
    "double",
];
/// Built in as well, though rarely of use.
const ALSO: [&str; 9] = ["int", "uint", "bool", "bytes", "dyn", "type", "all", "exists", "exists_one"];

/// The kind of a function's result. `bracket` is where its arguments begin.
pub(super) fn check(check: &mut Check<'_>, call: &CallExpr, bracket: &Span) -> Kind {
    let name = call.func_name.as_str();
    let place = name_place(check, name, bracket);
    match name {
        "occurred" | "times" | "days_since" | "in_segment" | "tagged" => about_the_past(check, call, &place),
        "contains" | "startsWith" | "endsWith" => {
            let target = call.target.as_deref().map(|target| check.kind(target));
            let kinds: Vec<Kind> = call.args.iter().map(|argument| check.kind(argument)).collect();
            let in_list = name == "contains" && target == Some(Kind::List);
            let texts = kinds.len() == 1
                && target.as_ref().is_some_and(Kind::may_be_text)
                && kinds.iter().all(Kind::may_be_text);
            if !(texts || in_list) {
                let message = format!("`{name}` looks for a text in a text");
                check.written.error(&place, message, format!("write `lead.first_name.{name}(\"Ann\")`"));
            }
            Kind::Boolean
        }
        "size" | "int" | "uint" => {
            check.parts(call);
            Kind::Whole
        }
        "double" => {
            check.parts(call);
            Kind::Decimal
        }
        "string" => {
            check.parts(call);
            Kind::Text
        }
        "bool" => {
            check.parts(call);
            Kind::Boolean
        }
        _ if ALSO.contains(&name) => check.parts(call),
        _ => {
            check.parts(call);
            let help = match name {
                "matches" => "write `contains`, `startsWith` or `endsWith`".to_owned(),
                _ => nearest::mend(name, KNOWN, ""),
            };
            let told = check.written.error(&place, format!("unknown function `{name}`"), help);
            if let Some(meant) = nearest::certain(name, KNOWN) {
                check.written.edit(told, &place, meant);
            }
            told.rule(Rule::UnknownName);
            Kind::Unknown
        }
    }
}

/// `occurred("kind")` and its like: one argument, a name that somebody declares.
fn about_the_past(check: &mut Check<'_>, call: &CallExpr, place: &Span) -> Kind {
    let name = call.func_name.as_str();
    if check.asks_stated_only() {
        check.not_for_traits(name, place);
        return Kind::Unknown;
    }
    let result = match name {
        "times" => Kind::Whole,
        "days_since" => Kind::Decimal,
        _ => Kind::Boolean,
    };
    let argument = match call.args.as_slice() {
        [argument] if call.target.is_none() => literal(check.program, argument),
        _ => None,
    };
    let Some((asked, argument_place)) = argument else {
        let what = match name {
            "in_segment" => "a segment",
            "tagged" => "a tag",
            _ => "an event",
        };
        let message = format!("`{name}` wants the name of {what}");
        let told = check.written.error(place, message, format!("write it in quotes: `{name}(\"...\")`"));
        // A known name without its quotes.
        if let [argument] = call.args.as_slice()
            && let Expr::Ident(bare) = &argument.expr
            && knows(check, name, bare)
        {
            check.written.edit(told, &token(check.program, argument.id), &format!("\"{bare}\""));
        }
        return result;
    };
    match name {
        "in_segment" => segment(check, asked, &argument_place),
        "tagged" => tag(check, asked, &argument_place),
        _ => event(check, asked, &argument_place),
    }
    result
}

fn tag(check: &Check<'_>, asked: &str, place: &Span) {
    let vocabulary = check.written.reader.vocabulary;
    if vocabulary.complete && !vocabulary.tags.contains(asked) {
        let known = vocabulary.tags.iter().map(String::as_str);
        let help = nearest::mend(asked, known, "give it in a step: `- tag: ...`");
        check.written.error(place, format!("unknown tag `{asked}`"), help);
    }
}

fn segment(check: &Check<'_>, asked: &str, place: &Span) {
    let vocabulary = check.written.reader.vocabulary;
    if vocabulary.has_organisation && !vocabulary.segments.contains_key(asked) {
        let known = vocabulary.segments.keys().map(String::as_str);
        let help = nearest::mend(asked, known, "declare it under `segments` of `sillon.yaml`");
        let told = check.written.error(place, format!("unknown segment `{asked}`"), help);
        let known = vocabulary.segments.keys().map(String::as_str);
        rename(check, told.rule(Rule::UnknownName), place, nearest::certain(asked, known));
    } else if !check.may_ask_score() && vocabulary.segment_asks_for_score(asked) {
        let message = format!("the segment `{asked}` asks for the score, which would depend on itself here");
        let help = "ask for traits, the address or what occurred";
        check.written.error(place, message, help).rule(Rule::ScoreAsksItself);
    }
}

fn event(check: &Check<'_>, asked: &str, place: &Span) {
    let vocabulary = check.written.reader.vocabulary;
    if vocabulary.known_events().any(|known| known == asked) {
        return;
    }
    if RESERVED.contains(&asked) {
        let message = format!("`{asked}` is a mark of Sillon's own, which is not counted");
        let help = format!("counted are {}", nearest::list(&COUNTED));
        check.written.error(place, message, help).rule(Rule::ReservedName);
    } else if vocabulary.complete {
        let help =
            nearest::mend(asked, vocabulary.known_events(), "declare it under `events` of `sillon.yaml`");
        let told = check.written.error(place, format!("unknown event `{asked}`"), help);
        let meant = nearest::certain(asked, vocabulary.known_events());
        rename(check, told.rule(Rule::UnknownName), place, meant);
    }
}

/// Whether a function about the past knows the name.
fn knows(check: &Check<'_>, function: &str, name: &str) -> bool {
    let vocabulary = check.written.reader.vocabulary;
    match function {
        "in_segment" => vocabulary.segments.contains_key(name),
        _ => vocabulary.known_events().any(|known| known == name),
    }
}

/// Lets a finding about a text be mended by another one, in the same quotes.
pub(super) fn rename(check: &Check<'_>, told: Told<'_>, place: &Span, meant: Option<&str>) {
    let stands = check.written.scalar.text.get(place.clone()).unwrap_or_default();
    let quoted = stands.len() >= 2 && stands.starts_with(['"', '\'']) && stands.ends_with(['"', '\'']);
    if let Some(meant) = meant.filter(|_| quoted) {
        check.written.edit(told, &(place.start + 1..place.end - 1), meant);
    }
}

/// The function's name stands before its bracket.
fn name_place(check: &Check<'_>, name: &str, bracket: &Span) -> Span {
    let source = &check.program.source_info().source;
    let before = source.get(..bracket.start).unwrap_or_default();
    before.rfind(name).map_or(bracket.clone(), |start| start..start + name.len())
}
