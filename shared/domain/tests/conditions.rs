//! Both parsers of CEL read a condition alike: the one that tells an author of faults, and the one that is asked.

use cel::parser::PrattParser;
use cel::{Context, ExecutionError, Program, Value};
use proptest::prelude::*;

fn context() -> Context<'static, 'static> {
    let mut context = Context::default();
    let lead =
        [("a", Value::from(3)), ("b", Value::from(2.5)), ("c", Value::from("x")), ("d", Value::from(true))];
    let lead = lead.map(|(name, value)| (name.to_owned(), value));
    context.add_variable_from_value("lead", std::collections::HashMap::from(lead));
    context.add_variable_from_value("stage", "mql");
    context
}

/// What an author may write, sound for the most part: all operators and macros, at any precedence.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "lead.a",
        "lead.b",
        "lead.c",
        "lead.d",
        "lead.none",
        "stage",
        "true",
        "false",
        "null",
        "1",
        "-2",
        "0x1F",
        "3u",
        "2.5",
        "-1e3",
        "\"x\"",
        "'mql'",
        "r\"\\d\"",
        "\"\\n\\u00e9\"",
        "[1, 2]",
        "{\"k\": 1}",
        "has(lead.a)",
        "size(stage)",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 24, 3, |inner| {
        let operator = prop::sample::select(vec![
            "||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%",
        ]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            1 => inner.clone().prop_map(|a| format!("({a})")),
            1 => inner.clone().prop_map(|a| format!("!{a}")),
            1 => inner.clone().prop_map(|a| format!("-{a}")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}].exists(x, x == {b})")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("({a}).startsWith({b})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_an_author_is_told_is_good_is_asked_as_it_is_written(source in condition()) {
        if let Ok(program) = Program::compile(&source) {
            let told = |answer: Result<Value, ExecutionError>| match answer {
                Ok(value) => format!("{value:?}"),
                Err(error) => error.to_string(),
            };
            let quick = PrattParser::new().parse(&source);
            prop_assert!(quick.is_ok(), "only one parser takes {}", source);
            let quick = quick.map(|expression| told(Value::resolve(&expression, &context())));
            prop_assert_eq!(Ok(told(program.execute(&context()))), quick.map_err(|_| ()), "{}", source);
        }
    }
}
