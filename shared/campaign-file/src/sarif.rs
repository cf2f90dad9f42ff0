//! Findings as SARIF 2.1.0, which code hosts and editors show beside the lines.

use serde_json::{Map, Value, json};

use crate::finding::{Edit, Finding, Related, Severity};
use crate::rule::Rule;

/// The findings as one SARIF log.
pub fn to_sarif(findings: &[Finding]) -> String {
    let rules: Vec<Value> = Rule::ALL
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id(),
                "shortDescription": { "text": rule.about() },
                "help": { "text": rule.about() },
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "sillon", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    // Texts and numbers: nothing that JSON could refuse.
    serde_json::to_string_pretty(&log).unwrap_or_default()
}

fn result(finding: &Finding) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let region = region(finding.line, finding.column, finding.line, finding.column + finding.length);
    let text = match finding.help.as_str() {
        "" => finding.message.clone(),
        help => format!("{}: {help}", finding.message),
    };
    let mut result = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == finding.rule),
        "level": level,
        "message": { "text": text },
        "locations": [location(&finding.file, &region)],
    });
    let mut add = |key: &str, value: Value| {
        result.as_object_mut().map(|members: &mut Map<String, Value>| members.insert(key.to_owned(), value));
    };
    if let Some(related) = &finding.related {
        add("relatedLocations", json!([related_location(related)]));
    }
    if let Some(edit) = &finding.edit {
        add("fixes", json!([fix(finding, edit)]));
    }
    result
}

fn region(line: usize, column: usize, end_line: usize, end_column: usize) -> Value {
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

fn location(file: &str, region: &Value) -> Value {
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(file) }, "region": region } })
}

fn related_location(related: &Related) -> Value {
    let region = json!({ "startLine": related.line, "startColumn": related.column });
    let mut location = location(&related.file, &region);
    location["message"] = json!({ "text": related.note });
    location
}

fn fix(finding: &Finding, edit: &Edit) -> Value {
    let region = region(edit.line, edit.column, edit.line, edit.end_column);
    json!({
        "description": { "text": finding.help },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(&finding.file) },
            "replacements": [{ "deletedRegion": region, "insertedContent": { "text": edit.text } }],
        }],
    })
}

/// A path as a URI: relative ones stay so.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
