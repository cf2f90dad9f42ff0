//! YAML as JSON, as schemas see it.

use serde_json::{Map, Number, Value};

use crate::finding::Findings;
use crate::scalar::Meaning;
use crate::source::Source;
use crate::yaml::{self, Content, Node};

/// The value of a YAML text; none if it is no YAML of ours. Of a key that stands twice the first counts.
pub fn to_value(yaml: &str) -> Option<Value> {
    let source = Source::new(String::new(), yaml);
    yaml::parse(&source, 0..source.text.len(), &Findings::default()).map(|root| value(&root))
}

fn value(node: &Node) -> Value {
    match &node.content {
        Content::List(items) => items.iter().map(value).collect(),
        Content::Map(entries) => {
            let members: Map<String, Value> =
                entries.iter().map(|entry| (entry.key.clone(), value(&entry.value))).collect();
            Value::Object(members)
        }
        Content::Scalar(scalar) => match scalar.meaning() {
            Meaning::Null => Value::Null,
            Meaning::Boolean(value) => Value::Bool(value),
            Meaning::Number(number) => whole(number).or_else(|| Number::from_f64(number)).into(),
            Meaning::Text => Value::String(scalar.text.clone()),
        },
    }
}

/// JSON tells `20` from `20.0`, and people write the first.
fn whole(number: f64) -> Option<Number> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within what a double holds exactly")]
    (number.fract() == 0.0 && number.abs() < LARGEST).then(|| Number::from(number as i64))
}
