//! `docs/API.md` says what the code does: each route, parameter, code and status, and no other.

use std::collections::BTreeSet;

use audit_lambda::http::{Code, DETAIL_CODES};
use serde_json::Value;

use crate::schemas::Schemas;

const API: &str = include_str!("../../../../docs/API.md");

/// The rows of the table below a heading, each as its cells.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let section = API
        .split_once(&format!("\n## {heading}\n"))
        .or_else(|| API.split_once(&format!("\n### {heading}\n")))
        .unwrap_or_else(|| unreachable!("docs/API.md has no section {heading}"))
        .1;
    let rows = section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// What stands in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_table_of_errors_is_the_code_s() {
    let documented: Vec<(String, String)> = table("Errors")
        .iter()
        .map(|row| (row[0].to_owned(), quoted(row[1]).concat()))
        .collect();
    let known: Vec<(String, String)> = Code::ALL
        .iter()
        .map(|code| (code.status().to_string(), code.as_str().to_owned()))
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn the_table_of_detail_codes_is_the_code_s() {
    let rows = table("Detail codes");
    let documented: Vec<&str> = rows.iter().flat_map(|row| quoted(row[0])).collect();
    let unique: BTreeSet<&str> = documented.iter().copied().collect();
    assert_eq!(documented.len(), unique.len(), "a code stands there twice");
    let records = audit_record::Code::ALL.map(audit_record::Code::as_str);
    let known: BTreeSet<&str> = records.into_iter().chain(DETAIL_CODES).collect();
    assert_eq!(unique, known);
}

#[test]
fn every_route_and_parameter_has_its_place() {
    for (method, path, operation) in Schemas::new().operations() {
        assert!(
            API.contains(&format!("`{method} {path}`")),
            "{method} {path}"
        );
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            assert!(API.contains(&format!("`{name}`")), "{path}: {name}");
        }
    }
    let parameters: BTreeSet<&str> = table("Filters")
        .iter()
        .flat_map(|row| quoted(row[0]))
        .collect();
    let list = Schemas::new()
        .operations()
        .into_iter()
        .find(|(method, path, _)| method == "GET" && path == "/api/v1/audit/logs")
        .expect("the list")
        .2;
    let known: Vec<Value> = list["parameters"].as_array().cloned().expect("parameters");
    let known: BTreeSet<&str> = known
        .iter()
        .map(|parameter| parameter["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(parameters, known);
}

#[test]
fn every_member_of_an_answer_is_explained() {
    let schemas = Schemas::new();
    for name in [
        "RecordPage",
        "RecordChain",
        "MetricsPage",
        "FigureSet",
        "FigureBucket",
        "Tokens",
        "Latency",
        "Summary",
        "RecordAnswer",
        "Evidence",
        "Segment",
        "SealedPart",
        "Ledger",
        "Health",
        "IngestAnswer",
        "RecordResult",
        "ErrorDetail",
    ] {
        let schema =
            schemas.resolved(&serde_json::json!({"$ref": format!("#/components/schemas/{name}")}));
        for member in schema["properties"].as_object().expect("members").keys() {
            let named =
                API.contains(&format!("`{member}`")) || API.contains(&format!("\"{member}\""));
            assert!(named, "{name}.{member}");
        }
    }
}
