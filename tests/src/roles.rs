//! What the functions' roles in `template.yaml` allow, and which function makes a call.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::calls::Call;
use crate::template;

/// One action on one resource that a role allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// By the folder of its code.
    pub function: String,
    /// `dynamodb:PutItem` and such.
    pub action: String,
    /// By its name in the template.
    pub resource: String,
    /// With a condition on the leading key: one pattern, of which what precedes the first `#` counts.
    pub leading_key: Option<String>,
}

impl Grant {
    /// Whether the call is one of those.
    pub fn allows(&self, call: &Call) -> bool {
        (&self.function, &self.action, &self.resource) == (&call.caller, &call.action, &call.resource)
            && self.leading_key == call.leading_key
    }
}

fn several(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// A resource by its name in the template, with what follows of an index; its stream counts as itself.
fn resource(value: &Value) -> String {
    let named = value["Fn::GetAtt"][0].as_str().or(value["Ref"].as_str()).or(value.as_str());
    let written = value["Fn::Sub"].as_str().map(|text| match text.strip_prefix("${Table.Arn}") {
        Some("/stream/*") => "Table".to_owned(),
        Some(rest) => format!("Table{rest}"),
        None => text.rsplit("${").next().unwrap_or_default().trim_end_matches('}').to_owned(),
    });
    written.or(named.map(str::to_owned)).unwrap_or_else(|| panic!("{value} is no resource"))
}

fn leading_keys(statement: &Value) -> Vec<Option<String>> {
    let Some(conditions) = statement["Condition"].as_object() else { return vec![None] };
    let keys = conditions.values().flat_map(|condition| {
        let known = condition.as_object().is_some_and(|names| names.keys().eq(["dynamodb:LeadingKeys"]));
        assert!(known, "{condition}: this test knows of leading keys only");
        several(&condition["dynamodb:LeadingKeys"])
    });
    let kind =
        |key: &Value| key.as_str().map(|key| key.split(['#', '*']).next().unwrap_or_default().to_owned());
    keys.map(kind).collect()
}

/// All that the roles allow.
pub fn grants() -> BTreeSet<Grant> {
    let template = template::read();
    let resources = template["Resources"].as_object().expect("resources");
    let functions = resources.values().filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    let mut grants = BTreeSet::new();
    for function in functions.map(|function| &function["Properties"]) {
        let name = function["CodeUri"].as_str().and_then(|path| path.rsplit('/').next()).expect("a folder");
        let role = &resources[&self::resource(&function["Role"])]["Properties"];
        assert_eq!(role["ManagedPolicyArns"], Value::Null, "{name}: roles are written out");
        let statements = several(&role["Policies"])
            .into_iter()
            .flat_map(|policy| several(&policy["PolicyDocument"]["Statement"]));
        for statement in statements {
            assert_eq!(statement["Effect"], "Allow", "{name}: {statement}");
            for action in several(&statement["Action"]) {
                for resource in several(&statement["Resource"]) {
                    grants.extend(leading_keys(statement).into_iter().map(|leading_key| Grant {
                        function: name.to_owned(),
                        action: action.as_str().expect("an action").to_owned(),
                        resource: self::resource(resource),
                        leading_key,
                    }));
                }
            }
        }
    }
    grants
}

/// A call of a function that is deployed, by the names of the template: those of its parts that AWS made bear them.
pub fn by_template(deployed: &str, call: Call) -> Call {
    let template = template::read();
    let resources = template["Resources"].as_object().expect("resources");
    let named = |kind: &str, name: &str| -> Option<(&String, &Value)> {
        resources.iter().find(|(logical, resource)| resource["Type"] == kind && name.contains(*logical))
    };
    let (_, function) = named("AWS::Serverless::Function", deployed).expect("a function of the template");
    let code = function["Properties"]["CodeUri"].as_str().and_then(|path| path.rsplit('/').next());
    let resource = named("AWS::SQS::Queue", &call.resource).map_or(&call.resource, |(name, _)| name).clone();
    Call { caller: code.expect("a folder").to_owned(), resource, ..call }
}
