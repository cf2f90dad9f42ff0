//! A deployment reaches one function after the other: those that go on with what others begin come first.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tests::template;

/// All resources; those of functions bear what holds for all functions.
fn resources() -> Map<String, Value> {
    let template = template::read();
    let mut resources = template["Resources"].as_object().expect("resources").clone();
    let functions = resources.values_mut().filter(|it| it["Type"] == "AWS::Serverless::Function");
    functions
        .for_each(|function| function["Properties"]["Globals"] = template["Globals"]["Function"].clone());
    resources
}

/// What a resource waits for: what `DependsOn` names, and whatever it refers to.
fn awaited(resource: &Value) -> BTreeSet<String> {
    let named = match &resource["DependsOn"] {
        Value::Array(names) => names.clone(),
        Value::Null => Vec::new(),
        name => vec![name.clone()],
    };
    let mut found: BTreeSet<String> =
        named.iter().map(|name| name.as_str().expect("a name").to_owned()).collect();
    refer(&resource["Properties"], &mut found);
    found
}

fn refer(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| refer(item, found)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("Ref", Value::String(name)) => drop(found.insert(name.clone())),
                    ("Fn::GetAtt", path) => found.extend(path[0].as_str().map(str::to_owned)),
                    ("Fn::Sub", text) => {
                        let text = text.as_str().or_else(|| text[0].as_str()).expect("a text");
                        let names = text.split("${").skip(1).filter_map(|rest| rest.split(['}', '.']).next());
                        found.extend(names.map(str::to_owned));
                    }
                    _ => refer(value, found),
                }
            }
        }
        _ => {}
    }
}

/// All that must be there, or renewed, before a resource is.
fn before(resources: &Map<String, Value>, name: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![name.to_owned()]);
    while let Some(name) = open.pop() {
        let Some(resource) = resources.get(&name) else { continue };
        open.extend(awaited(resource).into_iter().filter(|name| found.insert(name.clone())));
    }
    found
}

#[test]
fn whoever_goes_on_with_what_others_begin_is_deployed_first() {
    let resources = resources();
    let order = [
        ("FollowLink", &["SendNurture"][..]),
        ("UpdateScore", &["SendNurture"]),
        ("SubmitForm", &["SendNurture", "FollowLink", "UpdateScore"]),
        ("CollectEvents", &["SendNurture", "FollowLink", "UpdateScore"]),
    ];
    for (later, earlier) in order {
        let before = before(&resources, later);
        for name in earlier {
            assert!(before.contains(*name), "{later} may be deployed before {name}");
        }
    }
}

#[test]
fn nothing_waits_for_itself() {
    let resources = resources();
    let of_a_form = before(&resources, "SubmitForm");
    for known in ["SubmitFormRole", "Table", "Bundle", "LeadKey"] {
        assert!(of_a_form.contains(known), "references are seen, but that to {known} is not");
    }
    for name in resources.keys() {
        assert!(!before(&resources, name).contains(name), "{name} waits for itself");
    }
}

/// SES itself takes no e-mail for who bounced or complained, also of another program on the account.
#[test]
fn the_configuration_set_has_ses_suppress_who_bounces_or_complains() {
    let sets: Vec<Value> =
        resources().into_values().filter(|it| it["Type"] == "AWS::SES::ConfigurationSet").collect();
    let [set] = &sets[..] else { panic!("{sets:?}") };
    let reasons = &set["Properties"]["SuppressionOptions"]["SuppressedReasons"];
    assert_eq!(reasons, &serde_json::json!(["BOUNCE", "COMPLAINT"]));
}
