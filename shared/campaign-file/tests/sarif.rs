//! SARIF as code hosts read it: what SARIF 2.1.0 requires is there, and every place is whole.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and stops")]

use std::collections::BTreeSet;
use std::path::Path;

use campaign_file::{Rule, read, to_sarif};
use serde_json::Value;

#[test]
fn findings_with_rules_places_and_fixes() {
    let findings = read(Path::new("tests/fixtures/faulty")).findings;
    let log: Value = serde_json::from_str(&to_sarif(&findings)).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(run["tool"]["driver"]["name"], "sillon");
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(&findings) {
        let index =
            result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("an index");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(rules[index]["help"]["text"].is_string());
        assert!(["error", "warning"].contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].as_str().is_some_and(|text| text.contains(&finding.message)));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], finding.file.as_str());
        whole(&place["region"]);
        if finding.edit.is_some() {
            let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
            whole(&replacement["deletedRegion"]);
            assert!(replacement["insertedContent"]["text"].is_string());
        }
    }
    assert!(findings.iter().any(|finding| finding.edit.is_some()));
    assert!(results.iter().any(|result| result["relatedLocations"].is_array()));
}

fn whole(region: &Value) {
    let number = |key: &str| region[key].as_u64().expect("a number");
    assert!(number("startLine") > 0 && number("startColumn") > 0, "{region}");
    let (start, end) = ("startLine", "endLine");
    assert!((number(end), number("endColumn")) >= (number(start), number("startColumn")), "{region}");
}

#[test]
fn the_ids_of_rules_are_kebab_case_and_in_order() {
    let ids: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-')), "{ids:?}");
    assert_eq!(ids, ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>());
}
